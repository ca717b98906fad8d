"""The classic recipe and the machine's matrix products in a process of their own.

seqlab shares out TensorFlow's threads in a way of its own; what it is compared with runs as TensorFlow
comes, and waits while seqlab has its turn.
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
    """Of a sentence what travels between processes."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


class Apart:
    """Begun before seqlab imports TensorFlow, so that it inherits nothing of seqlab's threads.

    train: every training sentence. tagged: what is tagged. sample: sentences in the classic epoch.
    """

    def __init__(self, train: Sequence[Any], tagged: Sequence[Any], *, sample: int) -> None:
        self.process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self.call(
            begin, *([Text(s.tokens, s.tags) for s in part] for part in (train, tagged)), sample
        )

    def call(self, function: Any, *arguments: Any) -> Any:
        """What a function of this module gives there."""
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
    """Real tokens a second of one classic epoch."""
    return float(CHILD["classic"].train())


def tag() -> float:
    """Real tokens a second of classic tagging."""
    return float(CHILD["classic"].tag(CHILD["padded"]))


def rate(size: int) -> float:
    """Operations a second of matrix products."""
    return product_rate(size=size)
