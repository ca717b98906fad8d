import threading
import time

import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError
from seqlab.tagging.stream import ready_chunks, tag_stream
from tests import tiny

pytestmark = tiny.KERAS_NOISE


def numbered(count):
    return [Sentence(tokens=(f"w{number}",)) for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 23])
def test_chunks_are_all_sentences_in_order(count):
    given = numbered(count)
    chunks = list(ready_chunks(iter(given), limit=4))
    assert [sentence for chunk in chunks for sentence in chunk] == given
    assert all(1 <= len(chunk) <= 4 for chunk in chunks)


def test_a_chunk_holds_what_has_arrived_and_waits_for_no_more():
    more = threading.Event()

    def slow():
        yield from numbered(3)
        assert more.wait(30)
        yield from numbered(2)

    chunks = ready_chunks(slow())
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
    chunks = ready_chunks(broken(), limit=4)
    with pytest.raises(CorpusError, match="in:11: bad line"):
        seen.extend(sentence for chunk in chunks for sentence in chunk)
    assert seen == numbered(10)


def test_the_reader_never_runs_far_ahead():
    taken = []

    def source():
        for sentence in numbered(1_000):
            taken.append(sentence)
            yield sentence

    chunks = ready_chunks(source(), limit=5)
    next(chunks)
    time.sleep(0.2)  # all the time in the world for the reading thread
    assert len(taken) <= 5 + 2 * 5 + 2  # given, in the queue, in the hand


def test_tag_stream_pairs_each_sentence_with_its_prediction(span_run):
    given = [Sentence(tokens=("Ada", "Stone", "saw", "Oslo")[: n % 5]) for n in range(30)]
    pairs = [pair for chunk in tag_stream(span_run.tagger, given) for pair in chunk]
    assert [sentence for sentence, _ in pairs] == given
    expected = [tuple(span_run.tagger.tag(sentence.tokens)) for sentence in given]
    assert [prediction.tags for _, prediction in pairs] == expected
