"""The shape of a network, as plain numbers: what must be known to build it again."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Sizes of the tagger network. Vocabulary sizes count padding and, for inputs, the unknown symbol.

    words, characters: symbols of each vocabulary. cases: patterns, or 0 for no case feature.
    outside_vectors: whether words outside of the vocabulary bring frozen vectors, as an input of their own.
    classes: tags that the network chooses among. head: whether each token's tag is scored alone, or all
    paths over the sentence.
    """

    words: int
    characters: int
    classes: int
    cases: int = 0
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
