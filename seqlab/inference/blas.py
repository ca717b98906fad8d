"""Limit BLAS to one thread while a batch is scored.

The products are small: a second thread costs as much as it saves, because it waits in a busy loop. One thread also keeps
the numbers the same, because BLAS sums in another order when it splits a product between threads.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

try:
    from threadpoolctl import ThreadpoolController
except ModuleNotFoundError:  # beside an exported tagger
    from seqlab.inference.numpy_blas import NumpyBlas as ThreadpoolController


class SharedLimit:
    """One limit for the whole process: the first user sets it, and the last one removes it."""

    def __init__(self) -> None:
        self.libraries = ThreadpoolController()  # finding them takes far longer than a limit
        self.reset()

    def reset(self) -> None:
        """Forget all users, as in a forked process, where their threads do not exist."""
        self.lock, self.users = Lock(), 0
        self.limits: Any = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Limit BLAS to one thread inside the `with` block."""
        with self.lock:
            self.users += 1
            if self.limits is None:
                self.limits = self.libraries.limit(limits=1, user_api="blas")
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
    os.register_at_fork(after_in_child=ONE_THREAD.reset)
