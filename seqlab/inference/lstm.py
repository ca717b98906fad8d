"""A BiLSTM over ragged sentences: both directions in one matrix product and one tanh a time step.

A sigmoid is a tanh: sigmoid(x) = (tanh(x / 2) + 1) / 2. The columns of three gates are halved once, so that
a single tanh serves all four. Each gate of a direction is a block of its own, (sentences, H): what is done to
a gate runs over memory that lies in one piece, and products of so few sentences are the quick ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from seqlab.arrays import FloatArray, Int64Array


@dataclass(frozen=True)
class RaggedBatch:
    """lengths: int64 (B,), tokens of each sentence, longest first and at least 1 each."""

    lengths: Int64Array

    @property
    def tokens(self) -> int:
        """N, all tokens."""
        return int(self.lengths.sum())

    @cached_property
    def starts(self) -> Int64Array:
        """int64 (B,), the flat position of each sentence's first token."""
        return np.cumsum(self.lengths) - self.lengths

    @cached_property
    def at_work(self) -> Int64Array:
        """int64 (T,), sentences that have a token at each time: those that begin the batch."""
        reached = np.searchsorted(-self.lengths, -np.arange(self.lengths[0]), side="left")
        return reached.astype(np.int64)

    @cached_property
    def edges(self) -> Int64Array:
        """int64 (T + 1,), where each time begins when the tokens are laid out time after time."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.at_work)])

    @cached_property
    def places(self) -> Int64Array:
        """int64 (2, N): the flat positions that are read, time after time, from each sentence's first token
        on, and from its last one back.
        """
        times = np.repeat(np.arange(len(self.at_work)), self.at_work)
        sentences = np.arange(len(times)) - self.edges[times]
        first = self.starts[sentences]
        return np.stack([first + times, first + self.lengths[sentences] - 1 - times])

    @property
    def ends(self) -> Int64Array:
        """int64 (B,): where each sentence's last time stands, when they are laid out so."""
        return self.edges[self.lengths - 1] + np.arange(len(self.lengths))


WAYS, GATES = 2, 4  # forward and backward; input, forget, output, cell
BLOCK = 8  # rows: every BLAS kernel that was tried sums each row of such a block in the same order


