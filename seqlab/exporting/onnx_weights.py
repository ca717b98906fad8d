"""Weights as constants of a graph: float32, or packed in fewer bytes and unpacked by nodes.

Runtimes unpack constants once, when they load the model. Of a table of vectors they unpack only the rows of a batch.
"""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto

from seqlab.arrays import AnyArray
from seqlab.encoding.packed_vectors import PackedVectors, Vectors, number_type_of, pack_rows
from seqlab.exporting.onnx_nodes import OnnxNodes
from seqlab.inference.forward import Forward
from seqlab.inference.packed_weights import shared_axis, type_of
from seqlab.machine.packed_arrays import NumberType, Packed, pack

BLOCK = 1 << 14  # rows packed at a time

Arrangement = Callable[[AnyArray], AnyArray]
"""Puts the axes of a weight, and those of its scales, into another order."""


def packed_layer(forward: Forward, name: str, number_type: NumberType) -> list[Packed]:
    """The weights of a layer, in Keras' order, packed as a stored run packs them."""
    names = [f"{name}/{number}" for number in range(len(forward.layer(name)))]
    return [
        pack(value, type_of(one, value.ndim, number_type), share=shared_axis(one))
        for one, value in zip(names, forward.layer(name), strict=True)
    ]


def packed_table(vectors: Vectors, number_type: NumberType) -> Packed:
    """A table of vectors; as it is, perhaps mapped, if it has this type."""
    if number_type_of(vectors) == number_type:
        if isinstance(vectors, PackedVectors):
            return Packed(vectors.numbers, vectors.scales)
        return Packed(vectors)
    blocks = [
        pack_rows(vectors, np.arange(start, min(start + BLOCK, len(vectors))), number_type)
        for start in range(0, len(vectors), BLOCK)
    ]
    scales = [block.scales for block in blocks if block.scales is not None]
    numbers = np.concatenate([block.numbers for block in blocks])
    return Packed(numbers, np.concatenate(scales) if scales else None)


def add_weight(
    nodes: OnnxNodes, name: str, packed: Packed, arrange: Arrangement = np.ascontiguousarray
) -> str:
    """A weight as float32."""
    scales = (
        None if packed.scales is None else nodes.constant(f"{name}_scales", arrange(packed.scales))
    )
    return unpacked(nodes, nodes.constant(name, arrange(packed.numbers)), packed, scales)


def add_rows(nodes: OnnxNodes, name: str, packed: Packed, ids: str) -> str:
    """float32 (…, D): rows of a table. ids: int32 (…)."""
    rows = nodes.node("Gather", nodes.constant(name, packed.numbers), ids)
    if packed.scales is None:
        return unpacked(nodes, rows, packed, None)
    scales = nodes.node("Gather", nodes.constant(f"{name}_scales", packed.scales), ids)
    return unpacked(nodes, rows, packed, scales)


def unpacked(nodes: OnnxNodes, numbers: str, packed: Packed, scales: str | None) -> str:
    """Numbers of the type of `packed`, as float32. scales: the tensor of their scales."""
    if packed.numbers.dtype == np.float32:
        return numbers
    as_float = nodes.node("Cast", numbers, to=TensorProto.FLOAT)
    return as_float if scales is None else nodes.node("Mul", as_float, scales)
