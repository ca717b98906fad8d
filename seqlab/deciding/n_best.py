"""The n most probable tag sequences of a sentence, for a CRF or a softmax.

A path's probability is its share of all paths, legal or not. What the legal paths lack to 1 is the
probability that the network gives to illegal ones. `viterbi` chooses the one path that a tagger returns.
"""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyFloatArray, AnyIntArray, Int32Array
from seqlab.deciding.transitions import LegalTransitions
from seqlab.errors import UserError

MAX_PATHS = 1000  # per sentence; memory grows with it
MAX_CANDIDATES = 4_000_000  # scores of one block of sentences that are held in memory at once


@dataclass(frozen=True, kw_only=True)
class PathScores:
    """The scores that a path gets in addition to its tokens' emissions; zeros for a softmax.

    start, end: float (C,), of its first and last tag. transitions: float (C, C), [tag, next tag].
    -inf forbids a tag or a pair.
    """

    start: AnyFloatArray
    transitions: AnyFloatArray
    end: AnyFloatArray

    def restricted_to(self, legal: LegalTransitions | None) -> "PathScores":
        """The same scores with -inf on everything illegal; None allows all."""
        if legal is None:
            return self
        return PathScores(
            start=np.where(legal.start, self.start, -np.inf),
            transitions=np.where(legal.pairs, self.transitions, -np.inf),
            end=np.where(legal.end, self.end, -np.inf),
        )


def check_paths(n: int) -> None:
    """Raise UserError unless n is a whole number from 1 to 1000."""
    if type(n) is not int or not 1 <= n <= MAX_PATHS:
        raise UserError(f"n_best is {n!r}: expected a whole number from 1 to {MAX_PATHS}")


def n_best(
    emissions: AnyFloatArray,
    lengths: AnyIntArray,
    path_scores: PathScores,
    *,
    n: int,
    legal: LegalTransitions | None = None,
) -> tuple[Int32Array, AnyFloatArray]:
    """The n best legal paths of each sentence and their log-probabilities, best first.

    emissions: float (B, T, C), padded on the right. lengths: int (B,), at least 1.
    Returns tag ids, int32 (B, K, T), and float64 (B, K), with K at most n. The last tag repeats on padding.
    A sentence with fewer than K paths gets -inf, and meaningless tag ids, in the other rows.
    """
    with np.errstate(invalid="ignore"):  # NaN scores, from a network of NaN weights, have no paths
        paths, totals = best_paths(emissions, lengths, path_scores.restricted_to(legal), n=n)
        return paths, totals - log_sum_over_paths(emissions, lengths, path_scores)[:, None]


