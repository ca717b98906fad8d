"""Sentences in, text out, in order and as they arrive, in memory that does not grow with the input."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Self

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.streaming.worker_pool import WorkerPool
from seqlab.streaming.writer import OutputText, TagWriter
from seqlab.tagging.tagger import CHUNK

TOKENS_PER_SENTENCE = 32  # largest mean of a chunk, because a single line may be as long as a book
TOKENS_BEFORE_WORKERS = 100_000  # workers pay off from here on, if the input is not waited for
PATIENCE = 0.05  # seconds that workers wait for a chunk to fill
MIN_VALUES = 20  # values of a feature; if training has none of this many, the column is wrong


class ChunkReader:
    """Cuts a stream of sentences into lists of at most `limit`. A list has the sentences that have arrived.

    A thread reads ahead by at most two lists. Its error is raised here, after the sentences before it.
    A list with `TOKENS_PER_SENTENCE` times `limit` tokens is full, too.
    patience: seconds to wait until a list is full. None waits without limit: a file then gives the same lists, and
    so the same scores to the last bit, each time.
    full: whether the last list was full, so that more is waiting.
    """

    def __init__(
        self, sentences: Iterable[Sentence], *, limit: int = CHUNK, patience: float | None = 0.0
    ) -> None:
        self.limit, self.patience, self.full = limit, patience, False
        self.arrived: SimpleQueue[Sentence | BaseException | None] = SimpleQueue()
        self.taken, self.ended = Event(), False
        self.error: BaseException | None = None
        Thread(target=self.read, args=(sentences,), daemon=True).start()

    def read(self, sentences: Iterable[Sentence]) -> None:
        """Read ahead, in the thread. None or an error marks the end."""
        put, waiting, most = self.arrived.put, self.arrived.qsize, 2 * self.limit
        try:
            for sentence in sentences:
                put(sentence)
                while waiting() >= most:
                    self.taken.clear()
                    if waiting() >= most:  # nothing was taken just before `taken` was cleared
                        self.taken.wait()
            put(None)
        except BaseException as error:
            self.arrived.put(error)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[Sentence]:
        chunk = [] if self.ended else self.gather()
        self.taken.set()
        if chunk:
            return chunk
        error, self.error = self.error, None
        if error is not None:
            raise error
        raise StopIteration

    def gather(self) -> list[Sentence]:
        """Wait for the first sentence, then as long as `patience` says. Returns an empty list at the end."""
        chunk: list[Sentence] = []
        tokens, self.full, most = 0, False, TOKENS_PER_SENTENCE * self.limit
        item = self.arrived.get()
        deadline = None if self.patience is None else monotonic() + self.patience
        while isinstance(item, Sentence):
            chunk.append(item)
            tokens += len(item.tokens)
            if len(chunk) == self.limit or tokens >= most:
                self.full = True
                return chunk
            try:
                item = self.arrived.get_nowait()
            except Empty:
                self.taken.set()
                try:
                    wait = None if deadline is None else max(0.0, deadline - monotonic())
                    item = self.arrived.get(timeout=wait)
                except Empty:
                    return chunk
        self.ended, self.error = True, item
        return chunk


def check_feature_values(encoder: Encoder, sentences: Sequence[Sentence]) -> None:
    """Raise UserError if training has none of a feature's values: the column must be the wrong one."""
    for name, vocabulary in encoder.feature_columns.items():
        values = [value for s in sentences for value in s.features.get(name, ())]
        if len(values) >= MIN_VALUES and not any(value in vocabulary for value in values):
            raise UserError(
                f"{sentences[0].source}: none of the {len(values)} values of feature {name!r} occurs in "
                f"training, for example {values[0]!r}; give the right column with --feature-columns "
                f"{name}=COLUMN"
            )


def write_stream(
    writer: TagWriter, chunks: ChunkReader, *, start_pool: Callable[[], WorkerPool] | None = None
) -> Generator[OutputText, None, None]:
    """The text of each chunk, in order.

    start_pool: starts worker processes; None tags in this process only. Workers start after
    `TOKENS_BEFORE_WORKERS` tokens of an input that arrives faster than it is tagged. This process tags on until
    they are ready. So nobody who writes one line and waits for the answer waits for a process.
    """
    pool, tokens = None, 0
    try:
        for number, chunk in enumerate(chunks):
            if number == 0:
                check_feature_values(writer.tagger.encoder, chunk)
            yield writer.write(chunk)
            tokens = tokens + sum(map(len, chunk)) if chunks.full else 0
            if start_pool is not None and tokens >= TOKENS_BEFORE_WORKERS:
                with suppress(OSError):  # without processes this one tags on
                    pool = start_pool()
                start_pool = None
            if pool is not None and pool.ready.is_set():
                if chunks.patience is not None:
                    chunks.patience = PATIENCE
                writer.tagger.scorer.spelling_cache.clear()  # the workers need the memory
                yield from pool.write(chunks)
    finally:
        if pool is not None:
            pool.close()
