"""Resampling: how often an epoch holds each sentence.

Sentences with rare classes are copied (X. Wang and Y. Wang, 'Sentence-Level Resampling for Named Entity
Recognition', NAACL 2022), and sentences without spans can be left out. An epoch is a list of sentence
indices, so no sentence is copied in memory. Each window of a long sentence counts as a sentence. Classes are
given as numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seqlab.arrays import DoubleArray, Int64Array
from seqlab.errors import SettingsError
from seqlab.weighting.automatic_copies import automatic_copies, describe_rare, rare_classes

COPY_SCHEMES = ("none", "sc", "scr", "scrd", "nscrd")
LONG = 3  # an epoch with at least this many times the original windows gets a note
DIGITS = 9  # decimals kept before copies are rounded up, so that a rounding error adds no copy


def sentence_class_counts(
    classes: npt.ArrayLike, offsets: npt.ArrayLike, *, number: int
) -> Int64Array:
    """Count the tokens of each class in each sentence: n_e of the paper.

    classes: int (tokens,), class of each token from 0; -1 is the outside tag.
    offsets: int (N + 1,), the first token of each sentence.
    number: E, the number of classes.
    Returns int64 (N, E).

    >>> sentence_class_counts([0, -1, 1, 1], [0, 2, 4], number=2).tolist()
    [[1, 0], [0, 2]]
    """
    token_classes, starts = np.asarray(classes), np.asarray(offsets)
    sentences = len(starts) - 1
    sentence = np.repeat(np.arange(sentences), np.diff(starts))
    inside = token_classes >= 0
    # Count the flat cells of the (N, E) table: cell = sentence * E + class.
    cells = sentence[inside] * number + token_classes[inside]
    counts = np.bincount(cells, minlength=sentences * number)
    return np.asarray(counts.reshape(sentences, number), np.int64)


def class_rarity(counts: Int64Array, tokens: int) -> DoubleArray:
    """Return the rarity of each class: w_e = -log2(tokens of class e / all tokens); 0 without tokens.

    counts: int (N, E). tokens: all tokens of the split.
    Returns float64 (E,), in bits.

    >>> class_rarity(np.array([[1, 0], [1, 4]]), 16).tolist()
    [3.0, 2.0]
    """
    totals = counts.sum(axis=0)
    rarity: DoubleArray = np.where(totals > 0, np.log2(tokens / np.maximum(totals, 1)), 0.0)
    return rarity


def sentence_copies(scheme: str, counts: Int64Array, lengths: npt.ArrayLike) -> Int64Array:
    """Return how often an epoch holds each sentence, int64 (N,), at least once each.

    scheme: one of `COPY_SCHEMES`.
        none: 1. sc: 1 + sum n_e. scr: sqrt(1 + sum n_e w_e). scrd: (1 + sum n_e w_e) / sqrt(length).
        nscrd: (1 + sum sqrt(n_e) w_e) / sqrt(length). All are rounded up.
    counts: int (N, E), tokens of each class.
    lengths: int (N,), tokens.

    >>> [sentence_copies(n, np.array([[4]]), [16]).tolist() for n in ("sc", "scr", "scrd", "nscrd")]
    [[5], [3], [3], [2]]
    """
    if scheme == "none":
        return np.ones(len(counts), np.int64)
    length = np.asarray(lengths, np.float64)
    rarity = np.ones(counts.shape[1]) if scheme == "sc" else class_rarity(counts, int(length.sum()))
    # nscrd: the square root damps sentences with many tokens of one class.
    need = 1 + ((np.sqrt(counts) if scheme == "nscrd" else counts) * rarity).sum(axis=1)
    if scheme == "scr":
        need = np.sqrt(need)
    elif scheme in ("scrd", "nscrd"):
        need = need / np.sqrt(length)  # a density: long sentences need fewer copies
    return np.asarray(np.ceil(need.round(DIGITS)), np.int64)


@dataclass(frozen=True, kw_only=True)
class CopySampler:
    """Draws every sentence with spans a fixed number of times, and some of the sentences without spans.

    copies: int64 or float64 (N,), how often an epoch holds each sentence. With 2.3 it holds the sentence twice, and
        three times with a probability of 0.3.
    empty: int64 (M,), the sentences without spans.
    kept: how many of them an epoch holds; others are drawn in each epoch.
    """

    copies: Int64Array | DoubleArray
    empty: Int64Array
    kept: int

    def draw(self, random: np.random.Generator) -> Int64Array:
        """Return the sentences of one epoch, sorted; the batcher shuffles them."""
        copies = self.copies.astype(np.int64)
        parts = self.copies - copies
        if parts.any():
            copies += random.random(len(parts)) < parts
        left_out = random.permutation(self.empty)[self.kept :]
        copies[left_out] = 0
        return np.repeat(np.arange(len(copies)), copies)

    def expected(self) -> DoubleArray:
        """Return float64 (N,): how often an epoch holds each sentence on average."""
        copies = self.copies.astype(np.float64)
        copies[self.empty] *= self.kept / max(1, len(self.empty))
        return copies


@dataclass(frozen=True, kw_only=True)
class BalancedSampler:
    """Draws a class first, then a sentence that holds it.

    size: the number of sentences N, which is also the length of an epoch.
    members: for each class, int64 (sentences,), the sentences that hold it.
    shares: float64 (classes,), the probability of each class.
    """

    size: int
    members: tuple[Int64Array, ...]
    shares: DoubleArray

    def draw(self, random: np.random.Generator) -> Int64Array:
        """Return the sentences of one epoch."""
        drawn = random.choice(len(self.members), self.size, p=self.shares)
        sizes = np.array([len(sentences) for sentences in self.members])
        # All members lie in one flat array: the start of the drawn class plus a random index within it.
        starts = np.cumsum(sizes) - sizes
        indices = starts[drawn] + random.integers(sizes[drawn])
        return np.asarray(np.concatenate(self.members)[indices], np.int64)

    def expected(self) -> DoubleArray:
        """Return float64 (N,): how often an epoch holds each sentence on average."""
        copies = np.zeros(self.size)
        for sentences, share in zip(self.members, self.shares, strict=True):
            copies[sentences] += self.size * share / len(sentences)
        return copies


Resampler = CopySampler | BalancedSampler


def make_resampler(
    scheme: str, counts: Int64Array, lengths: npt.ArrayLike, *, keep_empty: float = 1.0
) -> Resampler | None:
    """Return the sampler of a scheme, or None when each epoch holds each sentence once.

    scheme: one of `COPY_SCHEMES`, 'auto' or 'balanced'.
    counts: int (N, E), tokens of each class. lengths: int (N,), tokens.
    keep_empty: the share of sentences without spans that an epoch holds; for 'balanced' the probability of
        drawing such a sentence, relative to 1 for each class.
    Raises SettingsError when no sentence would be left.
    """
    empty = np.flatnonzero(counts.sum(axis=1) == 0)
    if scheme == "balanced":
        return _balanced_sampler(counts, empty, keep_empty)
    kept = round(keep_empty * len(empty))
    if scheme == "auto" and not rare_classes(counts, lengths).any():
        scheme = "none"
    if scheme == "none" and kept == len(empty):
        return None
    if kept == 0 and len(empty) == len(counts):
        fact = f"keep_empty is {keep_empty!r}, but no training sentence has a span"
        raise SettingsError(f"{fact}; give a share above 0")
    automatic = scheme == "auto"
    copies = (
        automatic_copies(counts, lengths) if automatic else sentence_copies(scheme, counts, lengths)
    )
    return CopySampler(copies=copies, empty=empty, kept=kept)


def _balanced_sampler(counts: Int64Array, empty: Int64Array, keep_empty: float) -> BalancedSampler:
    members = [np.flatnonzero(column) for column in counts.T if column.any()]
    odds = [1.0] * len(members)
    if len(empty) and keep_empty > 0:
        members, odds = [*members, empty], [*odds, keep_empty]
    if not members:
        fact = "resample is 'balanced', but no training sentence has a span"
        raise SettingsError(f"{fact}; give another scheme")
    shares = np.array(odds) / sum(odds)
    return BalancedSampler(size=len(counts), members=tuple(members), shares=shares)


def class_shares(
    resampler: Resampler, counts: Int64Array, lengths: npt.ArrayLike
) -> tuple[DoubleArray, DoubleArray]:
    """Return each class's share of an epoch's tokens, float64 (E,), without and with resampling (expected)."""
    tokens = np.asarray(lengths, np.float64)
    copies = resampler.expected()
    return counts.sum(axis=0) / tokens.sum(), copies @ counts / (copies @ tokens)


def describe_resampling(
    scheme: str,
    resampler: Resampler | None,
    counts: Int64Array,
    lengths: npt.ArrayLike,
    classes: Sequence[str],
) -> str:
    """Return one line: the size of an epoch, and each class's share of tokens before and after resampling.

    resampler: that of `make_resampler`; None when each epoch holds each sentence once. Then the line is '', but for
        'auto' it gives the reason. For 'auto', shares are those of the rare classes.
    """
    auto = scheme == "auto"
    reason = f"{describe_rare(counts, lengths)}; " if auto else ""
    if resampler is None:
        return f"resampling auto: {reason}an epoch holds each window once" if auto else ""
    shown = rare_classes(counts, lengths) if auto else np.ones(len(classes), np.bool_)
    before, after = class_shares(resampler, counts, lengths)
    copies = resampler.expected()
    changes = ", ".join(
        f"{classes[int(number)]} {before[number]:.3%} -> {after[number]:.3%}".replace("%", " %")
        for number in np.flatnonzero(shown)
    )
    size = f"an epoch holds {copies.sum():,.0f} windows of {len(counts):,}"
    text = f"resampling {scheme}: {reason}{size} (each at most {copies.max():.3g} times)"
    if changes:
        text += f"; share of tokens: {changes}"
    growth = copies.sum() / len(counts)
    if growth < LONG:
        return text
    return f"{text}; an epoch is {growth:.1f} times as long as with --resample none"
