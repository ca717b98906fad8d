"""The sentence: every reader yields it, every encoder takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from seqlab.text.cutting import TokenOffsets

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a corpus.

    tokens: the words, none of them empty; `_` for each row of a corpus without words.
    tags: one per token, or None in unlabelled text.
    weight: weight of the whole sentence in training; 1.0 unless the corpus states another.
    token_weights: one per token, or None when every token weighs 1.0.
    features: by name, one value per token, from further columns.
    numbers: by name, one number per token, from numeric columns. `math.nan` where a number is missing.
    metadata: what the file states about the sentence (`# confidence = 0.8`, or keys of a JSON object).
    source: 'path:line' of the first token.
    document: id of the document that the sentence belongs to. None when the file marks no document before
        it; all such sentences count as one document.
    text: the whole text that `offsets` count in, one string for all sentences of a document. None if the file
        holds tokens only.
    offsets: where each token stands in `text`, in code points.
    `document`, `text` and `offsets` are not compared, since few formats can store them.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    weight: float = 1.0
    token_weights: tuple[float, ...] | None = None
    features: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: NOTHING)
    metadata: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    source: str = ""
    document: int | str | None = field(default=None, compare=False)
    text: str | None = field(default=None, compare=False, repr=False)
    offsets: TokenOffsets | None = field(default=None, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.tokens)


Sentences = tuple[Sentence, ...]
