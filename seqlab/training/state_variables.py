"""The variables of a network and its optimizer that training changes, and how they are copied and assigned by name."""

from collections.abc import Mapping
from typing import Any

import keras

from seqlab.arrays import AnyArray
from seqlab.machine.array_files import ArraySpec
from seqlab.modeling.variables import assign_variable, copy_variable
from seqlab.training.split_losses import COLUMNS
from seqlab.training.training_state import NamedArrays, random_states


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
    return {name: v for name, v in named_weights(network).items() if v.trainable}


def named_weights(network: keras.Model) -> dict[str, Any]:
    """All weights of a network, by 'layer/number', in the order of `network.weights`."""
    return {
        f"{layer.name}/{number}": variable
        for layer in network.layers
        for number, variable in enumerate(layer.weights)
    }


def state_specs(network: keras.Model) -> dict[str, dict[str, ArraySpec]]:
    """The shape and type of each array in a `TrainingState` of a network, by part and name."""
    optimizer = enumerate(optimizer_state(network))
    return {
        "now": {name: spec_of(v) for name, v in changing_variables(network).items()},
        "best": {name: spec_of(v) for name, v in named_weights(network).items()},
        "best-optimizer": {str(number): spec_of(variable) for number, variable in optimizer},
        "random": {name: array_spec(value) for name, value in random_states().items()},
        "epoch": {"sums": ArraySpec((network.output_shape[-1] + 1, COLUMNS), "float64")},
    }


def spec_of(variable: Any) -> ArraySpec:
    """The shape and type of a variable."""
    return ArraySpec(tuple(variable.shape), str(variable.dtype))


def array_spec(array: AnyArray) -> ArraySpec:
    """The shape and type of an array."""
    return ArraySpec(array.shape, array.dtype.name)


def optimizer_state(network: keras.Model) -> list[Any]:
    """The optimizer's variables without its learning rate, which callbacks control."""
    return [v for v in network.optimizer.variables if not v.path.endswith("learning_rate")]


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
