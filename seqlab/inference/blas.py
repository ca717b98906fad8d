"""One thread for the products of a batch: they are small, and what a second one saves it spends on waiting.

It waits by turning in a circle, which costs whoever else has work for that core.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from threadpoolctl import threadpool_limits


class SharedLimit:
    """The limit is the whole process's: who comes first sets it, and who leaves last takes it back."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget who is using it: in a forked process they are not here."""
        self.lock, self.users = Lock(), 0
        self.limits: threadpool_limits | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """BLAS keeps to one thread meanwhile."""
        with self.lock:
            self.users += 1
            if self.limits is None:
                self.limits = threadpool_limits(1, "blas")
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if not self.users and self.limits is not None:
                    self.limits.restore_original_limits()
                    self.limits = None


ONE_THREAD = SharedLimit()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=ONE_THREAD.begin_anew)
