"""The classic recipe and the machine's matrix products in a process of their own.

seqlab sets TensorFlow's threads itself. The classic recipe and the products run with TensorFlow's defaults, and
wait while seqlab runs.
"""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import Any, NamedTuple, Self

from bench.classic import Classic, every_length
from bench.rate import product_rate

CHILD: dict[str, Any] = {}  # what the process holds between calls


class Text(NamedTuple):
    """The part of a sentence that is sent between processes."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


class Apart:
    """A process started before seqlab imports TensorFlow, so that it does not inherit seqlab's threads.

    train: every training sentence. tagged: sentences to tag. sample: sentences in the classic epoch.
    """

    def __init__(self, train: Sequence[Any], tagged: Sequence[Any], *, sample: int) -> None:
        self.process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self.call(
            begin, *([Text(s.tokens, s.tags) for s in part] for part in (train, tagged)), sample
        )

    def call(self, function: Any, *arguments: Any) -> Any:
        """Call a function of this module in the other process and return its result."""
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
    import tensorflow  # noqa: F401 - before keras, and as it comes

    classic = CHILD["classic"] = Classic(train, sample=sample)
    CHILD["padded"] = classic.padded(every_length(tagged, sample))
    classic.tag(CHILD["padded"])


def train() -> float:
    """Train one epoch of the classic recipe. Returns real tokens per second."""
    return float(CHILD["classic"].train())


def tag() -> float:
    """Tag with the classic recipe. Returns real tokens per second."""
    return float(CHILD["classic"].tag(CHILD["padded"]))


def rate(size: int) -> float:
    """The rate of matrix products, in operations per second."""
    return product_rate(size=size)
