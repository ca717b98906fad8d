"""Generate a corpus with a given number of sentences, words and classes, without holding it in memory.

    python scripts/bench/generate.py OUT --sentences 200000 --vocabulary 100000 --length 16
    python scripts/bench/generate.py - --text --sentences 5000        # untagged, to standard output

Words follow Zipf's law: the word of rank r has a probability in proportion to r ** -exponent
(with exponent 0 all words are equally frequent). Lengths are 1 + Poisson(length - 1). A word's tag is its rank modulo
the number of classes, so tags can be learnt and classes are imbalanced. The same arguments give the same bytes.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 2000  # sentences per block
SYLLABLES = tuple(consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The size of the corpus. length: mean number of tokens per sentence, at least 1."""

    sentences: int
    vocabulary: int = 50_000
    length: float = 16.0
    classes: int = 17
    exponent: float = 1.0
    seed: int = 1


def spelling(rank: int) -> str:
    """The word with this rank, from 0. Rarer words have more syllables. Different ranks have different words.

    >>> [spelling(rank) for rank in (0, 1, 89, 90, 1_000_000)]
    ['ba', 'be', 'zu', 'baba', 'bajilada']
    """
    out = ""
    rank += 1
    while rank:
        rank, syllable = divmod(rank - 1, len(SYLLABLES))
        out = SYLLABLES[syllable] + out
    return out


def blocks(recipe: Recipe) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Ranks int64 (tokens,) and lengths int64 (sentences,) of up to `BLOCK` sentences at a time."""
    random = np.random.default_rng(recipe.seed)
    weights = np.arange(1, recipe.vocabulary + 1, dtype=np.float64) ** -recipe.exponent
    cumulative = np.cumsum(weights)
    for start in range(0, recipe.sentences, BLOCK):
        count = min(BLOCK, recipe.sentences - start)
        lengths = 1 + random.poisson(recipe.length - 1, count)
        drawn = random.random(int(lengths.sum())) * cumulative[-1]
        yield np.searchsorted(cumulative, drawn, side="right"), lengths


def text_blocks(recipe: Recipe) -> Iterator[bytes]:
    """One sentence per line, tokens separated by spaces."""
    words = [spelling(rank) for rank in range(recipe.vocabulary)]
    for ranks, lengths in blocks(recipe):
        tokens = [words[rank] for rank in ranks.tolist()]
        ends = np.cumsum(lengths).tolist()
        lines = (" ".join(tokens[a:b]) for a, b in zip([0, *ends], ends, strict=False))
        yield ("\n".join(lines) + "\n").encode()


def column_blocks(recipe: Recipe) -> Iterator[bytes]:
    """One 'token TAB tag' per line, and an empty line after each sentence."""
    words = [f"{spelling(r)}\tT{r % recipe.classes}\n" for r in range(recipe.vocabulary)]
    for ranks, lengths in blocks(recipe):
        lines = [words[rank] for rank in ranks.tolist()]
        ends = np.cumsum(lengths).tolist()
        sentences = ("".join(lines[a:b]) for a, b in zip([0, *ends], ends, strict=False))
        yield ("\n".join(sentences) + "\n").encode()


def write(recipe: Recipe, path: str | Path) -> str:
    """Write tokens and tags in columns, block by block. Returns the path."""
    with Path(path).open("wb") as file:
        file.writelines(column_blocks(recipe))
    return str(path)


def text_of_size(recipe: Recipe, size: int) -> Iterator[bytes]:
    """Text of about `size` bytes, rounded up to a whole block. Ignores the recipe's number of sentences."""
    endless = Recipe(**{**vars(recipe), "sentences": sys.maxsize})
    written = 0
    for block in text_blocks(endless):
        yield block
        written += len(block)
        if written >= size:
            return


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", help="file to write, or - for standard output")
    parser.add_argument(
        "--text", action="store_true", help="write sentences without tags, one per line"
    )
    for name, default, text in (
        ("sentences", 10_000, "number of sentences"),
        ("vocabulary", Recipe.vocabulary, "number of distinct words"),
        ("length", Recipe.length, "mean tokens per sentence"),
        ("classes", Recipe.classes, "number of tags"),
        ("exponent", Recipe.exponent, "exponent of Zipf's law"),
        ("seed", Recipe.seed, "seed of the random numbers"),
    ):
        text = f"{text} (default {default:g})"
        parser.add_argument(f"--{name}", type=type(default), default=default, help=text)
    options = vars(parser.parse_args())
    out, text = options.pop("out"), options.pop("text")
    blocks_of = text_blocks if text else column_blocks
    with open(1 if out == "-" else out, "wb") as file:  # noqa: PTH123 - a descriptor
        file.writelines(blocks_of(Recipe(**options)))


if __name__ == "__main__":
    main()
