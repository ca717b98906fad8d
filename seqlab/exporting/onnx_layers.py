"""The layers of the network as ONNX nodes: the BiLSTM, and two encoders of characters."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from seqlab.arrays import AnyArray
from seqlab.exporting.onnx_nodes import OnnxNodes
from seqlab.exporting.onnx_weights import add_rows, add_weight
from seqlab.machine.packed_arrays import Packed

KERAS_GATES = "ifco"  # input, forget, cell, output
ONNX_GATES = "iofc"
LOWEST = -1e30  # below every score of a convolution; ReLU makes it 0 for a word without characters


def add_bilstm(
    nodes: OnnxNodes, name: str, inputs: str, lengths: str, cells: Sequence[Packed]
) -> str:
    """float32 (T, B, 2H): the states of both directions.

    inputs: float32 (T, B, D), padded with anything behind `lengths`. lengths: int32 (B,), at least 1.
    cells: kernel, recurrent kernel and bias of each direction, as Keras has them.
    """
    weights = add_cells(nodes, name, cells)
    units = len(cells[1].numbers)
    states = nodes.node(  # (T, 2, B, H)
        "LSTM", inputs, *weights, lengths, hidden_size=units, direction="bidirectional"
    )
    by_token = nodes.node("Transpose", states, perm=[0, 2, 1, 3])
    return nodes.node("Reshape", by_token, joined_axes(nodes, 2, 2 * units))


def add_cells(nodes: OnnxNodes, name: str, cells: Sequence[Packed]) -> list[str]:
    """The kernels (2, 4H, D), recurrent kernels (2, 4H, H) and biases (2, 8H) of both directions."""
    kernels = both_directions(nodes, f"{name}_kernel", cells[0], cells[3])
    recurrents = both_directions(nodes, f"{name}_recurrent", cells[1], cells[4])
    biases = np.stack([onnx_gates(cells[part].numbers) for part in (2, 5)])
    # ONNX adds a second bias to the recurrent part; Keras has none.
    biases = np.concatenate([biases, np.zeros_like(biases)], axis=1)
    return [kernels, recurrents, nodes.constant(f"{name}_bias", biases)]


def both_directions(nodes: OnnxNodes, name: str, forward: Packed, backward: Packed) -> str:
    """The weights of both directions as one tensor, float32 (2, 4H, D)."""
    numbers = np.stack([forward.numbers, backward.numbers])
    scales = None
    if forward.scales is not None and backward.scales is not None:
        scales = np.stack([forward.scales, backward.scales])
    return add_weight(
        nodes, name, Packed(numbers, scales), lambda both: np.stack([*map(onnx_gates, both)])
    )


def onnx_gates(weights: AnyArray) -> AnyArray:
    """Weights (..., 4H) in Keras' order of gates, as (4H, ...) in the order of ONNX.

    >>> onnx_gates(np.array([1, 2, 3, 4])).tolist()
    [1, 4, 2, 3]
    """
    gates = np.split(weights, len(KERAS_GATES), axis=-1)
    ordered = [gates[KERAS_GATES.index(gate)] for gate in ONNX_GATES]
    return np.ascontiguousarray(np.concatenate(ordered, axis=-1).T)


def add_character_cnn(nodes: OnnxNodes, chars: str, weights: Sequence[Packed]) -> str:
    """float32 (U, F): the maximum of each filter over the word's characters, then ReLU.

    chars: int32 (U, W). weights: embedding (characters, D), kernel (3, D, F), bias (F,).
    """
    embedding, kernel, bias = weights
    # Around a word stand zeros, not the embedding of the padding.
    numbers = np.concatenate([np.zeros_like(embedding.numbers[:1]), embedding.numbers[1:]])
    embedded = add_rows(nodes, "character_embedding", Packed(numbers, embedding.scales), chars)
    embedded = nodes.node("Transpose", embedded, perm=[0, 2, 1])
    filters = add_weight(nodes, "character_kernel", kernel, filters_first)
    convolved = nodes.node(  # (U, F, W)
        "Conv", embedded, filters, add_weight(nodes, "character_bias", bias), pads=[1, 1]
    )
    is_real = nodes.node("Unsqueeze", add_is_real(nodes, chars), axes(nodes, 1))
    lowest = nodes.constant("lowest", np.array(LOWEST, np.float32))
    kept = nodes.node("Where", is_real, convolved, lowest)  # windows centred on padding never win
    return nodes.node("Relu", nodes.node("ReduceMax", kept, axes=[2], keepdims=0))


def filters_first(kernel: AnyArray) -> AnyArray:
    """A kernel (width, D, F) of Keras as (F, D, width)."""
    return np.ascontiguousarray(kernel.transpose(2, 1, 0))


def add_character_lstm(nodes: OnnxNodes, chars: str, weights: Sequence[Packed]) -> str:
    """float32 (U, 2H): the last states of a BiLSTM over the word's characters; 0 for a word without.

    chars: int32 (U, W). weights: embedding, then kernel, recurrent kernel and bias of each direction.
    """
    embedding, *cells = weights
    embedded = add_rows(nodes, "character_embedding", embedding, chars)
    embedded = nodes.node("Transpose", embedded, perm=[1, 0, 2])
    is_real = nodes.node("Cast", add_is_real(nodes, chars), to=TensorProto.INT32)
    counts = nodes.node("ReduceSum", is_real, axes(nodes, 1), keepdims=0)
    # Some runtimes refuse sequences of length 0. So padding is read as one character, and its states become 0.
    one = nodes.constant("one", np.array(1, np.int32))
    lengths = nodes.node("Max", counts, one)
    cell_weights = add_cells(nodes, "character_bilstm", cells)
    units = len(cells[1].numbers)
    states = nodes.last_output(  # (2, U, H)
        "LSTM",
        embedded,
        *cell_weights,
        lengths,
        skipped=1,
        hidden_size=units,
        direction="bidirectional",
    )
    by_word = nodes.node("Transpose", states, perm=[1, 0, 2])
    joined = nodes.node("Reshape", by_word, joined_axes(nodes, 1, 2 * units))
    has_characters = nodes.node("Cast", nodes.node("Min", counts, one), to=TensorProto.FLOAT)
    return nodes.node("Mul", joined, nodes.node("Unsqueeze", has_characters, axes(nodes, 1)))


def add_is_real(nodes: OnnxNodes, chars: str) -> str:
    """Bool (U, W): False on padding."""
    return nodes.node("Cast", chars, to=TensorProto.BOOL)


def axes(nodes: OnnxNodes, *numbers: int) -> str:
    """A list of axes, as an input of a node."""
    return nodes.constant(f"axes_{'_'.join(map(str, numbers))}", np.array(numbers, np.int64))


def joined_axes(nodes: OnnxNodes, kept: int, size: int) -> str:
    """The shape that keeps the first axes and joins all others into one of this size."""
    return nodes.constant(f"shape_{kept}_{size}", np.array([0] * kept + [size], np.int64))
