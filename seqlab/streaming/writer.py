"""Sentences in, the bytes that `seqlab tag` writes out: tagged, with the details that options ask for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.arrays import Int32Array
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.machine.cached_property import cached_property
from seqlab.streaming.fast_output import fast_text
from seqlab.streaming.output import OutputOptions, extra_keys, tagged_text
from seqlab.streaming.shown_text import ShownTextWriter
from seqlab.streaming.text_writer import TextWriter, sentences_of_texts
from seqlab.tagging.spans import SpanScorer
from seqlab.tagging.tagger import Prediction, Tagger

StreamItem = Sentence | AnnotatedText


class OutputText(NamedTuple):
    """Sentences as UTF-8 text. error: why the sentence after them cannot be written; None if all are written."""

    text: bytes
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class TagWriter:
    """Tags sentences and raw texts, and writes them as text."""

    tagger: Tagger
    options: OutputOptions

    def write(self, items: Sequence[StreamItem]) -> OutputText:
        """The text of tagged items. A mistake of the user is returned, not raised, with the text before it."""
        parts: list[bytes] = []
        try:
            for _, group in groupby(items, type):
                self.add(list(group), parts)
        except UserError as error:
            return OutputText(b"".join(parts), str(error))
        return OutputText(b"".join(parts))

    def add(self, items: list[StreamItem], parts: list[bytes]) -> None:
        """Append the text of items of one type."""
        texts = [item for item in items if isinstance(item, AnnotatedText)]
        if not texts:
            self.add_sentences([item for item in items if isinstance(item, Sentence)], parts)
        elif self.options.format == "jsonl":
            self.text_writer.add(texts, parts)
        elif self.options.is_shown:
            self.shown_writer.add_texts(texts, self.text_writer.rules, parts)
        else:
            rules = self.text_writer.rules
            blank = self.options.format == "text"
            sentences = sentences_of_texts(
                texts, rules, blank=blank, paragraphs=blank and self.options.paragraphs
            )
            self.add_sentences(sentences, parts)

    def add_sentences(self, sentences: Sequence[Sentence], parts: list[bytes]) -> None:
        """Append the text of each sentence. Raises UserError at one that cannot be tagged or written."""
        options, tagger = self.options, self.tagger
        if options.is_shown:
            for sentence, prediction in zip(
                sentences, tagger.predict_chunk(sentences), strict=True
            ):
                self.shown_writer.add_sentence(sentence, prediction, parts)
            return
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
            parts.append(text.encode())

    def add_each(
        self, sentences: Sequence[Sentence], predictions: Iterable[Prediction], parts: list[bytes]
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
            parts.append(text.encode())

    @cached_property
    def text_writer(self) -> TextWriter:
        """Writes raw texts as JSON."""
        return TextWriter(tagger=self.tagger, options=self.options, scorer=self.scorer)

    @cached_property
    def shown_writer(self) -> ShownTextWriter:
        """Writes text to look at."""
        return ShownTextWriter(tagger=self.tagger, options=self.options)

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
