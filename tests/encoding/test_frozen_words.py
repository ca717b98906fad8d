"""Frozen words in memory and on disk, compared with `WordVectors.find`; time and memory to open them."""

import random
import string
import subprocess
import sys

import numpy as np
import pytest

from seqlab.encoding import frozen_words as frozen_words_module
from seqlab.encoding.frozen_words import (
    VECTORS,
    FrozenWords,
    freeze_words,
    open_frozen_words,
    write_frozen_words,
)
from seqlab.encoding.vectors import WordVectors
from seqlab.encoding.word_index import MemoryIndex
from seqlab.errors import RunError

WORDS = ["the", "Paris", "paris", "OSLO", "0000", "a-0", "\u00e9t\u00e9", "zero"]
TOKENS = [
    "the",
    "The",
    "Paris",
    "PARIS",
    "Oslo",
    "OSLO",
    "1984",
    "A-7",
    "\u00c9T\u00c9",
    "dog",
    "zero",
]
VALUES = np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32)
VALUES[7] = 0  # a word with a vector of zeros is known


@pytest.fixture
def vectors():
    return WordVectors({word: row for row, word in enumerate(WORDS)}, VALUES)


def check(frozen, vectors):
    """Compare with a loop over `find`."""
    spelt = [vectors.find(token) for token in TOKENS]
    known, found = frozen.look_up(TOKENS)
    assert known.tolist() == [spelling is not None for spelling in spelt]
    expected = [VALUES[WORDS.index(spelling)] for spelling in spelt if spelling is not None]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


@pytest.mark.bits("copied")
def test_memory_disk_and_a_copy_of_the_disk_give_the_same(vectors, tmp_path):
    held = freeze_words(vectors)
    check(held, vectors)
    write_frozen_words(held, tmp_path / "one")
    mapped = open_frozen_words(tmp_path / "one")
    check(mapped, vectors)
    check(mapped, vectors)  # released pages are read again
    assert (held.dim, mapped.dim) == (3, 3)
    write_frozen_words(mapped, tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes()


def test_no_known_word_gives_an_empty_array_of_vectors(vectors):
    known, found = freeze_words(vectors).look_up(["dog"])
    assert (known.tolist(), found.shape) == ([False], (0, 3))
    assert freeze_words(vectors).look_up([])[1].shape == (0, 3)


@pytest.mark.parametrize(
    ("wrong", "held"),
    [
        (np.zeros((7, 3), "f4"), "float32 (7, 3)"),
        (np.zeros(8, "f4"), "float32 (8,)"),
        (np.zeros((8, 3)), "float64 (8, 3)"),
    ],
)
def test_vectors_that_do_not_fit_the_words_are_refused(vectors, tmp_path, wrong, held):
    write_frozen_words(freeze_words(vectors), tmp_path / "one")
    path = tmp_path / "one" / VECTORS
    np.save(path, wrong)
    with pytest.raises(RunError) as caught:
        open_frozen_words(tmp_path / "one")
    assert str(caught.value) == (
        f"{path}: not readable as arrays: holds {held}, expected float32 (8, *); copy or train the run again"
    )


LOOK = """
import sys, time
from pathlib import Path
from seqlab.encoding.frozen_words import open_frozen_words
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
with Path(sys.argv[1], "words.txt").open() as file:
    asked = [line.strip() for number, line in enumerate(file) if number % 20 == 0]
before, start = resident(), time.process_time()
frozen = open_frozen_words(Path(sys.argv[1]))
opened = time.process_time() - start
known, found = frozen.look_up(asked)
spent = time.process_time() - start
assert known.all()
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 2**10
print(opened, spent, peak - before - found.nbytes / 2**20)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="resident memory is read off /proc"
)
@pytest.mark.parametrize("number_type", ["float32", "int8"])
def test_400_000_words_open_at_once_and_take_little_memory(tmp_path, number_type):
    dice = random.Random(4)  # noqa: S311  (no secret)
    words = set()
    while len(words) < 400_000:
        words.add("".join(dice.choices(string.ascii_lowercase, k=dice.randint(4, 12))))
    rows = np.random.default_rng(1).normal(size=(400_000, 50)).astype(np.float32)
    index = MemoryIndex({word: row for row, word in enumerate(sorted(words))})
    write_frozen_words(FrozenWords(index, rows), tmp_path / "big", number_type=number_type)
    command = [sys.executable, "-c", LOOK, str(tmp_path / "big")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    opened, all_looked_up, grown = map(float, done.stdout.split())
    assert opened < 0.2  # 0.002 s on an idle core
    assert all_looked_up < 5  # 0.15 s on an idle core, 20,000 words
    assert grown < 40  # MB; the vectors alone are 76


@pytest.mark.bits("copied")
def test_look_up_of_more_tokens_than_a_block(vectors, tmp_path, monkeypatch):
    write_frozen_words(freeze_words(vectors), tmp_path / "one")
    expected = open_frozen_words(tmp_path / "one").look_up(TOKENS)
    monkeypatch.setattr(frozen_words_module, "BLOCK", 3)
    found = open_frozen_words(tmp_path / "one").look_up(TOKENS)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
