"""Run the classic recipe and large matrix products in a separate process.

seqlab sets TensorFlow's threads itself. The classic recipe and the products run with TensorFlow's defaults, and
wait while seqlab runs.
"""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import Any, NamedTuple, Self

from bench.classic import Classic, every_length

SIZE = 2048  # rows and columns of the matrices
CHILD: dict[str, Any] = {}  # kept in the separate process between calls


class Text(NamedTuple):
    """The parts of a sentence that are sent to the separate process."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


class SeparateProcess:
    """A process that does not inherit seqlab's threads. Start it before seqlab imports TensorFlow.

    train: every training sentence. tagged: sentences to tag. sample: number of sentences in an epoch of the classic recipe.
    """

    def __init__(self, train: Sequence[Any], tagged: Sequence[Any], *, sample: int) -> None:
        self.process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self.call(
            begin, *([Text(s.tokens, s.tags) for s in part] for part in (train, tagged)), sample
        )

    def call(self, function: Any, *arguments: Any) -> Any:
        """Call a function of this module in the separate process and return its result."""
        return self.process.submit(function, *arguments).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.process.shutdown()


def begin(train: Sequence[Any], tagged: Sequence[Any], sample: int) -> None:
    """Build the classic recipe and trace both of its graphs."""
    import tensorflow  # noqa: F401 - before keras, with its default threads

    classic = CHILD["classic"] = Classic(train, sample=sample)
    CHILD["padded"] = classic.padded(every_length(tagged, sample))
    classic.tag(CHILD["padded"])


def train() -> float:
    """Train one epoch of the classic recipe. Returns real tokens per second."""
    return float(CHILD["classic"].train())


def tag() -> float:
    """Tag with the classic recipe. Returns real tokens per second."""
    return float(CHILD["classic"].tag(CHILD["padded"]))


def product_rate(size: int) -> float:
    """How fast this machine multiplies two float32 (size, size) matrices: operations per second, best of 3."""
    import tensorflow as tf

    left = tf.random.stateless_uniform((size, size), seed=(1, 2))
    right = tf.random.stateless_uniform((size, size), seed=(3, 4))
    tf.matmul(left, right).numpy()
    return 2 * size**3 / min(product_seconds(left, right) for _ in range(3))


def product_seconds(left: Any, right: Any) -> float:
    """The time of one product, until its result is available."""
    import tensorflow as tf

    start = time.perf_counter()
    tf.matmul(left, right)[0, 0].numpy()
    return time.perf_counter() - start
