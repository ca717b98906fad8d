"""The shape of a network, as plain numbers: what must be known to build it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

CASE_DIM, FEATURE_DIM = 8, 16


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Sizes of the tagger network. Vocabulary sizes count padding and, for inputs, the unknown symbol.

    words, characters: symbols of each vocabulary. features: by the name of a further input, its symbols.
    outside_vectors: whether words outside of the vocabulary bring frozen vectors, as an input of their own.
    classes: tags that the network chooses among. head: whether each token's tag is scored alone, or all
    paths over the sentence.
    """

    words: int
    characters: int
    classes: int
    features: Mapping[str, int] = field(default_factory=dict)
    max_chars: int = 15
    word_dim: int = 100
    trainable_words: bool = True
    outside_vectors: bool = False
    char_encoder: Literal["lstm", "cnn", "none"] = "cnn"
    char_dim: int = 25
    char_units: int = 25
    hidden_units: int = 100
    layers: int = 1
    dropout: float = 0.5
    word_dropout: float = 0.05
    head: Literal["softmax", "crf"] = "softmax"


def feature_dim(name: str) -> int:
    """The size of the embedding of a feature, by the name of its input."""
    return CASE_DIM if name == "case" else FEATURE_DIM
