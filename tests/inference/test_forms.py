"""What is kept of words stays right whatever interrupts, forks or copies it."""

import copy
import os
import pickle
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from seqlab.inference import forms
from seqlab.inference.blas import SharedLimit
from tests import tiny

pytestmark = tiny.KERAS_NOISE
TOKENS = ("Ada", "Stone", "saw", "Oslo", "new", "words", ".")


@pytest.fixture
def tagger(span_run):
    return replace(span_run.tagger)


def rows_of(tagger, words):
    (ahead, back), rows = tagger.scorer.known.look_up(words)
    return np.concatenate([ahead[rows], back[rows]], axis=1)


@pytest.mark.parametrize("broken", ["grown", "tables"])
def test_a_word_whose_row_was_not_finished_is_worked_out_anew(
    tagger, span_run, monkeypatch, broken
):
    """An interrupt, or no memory, at any moment before the row stands."""
    known = tagger.scorer.known
    known.look_up(TOKENS[:2])

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        where = forms if broken == "grown" else type(known.forward)
        patch.setattr(where, broken, interrupted)
        with pytest.raises(KeyboardInterrupt):
            known.look_up(TOKENS)
    expected = rows_of(replace(span_run.tagger), TOKENS)
    np.testing.assert_allclose(rows_of(tagger, TOKENS), expected, atol=1e-6)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_does_not_wait_for_a_lock_that_nobody_holds(tagger):
    known = tagger.scorer.known
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
