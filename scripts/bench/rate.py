"""The machine's own limit: how fast it multiplies large float32 matrices, with TensorFlow's threads."""

import time
from typing import Any

SIZE = 2048


def product_rate(*, size: int = SIZE, repeats: int = 3) -> float:
    """The rate in operations per second of the fastest of several products of two (size, size) matrices."""
    import tensorflow as tf

    left = tf.random.stateless_uniform((size, size), seed=(1, 2))
    right = tf.random.stateless_uniform((size, size), seed=(3, 4))
    tf.matmul(left, right).numpy()
    return 2 * size**3 / min(product_seconds(left, right) for _ in range(repeats))


def product_seconds(left: Any, right: Any) -> float:
    """The time of one product, until its result is available."""
    import tensorflow as tf

    start = time.perf_counter()
    tf.matmul(left, right)[0, 0].numpy()
    return time.perf_counter() - start
