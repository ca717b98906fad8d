"""Sentences in and what is written of them out, in order, as they come, in flat memory."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Self

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.streaming.workers import Workers
from seqlab.streaming.writer import Writer, Written
from seqlab.tagging.tagger import CHUNK

TOKENS = 32  # a sentence of a chunk, on average and at most: lines may be as long as books
ENOUGH = 100_000  # tokens, tagged while as many as fit a chunk waited: workers pay from here on
PATIENCE = 0.05  # seconds that a chunk for workers may wait to be filled
TELLING = 20  # values of which some must be known, where the column is the right one


class ReadyChunks:
    """The sentences in lists of at most `limit`: what has arrived by now, not waiting to fill one.

    A thread reads ahead by at most two lists. Its error is raised here, after what came before it.
    A list has no more than `TOKENS` times `limit` tokens before its last sentence.
    patience: seconds that a list may wait to be filled after all; None waits until it is full, so that the
    lists of a file are the same each time, and so are the scores, to the last bit.
    full: whether the last list was, so that there is more where it came from.
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
        """Read ahead; None or an error marks the end."""
        put, waiting, most = self.arrived.put, self.arrived.qsize, 2 * self.limit
        try:
            for sentence in sentences:
                put(sentence)
                while waiting() >= most:
                    self.taken.clear()
                    if waiting() >= most:  # nothing has been taken just before it was cleared
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
        """What has arrived, waiting for the first sentence alone unless there is patience; none at the end."""
        chunk: list[Sentence] = []
        tokens, self.full, most = 0, False, TOKENS * self.limit
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


def refuse_other_columns(encoder: Encoder, sentences: Sequence[Sentence]) -> None:
    """Raise UserError where no value of a feature occurs in training: another column is read for it."""
    for name, vocabulary in encoder.feature_columns.items():
        values = [value for s in sentences for value in s.features.get(name, ())]
        if len(values) >= TELLING and not any(value in vocabulary for value in values):
            raise UserError(
                f"{sentences[0].source}: none of the {len(values)} values of feature {name!r} occurs in "
                f"training, {values[0]!r} for one; expected another column: --feature-columns "
                f"{name}=COLUMN says which"
            )


def write_stream(
    writer: Writer, chunks: ReadyChunks, *, begin: Callable[[], Workers] | None = None
) -> Generator[Written, None, None]:
    """What is to be written of what has arrived, in order; then of what has arrived meanwhile.

    begin: starts worker processes; None for none. They are started when `ENOUGH` has been tagged here of an
    input that is there faster than it is tagged, and this process tags on until they are ready: whoever writes
    a line and waits for the answer never waits for a process.
    """
    workers, tokens = None, 0
    try:
        for number, chunk in enumerate(chunks):
            if number == 0:
                refuse_other_columns(writer.tagger.encoder, chunk)
            yield writer.write(chunk)
            tokens = tokens + sum(map(len, chunk)) if chunks.full else 0
            if begin is not None and tokens >= ENOUGH:
                with suppress(OSError):  # no process can be started: it works without
                    workers = begin()
                begin = None
            if workers is not None and workers.ready.is_set():
                if chunks.patience is not None:
                    chunks.patience = PATIENCE
                writer.tagger.scorer.spelling_cache.clear()  # the memory is theirs
                yield from workers.write(chunks)
    finally:
        if workers is not None:
            workers.close()
