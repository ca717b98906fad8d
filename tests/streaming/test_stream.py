import threading
import time

import pytest

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError
from seqlab.streaming import stream
from seqlab.streaming.output import OutputOptions
from seqlab.streaming.stream import ChunkReader, write_stream
from seqlab.streaming.writer import OutputText, TagWriter
from tests import tiny

pytestmark = tiny.KERAS_NOISE


def numbered(count):
    return [Sentence(tokens=(f"w{number}",)) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 23])
def test_chunks_are_all_sentences_in_order(count):
    given = numbered(count)
    chunks = list(ChunkReader(iter(given), limit=4))
    assert [sentence for chunk in chunks for sentence in chunk] == given
    assert all(1 <= len(chunk) <= 4 for chunk in chunks)


def test_a_chunk_holds_what_has_arrived_and_waits_for_no_more():
    more = threading.Event()

    def slow():
        yield from numbered(3)
        assert more.wait(30)
        yield from numbered(2)

    chunks = ChunkReader(slow())
    first = []
    while len(first) < 3:
        first += next(chunks)  # would wait for ever if it waited for a full chunk
    assert first == numbered(3)
    more.set()
    assert [sentence for chunk in chunks for sentence in chunk] == numbered(2)


def test_an_error_comes_after_what_came_before_it():
    def broken():
        yield from numbered(10)
        raise CorpusError("bad line", path="in", line=11)

    seen = []
    chunks = ChunkReader(broken(), limit=4)
    with pytest.raises(CorpusError, match="in:11: bad line"):
        seen.extend(sentence for chunk in chunks for sentence in chunk)
    assert seen == numbered(10)


def test_the_reader_never_runs_far_ahead():
    taken = []

    def source():
        for sentence in numbered(1_000):
            taken.append(sentence)
            yield sentence

    chunks = ChunkReader(source(), limit=5)
    next(chunks)
    time.sleep(0.2)  # all the time in the world for the reading thread
    assert len(taken) <= 5 + 2 * 5 + 2  # given, in the queue, in the hand


def test_the_reader_does_not_run_ahead_in_long_texts():
    taken = []

    def source():
        for number in range(50):
            taken.append(number)
            yield AnnotatedText(text="word " * 1000)  # about as many tokens

    chunks = ChunkReader(source(), limit=100)  # a list is full at 3,200 tokens
    assert len(next(chunks)) <= 4
    time.sleep(0.2)
    assert len(taken) <= 4 + 7 + 2  # given, two lists in the queue, in the hand
    assert sum(map(len, chunks)) + 4 >= 50


def test_a_chunk_ends_after_so_many_tokens(monkeypatch):
    monkeypatch.setattr(stream, "TOKENS_PER_SENTENCE", 2)
    given = [Sentence(tokens=("w",) * length) for length in (1, 1, 30, 3, 4, 5, 1)]
    chunks = list(ChunkReader(iter(given), limit=4, patience=10))
    assert [[len(sentence) for sentence in chunk] for chunk in chunks] == [
        [1, 1, 30],
        [3, 4, 5],
        [1],
    ]


def test_with_patience_a_chunk_waits_to_be_filled_but_not_for_long():
    def slow():
        for sentence in numbered(6):
            time.sleep(0.02)
            yield sentence
        time.sleep(1)
        yield from numbered(1)

    assert [len(chunk) for chunk in ChunkReader(slow(), limit=3, patience=0.7)] == [3, 3, 1]


def test_full_says_that_more_is_waiting():
    chunks = ChunkReader(iter(numbered(7)), limit=3, patience=10)
    assert [(len(chunk), chunks.full) for chunk in chunks] == [(3, True), (3, True), (1, False)]


@pytest.fixture
def writer(span_run):
    return TagWriter(tagger=span_run.tagger, options=OutputOptions(format="conll"))


GIVEN = [Sentence(tokens=("Ada", "Stone", "saw", "Oslo")[: n % 5]) for n in range(30)]


def test_what_is_written_is_all_in_order(writer):
    written = list(write_stream(writer, ChunkReader(iter(GIVEN), limit=7)))
    assert b"".join(text for text, _ in written) == writer.write(GIVEN).text


class Fake:
    """A pool that records its chunks instead of tagging them."""

    def __init__(self, *, ready=True):
        self.ready, self.closed, self.given = threading.Event(), False, []
        if ready:
            self.ready.set()

    def write(self, chunks):
        for chunk in chunks:
            self.given += chunk
            yield OutputText(b"worker\n")

    def close(self):
        self.closed = True


def begun(writer, workers, *, enough, monkeypatch, limit=5):
    """How often a pool was started, and the output."""
    monkeypatch.setattr(stream, "TOKENS_BEFORE_WORKERS", enough)
    begins = []
    chunks = ChunkReader(iter(GIVEN), limit=limit, patience=10)
    written = write_stream(writer, chunks, start_pool=lambda: begins.append(1) or workers)
    found = list(written)
    return len(begins), found


def test_workers_take_over_after_enough_tokens(writer, monkeypatch):
    workers = Fake()
    count, written = begun(writer, workers, enough=15, monkeypatch=monkeypatch)
    assert count == 1
    assert workers.given == GIVEN[10:]  # ten tokens a chunk
    assert [text == b"worker\n" for text, _ in written] == [False] * 2 + [True] * 4
    assert workers.closed
    assert writer.tagger.scorer.spelling_cache.row_of == {}  # the memory is theirs


def test_this_process_tags_until_the_workers_are_ready(writer, monkeypatch):
    workers = Fake(ready=False)
    _, written = begun(writer, workers, enough=15, monkeypatch=monkeypatch)
    assert b"".join(text for text, _ in written) == writer.write(GIVEN).text
    assert workers.closed


def test_an_input_that_arrives_slowly_starts_no_workers(writer, monkeypatch):
    workers = Fake()
    _, written = begun(writer, workers, enough=1, monkeypatch=monkeypatch, limit=1000)
    assert (workers.given, workers.closed, len(written)) == ([], False, 1)


def test_tagging_goes_on_if_no_process_can_be_started(writer, monkeypatch):
    monkeypatch.setattr(stream, "TOKENS_BEFORE_WORKERS", 1)

    def begin():
        raise BlockingIOError

    written = list(write_stream(writer, ChunkReader(iter(GIVEN), limit=3), start_pool=begin))
    assert b"".join(text for text, _ in written) == writer.write(GIVEN).text
