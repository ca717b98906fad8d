"""Viterbi decoding: the best legal tag path of each sentence.

The score of a path is the sum of its tokens' scores. With log-probabilities this is posterior Viterbi
(Fariselli, Martelli & Casadio 2005), for a softmax and for CRF marginals. Only sentences whose best tags
break a rule need the search; in all others those tags are already the best path.
"""

import numpy as np

from seqlab.arrays import AnyArray, AnyFloatArray, BoolArray, IndexArray, Int32Array
from seqlab.deciding.transitions import LegalTransitions


def decode(scores: AnyFloatArray, lengths: AnyArray, legal: LegalTransitions | None) -> Int32Array:
    """int32 (B, T): the tag ids of every sentence, without meaning on padding.

    scores: float (B, T, C), padded on the right. lengths: int (B,). legal: None allows all paths.
    A sentence without any legal path keeps the best tag of each token (one token, no outside tag).
    """
    best: Int32Array = scores.argmax(axis=-1).astype(np.int32)
    if legal is None or not best.size:
        return best
    illegal = np.flatnonzero(~is_legal(best, lengths, legal))
    if len(illegal):
        longest = lengths[illegal].max()
        paths, totals = viterbi(scores[illegal, :longest], lengths[illegal], legal)
        has_path = np.isfinite(totals)
        best[illegal[has_path], :longest] = paths[has_path]
    return best


def is_legal(tag_ids: Int32Array, lengths: AnyArray, legal: LegalTransitions) -> BoolArray:
    """Bool (B,): whether each sentence's path is legal. tag_ids: int (B, T). lengths: int (B,)."""
    # Pairs that reach into the padding always pass.
    padding = np.arange(1, tag_ids.shape[1]) >= lengths[:, None]
    pairs = legal.pairs[tag_ids[:, :-1], tag_ids[:, 1:]] | padding
    last = np.take_along_axis(tag_ids, np.maximum(lengths - 1, 0)[:, None], axis=1)[:, 0]
    ends = (legal.start[tag_ids[:, 0]] & legal.end[last]) | (lengths == 0)
    whole: BoolArray = pairs.all(axis=1) & ends
    return whole


def viterbi(
    scores: AnyFloatArray, lengths: AnyArray, legal: LegalTransitions
) -> tuple[Int32Array, AnyFloatArray]:
    """The best legal path of each sentence, int32 (B, T), and its score, float64 (B,).

    scores: float (B, T, C). lengths: int (B,), at least 1. The last tag repeats on padding.
    A sentence without a legal path has the score -inf.
    """
    # total[b, c]: the best score of a legal path through the tokens so far that ends in tag c.
    total = np.where(legal.start, scores[:, 0].astype(np.float64), -np.inf)
    groups, back = predecessor_groups(legal), []
    same, rows = np.arange(total.shape[1]), np.arange(len(scores))
    for time in range(1, scores.shape[1]):
        now, before = np.full_like(total, -np.inf), np.zeros(total.shape, np.int64)
        for members, number, predecessors in groups:
            reached = total[:, predecessors]
            best = reached.argmax(axis=2)
            sets = np.arange(len(predecessors))
            now[:, members] = reached[rows[:, None], sets, best][:, number]
            before[:, members] = predecessors[sets, best][:, number]
        # On padding a tag points back to itself and keeps its total. So every sentence can be read
        # back from the last time step, whatever its length.
        real = (time < lengths)[:, None]
        back.append(np.where(real, before, same))
        total = np.where(real, now + scores[:, time], total)
    total = np.where(legal.end, total, -np.inf)
    tag_ids = [total.argmax(axis=-1)]
    for before in reversed(back):
        tag_ids.append(before[rows, tag_ids[-1]])
    paths: Int32Array = np.stack(tag_ids[::-1], axis=1).astype(np.int32)
    return paths, total.max(axis=-1)


def predecessor_groups(
    legal: LegalTransitions,
) -> list[tuple[IndexArray, IndexArray, IndexArray]]:
    """Groups of tags whose predecessors are equally many: one argmax serves a whole group.

    Tags with the same predecessors share a set of them. Returns for each group its tags (M,), the number of each tag's
    set (M,), and the sets (S, P), of P tag ids each. A scheme has two or three groups, even with many entity types.
    """
    columns, set_of_tag = np.unique(legal.pairs, axis=1, return_inverse=True)
    sizes = columns.sum(axis=0)
    groups = []
    for size in set(sizes.tolist()) - {0}:
        chosen = np.flatnonzero(sizes == size)
        predecessors = np.stack([np.flatnonzero(columns[:, number]) for number in chosen])
        members = np.flatnonzero(sizes[set_of_tag] == size)
        groups.append((members, np.searchsorted(chosen, set_of_tag[members]), predecessors))
    return groups
