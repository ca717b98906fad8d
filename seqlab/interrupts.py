"""Interrupts at the right time: they end training, and never spoil what is being saved."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

HELD = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # Windows has no SIGHUP
]


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Within it, Ctrl-C, SIGTERM and a closed terminal are not heard: a finished training is saved first.

    Outside the main thread nothing is changed, for signals do not arrive there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in HELD}
    for number in before:
        signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interrupts_end_at_once() -> Iterator[None]:
    """Within it, Ctrl-C ends the process with 130 there and then; for work that has nothing to save.

    A KeyboardInterrupt that is raised while TensorFlow's objects are being freed is swallowed by
    Python, and the process would go on waiting for its pipe.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: Any) -> None:
        os.write(2, b"error: interrupted\n")
        os._exit(130)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
