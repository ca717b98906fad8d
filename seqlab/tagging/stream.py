"""Sentences in and tagged sentences out, in order, as they come, in flat memory."""

from collections.abc import Iterable, Iterator, Sequence
from queue import Empty, Queue
from threading import Thread

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.tagging.tagger import CHUNK, Prediction, Tagger

Tagged = tuple[Sentence, Prediction]
TELLING = 20  # values of which some must be known, where the column is the right one


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


def tag_stream(
    tagger: Tagger, sentences: Iterable[Sentence], *, limit: int = CHUNK
) -> Iterator[list[Tagged]]:
    """Tag what has arrived, give it in order, and go back for more; no sentence waits for others.

    limit: sentences that are given together, at most.
    """
    for number, chunk in enumerate(ready_chunks(sentences, limit=limit)):
        if number == 0:
            refuse_other_columns(tagger.encoder, chunk)
        yield list(zip(chunk, tagger.predict_chunk(chunk), strict=True))
