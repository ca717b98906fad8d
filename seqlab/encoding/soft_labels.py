"""Soft labels: the tag probabilities that a teacher gives to training tokens.

float16 (tokens, C): the share of the loss that each tag has. The rest to 1 is the share of the token's own tag.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from seqlab.arrays import BoolArray, FloatArray, HalfArray, Int64Array
from seqlab.errors import nearest
from seqlab.machine.numbers import is_number

TOLERANCE = 0.02  # of a sum of rounded probabilities


def soft_batch(labels: HalfArray, positions: Int64Array, mask: BoolArray) -> FloatArray:
    """float32 (B, T, C): the soft labels of some tokens, 0 on padding. positions, mask: (B, T)."""
    rows: FloatArray = labels[positions].astype(np.float32)
    rows *= mask[:, :, None]
    return rows


def read_probabilities(
    value: object, tokens: Sequence[str], columns: Mapping[str, int]
) -> FloatArray:
    """float32 (T, C): the probabilities of a sentence, as JSON gives them: a list with one object per token.

    columns: of each tag. A tag that an object lacks has probability 0.
    Raises ValueError with the fault for anything else.

    >>> read_probabilities([{"O": 0.25, "B-PER": 0.75}], ["Ada"], {"O": 0, "B-PER": 1}).tolist()
    [[0.25, 0.75]]
    """
    if not isinstance(value, list) or len(value) != len(tokens):
        size = f"{len(value)} entries" if isinstance(value, list) else "no list"
        raise ValueError(
            f"tag_probabilities has {size}; expected one object per token, {len(tokens)}"
        )
    rows = np.zeros((len(tokens), len(columns)), np.float32)
    for number, (token, entry) in enumerate(zip(tokens, value, strict=True)):
        where = f"tag_probabilities of token {number + 1} ({token!r})"
        if not isinstance(entry, Mapping):
            raise ValueError(f"{where}: expected an object of probabilities by tag")
        for tag, probability in entry.items():
            if tag not in columns:
                known = f"is not among the {len(columns)} training tags{nearest(tag, columns)}"
                raise ValueError(f"{where}: tag {tag!r} {known}")
            if not is_number(probability) or not 0 <= probability <= 1:
                raise ValueError(
                    f"{where}: {tag!r} has {probability!r}; expected a number from 0 to 1"
                )
            rows[number, columns[tag]] = probability
        total = float(rows[number].sum())
        if abs(total - 1) > TOLERANCE:
            raise ValueError(f"{where}: they sum to {total:.3g}; expected 1")
        rows[number] /= total
    return rows
