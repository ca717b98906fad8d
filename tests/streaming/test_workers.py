"""Worker processes say what this one says, in order; they die with it, and it does not hang when they die."""

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

import seqlab
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, UserError
from seqlab.streaming import workers as module
from seqlab.streaming.worker import Order, manifest_of
from seqlab.streaming.workers import AHEAD, Workers
from seqlab.streaming.writer import Manner, Writer
from tests import tiny

pytestmark = [tiny.KERAS_NOISE, pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")]

WORDS = ("Ada", "Stone", "saw", "Oslo", "in", "1999", ".", "unseen", "東京", "e\u0301", "\u2028")
PLAIN = Manner(format="conll")


def numbered(count, first=0):
    return [
        Sentence(
            tokens=tuple(WORDS[(n * 7 + k) % len(WORDS)] for k in range(n * 7919 % 23)),
            metadata={"id": n},
            source=f"in:{n}",
        )
        for n in range(first, first + count)
    ]


def chunks_of(count, size=40):
    return [numbered(size, first) for first in range(0, count * size, size)]


@contextmanager
def at_work(run, *, count=2, manner=PLAIN, **changed):
    """Workers of a run, and what writes the same in this process."""
    writer = Writer(tagger=replace(run.tagger), manner=manner)
    path = str(run.path)
    order = Order(run=path, manifest=manifest_of(path), manner=manner)
    workers = Workers(replace(order, **changed), count, writer=writer)
    try:
        yield workers, writer
    finally:
        workers.close()


@pytest.mark.bits("stored")
@pytest.mark.parametrize(
    "manner",
    [
        Manner(format="text", scores=True),
        Manner(format="jsonl", scores=True, n_best=3, span_scores=True),
    ],
    ids=["text", "jsonl"],
)
def test_the_same_bytes_in_the_same_order(span_run, manner):
    chunks = chunks_of(11)
    with at_work(span_run, manner=manner) as (workers, writer):
        found = list(workers.write(iter(chunks)))
    assert found == [writer.write(chunk) for chunk in chunks]


@tiny.once
def columns_and_vectors(factory):
    """A run that reads a column, and words of a vectors' file that training never saw."""
    folder = factory.mktemp("worked")
    corpora = {}
    for part, path in tiny.corpus(factory).items():
        sentences = [
            replace(s, metadata={"looks": [tiny.looks(token) for token in s.tokens]})
            for s in read_corpus(path)
        ]
        corpora[part] = str(folder / f"{part}.jsonl")
        write_corpus(sentences, corpora[part], format="jsonl")
    vectors = folder / "vectors.txt"
    vectors.write_text("paris 0.5 -1.0 2.0\nberlin 9.0 8.0 -7.0\n", "utf-8")
    return seqlab.train_tagger(
        **corpora,
        **tiny.CHEAP,
        vectors=str(vectors),
        feature_columns={"pos": "looks"},
        out=folder / "run",
    )


@pytest.mark.bits("stored")
def test_columns_and_vectors_are_loaded_by_the_workers_too(tmp_path_factory):
    run = columns_and_vectors(tmp_path_factory)
    assert run.tagger.encoder.frozen_words is not None
    tokens = ("Berlin", "saw", "Paris", ".")
    chunks = [
        [Sentence(tokens=tokens, features={"pos": tuple(map(tiny.looks, tokens))})] for _ in "abc"
    ]
    missing = [Sentence(tokens=tokens, source="in:9")]
    with at_work(run, manner=Manner(format="conll", scores=True)) as (workers, writer):
        found = list(workers.write(iter([*chunks, missing])))
    assert found == [writer.write(chunk) for chunk in [*chunks, missing]]
    assert found[0].text
    assert found[-1].mistake == "in:9: feature 'pos': expected one value per token, found none"


def test_an_error_of_the_reader_comes_after_what_came_before_it(span_run):
    def broken():
        yield from chunks_of(3)
        raise CorpusError("bad line", path="in", line=11)

    seen = []
    with at_work(span_run) as (workers, writer), pytest.raises(CorpusError, match="in:11: bad"):
        seen.extend(workers.write(broken()))
    assert seen == [writer.write(chunk) for chunk in chunks_of(3)]


def test_what_cannot_be_sent_is_written_here(span_run, monkeypatch):
    def refuse(chunk):
        raise ValueError

    monkeypatch.setattr(module, "packed_sentences", refuse)
    with at_work(span_run, count=1) as (workers, writer):
        found = list(workers.write(iter(chunks_of(2))))
    assert found == [writer.write(chunk) for chunk in chunks_of(2)]


def test_chunks_are_not_read_far_ahead(span_run):
    taken = []

    def source():
        for chunk in chunks_of(60, size=2):
            taken.append(chunk)
            yield chunk

    with at_work(span_run) as (workers, _):
        found = workers.write(source())
        next(found)
        time.sleep(0.3)  # all the time in the world for who hands out
        assert len(taken) <= 2 * AHEAD + 2  # waiting for an answer, given, in the hand
        assert len(list(found)) == 59


def test_a_worker_that_is_killed_is_one_clear_line(span_run):
    message = (
        "a worker process was ended by signal SIGKILL, as happens when memory runs out; "
        "--workers 1 tags without any"
    )
    with at_work(span_run) as (workers, _):
        found = workers.write(iter(chunks_of(1000)))
        next(found)
        os.kill(workers.workers[0].process.pid, signal.SIGKILL)
        with pytest.raises(UserError) as caught:
            list(found)
    assert str(caught.value) == message


def test_a_worker_that_ends_by_itself_says_how(span_run, monkeypatch):
    monkeypatch.setattr(module, "COMMAND", (module.sys.executable, "-c", "raise SystemExit(3)"))
    with at_work(span_run, count=1) as (workers, _), pytest.raises(UserError) as caught:
        list(workers.write(iter(chunks_of(2))))
    assert str(caught.value).startswith("a worker process has ended with exit code 3; --workers 1")


def test_a_run_that_has_been_replaced_is_not_mixed_in(span_run):
    with at_work(span_run, manifest="another") as (workers, _), pytest.raises(UserError) as caught:
        list(workers.write(iter(chunks_of(2))))
    expected = f"{span_run.path}: has been replaced while it was being used; tag again"
    assert str(caught.value) == expected


def test_no_process_can_be_started(span_run, monkeypatch):
    monkeypatch.setattr(module, "COMMAND", ("/no/such/command",))
    with pytest.raises(FileNotFoundError), at_work(span_run):
        pass


def test_closing_ends_workers_that_are_still_loading(span_run):
    with at_work(span_run) as (workers, _):
        processes = [worker.process for worker in workers.workers]
    assert all(process.returncode == -signal.SIGKILL for process in processes)
