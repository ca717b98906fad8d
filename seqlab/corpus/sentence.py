"""The sentence: what every reader gives and every encoder takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a corpus.

    tokens: the words, never empty strings.
    tags: one a token, or None in text that nobody has labelled.
    weight: what the whole sentence counts in training, 1.0 unless the corpus says otherwise.
    token_weights: one a token, or None for 1.0 each.
    features: by name one value a token, from further columns that were asked for.
    metadata: what the file says about the sentence (`# confidence = 0.8`, a JSON object).
    source: 'path:line' of the first token.
    document: which one of its file it belongs to, where the file tells; not compared, as few formats can
    hold it. Sentences before the first that is told have None, and are a document together.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...] | None = None
    weight: float = 1.0
    token_weights: tuple[float, ...] | None = None
    features: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    metadata: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    source: str = ""
    document: int | str | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.tokens)


Sentences = tuple[Sentence, ...]
