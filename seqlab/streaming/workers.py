"""Tagging in several processes, each with a core of its own: chunks out, bytes back, in order.

Threads would wait for one another at the interpreter's lock. The processes are plain commands
(`seqlab.streaming.worker`) and not those of `multiprocessing`: that one starts a further process to watch over
them, and imports the user's main module in each. A group of their own keeps Ctrl-C at a terminal from them.
"""

import marshal
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from io import FileIO
from queue import Queue
from signal import Signals
from threading import Event, Thread
from typing import Any, cast

from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.machine.threads import BLAS_VARIABLES
from seqlab.streaming.frames import packed_sentences, receive_value, send
from seqlab.streaming.worker import Order
from seqlab.streaming.writer import Writer, Written

AHEAD = 2  # chunks a worker: waiting, being tagged, or tagged and waiting for those before
COMMAND = (sys.executable, "-m", "seqlab.streaming.worker")
Answer = Future[Written]


class Workers:
    """Processes that begin to load the run at once, and take chunks from when they have.

    order: what they are to do. writer: the same in this process, for what can't be sent.
    Raises OSError where not a single one can be started.
    """

    def __init__(self, order: Order, count: int, *, writer: Writer) -> None:
        self.writer, self.ready = writer, Event()
        self.jobs: Queue[tuple[bytes, Answer] | None] = Queue()
        self.workers = started(count)
        self.threads = [
            Thread(target=self.serve, args=(worker, order), daemon=True) for worker in self.workers
        ]
        for thread in self.threads:
            thread.start()

    def serve(self, worker: "Worker", order: Order) -> None:
        """Hand chunks to one worker until there are no more; whatever goes wrong is told in the answers."""
        fault = worker.greet(order)
        self.ready.set()
        while job := self.jobs.get():
            chunk, answer = job
            try:
                if fault is not None:
                    raise fault
                answer.set_result(worker.write(chunk))
            except UserError as error:
                answer.set_exception(error)

    def write(self, chunks: Iterable[list[Sentence]]) -> Iterator[Written]:
        """What is to be written of each chunk, in order, as soon as it is there.

        Chunks are taken `AHEAD` for each worker and no further. An error of theirs is raised after what came
        before it, and so is the UserError of a worker that has ended.
        """
        answers: Queue[Answer | BaseException | None] = Queue(AHEAD * len(self.workers))
        Thread(target=self.hand_out, args=(chunks, answers), daemon=True).start()
        while (answer := answers.get()) is not None:
            if isinstance(answer, BaseException):
                raise answer
            yield answer.result()

    def hand_out(
        self, chunks: Iterable[list[Sentence]], answers: "Queue[Answer | BaseException | None]"
    ) -> None:
        """Send each chunk on its way when there is room for its answer."""
        try:
            for chunk in chunks:
                answer = Answer()
                answers.put(answer)
                try:
                    self.jobs.put((packed_sentences(chunk), answer))
                except ValueError:
                    answer.set_result(self.writer.write(chunk))
            answers.put(None)
        except BaseException as error:
            answers.put(error)

    def close(self) -> None:
        """End the processes; what they still do is lost."""
        for worker in self.workers:
            worker.process.kill()
            self.jobs.put(None)
        for worker, thread in zip(self.workers, self.threads, strict=True):
            thread.join()
            worker.close()


class Worker:
    """A process that tags, and the pipes to it and from it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.orders, self.answers = cast(FileIO, process.stdin), cast(FileIO, process.stdout)

    def greet(self, order: Order) -> UserError | None:
        """Tell the order, and wait until the run is loaded; what the worker has against it, if anything."""
        try:
            mistake = self.talk(marshal.dumps(order.to_plain()))
        except UserError as error:
            return error
        return None if mistake is None else UserError(mistake)

    def write(self, chunk: bytes) -> Written:
        """What is to be written of a chunk. Raises UserError when the process has ended."""
        return Written(*self.talk(chunk))

    def talk(self, message: bytes) -> Any:
        """Send a message, and wait for the answer. Raises UserError when nobody answers."""
        with suppress(OSError, EOFError):
            send(self.orders, message)
            return receive_value(self.answers)
        raise UserError(f"a worker process {self.how_ended()}; --workers 1 tags without any")

    def how_ended(self) -> str:
        """In what way the process has ended; its pipes are closed, so that it ends soon."""
        code = self.process.wait()
        if code >= 0:
            return f"has ended with exit code {code}"
        name = Signals(-code).name
        reason = ", as happens when memory runs out" if name == "SIGKILL" else ""
        return f"was ended by signal {name}{reason}"

    def close(self) -> None:
        """Take back what it held, once it has ended."""
        self.process.wait()
        self.orders.close()
        self.answers.close()


def started(count: int) -> list[Worker]:
    """So many processes, or as many as can be started. Raises OSError where that is none."""
    found: list[Worker] = []
    pipe, environment = subprocess.PIPE, {**os.environ, **dict.fromkeys(BLAS_VARIABLES, "1")}
    for _ in range(count):
        try:
            process = subprocess.Popen(  # noqa: S603, our own module
                COMMAND, stdin=pipe, stdout=pipe, bufsize=0, env=environment, process_group=0
            )
        except OSError:
            if not found:
                raise
            break
        found.append(Worker(process))
    return found
