"""Tag texts and put those first whose labels are worth most."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.annotations.suggestions import ScoredSpan, Suggestion
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.tagging.labelling_value import LENGTH_POWER, LabellingValue, folded, labelling_order
from seqlab.tagging.tagger import Prediction, Tagger
from seqlab.text.cutting import TextRules, TokenOffsets, cut_text

TEXTS = 256  # tagged together


def suggest_texts(
    tagger: Tagger,
    texts: Iterable[AnnotatedText],
    *,
    counts: Mapping[str, int],
    rules: TextRules,
    most: int | None = None,
) -> list[Suggestion]:
    """Tag texts; return those most worth labelling first, with their predicted spans.

    texts: those with `sentences` keep their tokens; the others are cut by `rules`. Texts without words are left out.
    counts: spans of each class in training. most: how many texts to return.
    The value of a text is that of its sentences together; see `labelling_value`.
    Raises UserError for a tagger of plain tags, which no annotation tool holds as spans.
    """
    if tagger.scheme is Scheme.PLAIN:
        raise UserError("this tagger predicts plain tags; suggestions are spans")
    value = LabellingValue(tagger=tagger, counts=counts)
    source = iter(texts)
    suggestions: list[Suggestion] = []
    keys: list[tuple[str, ...]] = []
    while chunk := list(islice(source, TEXTS)):
        for one, tokens in _suggestions(value, chunk, rules):
            suggestions.append(one)
            keys.append(folded(tokens))
    order = labelling_order([one.value for one in suggestions], keys)
    return [suggestions[number] for number in order[:most]]


def _suggestions(
    value: LabellingValue, texts: Sequence[AnnotatedText], rules: TextRules
) -> Iterator[tuple[Suggestion, list[str]]]:
    """Yield the suggestion of each text that has tokens, and its tokens."""
    cuts = [cut_text(t.text, rules) if t.sentences is None else list(t.sentences) for t in texts]
    sentences = [
        Sentence(tokens=tuple(text.text[i:j] for i, j in zip(*offsets, strict=True)))
        for text, cut in zip(texts, cuts, strict=True)
        for offsets in cut
    ]
    predictions = iter(value.tagger.predict_chunk(sentences))
    values = iter(value.of_sentences(sentences).tolist())
    following = iter(sentences)
    for text, cut in zip(texts, cuts, strict=True):
        tokens = [token for sentence in islice(following, len(cut)) for token in sentence.tokens]
        tagged = list(zip(cut, islice(predictions, len(cut)), strict=True))
        sums = [v * len(c.starts) ** LENGTH_POWER for c, v in zip(cut, values, strict=False)]
        if not tokens:
            continue
        scheme = value.tagger.scheme
        scores = np.concatenate([prediction.scores for _, prediction in tagged])
        suggestion = Suggestion(
            text=replace(text, sentences=tuple(cut)),
            spans=tuple(span for pair in tagged for span in _scored_spans(*pair, scheme)),
            value=sum(sums) / len(tokens) ** LENGTH_POWER,
            score=float(scores.mean()),
        )
        yield suggestion, tokens


def _scored_spans(
    offsets: TokenOffsets, prediction: Prediction, scheme: Scheme
) -> Iterator[ScoredSpan]:
    """Yield the spans of a sentence. The score is the smallest probability among the tags of its tokens."""
    for start, stop, label in decode_spans(prediction.tags, scheme):
        score = float(prediction.scores[start:stop].min())
        yield ScoredSpan(offsets.starts[start], offsets.ends[stop - 1], label, score)
