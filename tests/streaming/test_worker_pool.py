"""Workers write what one process writes, in order. A killed worker gives one line."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import seqlab
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, UserError
from seqlab.storing.run_files import manifest_sha256
from seqlab.streaming import worker_pool
from seqlab.streaming.output import OutputOptions
from seqlab.streaming.worker_pool import CHUNKS_PER_WORKER, WorkerPool, WorkerTask
from seqlab.streaming.writer import TagWriter
from tests import tiny

pytestmark = [tiny.KERAS_NOISE, pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")]

WORDS = ("Ada", "Stone", "saw", "Oslo", "in", "1999", ".", "unseen", "東京", "e\u0301", "\u2028")
PLAIN = OutputOptions(format="conll")


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
def at_work(run, *, count=2, options=PLAIN, **changed):
    """A pool for a run, and a writer that does the same in this process."""
    writer = TagWriter(tagger=replace(run.tagger), options=options)
    path = str(run.path)
    task = WorkerTask(run=path, manifest=manifest_sha256(Path(path)), options=options)
    pool = WorkerPool(replace(task, **changed), count, writer=writer)
    try:
        yield pool, writer
    finally:
        pool.close()


@pytest.mark.bits("stored")
@pytest.mark.parametrize(
    "options",
    [
        OutputOptions(format="text", scores=True),
        OutputOptions(format="jsonl", scores=True, n_best=3, span_scores=True),
    ],
    ids=["text", "jsonl"],
)
def test_the_same_bytes_in_the_same_order(span_run, options):
    chunks = chunks_of(11)
    with at_work(span_run, options=options) as (pool, writer):
        found = list(pool.write(iter(chunks)))
    assert found == [writer.write(chunk) for chunk in chunks]


@tiny.once
def columns_and_vectors(factory):
    """A run with a feature column and frozen words."""
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
    with at_work(run, options=OutputOptions(format="conll", scores=True)) as (pool, writer):
        found = list(pool.write(iter([*chunks, missing])))
    assert found == [writer.write(chunk) for chunk in [*chunks, missing]]
    assert found[0].text
    assert found[-1].error == "in:9: feature 'pos': expected one value per token, found none"


def test_an_error_of_the_reader_comes_after_what_came_before_it(span_run):
    def broken():
        yield from chunks_of(3)
        raise CorpusError("bad line", path="in", line=11)

    seen = []
    with at_work(span_run) as (pool, writer), pytest.raises(CorpusError, match="in:11: bad"):
        seen.extend(pool.write(broken()))
    assert seen == [writer.write(chunk) for chunk in chunks_of(3)]


def test_a_chunk_that_cannot_be_sent_is_tagged_in_this_process(span_run, monkeypatch):
    def refuse(chunk):
        raise ValueError

    monkeypatch.setattr(worker_pool, "packed_items", refuse)
    with at_work(span_run, count=1) as (pool, writer):
        found = list(pool.write(iter(chunks_of(2))))
    assert found == [writer.write(chunk) for chunk in chunks_of(2)]


def test_chunks_are_not_read_far_ahead(span_run):
    taken = []

    def source():
        for chunk in chunks_of(60, size=2):
            taken.append(chunk)
            yield chunk

    with at_work(span_run) as (pool, _):
        found = pool.write(source())
        next(found)
        time.sleep(0.3)  # all the time in the world for who hands out
        assert len(taken) <= 2 * CHUNKS_PER_WORKER + 2  # waiting for an answer, given, in the hand
        assert len(list(found)) == 59


def test_a_killed_worker_is_one_line(span_run):
    message = (
        "a worker process was killed, as happens when memory runs out; --workers 1 tags without any"
    )
    with at_work(span_run) as (pool, _):
        found = pool.write(iter(chunks_of(1000)))
        next(found)
        os.kill(pool.processes[0].pid, signal.SIGKILL)
        with pytest.raises(UserError) as caught:
            list(found)
    assert str(caught.value) == message


def test_a_run_that_has_been_replaced_is_not_mixed_in(span_run):
    with at_work(span_run, manifest="another") as (pool, _):
        first, *_ = pool.write(iter(chunks_of(2)))
    expected = f"{span_run.path}: has been replaced while it was being used; tag again"
    assert first == (b"", expected)


def test_no_process_can_be_started(span_run, monkeypatch):
    def fail(self):
        raise BlockingIOError

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", fail)
    before = dict(os.environ)
    with pytest.raises(OSError, match="worker processes cannot be started"), at_work(span_run):
        pass
    assert os.environ == before


def test_the_environment_and_the_main_module_stay_as_they_were(span_run):
    main = sys.modules["__main__"]
    before = dict(os.environ), main.__spec__, getattr(main, "__file__", None)
    with at_work(span_run, count=1):
        assert (dict(os.environ), main.__spec__, getattr(main, "__file__", None)) == before


def test_closing_ends_workers_that_are_still_loading(span_run):
    with at_work(span_run) as (pool, _):
        processes = [process._popen for process in pool.processes]
    assert [process.returncode for process in processes] == [-signal.SIGKILL] * 2


# A program that tags with workers, in a folder with a module that no worker may import.
PROGRAM = """
import sys
from seqlab import tag
from seqlab.streaming import stream, worker_pool

start = worker_pool.WorkerPool.__init__

def start_and_wait(self, *arguments, **options):
    start(self, *arguments, **options)
    self.ready.wait()

worker_pool.WorkerPool.__init__ = start_and_wait
stream.TOKENS_BEFORE_WORKERS = 1
sys.exit(tag.main())
"""


@pytest.mark.parametrize("planted", ["cyclopts", "numpy", "socket", "multiprocessing"])
def test_workers_import_nothing_from_the_working_directory(span_run, tmp_path, planted):
    program = (
        tmp_path / "program" / "program.py"
    )  # its folder is on the path, the working directory is not
    program.parent.mkdir()
    program.write_text(PROGRAM)
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / f"{planted}.py").write_text(
        "raise SystemExit('imported from the working directory')\n"
    )
    (folder / "in.txt").write_text("Ada saw Oslo\n" * 9_000)
    command = [sys.executable, str(program), str(span_run.path), "in.txt", "--tokenized"]
    command += ["--format", "text", "--workers", "2"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 9_000)
