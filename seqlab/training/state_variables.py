"""The variables of a network and its optimizer that training changes, and how they are copied and assigned by name."""

from collections.abc import Mapping
from typing import Any

import keras

from seqlab.arrays import AnyArray
from seqlab.modeling.variables import assign_variable, copy_variable
from seqlab.training.training_state import NamedArrays


def changing_variables(network: keras.Model) -> dict[str, Any]:
    """The variables that training changes, by name.

    'layer/number' for trainable weights, numbered as in `inference.weights`; 'seed/number' for the random states of
    layers; 'optimizer/number' for the optimizer, whose variables must exist. Weights that are not trainable never change.
    """
    weights = {id(variable) for variable in network.weights}
    seeds = (v for v in network.variables if id(v) not in weights)
    return {
        **trainable_weights(network),
        **{f"seed/{number}": variable for number, variable in enumerate(seeds)},
        **{f"optimizer/{n}": variable for n, variable in enumerate(network.optimizer.variables)},
    }


def trainable_weights(network: keras.Model) -> dict[str, Any]:
    """The trainable weights of a network, by 'layer/number'."""
    return {
        f"{layer.name}/{number}": variable
        for layer in network.layers
        for number, variable in enumerate(layer.weights)
        if variable.trainable
    }


def copy_variables(variables: Mapping[str, Any]) -> NamedArrays:
    """Copies of the values of variables, by name."""
    return {name: copy_variable(variable) for name, variable in variables.items()}


def assign_variables(variables: Mapping[str, Any], values: Mapping[str, AnyArray]) -> None:
    """Give variables their values by name. Raises ValueError when names or shapes differ."""
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    given = {name: value.shape for name, value in values.items()}
    for name in sorted(shapes.keys() | given.keys()):
        if shapes.get(name) != given.get(name):
            raise ValueError(
                f"the network needs {name!r} of shape {shapes.get(name)}, found {given.get(name)}"
            )
    for name, variable in variables.items():
        assign_variable(variable, values[name])
