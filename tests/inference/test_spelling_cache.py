"""The cache of spellings stays correct under interrupts, forks, threads and copies."""

import copy
import os
import pickle
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import seqlab
from seqlab.corpus.sentence import Sentence
from seqlab.inference import spelling_cache
from seqlab.inference.blas import SharedLimit
from seqlab.inference.forward import weight_shapes
from seqlab.tagging.tagger import Tagger
from tests import tiny

pytestmark = tiny.KERAS_NOISE
TOKENS = ("Ada", "Stone", "saw", "Oslo", "new", "words", ".")


@pytest.fixture
def tagger(span_run):
    return replace(span_run.tagger)


def rows_of(tagger, words):
    table, rows = tagger.scorer.spelling_cache.look_up(words)
    return table[rows]


@pytest.mark.bits("history")
@pytest.mark.parametrize("broken", ["grow", "gate_inputs"])
def test_a_spelling_whose_computation_was_interrupted_is_computed_again(
    tagger, span_run, monkeypatch, broken
):
    """An interrupt or a MemoryError may come at any moment before the row is complete."""
    cache = tagger.scorer.spelling_cache
    cache.look_up(TOKENS[:2])

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        where = cache if broken == "grow" else type(cache.forward)
        cache.free_rows = cache.free_rows[:0]
        patch.setattr(where, broken, interrupted)
        with pytest.raises(KeyboardInterrupt):
            cache.look_up(TOKENS)
    expected = rows_of(replace(span_run.tagger), TOKENS)
    np.testing.assert_array_equal(rows_of(tagger, TOKENS), expected)


@pytest.mark.bits("history")
@pytest.mark.parametrize("encoder", ["cnn", "lstm", "none"])
def test_scores_of_a_list_do_not_depend_on_earlier_calls(encoder):
    """BLAS may sum a row in another order when the batch has other rows or another size."""
    tagger = untrained(encoder)
    random = np.random.default_rng(3)
    words = [f"{letters}{number}" for number, letters in enumerate(["a", "bcd", "efghij"] * 40)]
    lists = [list(random.choice(words, size=size)) for size in (1, 2, 3, 5, 8, 13, 40, 97)]
    fresh = [rows_of(replace(tagger), each) for each in lists]
    used = replace(tagger)
    for each, expected in zip(lists, fresh, strict=True):
        np.testing.assert_array_equal(rows_of(used, each), expected)
    sentences = [Sentence(tokens=tuple(each)) for each in lists]
    again, first = (list(one.predict(sentences)) for one in (used, replace(tagger)))
    for ours, theirs in zip(again, first, strict=True):
        np.testing.assert_array_equal(ours.scores, theirs.scores)


def untrained(char_encoder):
    """A tagger with random weights, of sizes at which BLAS kernels differ."""
    encoder = seqlab.fit_encoder([Sentence(tokens=("abcdefghij", "0123456789"), tags=("X", "Y"))])
    architecture = seqlab.Architecture(
        words=encoder.words.id_count,
        characters=encoder.characters.id_count,
        classes=len(encoder.tags.symbols),
        char_encoder=char_encoder,
        features={name: values.id_count for name, values in encoder.features.items()},
    )
    random = np.random.default_rng(7)
    weights = {
        name: random.normal(0, 0.3, shape).astype(np.float32)
        for name, shape in weight_shapes(architecture).items()
    }
    return Tagger(
        architecture=architecture, weights=weights, encoder=encoder, scheme=seqlab.Scheme.PLAIN
    )


def with_capacity(tagger, monkeypatch, count):
    """The tagger's cache, limited to `count` spellings."""
    cache = tagger.scorer.spelling_cache
    row = cache.table.shape[1] * cache.table.itemsize
    monkeypatch.setattr(spelling_cache, "MAX_BYTES", count * (row + spelling_cache.SPELLING_BYTES))
    assert cache.capacity == count
    return cache


@pytest.mark.bits("history")
def test_frequent_spellings_are_kept(tagger, span_run, monkeypatch):
    cache = with_capacity(tagger, monkeypatch, 16)
    for round_ in range(60):
        words = (*TOKENS, *(f"rare{round_}-{n}" for n in range(3)))
        np.testing.assert_array_equal(
            rows_of(tagger, words), rows_of(replace(span_run.tagger), words)
        )
        assert len(cache.row_of) <= 16
        assert len(set(cache.row_of.values())) == len(cache.row_of)
    assert set(TOKENS) <= set(cache.row_of)
    assert len(cache.table) == 16


@pytest.mark.bits("history")
def test_rows_of_a_held_table_are_never_overwritten(tagger, monkeypatch):
    with_capacity(tagger, monkeypatch, 8)
    cache = tagger.scorer.spelling_cache
    table, rows = cache.look_up(TOKENS)
    before = table[rows].copy()
    for number in range(20):
        cache.look_up([f"other{number}"])
    np.testing.assert_array_equal(table[rows], before)


@pytest.mark.bits("history")
def test_a_look_up_beyond_the_capacity_is_computed_whole(tagger, span_run, monkeypatch):
    cache = with_capacity(tagger, monkeypatch, 5)
    words = [f"w{number % 11}" for number in range(40)]
    expected = rows_of(replace(span_run.tagger), words)
    for _ in range(2):
        np.testing.assert_array_equal(rows_of(tagger, words), expected)
    rows_of(tagger, ["one"])
    assert len(cache.table) == 5  # the larger table is gone


@pytest.mark.bits("history")
def test_an_interrupted_eviction_leaves_no_wrong_row(tagger, span_run, monkeypatch):
    """The interrupt comes after old spellings are evicted and before new rows are written."""
    cache = with_capacity(tagger, monkeypatch, 8)
    rows_of(tagger, TOKENS)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cache, "compute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cache.look_up(["a", "b", "c"])
    for words in (TOKENS, ("a", "b", "c"), TOKENS):
        np.testing.assert_array_equal(
            rows_of(tagger, words), rows_of(replace(span_run.tagger), words)
        )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_does_not_wait_for_a_lock_of_its_parent(tagger):
    cache = tagger.scorer.spelling_cache
    with cache.lock:
        child = os.fork()
        if child == 0:
            cache.look_up(TOKENS)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0


def test_a_used_tagger_can_be_copied_and_pickled(tagger):
    tags = tagger.tag(TOKENS)
    for other in (copy.deepcopy(tagger), pickle.loads(pickle.dumps(tagger))):  # noqa: S301
        assert other.tag(TOKENS) == tags


def blas_threads():
    return [
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    ]


def test_overlapping_users_of_the_limit_restore_the_threads():
    before, limit = blas_threads(), SharedLimit()
    one, other = limit.held(), limit.held()
    one.__enter__()
    other.__enter__()
    assert set(blas_threads()) == {1}
    one.__exit__(None, None, None)
    assert set(blas_threads()) == {1}
    other.__exit__(None, None, None)
    assert blas_threads() == before


@pytest.mark.bits("history")
def test_many_threads_tag_as_one_does(tagger, span_run):
    words = [tuple(f"{word}{n}" for word in TOKENS) for n in range(40)]
    expected = [replace(span_run.tagger).tag(tokens) for tokens in words]
    results = {}
    threads = [
        Thread(target=lambda n=n: results.setdefault(n, tagger.tag(words[n]))) for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [results[n] for n in range(40)] == expected
