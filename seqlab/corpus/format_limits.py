"""What each format can hold of a sentence or an annotated text; the rest is left out and counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.annotation_writing import DOCUMENT_KEYS, document_id
from seqlab.corpus.format_detection import Format
from seqlab.corpus.jsonl import DOCUMENT, RESERVED
from seqlab.corpus.parallel import LABEL
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_blocks import is_comment_value
from seqlab.corpus.writing import numbers_as_features

HOLD_FEATURES = (Format.CONLL, Format.CSV, Format.JSONL, Format.HF)
HOLD_WEIGHTS = (Format.CONLL, Format.CONLLU, Format.JSONL, Format.HF)
HF_COLUMNS = ("tokens", "ner_tags", *RESERVED)
OWN_KEYS: Mapping[Format, tuple[str, ...]] = {
    Format.DOCCANO: ("id", "text", "data", "label", "labels", "entities", "annotations"),
    Format.LABEL_STUDIO: ("text", "document"),
    Format.PRODIGY: ("text", "tokens", "spans", "answer", "relations"),
}
"""The keys of formats that hold further keys of a document."""


class SentenceLimits:
    """Fits sentences to a format, one after the other, and counts in `losses` what it leaves out."""

    def __init__(self, format: Format, path: Path, losses: Counter[str]) -> None:
        self.format, self.losses = format, losses
        self.parquet = format is Format.HF and path.suffix == ".parquet"
        self.document: int | str | None = None
        self.types: dict[str, type] | None = None  # of the metadata of the first sentence

    def fit(self, sentence: Sentence) -> Sentence:
        """Return the sentence as the format can hold it."""
        self._count_spacing(sentence)
        if self.format is not Format.JSONL:
            sentence = numbers_as_features(sentence)
        weighted = sentence.weight != 1.0 or sentence.token_weights is not None
        if weighted and (self.format not in HOLD_WEIGHTS or self.parquet):
            self.losses["the weights of a sentence"] += 1
            sentence = replace(sentence, weight=1.0, token_weights=None)
        metadata = self._with_document(sentence)
        kept = {key: value for key, value in metadata.items() if self._holds(key, value)}
        if self.format not in HOLD_FEATURES:
            lost_features = (name for name in sentence.features if name not in kept)
            self.losses.update(f"feature {name!r} of a sentence" for name in lost_features)
            sentence = replace(sentence, features=NOTHING)
        elif self.format is not Format.JSONL:  # JSON lines keep the feature under its key
            kept = {key: value for key, value in kept.items() if key not in sentence.features}
        if self.types is None:
            self.types = {key: type(value) for key, value in kept.items()}
        lost = (key for key in metadata if key not in kept and key not in sentence.features)
        self.losses.update(f"metadata {key!r}" for key in lost)
        return replace(sentence, metadata=kept)

    def _count_spacing(self, sentence: Sentence) -> None:
        """Count a sentence whose text is not its tokens with one space between them."""
        if sentence.text is None or sentence.offsets is None or not sentence.tokens:
            return
        text = sentence.text[sentence.offsets.starts[0] : sentence.offsets.ends[-1]]
        self.losses["the spacing between tokens"] += text != " ".join(sentence.tokens)

    def _with_document(self, sentence: Sentence) -> Mapping[str, Any]:
        """The metadata of a sentence, with the id of its document as the format writes it."""
        others = {k: v for k, v in sentence.metadata.items() if k not in DOCUMENT_KEYS}
        name, number = document_id(sentence), sentence.document
        is_first, self.document = number != self.document, number
        if number is None and name is None:
            return sentence.metadata
        if self.format in (Format.CONLL, Format.CONLLU):
            return (
                {"newdoc id": str(number if name is None else name), **others}
                if is_first
                else others
            )
        return {**others, DOCUMENT: number if name is None else name}

    def _holds(self, key: str, value: object) -> bool:
        match self.format:
            case Format.CONLL | Format.CONLLU:
                return is_comment_value(key, value)
            case Format.HF:
                return isinstance(value, str | int | float) and self._is_column(key, value)
            case Format.JSONL:
                return True
            case Format.PARALLEL:
                return key == LABEL
            case _:
                return False

    def _is_column(self, key: str, value: object) -> bool:
        """Whether a value may stand in a column of Hugging Face data; Parquet has those of the first sentence."""
        if key in HF_COLUMNS:
            return False
        return not self.parquet or self.types is None or self.types.get(key) is type(value)


def fit_document(
    document: AnnotatedText, format: Format, path: Path, losses: Counter[str]
) -> AnnotatedText:
    """Return an annotated text as a format can hold it; counts in `losses` what is left out."""
    own = OWN_KEYS.get(format)
    kept = {k: v for k, v in document.metadata.items() if own is not None and k not in own}
    losses.update(f"metadata {k!r}" for k in document.metadata if k not in kept)
    suffix = path.name.removesuffix(".gz").rpartition(".")[2].lower()
    if format is Format.SPACY and suffix != "spacy":
        losses["the id of a document"] += document.name is not None
    if format is Format.BIOC and suffix not in ("xml", "json"):
        losses["line breaks of a document (they become spaces)"] += (
            "\n" in document.text.partition("\n")[2]
        )
    return replace(document, metadata=kept)
