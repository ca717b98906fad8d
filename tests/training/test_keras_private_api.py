"""The private Keras API that `seqlab.training.deferred_adam` stands on."""

import keras
import numpy as np
import pytest
import tensorflow as tf

RATES = ("learning rate", 0.5)
CHANGED = (
    f"Keras {keras.__version__} changed the private API of optimizers that FusedAdam and DeferredAdam need: {{}}. "
    "Mend seqlab/training/deferred_adam.py, or cap keras below this version in pyproject.toml"
)


class Probe(keras.optimizers.Adam):
    """Passes a tuple as the learning rate, and notes the arguments of `update_step`."""

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        self.noted = []
        super()._backend_update_step(grads, trainable_variables, RATES)

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        moments = self._momentums[index].value, self._velocities[index].value
        handles = [one.handle.shape for one in (variable, *moments)]
        self.noted.append((type(gradient), index, learning_rate, handles, int(self.iterations)))


def change_of_private_api():
    """The first difference from the assumed behaviour; None if there is none."""
    probe = Probe(0.1)
    variables = [keras.Variable(np.zeros((2, 3), np.float32)) for _ in range(2)]
    rows = tf.IndexedSlices(tf.ones([1, 3]), tf.constant([1]), tf.constant([2, 3]))
    try:
        probe.build(variables)
        probe.apply([tf.ones([2, 3]), rows], variables)
    except Exception as error:  # any change of Keras may raise anything
        return f"{type(error).__name__}: {error}"
    (dense, first, *_), (sparse, second, *_) = probe.noted
    if not issubclass(dense, tf.Tensor) or sparse is not tf.IndexedSlices:
        return f"update_step gets gradients of type {dense} and {sparse}"
    if (first, second) != (0, 1):
        return f"_get_variable_index gives {first} and {second} for the first two variables"
    if any(rates != RATES for _, _, rates, *_ in probe.noted):
        return "update_step gets another learning rate than _backend_update_step handed on"
    if any(iterations != 0 for *_, iterations in probe.noted):
        return "iterations counts a step before its updates"
    return None


def test_keras_private_api_is_as_deferred_adam_needs_it():
    change = change_of_private_api()
    if change is not None:
        pytest.fail(CHANGED.format(change), pytrace=False)


def test_a_change_of_it_is_named(monkeypatch):
    def with_scalar_rate(self, grads, variables, learning_rate):
        for gradient, variable in zip(grads, variables, strict=True):
            self.update_step(gradient, variable.value, learning_rate[1])

    monkeypatch.setattr(
        keras.optimizers.Adam, "_backend_update_step", with_scalar_rate, raising=False
    )
    change = "update_step gets another learning rate than _backend_update_step handed on"
    assert change_of_private_api() == change
