"""Which tags are said of a sentence: the best of all legal paths.

The score of a path is the sum of its tokens' scores: for log-probabilities, of either head, the
posterior-Viterbi rule of Fariselli, Martelli & Casadio (2005). Only where the best tags of the tokens
break a rule is there anything to search: they are the best path otherwise.
"""

import numpy as np

from seqlab.arrays import AnyArray, AnyFloatArray, BoolArray, IndexArray, Int32Array
from seqlab.deciding.transitions import LegalTransitions


def decode(scores: AnyFloatArray, lengths: AnyArray, legal: LegalTransitions | None) -> Int32Array:
    """The tags of every sentence, int32 (B, T).

    scores: float (B, T, C), with padding on the right. lengths: int (B,). legal: None allows all paths.
    A sentence that has no legal path at all (tags without `O`, one token) keeps the best tag of each token.
    """
    best: Int32Array = scores.argmax(axis=-1).astype(np.int32)
    if legal is None or not best.size:
        return best
    wrong = np.flatnonzero(~is_legal(best, lengths, legal))
    if len(wrong):
        longest = lengths[wrong].max()
        paths, totals = viterbi(scores[wrong, :longest], lengths[wrong], legal)
        found = np.isfinite(totals)
        best[wrong[found], :longest] = paths[found]
    return best


def is_legal(tags: Int32Array, lengths: AnyArray, legal: LegalTransitions) -> BoolArray:
    """Whether each sentence keeps the rules, bool (B,). tags: int (B, T); lengths: int (B,)."""
    length = tags.shape[1]
    pairs = legal.pairs[tags[:, :-1], tags[:, 1:]] | (np.arange(1, length) >= lengths[:, None])
    last = np.take_along_axis(tags, np.maximum(lengths - 1, 0)[:, None], axis=1)[:, 0]
    ends = (legal.start[tags[:, 0]] & legal.end[last]) | (lengths == 0)
    kept: BoolArray = pairs.all(axis=1) & ends
    return kept


def viterbi(
    scores: AnyFloatArray, lengths: AnyArray, legal: LegalTransitions
) -> tuple[Int32Array, AnyFloatArray]:
    """The best legal path of each sentence, int32 (B, T), and its score (B,); -inf where there is none.

    scores: float (B, T, C). lengths: int (B,), at least 1. Tags on padding repeat.
    Tags that may follow the same ones share one search: by that many tags are quick.
    """
    total = np.where(legal.start, scores[:, 0].astype(np.float64), -np.inf)
    groups, same, rows = followers(legal), np.arange(total.shape[1]), np.arange(len(scores))
    back = []
    for time in range(1, scores.shape[1]):
        now, before = np.full_like(total, -np.inf), np.zeros(total.shape, np.int64)
        for own, allowed in groups:
            reached = total[:, allowed]
            best = reached.argmax(axis=1)
            now[:, own] = reached[rows, best][:, None]
            before[:, own] = allowed[best][:, None]
        real = (time < lengths)[:, None]
        back.append(np.where(real, before, same))
        total = np.where(real, now + scores[:, time], total)
    total = np.where(legal.end, total, -np.inf)
    tags = [total.argmax(axis=-1)]
    for before in reversed(back):
        tags.append(before[rows, tags[-1]])
    paths: Int32Array = np.stack(tags[::-1], axis=1).astype(np.int32)
    return paths, total.max(axis=-1)


def followers(legal: LegalTransitions) -> list[tuple[IndexArray, IndexArray]]:
    """Tags that may follow the same tags, together: they, and what they may follow."""
    columns, group = np.unique(legal.pairs, axis=1, return_inverse=True)
    return [
        (np.flatnonzero(group == number), np.flatnonzero(allowed))
        for number, allowed in enumerate(columns.T)
        if allowed.any()
    ]
