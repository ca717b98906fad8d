"""One BLAS thread for the products of a batch.

They are small: a second thread spends what it saves on waiting, in a loop that takes a core from other work. One
thread also keeps the numbers the same: BLAS sums in another order when it divides a product between threads.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController


class SharedLimit:
    """The limit is the whole process's: who comes first sets it, and who leaves last takes it back."""

    def __init__(self) -> None:
        self.libraries = (
            ThreadpoolController()
        )  # looking for them takes far longer than to set a limit
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget who is using it: in a forked process they are not here."""
        self.lock, self.users = Lock(), 0
        self.limits: Any = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """BLAS keeps to one thread meanwhile."""
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
    os.register_at_fork(after_in_child=ONE_THREAD.begin_anew)
