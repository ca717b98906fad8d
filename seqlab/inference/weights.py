"""The weights of a network as named arrays, in one file of plain numbers."""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.errors import RunError

NetworkWeights = Mapping[str, FloatArray]


def network_weights(
    network: Any, copied: Callable[[Any], FloatArray] = lambda variable: variable.numpy()
) -> NetworkWeights:
    """The weights of a `keras.Model`, each by its layer's name and its number in the layer.

    copied: how the numbers of a variable are copied.
    """
    return {
        f"{layer.name}/{number}": copied(variable)
        for layer in network.layers
        for number, variable in enumerate(layer.weights)
    }


def set_weights(network: Any, weights: NetworkWeights) -> None:
    """Hand named weights to a `keras.Model` of the same layers.

    Raises ValueError for other names or shapes than the network's.
    """
    for layer in network.layers:
        wanted = [value.shape for value in layer.get_weights()]
        given = [weights.get(f"{layer.name}/{number}") for number in range(len(wanted))]
        shapes = [None if value is None else value.shape for value in given]
        if shapes != wanted:
            raise ValueError(f"layer {layer.name!r} has weights of {wanted}, the file {shapes}")
        layer.set_weights(given)


def write_weights(path: Path, weights: NetworkWeights) -> None:
    """Write weights as an `.npz` of float32 arrays, not compressed."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **weights)


def read_weights(path: Path) -> NetworkWeights:
    """Read what `write_weights` has written. Raises RunError for anything else."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (ValueError, EOFError, MemoryError, zlib.error, zipfile.BadZipFile) as error:
        raise RunError(f"{path}: not readable as weights: {error}") from error
