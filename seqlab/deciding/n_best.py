"""The most probable tag sequences of a sentence, in order, under a chain or a softmax.

A probability is that of the path among all paths, legal or not, so that what the legal ones lack to 1 is what the
network gives to illegal ones. Which one path is said is decided elsewhere, in `scoring.decoding`.
"""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyFloatArray, AnyIntArray, Int32Array
from seqlab.deciding.transitions import LegalTransitions
from seqlab.errors import UserError

MOST = 1000  # paths of a sentence: what is kept grows with them
CELLS = 4_000_000  # scores of candidates that are looked at together


@dataclass(frozen=True, kw_only=True)
class PathScores:
    """What a path scores beside its tokens: start, end float (C,); transitions float (C, C), from row to
    column. -inf forbids; a softmax has zeros.
    """

    start: AnyFloatArray
    transitions: AnyFloatArray
    end: AnyFloatArray

    def under(self, legal: LegalTransitions | None) -> "PathScores":
        """The same, what is not legal forbidden; None allows all."""
        if legal is None:
            return self
        return PathScores(
            start=np.where(legal.start, self.start, -np.inf),
            transitions=np.where(legal.pairs, self.transitions, -np.inf),
            end=np.where(legal.end, self.end, -np.inf),
        )


def check_paths(n: int) -> None:
    """Refuse a number of paths that none could keep."""
    if type(n) is not int or not 1 <= n <= MOST:
        raise UserError(f"n_best is {n!r}: expected a whole number from 1 to {MOST}")


def n_best(
    scores: AnyFloatArray,
    lengths: AnyIntArray,
    chain: PathScores,
    *,
    n: int,
    legal: LegalTransitions | None = None,
) -> tuple[Int32Array, AnyFloatArray]:
    """The n best legal paths of each sentence and their log-probabilities, best first.

    scores: float (B, T, C), with padding on the right. lengths: int (B,), at least 1.
    Returns int32 (B, K, T) and float64 (B, K), K at most n; -inf, and no path, where there are fewer. Tags
    on padding repeat.
    """
    with np.errstate(invalid="ignore"):  # a network of no numbers has no paths
        paths, totals = best_paths(scores, lengths, chain.under(legal), n=n)
        return paths, totals - log_partition(scores, lengths, chain)[:, None]


def best_paths(
    scores: AnyFloatArray, lengths: AnyIntArray, chain: PathScores, *, n: int
) -> tuple[Int32Array, AnyFloatArray]:
    """The n best paths, int32 (B, K, T), and their scores, float64 (B, K). Arguments as above.

    List Viterbi (Seshadri & Sundberg 1994): every tag keeps the n best ways to it. Memory is that of some
    sentences, O(T C n) each (1,000 tokens, 25 tags and n = 100: 10 MB); time O(B T C (C + n^2)) or, for
    a large n, O(B T C^2 n), less where tags follow others at the same scores, as all do under a softmax.
    """
    _, longest, classes = scores.shape
    n = min(n, classes ** min(longest, n))
    tag_ranks, _ = hopeful(classes, n)
    rows = max(1, CELLS // (classes * max(classes + len(tag_ranks), n * longest)))
    parts = [
        block_of_paths(scores[first : first + rows], lengths[first : first + rows], chain, n=n)
        for first in range(0, len(scores), rows)
    ]
    paths, totals = zip(*parts, strict=True)
    return np.concatenate(paths), np.concatenate(totals)


def block_of_paths(
    scores: AnyFloatArray, lengths: AnyIntArray, chain: PathScores, *, n: int
) -> tuple[Int32Array, AnyFloatArray]:
    """`best_paths` of as many sentences as fit in memory. A way is numbered tag * n + rank."""
    batch, _, classes = scores.shape
    columns, group = np.unique(chain.transitions.T, axis=0, return_inverse=True)
    tag_ranks, way_ranks = hopeful(classes, n)
    rows, groups = np.ogrid[:batch, : len(columns)]
    total = np.full((batch, classes, n), -np.inf)
    total[:, :, 0] = chain.start + scores[:, 0]
    same, back = np.arange(classes * n, dtype=np.int32), []
    for time in range(1, scores.shape[1]):
        tags = greatest(total[:, None, :, 0] + columns, min(n, classes))[:, :, tag_ranks]
        reached = total[rows[..., None], tags, way_ranks] + columns[groups[..., None], tags]
        best = greatest(reached, n)
        before = np.take_along_axis((tags * n + way_ranks).astype(np.int32), best, axis=-1)
        now = np.take_along_axis(reached, best, axis=-1)[:, group] + scores[:, time, :, None]
        real = time < lengths
        back.append(np.where(real[:, None], before[:, group].reshape(batch, -1), same))
        total = np.where(real[:, None, None], now, total)
    ends = (total + chain.end[:, None]).reshape(batch, -1)
    ways = greatest(ends, n)
    totals = np.take_along_axis(ends, ways, axis=-1)
    said = [ways // n]
    for before in reversed(back):
        ways = np.take_along_axis(before, ways, axis=-1)
        said.append(ways // n)
    return np.stack(said[::-1], axis=-1).astype(np.int32), totals


def hopeful(classes: int, n: int) -> tuple[AnyIntArray, AnyIntArray]:
    """Ranks of tags, by their best way, and of ways within a tag that may be among the n best.

    No worse than a way are the better ones of its own tag, and the best of each better tag.

    >>> [ranks.tolist() for ranks in hopeful(3, 3)]
    [[0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 0]]
    """
    tags, ways = np.divmod(np.arange(min(classes, n) * n), n)
    kept = tags + ways < n
    return tags[kept], ways[kept]


def greatest(values: AnyFloatArray, n: int) -> AnyIntArray:
    """Where the n greatest stand, int (…, n), along the last axis; the greatest first.

    >>> greatest(np.array([1.0, 5.0, 3.0]), 2).tolist()
    [1, 2]
    """
    kept = np.sort(np.argpartition(values, -n, axis=-1)[..., -n:], axis=-1)
    order = np.argsort(-np.take_along_axis(values, kept, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(kept, order, axis=-1)


def log_partition(scores: AnyFloatArray, lengths: AnyIntArray, chain: PathScores) -> AnyFloatArray:
    """The logarithm, float64 (B,), of the sum of exp(score) over all paths. Arguments as above."""
    total = chain.start + scores[:, 0].astype(np.float64)
    for time in range(1, scores.shape[1]):
        reached = np.logaddexp.reduce(total[:, :, None] + chain.transitions, axis=1)
        total = np.where((time < lengths)[:, None], reached + scores[:, time], total)
    summed: AnyFloatArray = np.logaddexp.reduce(total + chain.end, axis=-1)
    return summed
