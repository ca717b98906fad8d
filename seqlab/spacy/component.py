"""The component `seqlab` of spaCy: it loads a run, tags docs with it, and is saved with its pipeline."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self

import srsly
from spacy.language import Language
from spacy.scorer import Scorer, get_ner_prf
from spacy.tokens import Doc, Span

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.exporting.archive import files_below
from seqlab.machine.atomic import directory_as_long_as, temporary_directory
from seqlab.spacy.docs import SpanOfDoc, set_spans, set_tags, tokens_by_sentence, touched
from seqlab.storing.run_directory import check_run
from seqlab.storing.save_and_load import load_run, save_run
from seqlab.tagging.tagged_tokens import tag_token_lists
from seqlab.tagging.tagger import Tagger

TokensOfDoc = Literal["spacy", "seqlab"]
"""Whose tokens the tagger reads."""


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
    """The component that spaCy's config describes; the run is loaded when it is first needed.

    Raises RunError if the path holds no run, unless spaCy loads a saved pipeline, which has a run of its own.
    """
    if run is not None and not builds_pipeline():
        check_run(Path(run))
    return TaggerComponent(
        name, run=run, tokens=tokens, spans_key=spans_key, overwrite_ents=overwrite_ents
    )


def builds_pipeline() -> bool:
    """Whether `Language.from_config` calls, as it does to load a pipeline: `from_disk` or `from_bytes` brings the run later.

    spaCy tells a factory nothing of this, so its frame is looked for.
    """
    code = Language.from_config.__func__.__code__  # type: ignore[attr-defined]  # of the class method
    frame = inspect.currentframe()
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


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
        """The tagger. Raises UserError without a run or if it reads columns, and RunError if it cannot be loaded."""
        if self.loaded is None:
            if self.run is None:
                raise UserError(
                    f"component {self.name!r} has no run: add it with config={{'run': 'runs/mine'}}, or set its tagger"
                )
            self.tagger = load_run(self.run)
        return self.loaded  # type: ignore[return-value]  # the line above has set it

    @tagger.setter
    def tagger(self, tagger: Tagger) -> None:
        encoder = tagger.encoder
        for column in (*encoder.feature_columns, *encoder.numeric_columns):
            raise UserError(
                f"component {self.name!r} has a tagger that reads the column {column!r}, which docs of spaCy lack: "
                "use a tagger that reads tokens only"
            )
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
            self.set_spans(doc, [(touched(doc, s), s.score) for s in tagged.spans])

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
        """Give a doc its spans."""
        set_spans(doc, spans, spans_key=self.spans_key, overwrite_ents=self.overwrite_ents)

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
        self.tagger = load_run(path)
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
        self.tagger = load_run(folder / "run")
        return self
