"""Sentences in, the bytes that `seqlab tag` writes out: tagged, with the details that options ask for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np

from seqlab.arrays import Int32Array
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.streaming.fast_output import fast_text
from seqlab.streaming.output import OutputFormat, extra_keys, tagged_text
from seqlab.tagging.spans import SpanScorer
from seqlab.tagging.tagger import Prediction, Tagger


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How tagged sentences are written. scores, n_best, span_scores: additions, see the options of `seqlab tag`."""

    format: OutputFormat
    scores: bool = False
    n_best: int | None = None
    span_scores: bool = False


class OutputText(NamedTuple):
    """Sentences as UTF-8 text. error: why the sentence after them cannot be written; None if all are written."""

    text: bytes
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class TagWriter:
    """Tags sentences and writes them as text."""

    tagger: Tagger
    options: OutputOptions

    def write(self, sentences: Sequence[Sentence]) -> OutputText:
        """The text of tagged sentences. A mistake of the user is returned, not raised, with the text before it."""
        parts: list[str] = []
        try:
            self.add(sentences, parts)
        except UserError as error:
            return OutputText("".join(parts).encode(), str(error))
        return OutputText("".join(parts).encode())

    def add(self, sentences: Sequence[Sentence], parts: list[str]) -> None:
        """Append the text of each sentence. Raises UserError at one that cannot be tagged or written."""
        options, tagger = self.options, self.tagger
        if options.scores or options.span_scores:
            self.add_each(sentences, tagger.predict_chunk(sentences), parts)
            return
        tag_ids, symbols = tagger.tag_ids_chunk(sentences), tagger.encoder.tags.symbols
        text = None
        if options.n_best is None:
            text = fast_text(
                sentences, tag_ids, symbols, format=options.format, scheme=tagger.scheme
            )
        if text is None:
            self.add_each(sentences, without_scores(sentences, tag_ids, symbols), parts)
        else:
            parts.append(text)

    def add_each(
        self, sentences: Sequence[Sentence], predictions: Iterable[Prediction], parts: list[str]
    ) -> None:
        """Append the text sentence by sentence, with every detail that an option asks for."""
        tagged = list(zip(sentences, predictions, strict=True))
        keys = extra_keys(self.tagger, tagged, n_best=self.options.n_best, scorer=self.scorer)
        for (sentence, prediction), extra in zip(tagged, keys, strict=True):
            text = tagged_text(
                sentence,
                prediction,
                format=self.options.format,
                scheme=self.tagger.scheme,
                scores=self.options.scores,
                extra=extra,
            )
            parts.append(text)

    @cached_property
    def scorer(self) -> SpanScorer | None:
        """The scorer of spans; None without --span-scores."""
        return SpanScorer(tagger=self.tagger) if self.options.span_scores else None


def without_scores(
    sentences: Sequence[Sentence], tag_ids: Int32Array, symbols: Sequence[str]
) -> Iterator[Prediction]:
    """Predictions with empty scores. tag_ids: int32 (tokens,), of all sentences one after another."""
    tags, no_scores = map(symbols.__getitem__, tag_ids.tolist()), np.zeros(0, np.float32)
    for sentence in sentences:
        yield Prediction(tags=tuple(islice(tags, len(sentence))), scores=no_scores)
