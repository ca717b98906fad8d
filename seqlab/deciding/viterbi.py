"""Which tags are said of a sentence: the best of all legal paths.

The score of a path is the sum of its tokens' scores: for log-probabilities, of either head, the
posterior-Viterbi rule of Fariselli, Martelli & Casadio (2005). Only where the best tags of the tokens
break a rule is there anything to search: they are the best path otherwise.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from seqlab.deciding.transitions import LegalTransitions

Floats = npt.NDArray[np.floating]
Ids = npt.NDArray[np.int32]
Indices = npt.NDArray[np.intp]


def decode(scores: Floats, lengths: npt.NDArray[Any], legal: LegalTransitions | None) -> Ids:
    """The tags of every sentence, int32 (B, T).

    scores: float (B, T, C), with padding on the right. lengths: int (B,). legal: None allows all paths.
    A sentence that has no legal path at all (tags without `O`, one token) keeps the best tag of each token.
    """
    best: Ids = scores.argmax(axis=-1).astype(np.int32)
    if legal is None or not best.size:
        return best
    wrong = np.flatnonzero(~is_legal(best, lengths, legal))
    if len(wrong):
        longest = lengths[wrong].max()
        paths, totals = viterbi(scores[wrong, :longest], lengths[wrong], legal)
        found = np.isfinite(totals)
        best[wrong[found], :longest] = paths[found]
    return best


def is_legal(
    tags: Ids, lengths: npt.NDArray[Any], legal: LegalTransitions
) -> npt.NDArray[np.bool_]:
    """Whether each sentence keeps the rules, bool (B,). tags: int (B, T); lengths: int (B,)."""
    length = tags.shape[1]
    pairs = legal.pairs[tags[:, :-1], tags[:, 1:]] | (np.arange(1, length) >= lengths[:, None])
    last = np.take_along_axis(tags, np.maximum(lengths - 1, 0)[:, None], axis=1)[:, 0]
    ends = (legal.start[tags[:, 0]] & legal.end[last]) | (lengths == 0)
    kept: npt.NDArray[np.bool_] = pairs.all(axis=1) & ends
    return kept


def viterbi(
    scores: Floats, lengths: npt.NDArray[Any], legal: LegalTransitions
) -> tuple[Ids, Floats]:
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
    paths: Ids = np.stack(tags[::-1], axis=1).astype(np.int32)
    return paths, total.max(axis=-1)


def followers(legal: LegalTransitions) -> list[tuple[Indices, Indices]]:
    """Tags that may follow the same tags, together: they, and what they may follow."""
    columns, group = np.unique(legal.pairs, axis=1, return_inverse=True)
    return [
        (np.flatnonzero(group == number), np.flatnonzero(allowed))
        for number, allowed in enumerate(columns.T)
        if allowed.any()
    ]
