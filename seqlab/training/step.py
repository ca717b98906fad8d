"""One step on one global batch: every replica's share, one division, one update.

The only file that talks to `tf.distribute`. Keras 3's `fit` divides by each replica's own sum of
weights; here the loss is divided by the weight sum of all replicas, so that two machines train the
same network as one.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import FloatArray
from seqlab.encoding.batches import Batch
from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.modeling.crf_likelihood import scored_losses
from seqlab.modeling.losses import TokenLoss, token_cross_entropy
from seqlab.modeling.network import WORD_TABLE
from seqlab.training.deferred_adam import HISTORY, DeferredAdam, LazyAdam, distinct_rows
from seqlab.training.epoch_record import COLUMNS

Arrays = tuple[Any, ...]  # the network's inputs, then labels and weights


class Steps:
    """The compiled training and evaluation step of one network.

    Both take the arrays of a global batch and give `sums`, float32 (C + 1, 4), see `sums.py`.

    Args:
        network: as `build_network` gives it, with an optimizer compiled in.
        loss: takes tag ids and scores, gives a loss a token, 0 on padding.
        clip_norm: largest norm of the gradient of a whole global batch.
    """

    def __init__(
        self, network: keras.Model, *, clip_norm: float, loss: TokenLoss = token_cross_entropy
    ) -> None:
        self.network = network
        self.scored_losses = scored_losses(network, loss)
        self.clip_norm = clip_norm
        self.strategy = tf.distribute.get_strategy()
        self.replicas = self.strategy.num_replicas_in_sync
        self.lazy = isinstance(network.optimizer, LazyAdam)
        self.unsettled = 0  # steps since all rows of a deferred optimizer were up to date
        # Built inside the traced step, its variables would be strangers to the other replicas.
        network.optimizer.build(network.trainable_variables)
        signature = input_signature(network)
        self.train_step: Callable[..., Any] = tf.function(
            self.distributed(self.replica_train, self.sum_over_replicas),
            reduce_retracing=True,
            autograph=False,
        )
        self.evaluate_step: Callable[..., Any] = tf.function(
            self.replica_evaluate, input_signature=signature, autograph=False
        )
        if self.replicas == 1:
            self.train_step = tf.function(
                self.replica_train, input_signature=signature, autograph=False
            )

    def arrays(self, batch: Batch, weights: FloatArray) -> Arrays:
        """What the steps take: the network's inputs by name, the labels and the weights."""
        found = batch.inputs
        inputs = (found[tensor.name] for tensor in self.network.inputs)
        return (*inputs, batch.labels, weights)

    def train(self, arrays: Arrays) -> Any:
        """One update of the weights. Returns `sums`, dropout included."""
        if self.unsettled == HISTORY:
            self.settle()
        self.unsettled += 1
        if self.replicas == 1:
            return self.train_step(*arrays)
        return self.train_step(self.spread(arrays))

    def settle(self) -> None:
        """Bring every weight up to date: to be called before they are read otherwise than by `train`."""
        self.unsettled = 0
        if isinstance(self.network.optimizer, DeferredAdam):
            self.network.optimizer.settle()

    def evaluate(self, arrays: Arrays) -> tuple[Any, Any]:
        """float32 (B, T, C), the scores before the softmax; and `sums`, without dropout."""
        if self.unsettled:
            self.settle()
        logits, sums = self.evaluate_step(*arrays)
        return logits, sums

    def replica_train(self, *arrays: Any) -> Any:
        """One replica's part of a training step."""
        *inputs, labels, weights = arrays
        variables = self.network.trainable_variables
        self.catch_up(inputs)
        with tf.GradientTape() as tape:
            _, losses = self.scored_losses(list(inputs), labels, True)
            total = self.all_reduce(tf.reduce_sum(weights))
            loss = tf.math.divide_no_nan(tf.reduce_sum(losses * weights), total)
        found = tape.gradient(loss, [variable.value for variable in variables])
        gradients = [
            self.whole_batch(gradient, in_rows=self.lazy and variable.path.startswith(WORD_TABLE))
            for gradient, variable in zip(found, variables, strict=True)
        ]
        gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm)
        # The optimizer sums over the replicas once more: each hands in its part of the whole.
        parts = [divided(gradient, self.replicas) for gradient in gradients]
        self.network.optimizer.apply(parts, variables)
        return class_sums(labels, losses, weights, self.network.output_shape[-1])

    def replica_evaluate(self, *arrays: Any) -> tuple[Any, Any]:
        """Scores and sums of one batch, on one replica."""
        *inputs, labels, weights = arrays
        logits, losses = self.scored_losses(list(inputs), labels, False)
        return logits, class_sums(labels, losses, weights, self.network.output_shape[-1])

    def catch_up(self, inputs: list[Any]) -> None:
        """Bring the rows that a batch reads up to date; any word may be read as the unknown one."""
        optimizer = self.network.optimizer
        if isinstance(optimizer, DeferredAdam) and optimizer.table is not None:
            names = [tensor.name for tensor in self.network.inputs]
            words = tf.reshape(inputs[names.index("words")], [-1])
            optimizer.catch_up(tf.unique(tf.concat([words, [UNKNOWN]], axis=0)).y)

    def whole_batch(self, gradient: Any, *, in_rows: bool) -> Any:
        """A variable's gradient over all replicas: a tensor, or distinct rows where so wanted."""
        if not in_rows:
            return self.all_reduce(tf.convert_to_tensor(gradient))
        return distinct_rows(self.all_reduce(gradient))

    def all_reduce(self, value: Any) -> Any:
        """The sum of a value over all replicas."""
        if self.replicas == 1:
            return value
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, value)

    def distributed(
        self, replica_step: Callable[..., Any], reduce: Callable[[Any], Any]
    ) -> Callable[[Arrays], Any]:
        """A step that runs on every replica with its share of the batch."""

        def step(arrays: Arrays) -> Any:
            return reduce(self.strategy.run(replica_step, args=arrays))

        return step

    def sum_over_replicas(self, sums: Any) -> Any:
        """The sums of the global batch."""
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, sums, axis=None)

    def spread(self, arrays: Arrays) -> Arrays:
        """Each array dealt out to the replicas row by row, empty rows making the shares equal."""
        missing = -len(arrays[0]) % self.replicas
        padded = [np.pad(a, ((0, missing),) + ((0, 0),) * (a.ndim - 1)) for a in arrays]
        deal = self.strategy.experimental_distribute_values_from_function
        return tuple(
            deal(
                lambda context, a=a: tf.constant(
                    a[context.replica_id_in_sync_group :: self.replicas]
                )
            )
            for a in padded
        )


def divided(gradient: Any, parts: int) -> Any:
    """A gradient, a tensor or rows, divided by a number."""
    if parts == 1:
        return gradient
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(gradient.values / parts, gradient.indices, gradient.dense_shape)
    return gradient / parts


def input_signature(network: keras.Model) -> list[tf.TensorSpec]:
    """Shapes open in sentences and tokens, so that a step is traced once, not once a length."""
    inputs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]
    labels = tf.TensorSpec((None, None), tf.int32)
    return [*inputs, labels, tf.TensorSpec((None, None), tf.float32)]


def class_sums(labels: Any, losses: Any, weights: Any, classes: int) -> Any:
    """float32 (C + 1, 4): what a batch adds to the sums of its epoch, in the order of `sums.py`."""
    columns = tf.stack([losses * weights, weights, losses, tf.ones_like(losses)], axis=-1)
    ids = tf.one_hot(tf.reshape(labels, [-1]), classes + 1)
    return tf.matmul(ids, tf.reshape(columns, [-1, COLUMNS]), transpose_a=True)
