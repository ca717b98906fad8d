"""What is kept of words stays right whatever interrupts, forks or copies it."""

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
def test_a_word_whose_row_was_not_finished_is_worked_out_anew(
    tagger, span_run, monkeypatch, broken
):
    """An interrupt, or no memory, at any moment before the row stands."""
    known = tagger.scorer.spelling_cache
    known.look_up(TOKENS[:2])

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        where = known if broken == "grow" else type(known.forward)
        known.free_rows = known.free_rows[:0]
        patch.setattr(where, broken, interrupted)
        with pytest.raises(KeyboardInterrupt):
            known.look_up(TOKENS)
    expected = rows_of(replace(span_run.tagger), TOKENS)
    np.testing.assert_array_equal(rows_of(tagger, TOKENS), expected)


@pytest.mark.bits("history")
@pytest.mark.parametrize("encoder", ["cnn", "lstm", "none"])
def test_scores_of_a_list_do_not_depend_on_what_was_tagged_before(encoder):
    """BLAS sums a row in another order when other rows, or other numbers of rows, stand beside it."""
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
        words=len(encoder.words),
        characters=len(encoder.characters),
        classes=len(encoder.tags.symbols),
        char_encoder=char_encoder,
        features={name: len(symbols) for name, symbols in encoder.features.items()},
    )
    random = np.random.default_rng(7)
    weights = {
        name: random.normal(0, 0.3, shape).astype(np.float32)
        for name, shape in weight_shapes(architecture).items()
    }
    return Tagger(
        architecture=architecture, weights=weights, encoder=encoder, scheme=seqlab.Scheme.PLAIN
    )


def roomy(tagger, monkeypatch, count):
    """What is kept of words, with room for so many of them."""
    known = tagger.scorer.spelling_cache
    row = known.table.shape[1] * known.table.itemsize
    monkeypatch.setattr(spelling_cache, "MAX_BYTES", count * (row + spelling_cache.SPELLING_BYTES))
    assert known.capacity == count
    return known


@pytest.mark.bits("history")
def test_what_is_met_often_is_kept(tagger, span_run, monkeypatch):
    known = roomy(tagger, monkeypatch, 16)
    for round_ in range(60):
        words = (*TOKENS, *(f"rare{round_}-{n}" for n in range(3)))
        np.testing.assert_array_equal(
            rows_of(tagger, words), rows_of(replace(span_run.tagger), words)
        )
        assert len(known.row_of) <= 16
        assert len(set(known.row_of.values())) == len(known.row_of)
    assert set(TOKENS) <= set(known.row_of)
    assert len(known.table) == 16


@pytest.mark.bits("history")
def test_rows_that_are_read_are_never_given_away(tagger, monkeypatch):
    roomy(tagger, monkeypatch, 8)
    known = tagger.scorer.spelling_cache
    table, rows = known.look_up(TOKENS)
    before = table[rows].copy()
    for number in range(20):
        known.look_up([f"other{number}"])
    np.testing.assert_array_equal(table[rows], before)


@pytest.mark.bits("history")
def test_more_words_than_there_is_room_for_are_all_worked_out(tagger, span_run, monkeypatch):
    known = roomy(tagger, monkeypatch, 5)
    words = [f"w{number % 11}" for number in range(40)]
    expected = rows_of(replace(span_run.tagger), words)
    for _ in range(2):
        np.testing.assert_array_equal(rows_of(tagger, words), expected)
    rows_of(tagger, ["one"])
    assert len(known.table) == 5  # what was too much is not held on to


@pytest.mark.bits("history")
def test_a_word_is_forgotten_before_its_row_is_another_s(tagger, span_run, monkeypatch):
    """An interrupt while rows are given anew."""
    known = roomy(tagger, monkeypatch, 8)
    rows_of(tagger, TOKENS)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(known, "compute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            known.look_up(["a", "b", "c"])
    for words in (TOKENS, ("a", "b", "c"), TOKENS):
        np.testing.assert_array_equal(
            rows_of(tagger, words), rows_of(replace(span_run.tagger), words)
        )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_does_not_wait_for_a_lock_that_nobody_holds(tagger):
    known = tagger.scorer.spelling_cache
    with known.lock:
        child = os.fork()
        if child == 0:
            known.look_up(TOKENS)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0


def test_a_used_tagger_can_be_copied_and_sent(tagger):
    said = tagger.tag(TOKENS)
    for other in (copy.deepcopy(tagger), pickle.loads(pickle.dumps(tagger))):  # noqa: S301
        assert other.tag(TOKENS) == said


def blas_threads():
    return [found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"]


def test_users_of_the_limit_who_overlap_leave_the_threads_as_they_were():
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
def test_many_threads_say_what_one_says(tagger, span_run):
    words = [tuple(f"{word}{n}" for word in TOKENS) for n in range(40)]
    expected = [replace(span_run.tagger).tag(tokens) for tokens in words]
    found = {}
    threads = [
        Thread(target=lambda n=n: found.setdefault(n, tagger.tag(words[n]))) for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n] for n in range(40)] == expected
