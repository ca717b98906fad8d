"""Sentences in, the bytes that `tag` writes of them out: tagged, with whatever was asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np

from seqlab.arrays import Int32Array
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.streaming.fast_output import clean_text
from seqlab.streaming.output import OutputFormat, details, tagged_text
from seqlab.tagging.spans import SpanScorer
from seqlab.tagging.tagger import Prediction, Tagger


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How tagged sentences are written. scores, n_best, span_scores: what is added, see `seqlab.tag`."""

    format: OutputFormat
    scores: bool = False
    n_best: int | None = None
    span_scores: bool = False


class Written(NamedTuple):
    """The text of some sentences as UTF-8; where one can't be written, of those before it, and why."""

    text: bytes
    mistake: str | None = None


@dataclass(frozen=True, kw_only=True)
class Writer:
    """What tags sentences and writes them."""

    tagger: Tagger
    manner: Manner

    def write(self, sentences: Sequence[Sentence]) -> Written:
        """The text of as many sentences as fit in memory; a mistake of the user's is told, not raised."""
        parts: list[str] = []
        try:
            self.add(sentences, parts)
        except UserError as error:
            return Written("".join(parts).encode(), str(error))
        return Written("".join(parts).encode())

    def add(self, sentences: Sequence[Sentence], parts: list[str]) -> None:
        """Add the text of each sentence. Raises UserError at one that can't be tagged or written."""
        manner, tagger = self.manner, self.tagger
        if manner.scores or manner.span_scores:
            self.add_each(sentences, tagger.predict_chunk(sentences), parts)
            return
        classes, symbols = tagger.tag_ids_chunk(sentences), tagger.encoder.tags.symbols
        text = None
        if manner.n_best is None:
            text = clean_text(
                sentences, classes, symbols, format=manner.format, scheme=tagger.scheme
            )
        if text is None:
            self.add_each(sentences, unsure(sentences, classes, symbols), parts)
        else:
            parts.append(text)

    def add_each(
        self, sentences: Sequence[Sentence], predictions: Iterable[Prediction], parts: list[str]
    ) -> None:
        """The same, sentence by sentence, with all that may be asked for."""
        tagged = list(zip(sentences, predictions, strict=True))
        more = details(self.tagger, tagged, n_best=self.manner.n_best, scorer=self.scorer)
        for (sentence, prediction), keys in zip(tagged, more, strict=True):
            text = tagged_text(
                sentence,
                prediction,
                format=self.manner.format,
                scheme=self.tagger.scheme,
                scores=self.manner.scores,
                details=keys,
            )
            parts.append(text)

    @cached_property
    def scorer(self) -> SpanScorer | None:
        """What gives spans their probabilities, where they are asked for."""
        return SpanScorer(tagger=self.tagger) if self.manner.span_scores else None


def unsure(
    sentences: Sequence[Sentence], classes: Int32Array, symbols: Sequence[str]
) -> Iterator[Prediction]:
    """Predictions without probabilities. classes: int32 (tokens,), as `Tagger.tag_ids_chunk` has them."""
    tags, nothing = map(symbols.__getitem__, classes.tolist()), np.zeros(0, np.float32)
    for sentence in sentences:
        yield Prediction(tags=tuple(islice(tags, len(sentence))), scores=nothing)
