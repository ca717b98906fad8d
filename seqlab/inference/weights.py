"""The weights of a network as named arrays, and their file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.arrays import AnyArray, FloatArray

NetworkWeights = Mapping[str, FloatArray]
"""By 'layer name/number', the weights of each layer in Keras' order."""


def network_weights(
    network: Any, copied: Callable[[Any], FloatArray] = lambda variable: variable.numpy()
) -> NetworkWeights:
    """The weights of a `keras.Model`. copied: copies a variable's numbers into an array."""
    return {
        f"{layer.name}/{number}": copied(variable)
        for layer in network.layers
        for number, variable in enumerate(layer.weights)
    }


def set_network_weights(network: Any, weights: NetworkWeights) -> None:
    """Give weights to a `keras.Model` with the same layers.

    Raises ValueError if a layer needs weights of other names or shapes.
    """
    for layer in network.layers:
        expected = [value.shape for value in layer.get_weights()]
        values = [weights.get(f"{layer.name}/{number}") for number in range(len(expected))]
        shapes = [None if value is None else value.shape for value in values]
        if shapes != expected:
            raise ValueError(f"layer {layer.name!r} needs weights of {expected}, but has {shapes}")
        layer.set_weights(values)


def write_weights(path: Path, weights: Mapping[str, AnyArray]) -> None:
    """Write weights as an uncompressed `.npz`, float32 or packed."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **weights)