@dataclass(frozen=True, kw_only=True)
class BiLstm:
    """kernel: float32 (D, 8H). bias: float32 (8H,). recurrent: float32 (2, 4, H, H).

    By direction, and in it by gate: those of a sigmoid first, halved. `recurrent` is halved once more, for
    states that are twice as large.
    """

    kernel: FloatArray
    bias: FloatArray
    recurrent: FloatArray

    @classmethod
    def of(cls, ahead: Sequence[FloatArray], back: Sequence[FloatArray]) -> "BiLstm":
        """From the weights of each direction, kernel, recurrent kernel and bias, as Keras holds them."""
        blocks = [[by_gate(weights) for weights in cells] for cells in (ahead, back)]
        kernels, recurrents, biases = zip(*blocks, strict=True)
        return cls(
            kernel=np.concatenate([np.concatenate(list(one), axis=1) for one in kernels], axis=1),
            bias=np.concatenate([one.ravel() for one in biases]),
            recurrent=np.stack(recurrents) * np.float32(0.5),
        )

    @property
    def units(self) -> int:
        """H."""
        return int(self.recurrent.shape[-1])

    def project(self, inputs: FloatArray, *, first: int = 0, by_block: bool = False) -> FloatArray:
        """Multiply inputs (N, D) by their rows of the kernel: float32 (N, 8H), the gates' input.

        first: the kernel's row of the first input. The bias is added where that is row 0.
        by_block: a row's result does not depend on the other rows, bit for bit; see `product_by_block`.
        """
        kernel = self.kernel[first : first + inputs.shape[1]]
        found = product_by_block(inputs, kernel) if by_block else inputs @ kernel
        if first == 0:
            found += self.bias
        return found

    def run(
        self,
        sources: Sequence[tuple[FloatArray, Int64Array]],
        ragged: RaggedBatch,
        *,
        by_block: bool = False,
    ) -> FloatArray:
        """The hidden states of both directions, float32 (2, N, H), in the order of `ragged.places`; they start
        from zeros at each sentence.

        sources: pairs of a table (rows, 8H) and the row (N,) of each token; the gates' input is their sum.
        by_block: a sentence's states do not depend on the other sentences, bit for bit. The number of
        sentences at each time must be a multiple of `BLOCK`.
        """
        units, most = self.units, len(ragged.lengths)
        out = np.empty((WAYS, ragged.tokens, units), np.float32)
        cell = np.zeros((WAYS, most, units), np.float32)
        rooms = np.empty((2, WAYS * GATES * most * units), np.float32)
        inputs = [
            (table.reshape(-1, units), blocks(rows[ragged.places])) for table, rows in sources
        ]
        before = 0
        for first, last in pairwise(ragged.edges.tolist()):
            count = last - first
            gates, added = (
                room[: WAYS * GATES * count * units].reshape(WAYS, GATES, count, units)
                for room in rooms
            )
            if first:
                states = out[:, None, before : before + count]
                if by_block:
                    in_blocks = (WAYS, GATES, count // BLOCK, BLOCK, units)
                    states = states.reshape(WAYS, 1, *in_blocks[2:])
                    recurrent = self.recurrent[:, :, None]
                    np.matmul(states, recurrent, out=gates.reshape(in_blocks))
                else:
                    np.matmul(states, self.recurrent, out=gates)
            else:
                gates.fill(0)
            for table, places in inputs:
                np.take(table, places[:, :, first:last], axis=0, out=added, mode="clip")
                gates += added
            step(gates, cell[:, :count], out[:, first:last])
            before = first
        out *= 0.5
        return out


def product_by_block(inputs: FloatArray, kernel: FloatArray) -> FloatArray:
    """Multiply inputs (N, D) by a kernel (D, K), `BLOCK` rows at a time: float32 (N, K).

    BLAS sums a row's products in an order that depends on how many rows it is given and on the row's place among
    them. Blocks of one small size take that away: the same row gives the same bits whatever rows stand beside it.
    """
    rows, dim = inputs.shape
    blocks_needed = -(-rows // BLOCK)
    padded = np.zeros((blocks_needed * BLOCK, dim), np.float32)
    padded[:rows] = inputs
    product: FloatArray = padded.reshape(blocks_needed, BLOCK, dim) @ kernel
    return product.reshape(len(padded), kernel.shape[1])[:rows]


def step(gates: FloatArray, cell: FloatArray, hidden: FloatArray) -> None:
    """One step of time, in place: gates' inputs (2, 4, B, H) and cells (2, B, H) to cells and hidden states,
    twice as large as they are.
    """
    np.tanh(gates, out=gates)
    opened = gates[:, : GATES - 1]
    opened += 1
    enter, keep, leave, new = (gates[:, gate] for gate in range(GATES))
    cell *= keep
    enter *= new
    cell += enter
    cell *= 0.5
    np.tanh(cell, out=hidden)
    hidden *= leave


def by_gate(weights: FloatArray) -> FloatArray:
    """Weights (..., 4H) in Keras' order, input, forget, cell, output, as (4, ..., H) in ours."""
    enter, keep, new, leave = np.split(weights, GATES, axis=-1)
    return np.stack([enter * 0.5, keep * 0.5, leave * 0.5, new]).astype(np.float32, copy=False)


def blocks(rows: Int64Array) -> Int64Array:
    """int64 (2, 4, N): the rows of H numbers for each direction and gate, from rows (2, N) of 8H numbers.

    >>> blocks(np.array([[0], [3]])).tolist()
    [[[0], [1], [2], [3]], [[28], [29], [30], [31]]]
    """
    each = np.arange(WAYS * GATES).reshape(WAYS, GATES, 1)
    found: Int64Array = rows[:, None] * (WAYS * GATES) + each
    return found
