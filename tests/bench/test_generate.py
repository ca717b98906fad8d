import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bench.generate import (
    BLOCK,
    Recipe,
    blocks,
    column_blocks,
    spelling,
    text_blocks,
    text_of_size,
    write,
)

from seqlab import read_corpus

SCRIPT = Path(__file__).parents[2] / "scripts" / "bench" / "generate.py"
RECIPE = Recipe(sentences=4100, vocabulary=300, length=7, classes=5)


def test_no_two_ranks_are_spelt_alike():
    assert len({spelling(rank) for rank in range(20_000)}) == 20_000


def test_frequencies_follow_zipf():
    ranks = np.concatenate([block for block, _ in blocks(RECIPE)])
    expected = np.arange(1, 301.0) ** -1
    expected /= expected.sum()
    counts = np.bincount(ranks, minlength=300)
    # Chi-squared with 299 degrees of freedom: mean 299, standard deviation 24.
    assert ((counts - len(ranks) * expected) ** 2 / (len(ranks) * expected)).sum() < 299 + 5 * 24


def test_an_exponent_of_0_makes_all_words_alike():
    ranks = np.concatenate([block for block, _ in blocks(replace(RECIPE, exponent=0.0))])
    counts = np.bincount(ranks, minlength=300)
    assert counts.min() > 0.5 * counts.mean()
    assert counts.max() < 1.6 * counts.mean()


def test_sentences_and_their_lengths():
    lengths = np.concatenate([block for _, block in blocks(RECIPE)])
    assert len(lengths) == 4100
    assert lengths.min() >= 1
    assert abs(lengths.mean() - 7) < 5 * (6 / 4100) ** 0.5


def test_the_file_is_a_corpus_in_which_a_word_tells_its_tag(tmp_path):
    corpus = read_corpus(write(RECIPE, tmp_path / "made.conll"))
    assert len(corpus) == 4100
    tags = Counter(
        (token, tag) for s in corpus for token, tag in zip(s.tokens, s.tags, strict=True)
    )
    assert len(tags) == len({token for token, _ in tags})
    assert {tag for _, tag in tags} == {f"T{number}" for number in range(5)}
    lengths = [length for _, block in blocks(RECIPE) for length in block]
    assert [len(sentence) for sentence in corpus] == lengths


def test_text_and_columns_hold_the_same_tokens():
    text = b"".join(text_blocks(RECIPE)).decode().splitlines()
    columns = b"".join(column_blocks(RECIPE)).decode().strip().split("\n\n")
    assert [[line.split("\t")[0] for line in s.splitlines()] for s in columns] == [
        line.split(" ") for line in text
    ]


def test_nothing_is_made_before_it_is_asked_for():
    endless = blocks(Recipe(sentences=10**15, vocabulary=10))
    assert len(next(endless)[1]) == BLOCK


@pytest.mark.parametrize("size", [1, 100_000, 300_000])
def test_text_of_a_size(size):
    made = list(text_of_size(RECIPE, size))
    assert sum(map(len, made[:-1])) < size <= sum(map(len, made))


def test_the_command(tmp_path):
    command = [sys.executable, str(SCRIPT), "--sentences", "5", "--vocabulary", "9"]
    subprocess.run([*command, str(tmp_path / "out")], check=True)
    again = subprocess.run([*command, "-"], check=True, capture_output=True).stdout
    assert (tmp_path / "out").read_bytes() == again
    assert again == b"".join(column_blocks(Recipe(sentences=5, vocabulary=9)))
    text = subprocess.run([*command, "--text", "-"], check=True, capture_output=True).stdout
    assert text.count(b"\n") == 5
