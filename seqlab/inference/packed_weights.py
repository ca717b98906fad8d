"""The weights of a network in fewer bytes: which of them are packed, and what shares a scale."""

from collections.abc import Mapping

from seqlab.arrays import AnyArray
from seqlab.errors import UserError
from seqlab.inference.weights import NetworkWeights
from seqlab.machine.packed_arrays import (
    Axis,
    NumberType,
    Packed,
    pack,
    scales_shape,
    unpack,
)

SCALE = "/scale"  # behind the name of a weight: the name of its scales
OUTPUT_LAYERS = ("emissions/", "logits/")
Shapes = Mapping[str, tuple[int, ...]]
"""By name, the shape of each weight of a network."""


def type_of(name: str, dimensions: int, number_type: NumberType) -> NumberType:
    """How a weight is stored.

    Biases and the output layer stay float32. They take few bytes, and a CRF may hold scores that float16 cannot.
    """
    exact = dimensions < 2 or name.startswith(OUTPUT_LAYERS)
    return "float32" if exact else number_type


def shared_axis(name: str) -> Axis:
    """What shares a scale: a symbol's row in an embedding, else the inputs of one unit."""
    return "row" if name == "characters/0" or name.endswith("_embedding/0") else "column"


def pack_weights(weights: NetworkWeights, number_type: NumberType) -> dict[str, AnyArray]:
    """The arrays of the file of weights, by name. Raises UserError for a weight that float16 cannot hold."""
    arrays: dict[str, AnyArray] = {}
    for name, value in weights.items():
        try:
            packed = pack(value, type_of(name, value.ndim, number_type), share=shared_axis(name))
        except ValueError as error:
            raise UserError(f"weight {name!r} {error}") from error
        arrays[name] = packed.numbers
        if packed.scales is not None:
            arrays[name + SCALE] = packed.scales
    return arrays


def packed_shapes(
    shapes: Shapes, number_type: NumberType
) -> dict[str, tuple[tuple[int, ...], str]]:
    """The shape and type of each array in a file of packed weights, by name."""
    arrays: dict[str, tuple[tuple[int, ...], str]] = {}
    for name, shape in shapes.items():
        stored = type_of(name, len(shape), number_type)
        arrays[name] = (shape, stored)
        if stored == "int8":
            arrays[name + SCALE] = (scales_shape(shape, shared_axis(name)), "float32")
    return arrays


def unpack_weights(arrays: Mapping[str, AnyArray]) -> NetworkWeights:
    """The weights, float32, of the arrays that `pack_weights` gave."""
    return {
        name: unpack(Packed(numbers, arrays.get(name + SCALE)))
        for name, numbers in arrays.items()
        if not name.endswith(SCALE)
    }
