"""One tagger in threads and processes: small, repeatable, and it sees a wrong answer and a hang."""

import importlib
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import seqlab
from tests import tiny

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
    tiny.KERAS_NOISE,
]

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "chaos"


@pytest.fixture
def chaos(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("use_tagger_everywhere")
    sys.modules.pop("use_tagger_everywhere", None)


@pytest.fixture
def tagger(span_run):
    return seqlab.load(span_run.path)


@pytest.fixture
def questions(chaos, tagger):
    inputs = chaos.make_inputs(6)
    return inputs, [chaos.answer(tagger, one) for one in inputs]


@pytest.mark.bits("history")
def test_threads_give_the_answers_of_one(chaos, tagger, questions):
    done = chaos.in_threads(replace(tagger), *questions, threads=16, calls=320)
    assert (done["calls"], done["wrong"]) == (320, 0)


@pytest.mark.bits("history")
def test_a_process_forked_while_threads_tag_answers(chaos, tagger, questions):
    def first_use():
        return replace(tagger)

    done = chaos.forked(first_use, *questions, threads=4, forks=8)
    assert done == {"forks": 8, "threads": 4, "wrong": 0, "hangs": 0}


@pytest.mark.bits("history")
def test_a_started_process_gets_the_tagger_pickled(chaos, tagger, questions):
    assert chaos.in_processes("spawn", tagger, *questions, processes=1)["wrong"] == 0


def test_wrong_answers_are_counted(chaos, tagger, questions):
    inputs, expected = questions
    wrong = [*expected[:-1], None]
    assert chaos.in_threads(tagger, inputs, wrong, threads=1, calls=60)["wrong"] > 0
    done = chaos.forked(lambda: tagger, inputs, wrong, threads=1, forks=1)
    assert (done["wrong"], done["hangs"]) == (1, 0)


def test_a_hang_is_counted(chaos, tagger, questions, monkeypatch):
    """The lock is held by a thread of the parent, as that of `functools.cached_property` in Python 3.11 was."""
    monkeypatch.setattr(chaos, "LONGEST_WAIT", 0.3)
    lock, held, end = threading.Lock(), threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            end.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    parent = os.getpid()

    def locked(tagger, one):
        if os.getpid() != parent:
            with lock:
                pass
        return questions[1][0]

    monkeypatch.setattr(chaos, "answer", locked)
    done = chaos.forked(lambda: tagger, *questions, threads=1, forks=1)
    end.set()
    holder.join()
    assert (done["wrong"], done["hangs"]) == (0, 1)


@pytest.mark.slow
def test_memory_does_not_grow_over_many_calls(chaos, tagger, questions):
    done = chaos.in_threads(tagger, *questions, threads=16, calls=20_000)
    assert done["MB at the end"] - done["MB after a tenth of the calls"] < 8
