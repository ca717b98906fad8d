"""An LSTM over ragged sentences: one matrix product and one tanh a time step.

A sigmoid is a tanh: sigmoid(x) = (tanh(x / 2) + 1) / 2. The columns of three gates are halved once, so that
a single tanh serves all four.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqlab.inference.ragged import Integers, Ragged

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Lstm:
    """One direction. kernel: float32 (D, 4H). recurrent: float32 (H, 4H). bias: float32 (4H,).

    Gates stand in Keras' order, input, forget, cell, output; all but the cell's columns are halved.
    """

    kernel: Floats
    recurrent: Floats
    bias: Floats

    @classmethod
    def of(cls, kernel: Floats, recurrent: Floats, bias: Floats) -> "Lstm":
        """From the weights as Keras holds them."""
        units = recurrent.shape[0]
        scale = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], np.float32), units)
        return cls(kernel=kernel * scale, recurrent=recurrent * scale, bias=bias * scale)

    @property
    def units(self) -> int:
        """H."""
        return int(self.recurrent.shape[0])

    def project(self, inputs: Floats, *, first: int = 0) -> Floats:
        """What inputs (N, D) add to the gates before time is walked: float32 (N, 4H).

        first: where they begin among all that the LSTM reads. The bias comes with those that begin at 0.
        """
        found: Floats = inputs @ self.kernel[first : first + inputs.shape[1]]
        if first == 0:
            found += self.bias
        return found

    def run(
        self, sources: Sequence[tuple[Floats, Integers]], ragged: Ragged, *, backward: bool
    ) -> Floats:
        """The hidden states, float32 (N, H), starting from zeros at each sentence.

        sources: pairs of a table (rows, 4H) and the row (N,) of each token; the gates' input is their sum.
        """
        units, most = self.units, len(ragged.lengths)
        out = np.empty((ragged.tokens, units), np.float32)
        hidden, cell = np.zeros((most, units), np.float32), np.zeros((most, units), np.float32)
        room, added = np.empty((2, most, 4 * units), np.float32)
        for places in ragged.steps(backward=backward):
            count = len(places)
            gates, cell = room[:count], cell[:count]
            np.matmul(hidden[:count], self.recurrent, out=gates)
            for table, rows in sources:
                gates += np.take(table, rows[places], axis=0, out=added[:count], mode="clip")
            np.tanh(gates, out=gates)
            enter, keep, new, leave = (gates[:, i * units : (i + 1) * units] for i in range(4))
            keep += 1
            cell *= keep
            enter += 1
            enter *= new
            cell += enter
            cell *= 0.5
            leave += 1
            hidden = np.tanh(cell)
            hidden *= leave
            hidden *= 0.5
            out[places] = hidden
        return out
