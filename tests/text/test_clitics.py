import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.text.clitics import Clitics, learn_clitics, split_clitics
from seqlab.text.spelling import fold_apostrophes


def test_clitics_are_words_of_marks_and_letters():
    found = learn_clitics(
        [
            "l'",
            "’s",
            "n't",
            "-t-il",
            "'00s",
            "-0,0",
            "-",
            "'",
            "--",
            "5'",
            "'t-",
            "co-op",
            "n’",
            "-_-",
        ]
    )
    assert found.fronts == {"l'", "n'"}
    assert found.ends == {"'s", "n't", "-t-il"}


def test_a_vocabulary_without_marks_tells_nothing():
    found = learn_clitics(["navy", ".", "...", "0.", "3"])
    assert found.whole == found.fronts == found.ends == frozenset()


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["d'", "accord", "d'accord"], False),  # may have been cut more often than not
        (["d'", "d'accord", "accord"], True),
        (["d'accord", "accord", "d'"], True),
        (["d'", "d'accord"], True),
        (["d'", "d’accord"], True),
        (["accord"], False),
    ],
)
def test_a_word_stays_whole_where_a_part_is_rarer(words, whole):
    assert ("d'accord" in learn_clitics(words).whole) == whole


def test_the_longest_end_is_cut_and_then_the_next():
    clitics = Clitics(fronts=frozenset({"d'"}), ends=frozenset({"-t-il", "-il", "n't", "'ve"}))
    assert split_clitics("d'a-t-il", clitics) == ["d'", "a", "-t-il"]
    assert split_clitics("shouldn't've", clitics) == ["should", "n't", "'ve"]
    assert split_clitics("n't", clitics) == ["n't"]


@given(st.lists(st.text("ab'’-.n", min_size=1, max_size=5), unique=True))
def test_clitics_and_abbreviations_stay_whole_and_parts_make_the_word(words):
    clitics = learn_clitics(words)
    assert (
        clitics.fronts | clitics.ends <= clitics.whole <= {fold_apostrophes(word) for word in words}
    )
    for word in map(fold_apostrophes, words):
        found = split_clitics(word, clitics)
        assert "".join(found) == word
        assert len(found) == 1 or word not in clitics.whole
