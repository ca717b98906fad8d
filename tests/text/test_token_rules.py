import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.text.spelling import fold_apostrophes
from seqlab.text.token_rules import TokenRules, learn_token_rules, split_clitics


def test_clitics_are_words_of_marks_and_letters():
    found = learn_token_rules(
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
    found = learn_token_rules(["navy", ".", "...", "0.", "3"])
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
    assert ("d'accord" in learn_token_rules(words).whole) == whole


def test_the_longest_end_is_cut_and_then_the_next():
    token_rules = TokenRules(
        fronts=frozenset({"d'"}), ends=frozenset({"-t-il", "-il", "n't", "'ve"})
    )
    assert split_clitics("d'a-t-il", token_rules) == ["d'", "a", "-t-il"]
    assert split_clitics("shouldn't've", token_rules) == ["should", "n't", "'ve"]
    assert split_clitics("n't", token_rules) == ["n't"]


@given(st.lists(st.text("ab'’-.n", min_size=1, max_size=5), unique=True))
def test_clitics_and_abbreviations_stay_whole_and_parts_make_the_word(words):
    token_rules = learn_token_rules(words)
    assert (
        token_rules.fronts | token_rules.ends
        <= token_rules.whole
        <= {fold_apostrophes(word) for word in words}
    )
    for word in map(fold_apostrophes, words):
        found = split_clitics(word, token_rules)
        assert "".join(found) == word
        assert len(found) == 1 or word not in token_rules.whole
