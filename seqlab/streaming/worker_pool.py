"""Tagging in several processes, each on one core: chunks of sentences or raw texts go out, text comes back, in order.

Threads would wait for each other at the interpreter's lock.
"""

import marshal
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any

from seqlab.annotations.annotated_text import NO_METADATA, AnnotatedText
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.errors import RunError, UserError
from seqlab.machine.interrupts import end_after, interrupts_blocked
from seqlab.machine.threads import BLAS_VARIABLES
from seqlab.storing.run_files import manifest_sha256
from seqlab.storing.save_and_load import load_run
from seqlab.streaming.output import OutputOptions
from seqlab.streaming.writer import OutputText, StreamItem, TagWriter
from seqlab.text.cutting import TokenOffsets

CHUNKS_PER_WORKER = 2  # waiting, being tagged, or tagged and waiting for earlier chunks
# PYTHONSAFEPATH: a worker imports nothing from the working directory. PYTHONWARNINGS: multiprocessing's own helper
# process ends last, and would warn about the semaphores of a process that was killed.
ENVIRONMENT = dict.fromkeys(BLAS_VARIABLES, "1")
ENVIRONMENT |= {"PYTHONSAFEPATH": "1", "PYTHONWARNINGS": "ignore"}

PendingText = Future[OutputText]


@dataclass(frozen=True, kw_only=True)
class WorkerTask:
    """The task of a worker. manifest: the sha256 of the run's manifest when this process loaded the run."""

    run: str
    manifest: str
    options: OutputOptions


class WorkerPool:
    """Processes that start to load the run at once. `ready` is set when one of them has.

    writer: does the same in this process, for chunks that cannot be sent.
    Raises OSError if a process cannot be started.
    """

    def __init__(self, task: WorkerTask, count: int, *, writer: TagWriter) -> None:
        self.writer, self.count, self.ready = writer, count, Event()
        self.processes: list[BaseProcess] = []
        before = active_children()
        with isolated_start():
            self.executor = ProcessPoolExecutor(
                count, mp_context=get_context("spawn"), initializer=start_worker, initargs=(task,)
            )
            try:
                # Only now: the executor has started multiprocessing's helper, which unblocks Ctrl-C.
                with interrupts_blocked():
                    # The executor starts a process for a call if no process is idle.
                    while len(self.processes) < count:
                        loaded = self.executor.submit(int)
                        loaded.add_done_callback(lambda _: self.ready.set())
                        self.processes = [p for p in active_children() if p not in before]
            except (OSError, BrokenProcessPool) as error:
                self.close()
                raise OSError("worker processes cannot be started") from error

    def write(self, chunks: Iterable[list[StreamItem]]) -> Iterator[OutputText]:
        """The text of each chunk, in order, as soon as it is there.

        No more than `CHUNKS_PER_WORKER` chunks per worker are read ahead. An error of the reader is raised after
        the text of all chunks before it. Raises UserError when a worker has ended.
        """
        texts: Queue[PendingText | BaseException | None] = Queue(CHUNKS_PER_WORKER * self.count)
        Thread(target=self.submit, args=(chunks, texts), daemon=True).start()
        while (text := texts.get()) is not None:
            if isinstance(text, BaseException):
                raise text
            try:
                yield text.result()
            except BrokenProcessPool:
                raise UserError(
                    "a worker process was killed, as happens when memory runs out; "
                    "--workers 1 tags without any"
                ) from None

    def submit(
        self, chunks: Iterable[list[StreamItem]], texts: "Queue[PendingText | BaseException | None]"
    ) -> None:
        """Submit chunks while there is room for their text. None or an error marks the end."""
        try:
            for chunk in chunks:
                texts.put(self.submit_chunk(chunk))
            texts.put(None)
        except BaseException as error:
            texts.put(error)

    def submit_chunk(self, chunk: list[StreamItem]) -> PendingText:
        """Submit one chunk; tag it here if its metadata is nested too deeply to be sent."""
        try:
            return self.executor.submit(write_packed, packed_items(chunk))
        except ValueError:
            text = PendingText()
            text.set_result(self.writer.write(chunk))
            return text

    def close(self) -> None:
        """Kill the processes, whatever they are doing."""
        for process in self.processes:
            process.kill()
        self.executor.shutdown(cancel_futures=True)


