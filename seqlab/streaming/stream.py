"""Sentences or raw texts in, text out, in order and as they arrive, in memory that does not grow with the input."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Self

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.streaming.worker_pool import WorkerPool
from seqlab.streaming.writer import OutputText, StreamItem, TagWriter
from seqlab.tagging.tagger import CHUNK

TOKENS_PER_SENTENCE = 32  # largest mean of a chunk, because a single line may be as long as a book
TOKENS_BEFORE_WORKERS = 100_000  # workers pay off from here on, if the input is not waited for
PATIENCE = 0.05  # seconds that workers wait for a chunk to fill
CHARACTERS_PER_TOKEN = 5  # of raw text, with the space after it
MIN_VALUES = 20  # values of a feature; if training has none of this many, the column is wrong


class ChunkReader:
    """Cuts a stream of items into lists of at most `limit`. A list has the items that have arrived.

    Items are sentences and raw texts. A thread reads ahead by at most two lists. Its error is raised here, after
    the items before it. A list with `TOKENS_PER_SENTENCE` times `limit` tokens is full, too; the tokens of a raw text
    are estimated.
    patience: seconds to wait until a list is full. None waits without limit: a file then gives the same lists, and
    so the same scores to the last bit, each time.
    full: whether the last list was full, so that more is waiting.
    """

    def __init__(
        self, items: Iterable[StreamItem], *, limit: int = CHUNK, patience: float | None = 0.0
    ) -> None:
        self.limit, self.patience, self.full = limit, patience, False
        self.arrived: SimpleQueue[StreamItem | BaseException | None] = SimpleQueue()
        self.taken, self.ended = Event(), False
        self.tokens_put = self.tokens_taken = 0
        self.error: BaseException | None = None
        Thread(target=self.read, args=(items,), daemon=True).start()

    def read(self, items: Iterable[StreamItem]) -> None:
        """Read ahead, in the thread. None or an error marks the end."""
        put = self.arrived.put
        try:
            for item in items:
                self.tokens_put += tokens_of(item)
                put(item)
                while self.is_ahead():
                    self.taken.clear()
                    if self.is_ahead():  # nothing was taken just before `taken` was cleared
                        self.taken.wait()
            put(None)
        except BaseException as error:
            self.arrived.put(error)

    def is_ahead(self) -> bool:
        """Whether two lists are waiting."""
        waiting, tokens = self.arrived.qsize(), self.tokens_put - self.tokens_taken
        return waiting >= 2 * self.limit or (
            waiting > 0 and tokens >= 2 * TOKENS_PER_SENTENCE * self.limit
        )

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[StreamItem]:
        chunk = [] if self.ended else self.gather()
        self.taken.set()
        if chunk:
            return chunk
        error, self.error = self.error, None
        if error is not None:
            raise error
        raise StopIteration

    def gather(self) -> list[StreamItem]:
        """Wait for the first item, then as long as `patience` says. Returns an empty list at the end."""
        chunk: list[StreamItem] = []
        tokens, self.full, most = 0, False, TOKENS_PER_SENTENCE * self.limit
        item = self.arrived.get()
        deadline = None if self.patience is None else monotonic() + self.patience
        while isinstance(item, Sentence | AnnotatedText):
            chunk.append(item)
            tokens += tokens_of(item)
            self.tokens_taken += tokens_of(item)
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


def tokens_of(item: StreamItem) -> int:
    """The tokens of a sentence, or about those of a raw text."""
    if isinstance(item, AnnotatedText):
        return len(item.text) // CHARACTERS_PER_TOKEN + 1
    return len(item.tokens)


def check_feature_values(encoder: Encoder, items: Sequence[StreamItem]) -> None:
    """Raise UserError if training has none of a feature's values: the column must be the wrong one."""
    sentences = [item for item in items if isinstance(item, Sentence)]
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
            tokens = tokens + sum(map(tokens_of, chunk)) if chunks.full else 0
            if start_pool is not None and tokens >= TOKENS_BEFORE_WORKERS:
                with suppress(OSError):  # without processes this one tags on
                    pool = start_pool()
                start_pool = None
            if pool is not None and pool.ready.is_set():
                if chunks.patience is not None:
                    chunks.patience = PATIENCE
                writer.tagger.scorer.clear_cache()  # the workers need the memory
                yield from pool.write(chunks)
    finally:
        if pool is not None:
            pool.close()
