import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import errors
from seqlab.errors import CorpusError, UserError, nearest, shorten


@pytest.mark.parametrize(
    "name", ["CorpusError", "SettingsError", "WeightsError", "VectorsError", "RunError"]
)
def test_every_error_is_a_user_error(name):
    kind = getattr(errors, name)
    assert issubclass(kind, UserError)
    assert issubclass(kind, ValueError)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({}, "a.conll: empty"),
        ({"line": 3}, "a.conll:3: empty"),
        ({"line": 0}, "a.conll:0: empty"),
        ({"line": 3, "text": "x\ty"}, "a.conll:3: empty: 'x\\ty'"),
        ({"text": ""}, "a.conll: empty: ''"),
    ],
)
def test_corpus_error_names_location_fact_and_text(place, message):
    assert str(CorpusError("empty", path="a.conll", **place)) == message


def test_corpus_error_shortens_a_long_line_and_escapes_invisible_characters():
    message = str(CorpusError("bad", path="a", line=1, text="\u202e" + "x" * 500))
    assert message == "a:1: bad: '\\u202e" + "x" * 78 + "…'"


def test_corpus_error_is_one_line_of_readable_length_whatever_the_names_in_it_hold():
    message = str(CorpusError("no column 'a\vb\u2028\x1b[2J\ud800ö'", path="a"))
    assert message == "a: no column 'a\\x0bb\\u2028\\x1b[2J\\ud800ö'"
    long = str(CorpusError("first " + "x" * 5000 + " last", path="a"))
    assert long == "a: first " + "x" * 294 + " … " + "x" * 295 + " last"
    assert len(str(CorpusError("\ud7ff" * 5000, path="a"))) == len("a: ") + 600 + len(" … ")


@pytest.mark.parametrize(
    ("name", "known", "clause"),
    [
        ("epoch", ["epochs", "seed"], "; nearest: 'epochs'"),
        ("b-locc", ["B-LOC", "B-PER"], "; nearest: 'B-LOC'"),
        ("EPOCHS", ["epochs"], "; nearest: 'epochs'"),
        ("zzz", ["epochs", "seed"], ""),
        ("epochs", [], ""),
    ],
)
def test_nearest(name, known, clause):
    assert nearest(name, known) == clause


@given(st.text(max_size=30), st.integers(1, 20))
def test_shorten_keeps_short_texts_and_marks_the_cut(text, limit):
    found = shorten(text, limit)
    assert len(found) <= limit
    assert found == text or (found[-1] == "…" and text.startswith(found[:-1]))
    assert (found == text) == (len(text) <= limit) or text.endswith("…")


def test_every_error_can_be_sent_to_another_process():
    """A pool of processes waits for ever for a result that cannot be unpickled."""
    raised = CorpusError("bad", path="a.conll", line=3, text="x")
    for error in (raised, UserError("bad"), errors.RunError("bad"), errors.SettingsError("bad")):
        sent = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert (type(sent), str(sent)) == (type(error), str(error))