@contextmanager
def isolated_start() -> Iterator[None]:
    """Within the block, processes start with `ENVIRONMENT` and do not import the main module.

    multiprocessing imports the main module otherwise. Importing the parser of the command line takes longer than
    loading a run.
    """
    main, before = vars(sys.modules["__main__"]), dict(os.environ)
    hidden: dict[str, Any] = {name: main[name] for name in ("__spec__", "__file__") if name in main}
    main.update(dict.fromkeys(hidden))
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        main.update(hidden)
        for name in ENVIRONMENT:
            del os.environ[name]
        os.environ.update(before)


class WorkerState:
    """The state of a worker process: its writer, or the reason why it has none."""

    writer: TagWriter
    error: str | None = None


def start_worker(task: WorkerTask) -> None:
    """Load the run, in a worker process."""
    parent = parent_process()
    if parent is not None:
        end_after(parent.join, code=1)
    os.dup2(2, 1)  # nothing that a library prints may mix with the output
    try:
        tagger = load_run(task.run)
        if manifest_sha256(Path(task.run)) != task.manifest:
            raise RunError(f"{task.run}: has been replaced while it was being used; tag again")
        WorkerState.writer = TagWriter(tagger=tagger, options=task.options)
    except UserError as error:
        WorkerState.error = str(error)


def write_packed(packed: bytes) -> OutputText:
    """The text of a chunk, in a worker process."""
    if WorkerState.error is not None:
        return OutputText(b"", WorkerState.error)
    try:
        return WorkerState.writer.write(unpacked_items(packed))
    except MemoryError:
        return OutputText(b"", "a worker process has no memory left; --workers 1 takes less")


def packed_items(items: Iterable[StreamItem]) -> bytes:
    """Sentences, without their tags, and raw texts as bytes. `marshal` takes a third of the time of pickle or JSON.

    Raises ValueError for metadata that is nested too deeply.
    """
    return marshal.dumps(
        [packed_text(i) if isinstance(i, AnnotatedText) else packed_sentence(i) for i in items]
    )


def packed_sentence(s: Sentence) -> tuple[Any, ...]:
    """What a worker needs of a sentence."""
    columns = dict(s.features), dict(s.numbers)
    return (s.tokens, s.weight, s.token_weights, *columns, dict(s.metadata), s.source)


def packed_text(document: AnnotatedText) -> tuple[Any, ...]:
    """What a worker needs of a raw text."""
    cut = document.sentences  # marshal takes no named tuples
    return (
        document.text,
        None if cut is None else [(tuple(o.starts), tuple(o.ends)) for o in cut],
        dict(document.metadata),
        document.source,
        document.name,
    )


def unpacked_items(packed: bytes) -> list[StreamItem]:
    """The inverse of `packed_items`. The bytes come from this program, so marshal is safe here."""
    rows = marshal.loads(packed)  # noqa: S302
    return [(unpacked_text if isinstance(row[0], str) else unpacked_sentence)(*row) for row in rows]


def unpacked_sentence(
    tokens: Any,
    weight: Any,
    token_weights: Any,
    features: Any,
    numbers: Any,
    metadata: Any,
    source: str,
) -> StreamItem:
    """The inverse of `packed_sentence`."""
    return Sentence(
        tokens=tokens,
        weight=weight,
        token_weights=token_weights,
        features=features or NOTHING,
        numbers=numbers or NOTHING,
        metadata=metadata or NOTHING,
        source=source,
    )


def unpacked_text(text: str, cut: Any, metadata: Any, source: str, name: Any) -> StreamItem:
    """The inverse of `packed_text`."""
    return AnnotatedText(
        text=text,
        sentences=None if cut is None else tuple(map(TokenOffsets._make, cut)),
        metadata=metadata or NO_METADATA,
        source=source,
        name=name,
    )
