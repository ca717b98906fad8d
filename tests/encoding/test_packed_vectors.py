"""Frozen words in fewer bytes: compared with numpy's float16, and with rounding by hand."""

import random
from contextlib import suppress

import numpy as np
import pytest

from seqlab.encoding import packed_vectors as packed_vectors_module
from seqlab.encoding.frozen_words import (
    FrozenWords,
    freeze_words,
    open_frozen_words,
    write_frozen_words,
)
from seqlab.encoding.ngrams import Ngrams
from seqlab.encoding.vectors import WordVectors
from seqlab.encoding.word_index import MemoryIndex
from seqlab.errors import RunError, UserError

WORDS = ["the", "Paris", "oslo", "0000", "zero", "\ud800"]
VALUES = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
VALUES[4] = 0


@pytest.fixture
def words():
    return freeze_words(WordVectors({word: row for row, word in enumerate(WORDS)}, VALUES))


def rounded(number_type):
    """The vectors after storing, by hand."""
    if number_type == "float16":
        return VALUES.astype(np.float16).astype(np.float32)
    rows = []
    for row in VALUES.astype(np.float64):
        step = np.float32(np.abs(row).max() / 127)
        rows.append([round(number / step) * step if step else 0 for number in row])
    return np.array(rows, np.float32)


@pytest.mark.parametrize("number_type", ["float16", "int8"])
def test_looked_up_rows_are_float32(words, tmp_path, number_type, monkeypatch):
    monkeypatch.setattr(packed_vectors_module, "BLOCK", 4)  # more rows than one block
    write_frozen_words(words, tmp_path / "a", number_type=number_type)
    opened = open_frozen_words(tmp_path / "a")
    assert (opened.number_type, opened.dim) == (number_type, 3)
    for _ in range(2):  # released pages are read again
        known, found = opened.look_up(["The", "dog", "OSLO", "1234", "zero", "\ud800"])
        assert known.tolist() == [True, False, True, True, True, True]
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, rounded(number_type)[[0, 2, 3, 4, 5]], atol=1e-6)
    scales = (tmp_path / "a" / "scales.npy").exists()
    assert scales == (number_type == "int8")


@pytest.mark.bits("copied")
@pytest.mark.parametrize("number_type", ["float16", "int8"])
def test_packed_words_are_copied_bit_for_bit(words, tmp_path, number_type):
    write_frozen_words(words, tmp_path / "a", number_type=number_type)
    write_frozen_words(open_frozen_words(tmp_path / "a"), tmp_path / "b")
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {path.name for path in (tmp_path / "b").iterdir()}
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.bits("copied")
@pytest.mark.parametrize("number_type", ["float32", "float16", "int8"])
def test_some_words_are_kept_in_the_given_order(words, tmp_path, number_type):
    write_frozen_words(words, tmp_path / "a", number_type=number_type)
    mapped, rows = open_frozen_words(tmp_path / "a"), np.array([5, 1], np.int64)
    kept = mapped.keep(rows)
    assert (kept.index.words(), kept.number_type) == (["\ud800", "Paris"], number_type)
    tokens = ["the", "Paris", "\ud800"]
    known, found = kept.look_up(tokens)
    assert known.tolist() == [False, True, True]
    np.testing.assert_array_equal(found, mapped.look_up(tokens)[1][1:])
    write_frozen_words(mapped.keep(rows[:0]), tmp_path / "b")
    assert open_frozen_words(tmp_path / "b").look_up(["the"])[0].tolist() == [False]


@pytest.mark.parametrize("number_type", ["float16", "int8"])
def test_ngrams_are_packed_too(words, tmp_path, number_type):
    buckets = np.random.default_rng(2).normal(size=(7, 3)).astype(np.float32)
    ngrams = Ngrams(vectors=buckets, shortest=2, longest=3, spelling="lower case")
    full = FrozenWords(MemoryIndex({"the": 0}), VALUES[:1], ngrams)
    write_frozen_words(full, tmp_path / "a", number_type=number_type)
    tokens = ["the", "Oslo", "x"]
    expected, found = full.look_up(tokens)[1], open_frozen_words(tmp_path / "a").look_up(tokens)[1]
    # A mean of numbers, each off by half a step at most.
    largest = max(np.abs(buckets).max(), np.abs(VALUES[0]).max())
    np.testing.assert_allclose(found, expected, atol=largest / 254 + 1e-6)
    assert (found != expected).any()


def test_a_number_beyond_float16_is_refused(tmp_path):
    vectors = WordVectors({"a": 0}, np.array([[1e5]], np.float32))
    with pytest.raises(UserError) as caught:
        write_frozen_words(freeze_words(vectors), tmp_path / "a", number_type="float16")
    assert str(caught.value) == (
        "a word vector holds 1e+05, beyond 65504, the largest float16; choose int8 or float32"
    )


@pytest.mark.parametrize(
    ("name", "wrong", "fact"),
    [
        ("vectors.npy", np.zeros((6, 3), "i2"), "holds int16 (6, 3), expected float32 (6, *)"),
        ("vectors.npy", np.zeros((5, 3), "i1"), "holds int8 (5, 3), expected int8 (6, *)"),
        ("scales.npy", np.zeros((6, 1)), "holds float64 (6, 1), expected float32 (6, 1)"),
        ("scales.npy", np.zeros((5, 1), "f4"), "holds float32 (5, 1), expected float32 (6, 1)"),
        ("scales.npy", np.zeros(6, "f4"), "holds float32 (6,), expected float32 (6, 1)"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(words, tmp_path, name, wrong, fact):
    write_frozen_words(words, tmp_path / "a", number_type="int8")
    path = tmp_path / "a" / name
    np.save(path, wrong)
    with pytest.raises(RunError) as caught:
        open_frozen_words(tmp_path / "a")
    assert str(caught.value) == (
        f"{path}: not readable as arrays: {fact}; copy or train the run again"
    )


def test_any_damaged_byte_of_a_header_is_one_line_or_harmless(words, tmp_path):
    write_frozen_words(words, tmp_path / "a", number_type="int8")
    dice = random.Random(5)  # noqa: S311, no secret
    for name in ("vectors.npy", "scales.npy"):
        path = tmp_path / "a" / name
        content = path.read_bytes()
        for _ in range(60):
            damaged = bytearray(content)
            damaged[dice.randrange(len(content))] = dice.randrange(256)
            path.write_bytes(damaged[: dice.choice([len(content), dice.randrange(len(content))])])
            with suppress(RunError):  # which is always one line
                assert open_frozen_words(tmp_path / "a").look_up(["the", "oslo"])[1].shape == (2, 3)
        path.write_bytes(content)
