"""A word vector from the word's characters, in numpy: by convolution, or by a BiLSTM."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from seqlab.arrays import AnyIntArray, FloatArray
from seqlab.inference.lstm import BLOCK, BiLstm
from seqlab.inference.ragged import RaggedBatch

WORDS = 512  # words computed together; their rows fit in the cache


def convolution(chars: AnyIntArray, weights: Sequence[FloatArray]) -> FloatArray:
    """float32 (U, F): the maximum of each filter over the word's characters, then ReLU.

    chars: unsigned (U, W), character ids, padded with 0 on the right. A word without characters gets 0.
    weights: embedding (characters, D), kernel (3, D, F), bias (F,).
    """
    embedding, kernel, bias = weights
    embedding = np.concatenate([np.zeros_like(embedding[:1]), embedding[1:]])  # padding adds 0
    # A window is linear in its three characters. So multiply each character of the vocabulary by the
    # kernel once per position in the window. A window is then a sum of three table rows.
    before, here, after = embedding @ kernel
    padded = np.pad(chars, ((0, 0), (1, 1)))
    out = np.empty((len(chars), len(bias)), np.float32)
    edges = [*range(0, len(chars), WORDS), len(chars)]
    for start, stop in pairwise(edges):
        block = padded[start:stop]
        windows = before[block[:, :-2]] + here[block[:, 1:-1]]
        windows += after[block[:, 2:]]
        windows[chars[start:stop] == 0] = -np.inf  # windows centred on padding never win
        np.max(windows, axis=1, initial=-np.inf, out=out[start:stop])
    out += bias  # after the maximum, which it does not change
    np.maximum(out, 0, out=out)
    return out


def recurrence(chars: AnyIntArray, weights: Sequence[FloatArray]) -> FloatArray:
    """float32 (U, 2H): the last states of a BiLSTM over the word's characters.

    chars: as in `convolution`. A word without characters gets 0.
    weights: embedding, then kernel, recurrent kernel and bias of each direction.
    """
    embedding, *cells = weights
    lengths = np.count_nonzero(chars, axis=1)
    bilstm = BiLstm.from_keras(cells[:3], cells[3:])
    out = np.zeros((len(chars), 2 * bilstm.units), np.float32)
    table = bilstm.project(embedding)
    # Words of one length at a time, so that a step never stops in the middle of a block.
    for length in np.unique(lengths[lengths > 0]).tolist():
        same_length = np.flatnonzero(lengths == length)
        for words in np.split(same_length, range(WORDS, len(same_length), WORDS)):
            out[words] = last_states(bilstm, table, chars[words, :length])
    return out


def last_states(bilstm: BiLstm, table: FloatArray, chars: AnyIntArray) -> FloatArray:
    """float32 (U, 2H): the last state of each direction, for words of the same length.

    table: float32 (characters, 8H), gate inputs. chars: unsigned (U, W), without padding.
    Words of padding fill up the last block, so a word's states do not depend on the others, bit for bit.
    """
    words, length = chars.shape
    filled = np.zeros((-(-words // BLOCK) * BLOCK, length), np.int64)
    filled[:words] = chars
    ragged = RaggedBatch(np.full(len(filled), length))
    states = bilstm.run([(table, filled.ravel())], ragged, by_block=True)
    return np.concatenate(states[:, ragged.ends], axis=1)[:words]
