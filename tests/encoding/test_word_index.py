"""The mapped word index compared with a dictionary: odd words, missing words, colliding hashes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.encoding import word_index
from seqlab.encoding.word_index import (
    HASHES,
    LETTERS,
    LOCATIONS,
    MemoryIndex,
    open_index,
    write_index,
)
from seqlab.errors import RunError

ODD = ["", "a", "A", "a b", "a\nb", "\ud800", "\x00", "\u00e9", "e\u0301", "\U0001f600", "x" * 600]
WORDS = st.lists(st.text(st.characters(), max_size=4), unique=True, min_size=1, max_size=30)


def on_disk(words, folder):
    write_index(words, folder)
    return open_index(folder)


@given(words=WORDS, asked=st.lists(st.text(st.characters(), max_size=4)))
def test_every_word_has_its_row_and_others_have_none(tmp_path_factory, words, asked):
    index = on_disk(words, tmp_path_factory.mktemp("index"))
    numbers = {word: row for row, word in enumerate(words)}
    everything = [*words, *asked, *(word + "x" for word in words)]
    expected = [numbers.get(word, -1) for word in everything]
    assert index.rows(everything).tolist() == expected
    assert MemoryIndex(numbers).rows(everything).tolist() == expected
    assert index.words() == MemoryIndex(numbers).words() == words
    assert index.rows([]).tolist() == []


def test_odd_words(tmp_path):
    index = on_disk(ODD, tmp_path)
    assert index.rows(ODD).tolist() == list(range(len(ODD)))
    assert index.rows(["\ud801", " ", "b"]).tolist() == [-1, -1, -1]


@pytest.mark.parametrize("kinds", [1, 3])
def test_words_with_the_same_hash_have_their_own_rows(tmp_path, monkeypatch, kinds):
    def weak(words):
        return np.array([len(word) % kinds for word in words], np.uint64)

    monkeypatch.setattr(word_index, "hash_words", weak)
    words = [f"{'w' * (n % 5)}{n}" for n in range(40)]
    index = on_disk(words, tmp_path)
    assert len(set(index.hashes.tolist())) == kinds
    assert index.rows([*words, "absent", "w"]).tolist() == [*range(40), -1, -1]


def test_the_hash_is_the_same_in_every_process():
    assert hex(word_index.hash_words([b"Paris"])[0]) == "0x2490b7df5667e76b"


def test_files_that_do_not_fit_each_other_are_refused(tmp_path):
    write_index(["a", "b"], tmp_path)
    path = tmp_path / LOCATIONS
    np.save(path, np.zeros((3, 3), np.int64))
    fact = "holds int64 (3, 3), expected int64 (2, 3); copy or train the run again"
    with pytest.raises(RunError) as caught:
        open_index(tmp_path)
    assert str(caught.value) == f"{path}: not readable as arrays: {fact}"
    path = tmp_path / HASHES
    path.write_bytes(b"")
    with pytest.raises(RunError) as caught:
        open_index(tmp_path)
    fact = "no .npy header of version 1.0; copy or train the run again"
    assert str(caught.value) == f"{path}: not readable as arrays: {fact}"


@pytest.mark.parametrize("row", [2, -1, 2**62])
def test_a_row_that_the_index_does_not_have_is_named_when_it_is_looked_up(tmp_path, row):
    write_index(["a", "b"], tmp_path)
    locations = np.load(tmp_path / LOCATIONS).astype(np.int64)  # as older versions wrote them
    locations[locations[:, 0] == 1, 0] = row
    np.save(tmp_path / LOCATIONS, locations)
    index = open_index(tmp_path)
    assert index.rows(["a", "c"]).tolist() == [0, -1]
    with pytest.raises(RunError) as caught:
        index.rows(["b"])
    assert str(caught.value) == f"{tmp_path / LOCATIONS}: damaged: 'b' is in row {row} of 2"


def test_an_index_whose_letters_are_gone_has_no_words(tmp_path):
    write_index(["a", "b"], tmp_path)
    (tmp_path / LETTERS).write_bytes(b"")
    assert open_index(tmp_path).rows(["a", "b"]).tolist() == [-1, -1]
