"""The part of a tagger that tags raw text: text in, spans and tokens with their places out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

import numpy as np

from seqlab.arrays import BoolArray, FloatArray, Int32Array
from seqlab.corpus.corpus_arrays import offsets_of
from seqlab.corpus.schemes import Scheme, continues_span, split_tag
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder
from seqlab.errors import SettingsError, UserError, with_type
from seqlab.inference.scorer import sentence_lengths
from seqlab.machine.cached_property import cached_property
from seqlab.tagging.tagged_text import TaggedText, tagged_texts
from seqlab.tagging.text_pieces import (
    TaggedPieces,
    TextPiece,
    chunks_of_texts,
    cut_pieces,
    groups_of_pieces,
    sentences_of_pieces,
    span_bounds,
    span_rows,
    tagged_pieces,
)
from seqlab.tagging.thresholds import SpanThresholds, check_thresholds
from seqlab.text.cutting import CuttingChoice, TextRules
from seqlab.text.sentence_bounds import SentenceRule
from seqlab.text.token_rules import TokenRules, learn_token_rules
from seqlab.text.tokenise import UNTRAINED


class TextTagging(ABC):
    """What `Tagger` does with raw text."""

    encoder: Encoder
    scheme: Scheme
    cutting: CuttingChoice

    @abstractmethod
    def flat_tags(
        self, sentences: Sequence[Sentence], *, scored: BoolArray
    ) -> tuple[Int32Array, FloatArray]:
        """int32 and float32 (tokens,): tag ids and calibrated probabilities, sentence after sentence.

        scored: bool (C,), the tags whose probabilities are computed; the others get 1.
        """

    def tag_text(
        self,
        text: str,
        *,
        sentences: SentenceRule | None = None,
        language: str | None = None,
        tokenized: bool | None = None,
        thresholds: SpanThresholds | None = None,
    ) -> TaggedText:
        """Tag a raw text: its spans and tokens, each with its exact place, `text[start:end]`.

        sentences: 'split' ends sentences at line ends and within lines, 'line' at line ends only.
        language: two-letter code of the language whose rules split sentences.
        tokenized: split at white space only; otherwise by the rules learned from the words of training.
        None takes the setting of the training run, whose defaults are 'split', 'en' and False.
        thresholds: by label, a number from 0 to 1; spans with a smaller score are left out. Tokens keep their tags.
        Raises UserError for anything but a text, and if the tagger reads features or numbers, which text lacks.

        >>> tagger.tag_text("Ada Stone saw Oslo.").spans  # doctest: +SKIP
        (TaggedSpan(start=0, end=9, label='PER', text='Ada Stone', score=0.98), ...)
        """
        if not isinstance(text, str):
            raise UserError(f"tag_text takes a text; found {with_type(text)}")
        return next(
            self.tag_texts(
                [text],
                sentences=sentences,
                language=language,
                tokenized=tokenized,
                thresholds=thresholds,
            )
        )

    def tag_texts(
        self,
        texts: Iterable[str],
        *,
        sentences: SentenceRule | None = None,
        language: str | None = None,
        tokenized: bool | None = None,
        thresholds: SpanThresholds | None = None,
    ) -> Iterator[TaggedText]:
        """Tag many raw texts, in order, as `tag_text` tags one; much faster than one by one.

        Reads ahead by some hundred thousand characters, so a stream of any length can be tagged.
        """
        rules = self.text_rules(sentences=sentences, language=language, tokenized=tokenized)
        least = self.checked_thresholds(thresholds)
        for chunk in chunks_of_texts(texts):
            groups = self.tag_pieces(cut_pieces(chunk, rules), token_scores=True)
            yield from tagged_texts(chunk, groups, self.encoder.tags.symbols, self.labels, least)

    def checked_thresholds(self, thresholds: SpanThresholds | None) -> dict[str, float]:
        """SpanThresholds for spans of this tagger. Raises SettingsError if it has no such spans."""
        labels = dict.fromkeys(filter(None, self.labels))
        return check_thresholds(thresholds, labels, plain=self.scheme is Scheme.PLAIN)

    def text_rules(
        self,
        *,
        sentences: SentenceRule | None = None,
        language: str | None = None,
        tokenized: bool | None = None,
    ) -> TextRules:
        """The rules that cut text as the corpus of training is cut.

        Raises UserError if the tagger reads features or numbers, and SettingsError for an unknown rule.
        """
        columns = {
            "feature": self.encoder.feature_columns,
            "number": self.encoder.numeric_columns,
        }
        for what, names in columns.items():
            for name in names:
                raise UserError(
                    f"text has no column for {what} {name!r}, which this tagger reads; "
                    f"use tag(...) with {what}s"
                )
        rule = self.cutting.sentences if sentences is None else sentences
        if rule not in get_args(SentenceRule):
            expected = " or ".join(map(repr, get_args(SentenceRule)))
            raise SettingsError(f"sentences is {rule!r}: expected {expected}")
        whole = self.cutting.tokenized if tokenized is None else tokenized
        return TextRules(
            sentences=rule,
            language=self.cutting.language if language is None else language,
            tokenized=whole,
            token_rules=UNTRAINED if whole else self.token_rules,
        )

    def tag_pieces(
        self, pieces: Iterator[TextPiece], *, token_scores: bool = False
    ) -> Iterator[TaggedPieces]:
        """Tag pieces of texts, some at a time. token_scores: compute the probability of every tag."""
        scored = np.ones_like(self.outside) if token_scores else ~self.outside
        for group in groups_of_pieces(pieces):
            sentences = sentences_of_pieces(group)
            tag_ids, scores = self.flat_tags(sentences, scored=scored)
            offsets = offsets_of(sentence_lengths(sentences))
            starts, stops = span_bounds(
                tag_ids, offsets, outside=self.outside, continues=self.continues
            )
            yield tagged_pieces(
                group,
                sentences,
                tag_ids,
                scores,
                span_rows(starts, stops, tag_ids, scores),
                token_scores=token_scores,
            )

    @cached_property
    def outside(self) -> BoolArray:
        """Bool (C,): whether a tag belongs to no span; all of them are plain tags, or only O."""
        if self.scheme is Scheme.PLAIN:
            return np.ones(len(self.encoder.tags.symbols), np.bool_)
        return np.array([split_tag(tag) is None for tag in self.encoder.tags.symbols], np.bool_)

    @cached_property
    def continues(self) -> BoolArray:
        """Bool (C, C), [tag, next tag]: whether the next tag continues the span of the tag."""
        symbols = self.encoder.tags.symbols
        return np.array([[continues_span(a, b) for b in symbols] for a in symbols], np.bool_)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """By tag id, the label of spans that begin with the tag; '' for tags outside spans."""
        return tuple((split_tag(tag) or ("", ""))[1] for tag in self.encoder.tags.symbols)

    @cached_property
    def token_rules(self) -> TokenRules:
        """What the corpus of training teaches about tokens."""
        return learn_token_rules(self.encoder.words.symbols)
