"""A component of spaCy: a trained run in, entities of the doc out, or `token.tag_` for plain tags.

nlp = spacy.blank("en")
nlp.add_pipe("seqlab", config={"run": "runs/mine"})
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self, cast

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.exporting.archive import files_below
from seqlab.machine.atomic import directory_as_long_as, temporary_directory
from seqlab.storing.save_and_load import load_run, save_run
from seqlab.tagging.tagged_text import TaggedSpan
from seqlab.tagging.tagged_tokens import TaggedTokenList, tag_token_lists
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import CuttingChoice
from seqlab.text.sentence_bounds import sentence_bounds

try:
    import srsly
    from spacy.language import Language
    from spacy.scorer import Scorer, get_ner_prf
    from spacy.tokens import Doc, Span, SpanGroup, Token
except ImportError:
    raise ImportError("seqlab.spacy needs spaCy: pip install 'seqlab[spacy]'") from None

SCORE = "seqlab_score"
TokensOfDoc = Literal["spacy", "seqlab"]
"""The tokens that the tagger reads: spaCy's or its own."""

for holder in (Span, Token):
    holder.set_extension(SCORE, default=None, force=True)


SpanOfDoc = tuple[Span, float]
"""A span of a doc, and the smallest probability among its tags."""


@Language.factory(
    "seqlab",
    assigns=["doc.ents", "doc.spans", "token.ent_iob", "token.ent_type", "token.tag"],
    default_config={"run": None, "tokens": "spacy", "spans_key": "seqlab", "overwrite_ents": True},
)
def make_component(
    nlp: Language,
    name: str,
    run: str | None,
    tokens: TokensOfDoc,
    spans_key: str,
    overwrite_ents: bool,
) -> "TaggerComponent":
    """The component that spaCy's config describes; the run is loaded when it is first needed."""
    return TaggerComponent(
        name, run=run, tokens=tokens, spans_key=spans_key, overwrite_ents=overwrite_ents
    )


