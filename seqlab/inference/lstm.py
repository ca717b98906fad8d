"""A BiLSTM over sentences of different lengths, in numpy, without padding.

Three ideas make it fast:
1. Sentences are sorted by length, longest first. At time t the sentences that still have a token are the
   first rows of the batch, so a step works on a prefix of each array.
2. sigmoid(x) = (tanh(x / 2) + 1) / 2. The weights of the three sigmoid gates are halved once, so that one
   tanh over all four gates replaces three sigmoids and a tanh.
3. Both directions run in the same step. Each gate of a direction is a contiguous block (sentences, H).
   So operations on a gate read memory in order, and OpenBLAS takes its fast path for small products.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.inference.ragged import RaggedBatch

DIRECTIONS, GATES = 2, 4  # forward, backward; input, forget, output, cell
BLOCK = 8  # rows; every BLAS kernel tested sums each row of such a block in the same order


@dataclass(frozen=True, kw_only=True)
class BiLstm:
    """The weights of both directions, laid out for `run`.

    kernel: float32 (D, 8H). bias: float32 (8H,). recurrent: float32 (2, 4, H, H).
    Columns are ordered by direction, then by gate: input, forget, output, cell. The three sigmoid gates are
    halved. `recurrent` is halved once more, because `run` keeps states at twice their size.
    """

    kernel: FloatArray
    bias: FloatArray
    recurrent: FloatArray

    @classmethod
    def from_keras(cls, forward: Sequence[FloatArray], backward: Sequence[FloatArray]) -> "BiLstm":
        """From each direction's kernel (D, 4H), recurrent kernel (H, 4H) and bias (4H,), as Keras has them."""
        by_direction = [[split_gates(weights) for weights in cell] for cell in (forward, backward)]
        kernels, recurrents, biases = zip(*by_direction, strict=True)
        return cls(
            kernel=np.concatenate([np.concatenate(list(one), axis=1) for one in kernels], axis=1),
            bias=np.concatenate([one.ravel() for one in biases]),
            recurrent=np.stack(recurrents) * np.float32(0.5),
        )

    @property
    def units(self) -> int:
        """H, the number of units of one direction."""
        return int(self.recurrent.shape[-1])

    def project(self, inputs: FloatArray, *, first: int = 0, by_block: bool = False) -> FloatArray:
        """Multiply inputs by the kernel: float32 (N, 8H), the gate inputs.

        inputs: float32 (N, D'), columns `first` to `first + D'` of the layer's input. Gate inputs of
        several parts of the input are added up, so only the part that begins at 0 includes the bias.
        by_block: make each row independent of the other rows, bit for bit; see `product_by_block`.
        """
        kernel = self.kernel[first : first + inputs.shape[1]]
        gate_inputs = product_by_block(inputs, kernel) if by_block else inputs @ kernel
        if first == 0:
            gate_inputs += self.bias
        return gate_inputs

    def run(
        self,
        sources: Sequence[tuple[FloatArray, Int64Array]],
        ragged: RaggedBatch,
        *,
        by_block: bool = False,
    ) -> FloatArray:
        """The hidden states of both directions, float32 (2, N, H), in time order.

        sources: tables (rows, 8H) of gate inputs, each with the row (N,) of each token in sentence order.
        A token's gate input is the sum over all sources. States start from zeros in each sentence.
        by_block: make a sentence's states independent of the other sentences, bit for bit. At each time
        the number of sentences must then be a multiple of `BLOCK`.
        """
        units, most = self.units, len(ragged.lengths)
        out = np.empty((DIRECTIONS, ragged.tokens, units), np.float32)
        cell = np.zeros((DIRECTIONS, most, units), np.float32)
        # Two buffers serve all time steps.
        buffers = np.empty((2, DIRECTIONS * GATES * most * units), np.float32)
        order = ragged.time_order
        inputs = [(table.reshape(-1, units), gate_rows(rows[order])) for table, rows in sources]
        before = 0  # the first token of the previous time, in time order
        step = LstmStep.views(buffers, cell, most)
        for first, last in pairwise(ragged.time_offsets.tolist()):
            count = last - first
            if count != step.count:  # seldom: making views takes as long as a small product
                step = LstmStep.views(buffers, cell, count)
            # 1. Recurrent part: the previous states of the sentences that go on, times each gate's matrix.
            if first:
                states = out[:, None, before : before + count]
                if by_block:
                    in_blocks = (DIRECTIONS, GATES, count // BLOCK, BLOCK, units)
                    states = states.reshape(DIRECTIONS, 1, *in_blocks[2:])
                    recurrent = self.recurrent[:, :, None]
                    np.matmul(states, recurrent, out=step.gates.reshape(in_blocks))
                else:
                    np.matmul(states, self.recurrent, out=step.gates)
            else:
                step.gates.fill(0)
            # 2. Input part: each token's gate inputs, one row of H numbers per direction and gate.
            #    With mode="clip", `take` writes into `added` without a buffer of its own.
            for table, rows in inputs:
                table.take(rows[:, :, first:last], axis=0, out=step.added, mode="clip")
                np.add(step.gates, step.added, out=step.gates)
            # 3. The cell update, in place.
            step.update(out[:, first:last])
            before = first
        out *= 0.5  # back from twice their size
        return out


def product_by_block(inputs: FloatArray, kernel: FloatArray) -> FloatArray:
    """float32 (N, K): inputs (N, D) times kernel (D, K), computed `BLOCK` rows at a time.

    BLAS sums a row's products in an order that depends on the number of rows and on the row's position
    among them. In blocks of one small size that order is fixed, so a row gives the same bits whatever the other rows hold.
    """
    rows, dim = inputs.shape
    blocks = -(-rows // BLOCK)
    padded = np.zeros((blocks * BLOCK, dim), np.float32)
    padded[:rows] = inputs
    # A stack of small matrices: numpy calls BLAS once per block.
    product: FloatArray = padded.reshape(blocks, BLOCK, dim) @ kernel
    return product.reshape(len(padded), kernel.shape[1])[:rows]


@dataclass(frozen=True)
class LstmStep:
    """Views of the buffers for time steps with B sentences; B is `count`.

    gates: float32 (2, 4, B, H), gate inputs; overwritten. added: the same shape, a part of them.
    sigmoid_gates, enter, keep, leave, new: parts of `gates`. cell: float32 (2, B, H), cell states.
    """

    count: int
    gates: FloatArray
    added: FloatArray
    sigmoid_gates: FloatArray
    enter: FloatArray
    keep: FloatArray
    leave: FloatArray
    new: FloatArray
    cell: FloatArray

    @classmethod
    def views(cls, buffers: FloatArray, cell: FloatArray, count: int) -> "LstmStep":
        """Prefixes of the buffers (2, size) and of the cell states (2, most sentences, H)."""
        shape = (DIRECTIONS, GATES, count, cell.shape[2])
        gates, added = (buffer[: prod(shape)].reshape(shape) for buffer in buffers)
        enter, keep, leave, new = (gates[:, gate] for gate in range(GATES))
        sigmoids = gates[:, : GATES - 1]
        return cls(count, gates, added, sigmoids, enter, keep, leave, new, cell[:, :count])

    def update(self, hidden: FloatArray) -> None:
        """One time step, in place (Hochreiter & Schmidhuber 1997, with a forget gate).

        hidden: float32 (2, B, H), receives the hidden states at twice their size.
        """
        # With the sigmoid gates' inputs halved, tanh + 1 is twice the sigmoid. So `keep`, `enter` and
        # `leave` are twice the forget, input and output gates.
        cell = self.cell
        np.tanh(self.gates, out=self.gates)
        np.add(self.sigmoid_gates, 1, out=self.sigmoid_gates)
        cell *= self.keep
        np.multiply(self.enter, self.new, out=self.enter)
        cell += self.enter
        cell *= 0.5  # takes the factor 2 off both terms at once
        # The factor 2 of `leave` stays in the hidden states; `recurrent` is halved for it.
        np.tanh(cell, out=hidden)
        hidden *= self.leave


def split_gates(weights: FloatArray) -> FloatArray:
    """Weights (..., 4H) in Keras' order (input, forget, cell, output), as (4, ..., H) in ours, sigmoids halved."""
    enter, keep, new, leave = np.split(weights, GATES, axis=-1)
    return np.stack([enter * 0.5, keep * 0.5, leave * 0.5, new]).astype(np.float32, copy=False)


def gate_rows(rows: Int64Array) -> Int64Array:
    """int64 (2, 4, N): rows of a table (rows * 8, H), for each direction and gate.

    rows: int64 (2, N), for each direction, rows of the same table as (rows, 8H).

    >>> gate_rows(np.array([[0], [3]])).tolist()
    [[[0], [1], [2], [3]], [[28], [29], [30], [31]]]
    """
    gate = np.arange(DIRECTIONS * GATES).reshape(DIRECTIONS, GATES, 1)
    by_gate: Int64Array = rows[:, None] * (DIRECTIONS * GATES) + gate
    return by_gate
