"""The architecture of a tagger network: the sizes that are needed to build it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args, get_type_hints

from seqlab.errors import SettingsError, nearest
from seqlab.machine.numbers import is_number, is_whole

CASE_DIM, FEATURE_DIM = 8, 16


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Sizes and parts of the tagger network.

    words, characters: vocabulary sizes, with padding and the unknown symbol. classes: number of tags.
    features: vocabulary size of each word feature, by the name of its input.
    numbers: inputs from numeric columns.
    reads_words: False for a corpus without words. The network then reads neither words nor characters.
    outside_vectors: True if the vectors of frozen words are an input of the network.
    head: output layer, softmax per token or CRF.
    Raises SettingsError for a size below 1 (`numbers`: below 0), a network that reads nothing, a dropout rate
    outside [0, 1), and an unknown output layer or character encoder.
    """

    words: int
    characters: int
    classes: int
    features: Mapping[str, int] = field(default_factory=dict)
    numbers: int = 0
    reads_words: bool = True
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
    gazetteer_dropout: float = 0.2
    head: Literal["softmax", "crf"] = "softmax"

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for name in ("char_encoder", "head"):
            known, value = get_args(hints[name]), getattr(self, name)
            if value not in known:
                expected = f"expected {', '.join(known)}{nearest(value, known)}"
                raise SettingsError(f"{name} is {value!r}: {expected}")
        for name, hint in hints.items():
            value = getattr(self, name)
            least = 0 if name == "numbers" else 1
            if hint is int and not (is_whole(value) and value >= least):
                raise SettingsError(
                    f"{name} is {value!r}: expected a whole number, at least {least}"
                )
            if hint is float and not (is_number(value) and 0 <= value < 1):
                raise SettingsError(f"{name} is {value!r}: expected a number from 0 to below 1")
        if not (self.reads_words or self.features or self.numbers):
            raise SettingsError("reads_words is False, but there are no features and no numbers")

    @property
    def reads_characters(self) -> bool:
        """Whether the network reads the characters of words."""
        return self.reads_words and self.char_encoder != "none"


def feature_dim(name: str) -> int:
    """The embedding size of a word feature, by the name of its input."""
    return CASE_DIM if name == "case" else FEATURE_DIM
