"""Training and evaluation steps: one global batch, every replica's share, one division, one update.

This is the only file that uses `tf.distribute`. Keras 3's `fit` divides each replica's loss by that replica's
sum of weights. Here every loss is divided by the sum of weights of all replicas, so that two machines train the
same network as one.
"""

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import FloatArray
from seqlab.encoding.batches import Batch
from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.modeling.crf_likelihood import logits_and_losses
from seqlab.modeling.losses import TokenLoss, token_cross_entropy, with_soft_labels
from seqlab.training.deferred_adam import HISTORY, DeferredAdam, distinct_rows
from seqlab.training.split_losses import COLUMNS

StepArrays = tuple[Any, ...]
"""The network's inputs in their order, then tag ids int32 (B, T) and token weights float32 (B, T).

In training with a teacher, soft labels float32 (B, T, C) are the last."""


class Steps:
    """The compiled training and evaluation steps of one network.

    Both take the arrays of a global batch. Both return `sums`, float32 (C + 1, 4); see `class_sums`.

    Args:
        network: from `build_network`, compiled with an optimizer.
        loss: function of tag ids (B, T) and logits (B, T, C) to losses (B, T), 0 on padding.
        clip_norm: largest norm of the gradient of a whole global batch.
        soft: whether training batches have soft labels. Validation never has any.
    """

    def __init__(
        self,
        network: keras.Model,
        *,
        clip_norm: float,
        loss: TokenLoss = token_cross_entropy,
        soft: bool = False,
    ) -> None:
        self.network, self.soft = network, soft
        self.logits_and_losses = logits_and_losses(network, loss)
        self.clip_norm = clip_norm
        self.strategy = tf.distribute.get_strategy()
        self.replicas = self.strategy.num_replicas_in_sync
        self.unsettled_steps = 0  # steps since a deferred optimizer brought all rows up to date
        # The optimizer is built here: variables made inside the traced step would not be replicated.
        network.optimizer.build(network.trainable_variables)
        compiled, signature = partial(tf.function, autograph=False), input_signature(network)
        self.evaluate_step = compiled(self.replica_evaluate, input_signature=signature)
        if soft:
            signature.append(tf.TensorSpec((None, None, network.output_shape[-1]), tf.float32))
        if self.replicas == 1:
            self.train_step = compiled(self.replica_train, input_signature=signature)
        else:
            self.train_step = compiled(self.distributed_train, reduce_retracing=True)

    def arrays(self, batch: Batch, weights: FloatArray) -> StepArrays:
        """The arguments of both steps. weights: float32 (B, T), token weights, 0 on padding."""
        inputs = (batch.inputs[tensor.name] for tensor in self.network.inputs)
        return (*inputs, batch.labels, weights)

    def train_arrays(self, batch: Batch, weights: FloatArray) -> StepArrays:
        """The arguments of `train`: those of both steps, and soft labels if training has any."""
        arrays = self.arrays(batch, weights)
        return (*arrays, batch.soft_labels) if self.soft else arrays

    def train(self, arrays: StepArrays) -> Any:
        """Update the weights once. Returns `sums` from before the update, with dropout."""
        if self.unsettled_steps == HISTORY:
            self.settle()
        self.unsettled_steps += 1
        if self.replicas == 1:
            return self.train_step(*arrays)
        return self.train_step(self.spread(arrays))

    def settle(self) -> None:
        """Bring every weight up to date. Call it before anything but `train` reads the weights."""
        self.unsettled_steps = 0
        if isinstance(self.network.optimizer, DeferredAdam):
            self.network.optimizer.settle()

    def evaluate(self, arrays: StepArrays) -> tuple[Any, Any]:
        """Return the logits, float32 (B, T, C), and `sums`, both without dropout."""
        if self.unsettled_steps:
            self.settle()
        logits, sums = self.evaluate_step(*arrays)
        return logits, sums

    def replica_train(self, *arrays: Any) -> Any:
        """One replica's part of a training step. Returns its `sums`."""
        soft_labels = arrays[-1] if self.soft else None
        *inputs, labels, weights = arrays[:-1] if self.soft else arrays
        variables = self.network.trainable_variables
        self.catch_up(inputs)
        with tf.GradientTape() as tape:
            logits, losses = self.logits_and_losses(list(inputs), labels, True)
            if soft_labels is not None:
                losses = with_soft_labels(losses, logits, soft_labels)
            # Subtle: the divisor is that of the global batch, so gradients of replicas may simply be summed.
            total = self.all_reduce(tf.reduce_sum(weights))
            loss = tf.math.divide_no_nan(tf.reduce_sum(losses * weights), total)
        own = tape.gradient(loss, [variable.value for variable in variables])
        gradients = list(map(self.batch_gradient, own, variables))
        # Gradients are clipped after the sum over replicas: the norm is that of the global batch.
        gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm)
        if self.replicas > 1:  # the optimizer sums over replicas once more
            gradients = [gradient / self.replicas for gradient in gradients]
        self.network.optimizer.apply(gradients, variables)
        return class_sums(labels, losses, weights, self.network.output_shape[-1])

    def replica_evaluate(self, *arrays: Any) -> tuple[Any, Any]:
        """Logits and `sums` of one batch, on one replica."""
        *inputs, labels, weights = arrays
        logits, losses = self.logits_and_losses(list(inputs), labels, False)
        return logits, class_sums(labels, losses, weights, self.network.output_shape[-1])

    def catch_up(self, inputs: list[Any]) -> None:
        """Bring the rows of the word table that a batch reads up to date."""
        optimizer = self.network.optimizer
        if isinstance(optimizer, DeferredAdam) and optimizer.table is not None:
            names = [tensor.name for tensor in self.network.inputs]
            words = tf.reshape(inputs[names.index("words")], [-1])
            # Word dropout can replace any word by the unknown word, so its row is always read.
            optimizer.catch_up(tf.unique(tf.concat([words, [UNKNOWN]], axis=0)).y)

    def batch_gradient(self, gradient: Any, variable: Any) -> Any:
        """A variable's gradient over all replicas: distinct rows for `DeferredAdam`'s table, else a tensor."""
        if variable is getattr(self.network.optimizer, "table", None):
            return distinct_rows(gradient)  # DeferredAdam has one replica only
        return self.all_reduce(tf.convert_to_tensor(gradient))

    def all_reduce(self, value: Any) -> Any:
        """The sum of a value over all replicas."""
        if self.replicas == 1:
            return value
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, value)

    def distributed_train(self, arrays: StepArrays) -> Any:
        """One training step on every replica, each with its share of the batch. Returns the global `sums`."""
        sums = self.strategy.run(self.replica_train, args=arrays)
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, sums, axis=None)

    def spread(self, arrays: StepArrays) -> StepArrays:
        """Deal the rows of each array out to the replicas in turn, after padding to equal shares."""
        missing = -len(arrays[0]) % self.replicas
        padded = [np.pad(a, ((0, missing),) + ((0, 0),) * (a.ndim - 1)) for a in arrays]
        distribute = self.strategy.experimental_distribute_values_from_function
        return tuple(
            distribute(
                lambda context, a=a: tf.constant(
                    a[context.replica_id_in_sync_group :: self.replicas]
                )
            )
            for a in padded
        )


def input_signature(network: keras.Model) -> list[tf.TensorSpec]:
    """The types of a step's arguments, with open shapes: one trace serves all batch sizes and lengths."""
    inputs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]
    labels = tf.TensorSpec((None, None), tf.int32)
    return [*inputs, labels, tf.TensorSpec((None, None), tf.float32)]


def class_sums(labels: Any, losses: Any, weights: Any, classes: int) -> Any:
    """The sums of a batch by tag id, which are added to those of the epoch.

    labels: int32 (B, T), tag ids, 0 is padding. losses, weights: float32 (B, T).
    Returns float32 (C + 1, 4): per tag id the sums of weight * loss, weight, loss and 1 over its tokens.
    """
    columns = tf.stack([losses * weights, weights, losses, tf.ones_like(losses)], axis=-1)
    ids = tf.one_hot(tf.reshape(labels, [-1]), classes + 1)
    return tf.matmul(ids, tf.reshape(columns, [-1, COLUMNS]), transpose_a=True)