def best_paths(
    emissions: AnyFloatArray, lengths: AnyIntArray, path_scores: PathScores, *, n: int
) -> tuple[Int32Array, AnyFloatArray]:
    """The n best paths, int32 (B, K, T), and their scores, float64 (B, K). Arguments as in `n_best`.

    List Viterbi (Seshadri & Sundberg 1994): every tag keeps the n best paths that end in it.
    Memory per sentence is O(T C n): 10 MB for 1,000 tokens, 25 tags and n = 100. Time is
    O(B T C (C + n^2)), or O(B T C^2 n) for a large n. It is less if many tags share their incoming
    transition scores; under a softmax all do.
    """
    _, longest, classes = emissions.shape
    n = min(n, classes ** min(longest, n))  # there are at most C^T paths; C^n avoids a huge power
    tag_ranks, _ = candidate_ranks(classes, n)
    rows = max(1, MAX_CANDIDATES // (classes * max(classes + len(tag_ranks), n * longest)))
    parts = [slice(first, first + rows) for first in range(0, len(emissions), rows)]
    blocks = [best_paths_of_block(emissions[p], lengths[p], path_scores, n=n) for p in parts]
    paths, totals = zip(*blocks, strict=True)
    return np.concatenate(paths), np.concatenate(totals)


def best_paths_of_block(
    emissions: AnyFloatArray, lengths: AnyIntArray, path_scores: PathScores, *, n: int
) -> tuple[Int32Array, AnyFloatArray]:
    """`best_paths` for as many sentences as fit in memory.

    A prefix is a path through the tokens so far. Its number is tag * n + rank: its last tag, and its rank
    among the prefixes that end in this tag.
    """
    batch, _, classes = emissions.shape
    # Tags with equal incoming transition scores choose among the same candidates: search once per group.
    columns, group = np.unique(path_scores.transitions.T, axis=0, return_inverse=True)
    tag_ranks, prefix_ranks = candidate_ranks(classes, n)
    rows, groups = np.ogrid[:batch, : len(columns)]
    # total[b, tag, rank]: score of a prefix. After one token each tag has a single prefix.
    total = np.full((batch, classes, n), -np.inf)
    total[:, :, 0] = path_scores.start + emissions[:, 0]
    same, back = np.arange(classes * n, dtype=np.int32), []
    for time in range(1, emissions.shape[1]):
        # 1. Per group, sort the previous tags by their best prefix. Then collect the candidates
        #    that can still be among the n best: at most n (n + 1) / 2 of C * n.
        best_tags = indices_of_largest(total[:, None, :, 0] + columns, min(n, classes))
        tags = best_tags[:, :, tag_ranks]
        reached = total[rows[..., None], tags, prefix_ranks] + columns[groups[..., None], tags]
        # 2. Keep the n best candidates, remember which prefixes they extend, add the emissions.
        best = indices_of_largest(reached, n)
        before = np.take_along_axis((tags * n + prefix_ranks).astype(np.int32), best, axis=-1)
        now = np.take_along_axis(reached, best, axis=-1)[:, group] + emissions[:, time, :, None]
        # 3. On padding a prefix points back to itself, so all sentences can be read from the end.
        real = time < lengths
        back.append(np.where(real[:, None], before[:, group].reshape(batch, -1), same))
        total = np.where(real[:, None, None], now, total)
    ends = (total + path_scores.end[:, None]).reshape(batch, -1)
    prefixes = indices_of_largest(ends, n)
    totals = np.take_along_axis(ends, prefixes, axis=-1)
    tag_ids = [prefixes // n]
    for before in reversed(back):
        prefixes = np.take_along_axis(before, prefixes, axis=-1)
        tag_ids.append(prefixes // n)
    return np.stack(tag_ids[::-1], axis=-1).astype(np.int32), totals


def candidate_ranks(classes: int, n: int) -> tuple[AnyIntArray, AnyIntArray]:
    """The tag ranks and prefix ranks of the candidates that can be among the n best.

    Let t be the rank of a previous tag by its best prefix, and r the rank of a prefix in that tag.
    The r better prefixes of the same tag, and the best prefix of each of the t better tags, score at
    least as high. So only candidates with t + r < n count.

    >>> [ranks.tolist() for ranks in candidate_ranks(3, 3)]
    [[0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 0]]
    """
    tags, prefixes = np.divmod(np.arange(min(classes, n) * n), n)
    kept = tags + prefixes < n
    return tags[kept], prefixes[kept]


def indices_of_largest(values: AnyFloatArray, n: int) -> AnyIntArray:
    """Int (…, n): the indices of the n largest values along the last axis, largest first.

    >>> indices_of_largest(np.array([1.0, 5.0, 3.0]), 2).tolist()
    [1, 2]
    """
    # argpartition returns the n largest in any order. Sorting the indices first makes the stable
    # argsort give equal values in the order of their indices.
    kept = np.sort(np.argpartition(values, -n, axis=-1)[..., -n:], axis=-1)
    order = np.argsort(-np.take_along_axis(values, kept, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(kept, order, axis=-1)


def log_sum_over_paths(
    emissions: AnyFloatArray, lengths: AnyIntArray, path_scores: PathScores
) -> AnyFloatArray:
    """float64 (B,): log of the sum of exp(score) over all paths. Arguments as in `n_best`."""
    total = path_scores.start + emissions[:, 0].astype(np.float64)
    for time in range(1, emissions.shape[1]):
        reached = np.logaddexp.reduce(total[:, :, None] + path_scores.transitions, axis=1)
        total = np.where((time < lengths)[:, None], reached + emissions[:, time], total)
    summed: AnyFloatArray = np.logaddexp.reduce(total + path_scores.end, axis=-1)
    return summed
