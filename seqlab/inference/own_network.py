"""A network that `build_network` did not make: how it reads sentences, and what a tagger needs of it.

This file does not import keras. `modeling/keras_network.py` has the class.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from seqlab.arrays import FloatArray
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.inference.scorer import ScoredBatch

InputNames = str | tuple[str, ...] | Mapping[str, str]
NO_NUMPY = (
    "the tagger has a network of your own, which Keras runs; "
    "numpy, --format wheel or onnx, and further training need a network of build_network"
)


@dataclass(frozen=True, kw_only=True)
class NetworkReading:
    """How a network reads sentences, and what its outputs are.

    inputs: the names in `Batch.inputs` of the arrays that it reads. One name for a single input, a tuple in the order of
        the inputs, or a mapping by the keys of the inputs.
    max_tokens: every sentence is padded to this length, and a longer one is cut into overlapping windows. None: sentences
        of any length.
    max_chars: characters per word.
    logits: True if its outputs are logits, False if they are probabilities.
    """

    inputs: InputNames
    max_tokens: int | None = None
    max_chars: int = 15
    logits: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays, in the order of the inputs."""
        if isinstance(self.inputs, str):
            return (self.inputs,)
        return tuple(self.inputs.values() if isinstance(self.inputs, Mapping) else self.inputs)


class Scorer(Protocol):
    """Scores sentences for a tagger."""

    def score(self, sentences: Sequence[Sentence]) -> Iterator[ScoredBatch]:
        """Score sentences in batches; sentences without tokens are left out."""
        ...

    @property
    def transition_scores(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """float32 scores of transitions (C, C), first tags (C,) and last tags (C,)."""
        ...

    def clear_cache(self) -> None:
        """Give the memory of cached values back."""
        ...


class OwnNetwork(Protocol):
    """A network of the user's own."""

    @property
    def reading(self) -> NetworkReading:
        """How it reads sentences."""
        ...

    @property
    def network(self) -> Any:
        """The `keras.Model`."""
        ...

    def scorer(self, encoder: Encoder) -> Scorer:
        """Return a scorer that runs this network."""
        ...

    def save(self, path: Path) -> None:
        """Write it as a file that runs no code when it is loaded."""
        ...


class NoWeights(Mapping[str, FloatArray]):
    """The weights of a tagger whose network is not one of `build_network`: reading them raises UserError.

    reason: the message of the error.
    """

    def __init__(self, reason: str = NO_NUMPY) -> None:
        self.reason = reason

    def __getitem__(self, name: str) -> FloatArray:
        raise UserError(self.reason)

    def __iter__(self) -> Iterator[str]:
        raise UserError(self.reason)

    def __len__(self) -> int:
        raise UserError(self.reason)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoWeights)

    def __hash__(self) -> int:
        return hash(NoWeights)
