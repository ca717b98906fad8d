"""The arithmetic that a tagger cannot do without, counted from the shapes of its layers.

A product of a (1, m) row with an (m, n) matrix is 2 * m * n floating point operations. Only matrix
products are counted: biases, gates, softmax and look-ups are small beside them.

    LSTM, one step        2 * 4 * (inputs + units) * units          (Hochreiter & Schmidhuber 1997: 4 gates)
    BiLSTM, one step      twice that
    Conv1D, one position  2 * 3 * inputs * filters                  (width 3)
    dense, one token      2 * inputs * classes

    forward  = tokens * (BiLSTM layers + dense) + characters * (character BiLSTM or Conv1D)
    training = 3 * forward: forward, and backward the gradients of the inputs and of the weights

`tokens` are real tokens: padding is not useful work. `characters` are those of distinct words, because a spelling
gives the same vector everywhere. In training a word counts once per batch, since the weights change between
batches. In tagging it counts once per text. So padding, words encoded twice and lost cache entries all show as a
lower fraction of the machine's rate.
"""

from dataclasses import dataclass
from typing import Any

from seqlab.modeling.architecture import feature_dim

TRAINING = 3  # times the forward pass
WIDTH = 3


@dataclass(frozen=True, kw_only=True)
class Work:
    """The work to be done: real tokens, and the characters of distinct words."""

    tokens: int
    characters: int


def bilstm_flops(inputs: int, units: int) -> int:
    """Both directions, one step.

    >>> bilstm_flops(150, 100)
    400000
    """
    return 2 * (2 * 4 * (inputs + units) * units)


def character_flops(shape: Any) -> int:
    """One character of one word. shape: a `seqlab.Architecture`."""
    if shape.char_encoder == "none":
        return 0
    if shape.char_encoder == "cnn":
        return 2 * WIDTH * shape.char_dim * 2 * shape.char_units
    return bilstm_flops(shape.char_dim, shape.char_units)


def token_flops(shape: Any) -> int:
    """One token through the layers above its word and character vectors."""
    inputs = shape.word_dim + sum(map(feature_dim, shape.features))
    inputs += 0 if shape.char_encoder == "none" else 2 * shape.char_units
    total = 0
    for _ in range(shape.layers):
        total += bilstm_flops(inputs, shape.hidden_units)
        inputs = 2 * shape.hidden_units
    return total + 2 * inputs * shape.classes


def forward_flops(shape: Any, work: Work) -> int:
    """Operations of tagging."""
    return work.tokens * token_flops(shape) + work.characters * character_flops(shape)


def training_flops(shape: Any, work: Work) -> int:
    """Operations of one pass of training."""
    return TRAINING * forward_flops(shape, work)
