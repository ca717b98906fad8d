"""Interrupts at the right time: they end training, and never spoil what is being saved."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ENDS = [
    getattr(signal, name)
    for name in ("SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # Windows has no SIGHUP
]
HELD = [signal.SIGINT, *ENDS]


@contextmanager
def ends_as_interrupts() -> Iterator[None]:
    """Within it, SIGTERM and a closed terminal end training as Ctrl-C does: the best epoch so far is kept.

    What was not to be heard before (`nohup`) is not heard now.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    heard = [number for number in ENDS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