class TaggerComponent:
    """Tags docs.

    run: run directory; not needed if `tagger` is set, or read from disk.
    tokens: 'spacy' tags the tokens of the doc. 'seqlab' tags its text, as `tag_text` does, and gives each span the
        tokens of the doc that it touches.
    spans_key: of the group in `doc.spans` that gets all spans, with their scores in `attrs["scores"]`.
    overwrite_ents: replace `doc.ents`; otherwise add the spans that overlap none of them and no blocked token.
    Each span has its score as `span._.seqlab_score` too, and each token with a plain tag as `token._.seqlab_score`.
    """

    def __init__(
        self,
        name: str = "seqlab",
        *,
        run: str | None = None,
        tokens: TokensOfDoc = "spacy",
        spans_key: str = "seqlab",
        overwrite_ents: bool = True,
    ) -> None:
        self.name, self.run = name, run
        self.tokens, self.spans_key, self.overwrite_ents = tokens, spans_key, overwrite_ents
        self.loaded: Tagger | None = None

    @property
    def tagger(self) -> Tagger:
        """The tagger. Raises UserError if there is no run, and RunError if it cannot be loaded."""
        if self.loaded is None:
            if self.run is None:
                raise UserError(
                    f"component {self.name!r} has no run: add it with config={{'run': 'runs/mine'}}, or set its tagger"
                )
            self.loaded = load_run(self.run)
        return self.loaded

    @tagger.setter
    def tagger(self, tagger: Tagger) -> None:
        self.loaded = tagger

    def __call__(self, doc: Doc) -> Doc:
        """Tag one doc, in place."""
        self.tag_docs([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Tag many docs, some at a time; much faster than one by one."""
        source = iter(stream)
        while docs := list(islice(source, batch_size)):
            self.tag_docs(docs)
            yield from docs

    def tag_docs(self, docs: Sequence[Doc]) -> None:
        """Tag as many docs as fit in memory. Raises UserError for plain tags with tokens='seqlab'."""
        plain = self.tagger.scheme is Scheme.PLAIN
        if plain and self.tokens != "spacy":
            raise UserError(
                f"component {self.name!r} has tokens 'seqlab', but its run predicts plain tags, "
                "one per token of spaCy: expected tokens 'spacy'"
            )
        if self.tokens == "spacy":
            self.tag_tokens(docs, plain=plain)
            return
        for doc, tagged in zip(docs, self.tagger.tag_texts(d.text for d in docs), strict=True):
            self.set_spans(doc, [(touched(doc, span), span.score) for span in tagged.spans])

    def tag_tokens(self, docs: Sequence[Doc], *, plain: bool) -> None:
        """Tag the tokens of docs, sentence by sentence."""
        groups = [tokens_by_sentence(doc, self.tagger.cutting) for doc in docs]
        tagged = tag_token_lists(
            self.tagger,
            [Sentence(tokens=tuple([t.text for t in own])) for of_doc in groups for own in of_doc],
        )
        for doc, of_doc in zip(docs, groups, strict=True):
            spans: list[SpanOfDoc] = []
            for own, found in zip(of_doc, tagged, strict=False):
                if plain:
                    set_tags(own, found)
                for span in found.spans:
                    start, stop = own[span.start].i, own[span.end - 1].i + 1
                    spans.append((Span(doc, start, stop, label=span.label), span.score))
            if not plain:
                self.set_spans(doc, spans)

    def set_spans(self, doc: Doc, spans: Sequence[SpanOfDoc]) -> None:
        """Put spans and scores into `doc.spans`, and those that do not overlap into `doc.ents`."""
        doc.spans[self.spans_key] = SpanGroup(
            doc,
            name=self.spans_key,
            spans=[span for span, _ in spans],
            attrs={"scores": [score for _, score in spans]},
        )
        for span, score in spans:
            span._.set(SCORE, score)
        before = [] if self.overwrite_ents else list(doc.ents)
        blocked = [] if self.overwrite_ents else [doc[t.i : t.i + 1] for t in doc if is_blocked(t)]
        taken = {place for span in (*before, *blocked) for place in range(span.start, span.end)}
        entities = before
        for span, _ in spans:
            own = set(range(span.start, span.end))
            if not own & taken:
                taken |= own
                entities.append(span)
        doc.set_ents(entities, blocked=blocked)

    def score(self, examples: Iterable[Any], **options: Any) -> dict[str, Any]:
        """What `nlp.evaluate` shows: precision, recall and F1 of the entities, or the accuracy of plain tags."""
        if self.tagger.scheme is Scheme.PLAIN:
            scores: dict[str, Any] = Scorer.score_token_attr(examples, "tag", **options)
        else:
            scores = get_ner_prf(examples, **options)
        return scores

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the run in a directory of its own, for `nlp.to_disk`."""
        save_run(self.tagger, path, overwrite=True)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Self:
        """Load the run that `to_disk` saved. The run that the config names need not be there any more."""
        self.loaded = load_run(path)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The files of the run, for `nlp.to_bytes`."""
        with temporary_directory() as folder:
            run = save_run(self.tagger, folder / "run")
            paths = files_below(run, "run")
            files = {name: path.read_bytes() for name, path in paths.items()}
        packed: bytes = srsly.msgpack_dumps(files)
        return packed

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Self:
        """Load the run that `to_bytes` gave."""
        folder = directory_as_long_as(self)  # word vectors stay on disk
        for name, content in srsly.msgpack_loads(data).items():
            path = (folder / name).resolve()
            if not path.is_relative_to(folder.resolve()):
                raise UserError(f"component {self.name!r}: the bytes hold the path {name!r}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.loaded = load_run(folder / "run")
        return self


def tokens_by_sentence(doc: Doc, cutting: CuttingChoice) -> list[list[Token]]:
    """The tokens of each sentence, without white space.

    Sentences are those of the doc, if a component before this one has set them; otherwise those of `tag_text`.
    """
    if doc.has_annotation("SENT_START"):
        return [[token for token in sent if not token.is_space] for sent in doc.sents]
    ends = (end for _, end in sentence_bounds(doc.text, cutting.sentences, cutting.language))
    groups: list[list[Token]] = []
    sentence_end = -1
    for token in doc:
        if token.is_space:
            continue
        if token.idx >= sentence_end:
            sentence_end = next((end for end in ends if end > token.idx), len(doc.text))
            groups.append([])
        groups[-1].append(token)
    return groups


def is_blocked(token: Token) -> bool:
    """Whether a component before this one has said that no entity may hold the token."""
    return bool(token.ent_iob_ == "B" and not token.ent_type)


def set_tags(tokens: Sequence[Token], tagged: TaggedTokenList) -> None:
    """Set the plain tags of one sentence, with their scores."""
    for token, own in zip(tokens, tagged.tokens, strict=True):
        token.tag_ = own.tag
        token._.set(SCORE, own.score)


def touched(doc: Doc, span: TaggedSpan) -> Span:
    """The tokens of a doc that a span of its text touches."""
    found = doc.char_span(span.start, span.end, label=span.label, alignment_mode="expand")
    return cast(Span, found)  # never None: the span lies in the text
