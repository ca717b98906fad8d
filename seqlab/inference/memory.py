"""The memory that tagging takes, from the sizes of a network."""

import math

from seqlab.architecture import Architecture
from seqlab.encoding.encoder import is_column
from seqlab.inference.characters import WORDS
from seqlab.inference.forward import weight_shapes
from seqlab.inference.lstm import DIRECTIONS, GATES
from seqlab.inference.scorer import BATCH_TOKENS, GROUP_TOKENS
from seqlab.inference.spelling_cache import COMPUTED_TOGETHER

FLOAT = 4  # bytes of a float32


def weight_bytes(architecture: Architecture) -> int:
    """The size of a network's weights in bytes."""
    return FLOAT * sum(map(math.prod, weight_shapes(architecture).values()))


def working_bytes(architecture: Architecture) -> int:
    """A rough upper bound of the memory that tagging takes besides the weights, in bytes.

    It follows the largest arrays of `Forward`, of the spelling cache and of decoding.
    """
    one = architecture
    gates = DIRECTIONS * GATES * one.hidden_units
    numbers = GROUP_TOKENS * gates  # the rows of a group's spellings
    numbers += 2 * BATCH_TOKENS * (gates + one.numbers)  # gate inputs and states of a batch
    numbers += (
        8 * BATCH_TOKENS * one.classes
    )  # emissions, messages, log-probabilities, back pointers
    numbers += 4 * one.classes**2  # transitions, in float64 too, and which of them are legal
    numbers += sum(size * gates for name, size in one.features.items() if is_column(name))
    if one.reads_characters:
        filters = 2 * one.char_units
        table = 3 * filters if one.char_encoder == "cnn" else GATES * filters
        numbers += one.characters * table + COMPUTED_TOGETHER * (one.max_chars + filters)
        numbers += WORDS * one.max_chars * (2 * filters if one.char_encoder == "cnn" else table)
    return numbers * FLOAT
