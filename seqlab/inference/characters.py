"""A word's vector from its characters, in numpy."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from seqlab.arrays import AnyIntArray, FloatArray
from seqlab.inference.lstm import BLOCK, BiLstm, RaggedBatch

WORDS = 512  # that are convolved together: their rows stay in the cache


def convolution(chars: AnyIntArray, weights: Sequence[FloatArray]) -> FloatArray:
    """The greatest of each filter over a word's characters, at least 0.

    chars: unsigned (U, W), character ids, 0 is padding on the right. weights: the embedding (characters, D),
    the kernel (3, D, F) and the bias (F,). Returns float32 (U, F), zero for words without characters.
    """
    embedding, kernel, bias = weights
    embedding = np.concatenate([np.zeros_like(embedding[:1]), embedding[1:]])
    before, here, after = embedding @ kernel  # what a character adds at each place of a window
    padded = np.pad(chars, ((0, 0), (1, 1)))
    out = np.empty((len(chars), len(bias)), np.float32)
    edges = [*range(0, len(chars), WORDS), len(chars)]
    for start, stop in pairwise(edges):
        block = padded[start:stop]
        found = before[block[:, :-2]] + here[block[:, 1:-1]]
        found += after[block[:, 2:]]
        found[chars[start:stop] == 0] = -np.inf
        np.max(found, axis=1, initial=-np.inf, out=out[start:stop])
    out += bias
    np.maximum(out, 0, out=out)
    return out


def recurrence(chars: AnyIntArray, weights: Sequence[FloatArray]) -> FloatArray:
    """The last states of a BiLSTM over a word's characters.

    chars: as above. weights: the embedding, then kernel, recurrent kernel and bias of each direction.
    Returns float32 (U, 2H), zero for words without characters.
    """
    embedding, *cells = weights
    lengths = np.count_nonzero(chars, axis=1)
    bilstm = BiLstm.of(cells[:3], cells[3:])
    out = np.zeros((len(chars), 2 * bilstm.units), np.float32)
    table = bilstm.project(embedding)
    for length in np.unique(lengths[lengths > 0]).tolist():
        same = np.flatnonzero(lengths == length)
        for words in np.split(same, range(WORDS, len(same), WORDS)):
            out[words] = last_states(bilstm, table, chars[words, :length])
    return out


def last_states(bilstm: BiLstm, table: FloatArray, chars: AnyIntArray) -> FloatArray:
    """float32 (U, 2H): the last state of each direction, for words of one length.

    The words are filled up to whole blocks, so that a word's states do not depend on the others, bit for bit.
    """
    words, length = chars.shape
    whole = np.zeros((-(-words // BLOCK) * BLOCK, length), np.int64)
    whole[:words] = chars
    ragged = RaggedBatch(np.full(len(whole), length))
    states = bilstm.run([(table, whole.ravel())], ragged, by_block=True)
    return np.concatenate(states[:, ragged.ends], axis=1)[:words]
