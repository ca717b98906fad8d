"""Which sentences an epoch holds and how often: copies for rare spans, fewer sentences without any.

Copies: X. Wang and Y. Wang, 'Sentence-Level Resampling for Named Entity Recognition' (NAACL 2022).
An epoch is a list of sentence numbers, drawn when it begins: no sentence is copied in memory.
The unit is what a training step sees: of a sentence that is cut in windows, each window counts on
its own, with its own spans and its own length. Knows no tags: classes are numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqlab.arrays import DoubleArray, Int64Array
from seqlab.errors import SettingsError

COPY_SCHEMES = ("none", "sc", "scr", "scrd", "nscrd")
LONG = 3  # times the windows of an epoch, from which on its length is worth a word
DIGITS = 9  # copies are rounded up, but not for a rounding error in the last places


def sentence_class_counts(
    classes: npt.ArrayLike, offsets: npt.ArrayLike, *, number: int
) -> Int64Array:
    """How many tokens of each class each sentence has: n_e.

    classes: int (tokens,), from 0; -1 is no class (O). offsets: int (N + 1,), where sentences begin.
    number: E, of classes. Returns int64 (N, E).

    >>> sentence_class_counts([0, -1, 1, 1], [0, 2, 4], number=2).tolist()
    [[1, 0], [0, 2]]
    """
    flat, starts = np.asarray(classes), np.asarray(offsets)
    sentences = len(starts) - 1
    sentence = np.repeat(np.arange(sentences), np.diff(starts))
    held = flat >= 0
    cells = sentence[held] * number + flat[held]
    found = np.bincount(cells, minlength=sentences * number)
    return np.asarray(found.reshape(sentences, number), np.int64)


def class_rarity(counts: Int64Array, tokens: int) -> DoubleArray:
    """w_e = -log2(tokens of class e / all tokens); 0 for a class without tokens.

    counts: int (N, E). Returns float64 (E,), in bits.

    >>> class_rarity(np.array([[1, 0], [1, 4]]), 16).tolist()
    [3.0, 2.0]
    """
    totals = counts.sum(axis=0)
    found: DoubleArray = np.where(totals > 0, np.log2(tokens / np.maximum(totals, 1)), 0.0)
    return found


def copies(name: str, counts: Int64Array, lengths: npt.ArrayLike) -> Int64Array:
    """How often an epoch holds each sentence, at least once each.

    none: 1. sc: 1 + sum n_e. scr: sqrt(1 + sum n_e w_e). scrd: (1 + sum n_e w_e) / sqrt(length).
    nscrd: (1 + sum sqrt(n_e) w_e) / sqrt(length). All rounded up.
    counts: int (N, E), tokens of each class. lengths: int (N,), tokens. Returns int64 (N,).

    >>> [copies(n, np.array([[4]]), [16]).tolist() for n in ("sc", "scr", "scrd", "nscrd")]
    [[5], [3], [3], [2]]
    """
    if name == "none":
        return np.ones(len(counts), np.int64)
    length = np.asarray(lengths, np.float64)
    weights = np.ones(counts.shape[1]) if name == "sc" else class_rarity(counts, int(length.sum()))
    held = np.sqrt(counts) if name == "nscrd" else counts
    found = 1 + (held * weights).sum(axis=1)
    if name == "scr":
        found = np.sqrt(found)
    elif name in ("scrd", "nscrd"):
        found = found / np.sqrt(length)
    return np.asarray(np.ceil(found.round(DIGITS)), np.int64)


@dataclass(frozen=True, kw_only=True)
class CopySampler:
    """Every sentence with spans so many times; of those without, some, drawn anew each epoch.

    copies: int64 (N,). empty: int64 (M,), the sentences without spans. kept: how many of them.
    """

    copies: Int64Array
    empty: Int64Array
    kept: int

    def draw(self, random: np.random.Generator) -> Int64Array:
        """The sentences of one epoch, in no order that matters."""
        times = self.copies.copy()
        left_out = random.permutation(self.empty)[self.kept :]
        times[left_out] = 0
        return np.repeat(np.arange(len(times)), times)

    def expected(self) -> DoubleArray:
        """float64 (N,): how often an epoch holds each sentence, in the mean."""
        times = self.copies.astype(np.float64)
        times[self.empty] *= self.kept / max(1, len(self.empty))
        return times


@dataclass(frozen=True, kw_only=True)
class BalancedSampler:
    """For each place of a batch a class is drawn evenly, then a sentence that holds it.

    size: N, of the sentences, and of the places of an epoch. members: int64 arrays, the sentences that hold each class.
    shares: float64 (classes,), how likely each is drawn.
    """

    size: int
    members: tuple[Int64Array, ...]
    shares: DoubleArray

    def draw(self, random: np.random.Generator) -> Int64Array:
        """The sentences of one epoch, place by place."""
        drawn = random.choice(len(self.members), self.size, p=self.shares)
        sizes = np.array([len(held) for held in self.members])
        starts = np.cumsum(sizes) - sizes
        places = starts[drawn] + random.integers(sizes[drawn])
        return np.asarray(np.concatenate(self.members)[places], np.int64)

    def expected(self) -> DoubleArray:
        """float64 (N,): how often an epoch holds each sentence, in the mean."""
        times = np.zeros(self.size)
        for held, share in zip(self.members, self.shares, strict=True):
            times[held] += self.size * share / len(held)
        return times


Resampler = CopySampler | BalancedSampler


def make_resampler(
    name: str, counts: Int64Array, lengths: npt.ArrayLike, *, keep_empty: float = 1.0
) -> Resampler | None:
    """What draws the epochs, or None where each sees each sentence once.

    name: one of COPY_SCHEMES, or 'balanced'. counts: int (N, E). lengths: int (N,).
    keep_empty: share of the sentences without spans that an epoch holds; for 'balanced' how likely
    such a sentence is drawn, where a class has likelihood 1.
    Raises SettingsError when nothing is left to train on.
    """
    empty = np.flatnonzero(counts.sum(axis=1) == 0)
    if name == "balanced":
        return _balanced(counts, empty, keep_empty)
    kept = round(keep_empty * len(empty))
    if name == "none" and kept == len(empty):
        return None
    if kept == 0 and len(empty) == len(counts):
        raise SettingsError(f"keep_empty is {keep_empty!r}: no training sentence has a span")
    return CopySampler(copies=copies(name, counts, lengths), empty=empty, kept=kept)


def _balanced(counts: Int64Array, empty: Int64Array, keep_empty: float) -> BalancedSampler:
    held = [np.flatnonzero(column) for column in counts.T if column.any()]
    likely = [1.0] * len(held)
    if len(empty) and keep_empty > 0:
        held, likely = [*held, empty], [*likely, keep_empty]
    if not held:
        raise SettingsError("resample is 'balanced': no training sentence has a span")
    shares = np.array(likely) / sum(likely)
    return BalancedSampler(size=len(counts), members=tuple(held), shares=shares)


def class_shares(
    resampler: Resampler, counts: Int64Array, lengths: npt.ArrayLike
) -> tuple[DoubleArray, DoubleArray]:
    """Each class's share of the tokens of an epoch, float64 (E,): before and after, in the mean."""
    tokens = np.asarray(lengths, np.float64)
    times = resampler.expected()
    return counts.sum(axis=0) / tokens.sum(), times @ counts / (times @ tokens)


def describe_resampling(
    name: str,
    resampler: Resampler,
    counts: Int64Array,
    lengths: npt.ArrayLike,
    classes: Sequence[str],
) -> str:
    """One line: how many sentences an epoch holds, and the class shares before and after."""
    before, after = class_shares(resampler, counts, lengths)
    times = resampler.expected()
    changes = ", ".join(
        f"{label} {old:.3%} -> {new:.3%}".replace("%", " %")
        for label, old, new in zip(classes, before, after, strict=True)
    )
    text = (
        f"resampling {name}: an epoch holds {times.sum():,.0f} windows of {len(counts):,} "
        f"(each at most {times.max():.3g} times); share of tokens: {changes}"
    )
    if times.sum() < LONG * len(counts):
        return text
    return f"{text}; where time is short, --resample none is quicker by that much an epoch"
