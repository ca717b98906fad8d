"""What Ctrl-C and other signals do: end training early, wait for a save, or exit at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from seqlab.machine.progress import clearing

# Windows has no SIGHUP.
TERMINATION_SIGNALS = [getattr(signal, n) for n in ("SIGTERM", "SIGHUP") if hasattr(signal, n)]

Handler = Callable[[int, FrameType | None], Any] | signal.Handlers


@contextmanager
def handled_by(handlers: Mapping[int, Handler]) -> Iterator[None]:
    """Install signal handlers within the block. Outside the main thread, which alone gets signals, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Within the block, SIGTERM and a closed terminal raise KeyboardInterrupt, as Ctrl-C does.

    Training then ends early and keeps its best epoch. A signal that is ignored (`nohup`) stays ignored.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    heard = [n for n in TERMINATION_SIGNALS if signal.getsignal(n) is not signal.SIG_IGN]
    with handled_by(dict.fromkeys(heard, interrupt)):
        yield


class StopRequest:
    """Whether a signal has asked the work to stop at the next point where nothing is lost."""

    requested = False


@contextmanager
def signals_as_requests() -> Iterator[StopRequest]:
    """Within the block, the first Ctrl-C, SIGTERM or closed terminal only sets a flag; the second ends the process at once.

    An exception would break into whatever runs, such as TensorFlow building a step, and could leave it half done.
    The exit code is then 130. A signal that is ignored stays ignored.
    """
    stop = StopRequest()

    def request(number: int, frame: FrameType | None) -> None:
        if stop.requested:
            os.write(2, clearing() + b"error: interrupted\n")
            os._exit(130)
        stop.requested = True
        # Not `print`: the signal can come while the process is printing.
        os.write(
            2,
            clearing()
            + b"interrupted: stopping as soon as nothing is lost; a second signal ends at once\n",
        )

    heard = [n for n in TERMINATION_SIGNALS if signal.getsignal(n) is not signal.SIG_IGN]
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        heard.append(signal.SIGINT)
    with handled_by(dict.fromkeys(heard, request)):
        yield stop


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Within the block, Ctrl-C, SIGTERM and a closed terminal do nothing, so that a run is saved whole."""
    with handled_by(dict.fromkeys([signal.SIGINT, *TERMINATION_SIGNALS], signal.SIG_IGN)):
        yield


@contextmanager
def interrupts_exit() -> Iterator[None]:
    """Within the block, Ctrl-C ends the process at once with exit code 130; for work that saves nothing.

    Python swallows a KeyboardInterrupt that is raised while TensorFlow frees its objects. The process would
    then go on waiting for its pipe.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        os.write(2, clearing() + b"error: interrupted\n")
        os._exit(130)

    with handled_by({signal.SIGINT: leave}):
        yield


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Within the block, processes start with Ctrl-C blocked for all their life. Not on Windows."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_after(wait: Callable[[], object], *, code: int) -> None:
    """End this process with an exit code as soon as `wait` returns, such as when its parent has ended."""

    def watch() -> None:
        wait()
        os._exit(code)

    threading.Thread(target=watch, daemon=True).start()
