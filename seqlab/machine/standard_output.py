"""Standard output that loses nothing: all bytes are written, or the command says how far it came.

Python loses output silently in two ways. With `PYTHONUNBUFFERED` a nearly full disk takes the first bytes of a text, and
nobody writes the rest. A pipe that does not block takes what fits.
"""

import io
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from seqlab.machine.terminal import discard_output, print_error

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

WAIT = 1000  # milliseconds until a pipe that is full is tried again, whatever the system says of it


class OutputError(OSError):
    """Standard output cannot be written. `str` says how much of it was."""

    def __str__(self) -> str:
        return str(self.strerror)


class WholeWrites(io.RawIOBase):
    """The bytes of a file descriptor; each write is complete when it returns.

    written, lines: the bytes and line ends that were written.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor
        self.written = self.lines = 0

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write all bytes; wait for a pipe that is full. Raises BrokenPipeError, or OutputError for other reasons."""
        content = bytes(data)
        first = self.written
        while (done := self.written - first) < len(content):
            try:
                count = os.write(self.descriptor, memoryview(content)[done:])
            except BlockingIOError:
                wait_until_writable(self.descriptor)
                continue
            except BrokenPipeError:
                raise
            except OSError as error:
                raise OutputError(error.errno, self.progress(str(error.strerror))) from error
            self.written += count
            self.lines += content.count(b"\n", done, done + count)
        return len(content)

    def progress(self, reason: str) -> str:
        """Why the output ends, and what of it was written."""
        ends = "line" if self.lines == 1 else "lines"
        return f"standard output ends after {self.lines:,} {ends}, {self.written:,} bytes: {reason}"

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self.descriptor

    def isatty(self) -> bool:
        """Return whether a terminal shows the output."""
        return os.isatty(self.descriptor)


def wait_until_writable(descriptor: int) -> None:
    """Wait until a pipe takes bytes again, or its reader has ended."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    poll.poll(WAIT)


@contextmanager
def whole_output() -> Iterator[None]:
    """Within the block, what is printed is written in full; all of it, when the block ends.

    A `sys.stdout` that somebody has replaced stays as it is, and so does that of Windows.
    Raises BrokenPipeError when the reader has ended, and OutputError when bytes cannot be written.
    """
    usual = sys.stdout
    if usual is not sys.__stdout__ or not isinstance(usual, io.TextIOWrapper) or os.name != "posix":
        yield
        return
    usual.flush()
    raw = WholeWrites(usual.fileno())
    sys.stdout = io.TextIOWrapper(
        raw if usual.write_through else io.BufferedWriter(raw),
        encoding=usual.encoding,
        errors=usual.errors,
        line_buffering=usual.line_buffering,
        write_through=usual.write_through,
    )
    try:
        yield
        sys.stdout.flush()
    except (OutputError, BrokenPipeError):
        discard_output(sys.stdout)
        raise
    finally:
        output, sys.stdout = sys.stdout, usual
        finish(output)


def finish(output: TextIO) -> None:
    """Write what an error has left unwritten. If that fails, discard it, so that Python does not try again at exit."""
    try:
        output.flush()
    except OSError:
        discard_output(output)
        output.flush()


def with_whole_output(work: Callable[[], int]) -> int:
    """Do the work of a command. Returns its exit code; 0 when the reader of its output has ended (`| head`).

    When the output cannot be written, prints one line of error and returns 2.
    """
    if sys.stdout is None:  # the next opened file would get its number
        return print_error("standard output is closed; expected a file, a pipe or /dev/null")
    try:
        with whole_output():
            return work()
    except BrokenPipeError:
        return 0
    except OutputError as error:
        return print_error(str(error))
