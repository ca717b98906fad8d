"""Sentences in and tagged sentences out, in order, as they come, in flat memory."""

from collections.abc import Iterable, Iterator
from queue import Empty, Queue
from threading import Thread

from seqlab.corpus.sentence import Sentence
from seqlab.tagging.tagger import CHUNK, Prediction, Tagger

Tagged = tuple[Sentence, Prediction]


def ready_chunks(sentences: Iterable[Sentence], *, limit: int = CHUNK) -> Iterator[list[Sentence]]:
    """The sentences in lists of at most `limit`: what has arrived by now, never waiting to fill one.

    A thread reads ahead by at most two lists. Its error is raised here, after what came before it.
    """
    arrived: Queue[Sentence | BaseException | None] = Queue(maxsize=2 * limit)

    def read() -> None:
        try:
            for sentence in sentences:
                arrived.put(sentence)
            arrived.put(None)
        except BaseException as error:
            arrived.put(error)

    Thread(target=read, daemon=True).start()
    last: BaseException | None = None
    open_ = True
    while open_:
        chunk: list[Sentence] = []
        item = arrived.get()
        while True:
            if not isinstance(item, Sentence):
                open_, last = False, item
                break
            chunk.append(item)
            if len(chunk) == limit:
                break
            try:
                item = arrived.get_nowait()
            except Empty:
                break
        if chunk:
            yield chunk
    if last is not None:
        raise last


def tag_stream(tagger: Tagger, sentences: Iterable[Sentence]) -> Iterator[list[Tagged]]:
    """Tag what has arrived, give it in order, and go back for more; no sentence waits for others."""
    for chunk in ready_chunks(sentences):
        yield list(zip(chunk, tagger.predict_chunk(chunk), strict=True))
