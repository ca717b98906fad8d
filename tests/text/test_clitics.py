import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.text.clitics import TokenForms, folded, parts, token_forms


def test_clitics_are_words_of_marks_and_letters():
    found = token_forms(
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
    found = token_forms(["navy", ".", "...", "0.", "3"])
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
    assert ("d'accord" in token_forms(words).whole) == whole


def test_the_longest_end_is_cut_and_then_the_next():
    forms = TokenForms(fronts=frozenset({"d'"}), ends=frozenset({"-t-il", "-il", "n't", "'ve"}))
    assert parts("d'a-t-il", forms) == ["d'", "a", "-t-il"]
    assert parts("shouldn't've", forms) == ["should", "n't", "'ve"]
    assert parts("n't", forms) == ["n't"]


@given(st.lists(st.text("ab'’-.n", min_size=1, max_size=5), unique=True))
def test_clitics_and_abbreviations_stay_whole_and_parts_make_the_word(words):
    forms = token_forms(words)
    assert forms.fronts | forms.ends <= forms.whole <= {folded(word) for word in words}
    for word in map(folded, words):
        found = parts(word, forms)
        assert "".join(found) == word
        assert len(found) == 1 or word not in forms.whole
