"""Adam with one kernel a variable, where Keras' takes some twenty small operations."""

from typing import Any

import keras
import tensorflow as tf

Rates = tuple[Any, Any, Any]
"""The learning rate, and beta_1 and beta_2 to the power of the step's number."""


@keras.saving.register_keras_serializable(package="seqlab")
class FusedAdam(keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015) as Keras computes it, to rounding.

    `amsgrad` is not known to the kernel, nor to this class.
    """

    def _backend_update_step(
        self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any
    ) -> None:
        """Move all variables. What is the same for all of them is computed once."""
        step = tf.cast(self.iterations.value + 1, tf.float32)
        rates = (tf.cast(learning_rate, tf.float32), self.beta_1**step, self.beta_2**step)
        super()._backend_update_step(grads, trainable_variables, rates)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Rates) -> None:
        """Move one variable by its gradient, a tensor."""
        index = self._get_variable_index(variable)
        rate, *powers = (tf.cast(number, variable.dtype) for number in learning_rate)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=powers[0],
            beta2_power=powers[1],
            lr=rate,
            beta1=tf.cast(self.beta_1, variable.dtype),
            beta2=tf.cast(self.beta_2, variable.dtype),
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=tf.cast(gradient, variable.dtype),
        )


def corrected(rates: Rates, dtype: Any) -> Any:
    """The learning rate after the correction of both moments' bias."""
    rate, first, second = (tf.cast(number, dtype) for number in rates)
    return rate * tf.sqrt(1 - second) / (1 - first)
