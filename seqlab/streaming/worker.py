"""A process that tags for another one: `python -m seqlab.streaming.worker`, on standard input and output.

Reads what it is to do (`Order`), loads the run itself and says so; then for each chunk of sentences gives the
bytes that are to be written. It ends when its standard input does, so that it outlives nobody.
"""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from seqlab.errors import RunError, UserError
from seqlab.machine.checksums import file_sha256
from seqlab.storing.run_directory import MANIFEST
from seqlab.storing.save_and_load import load_run
from seqlab.streaming.frames import receive, receive_value, send_value, unpacked_sentences
from seqlab.streaming.writer import Manner, Writer, Written


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker is to do.

    manifest: the sha256 of the run's when it was loaded first.
    """

    run: str
    manifest: str
    manner: Manner

    def to_plain(self) -> dict[str, Any]:
        """As plain types."""
        return asdict(self)

    @classmethod
    def of_plain(cls, found: dict[str, Any]) -> "Order":
        """The order again."""
        return cls(**found | {"manner": Manner(**found["manner"])})


def manifest_of(run: str) -> str:
    """What tells a run from one that has taken its place."""
    return file_sha256(Path(run) / MANIFEST)


def main() -> int:
    """Work until there is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that is served
    orders, answers = FileIO(os.dup(0)), FileIO(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints has no say in what is written
    with suppress(EOFError, BrokenPipeError):  # nobody is served any more
        serve(orders, answers)
    return 0


def serve(orders: FileIO, answers: FileIO) -> None:
    """Load the run, then answer each chunk. Raises EOFError or BrokenPipeError when nobody asks any more."""
    try:
        writer = make_writer(Order.of_plain(receive_value(orders)))
    except UserError as error:
        send_value(answers, str(error))
        return
    send_value(answers, None)
    while (chunk := receive(orders)) is not None:
        send_value(answers, tuple(written(writer, bytes(chunk))))


def make_writer(order: Order) -> Writer:
    """What tags as the order says. Raises RunError when the run is not the one that was meant."""
    tagger = load_run(order.run)
    if manifest_of(order.run) != order.manifest:
        raise RunError(f"{order.run}: has been replaced while it was being used; tag again")
    return Writer(tagger=tagger, manner=order.manner)


def written(writer: Writer, chunk: bytes) -> Written:
    """The answer to a chunk."""
    try:
        return writer.write(unpacked_sentences(chunk))
    except MemoryError:
        return Written(b"", "a worker process has no memory left; --workers 1 takes less")


if __name__ == "__main__":
    sys.exit(main())
