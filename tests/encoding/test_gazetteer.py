from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.encoding.gazetteer_features import SYMBOLS, PhraseSearch, blocks, ids_of_tokens
from seqlab.encoding.gazetteer_making import make_gazetteers
from seqlab.errors import SettingsError

WORDS = st.sampled_from(["a", "A", "b", "B", "c", "ß", "ss", "'s", "’s"])
PHRASES = st.lists(st.lists(WORDS, min_size=1, max_size=6), max_size=8)
SENTENCES = st.lists(st.lists(WORDS, max_size=9), max_size=6)


def folded(words):
    return tuple(word.replace("’", "'").casefold() for word in words)


def brute_force(phrases, sentences):
    """(start, length, same case) of each match, by trying every phrase at every token."""
    wanted = {folded(phrase) for phrase in phrases}
    spelt = {tuple(word.replace("’", "'") for word in phrase) for phrase in phrases}
    matches, first = [], 0
    for sentence in sentences:
        start = 0
        while start < len(sentence):
            sizes = range(len(sentence) - start, 0, -1)
            size = next((n for n in sizes if folded(sentence[start : start + n]) in wanted), 0)
            if size:
                words = tuple(w.replace("’", "'") for w in sentence[start : start + size])
                matches.append((first + start, size, words in spelt))
            start += size or 1
        first += len(sentence)
    return matches


def search(lists, sentences):
    """By list, (start, length, same case) of each match."""
    tokens = [token for sentence in sentences for token in sentence]
    spellings = sorted(set(tokens))
    ids = np.array([spellings.index(token) for token in tokens], np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sentences], dtype=np.int64)])
    names = {str(number): phrases for number, phrases in enumerate(lists)}
    matches = PhraseSearch.of(make_gazetteers(names), spellings, "none").matches(ids, offsets)
    found = []
    for number in range(len(lists)):
        own = matches.of_list(number)
        columns = (own.starts, own.lengths, own.same_spelling)
        found.append(list(zip(*(column.tolist() for column in columns), strict=True)))
    return found


@given(st.lists(PHRASES, min_size=1, max_size=11), SENTENCES)
@settings(max_examples=100, deadline=None)
def test_the_matches_are_those_of_trying_every_phrase_at_every_token(lists, sentences):
    expected = [brute_force(phrases, sentences) for phrases in lists]
    assert search(lists, sentences) == expected


def test_64_lists_are_told_apart_and_65_are_refused():
    lists = [[[f"w{number}"], ["all"]] for number in range(64)]
    found = search(lists, [["W63", "w0", "all"]])
    assert found[0] == [(1, 1, True), (2, 1, True)]
    assert found[1] == [(2, 1, True)]
    assert found[63] == [(0, 1, False), (2, 1, True)]
    with pytest.raises(SettingsError) as caught:
        make_gazetteers({str(number): [["a"]] for number in range(65)})
    assert str(caught.value) == "gazetteer is given 65 times; expected at most 64"


def test_each_token_of_a_phrase_has_its_position_and_the_length_class():
    phrases = ["Rome", "New York", "Rio de Janeiro", "San Jose del Cabo Sur"]
    cities = make_gazetteers({"city": [phrase.split() for phrase in phrases]})
    text = "in new York , Rome , Rio de Janeiro and San Jose del Cabo Sur"
    tokens = text.split()
    ids = ids_of_tokens(cities, tokens, np.array([0, len(tokens)]), "none")
    symbols = [SYMBOLS.symbol(number) for number in ids["gazetteer_city"].tolist()]
    assert [symbol for symbol in symbols if symbol != "outside"] == [
        *("B2 in other case", "E2 in other case", "S"),
        *("B3", "I3", "E3"),
        *("B4", "I4", "I4", "I4", "E4"),
    ]
    assert [
        token for token, symbol in zip(tokens, symbols, strict=True) if symbol == "outside"
    ] == [*("in", ",", ",", "and")]


def test_no_match_crosses_the_end_of_a_sentence():
    cities = [["New", "York"]]
    assert search([cities], [["in", "New"], ["York"]]) == [[]]
    assert search([cities], [["in"], [], ["New", "York"]]) == [[(1, 2, True)]]


def test_the_unicode_form_of_the_encoder_is_applied_to_phrases_and_tokens():
    for form, matches in (("none", 0), ("nfc", 1)):
        lists = make_gazetteers({"city": [["Köln"]]}, form)
        ids = ids_of_tokens(lists, ["Ko\u0308ln"], np.array([0, 1]), form)
        assert int((ids["gazetteer_city"] > 1).sum()) == matches


def test_an_empty_list_and_an_empty_text_match_nothing():
    assert search([[[]]], [["a"]]) == [[]]
    assert search([[["a"]]], []) == [[]]


def test_equal_phrases_count_once():
    table = make_gazetteers({"city": [["New", "York"], ["New", "York"], ["new", "york"]]})
    assert (len(table.prefixes), len(table.spellings)) == (2, 2)


@given(st.lists(st.integers(0, 5), max_size=40))
def test_blocks_cover_every_sentence_once(lengths):
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    parts = list(blocks(offsets))
    assert [n for first, last in parts for n in range(first, last)] == list(range(len(lengths)))
    assert all(before[1] == after[0] for before, after in pairwise(parts))
