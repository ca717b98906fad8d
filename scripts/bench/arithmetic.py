"""The useful arithmetic of a tagger: operations it cannot avoid, counted from the shapes of its layers.

A product of a (1, m) row with an (m, n) matrix is 2 * m * n floating point operations. Only matrix
products are counted: biases, gates, softmax and look-ups are small beside them.

    LSTM, one step        2 * 4 * (inputs + units) * units          (Hochreiter & Schmidhuber 1997: 4 gates)
    BiLSTM, one step      twice that
    Conv1D, one position  2 * 3 * inputs * filters                  (width 3)
    dense, one token      2 * inputs * classes

    forward  = tokens * (BiLSTM layers + dense) + characters * (character BiLSTM or Conv1D)
    training = 3 * forward: forward, and backward the gradients of the inputs and of the weights

`tokens` are real tokens: padding is not useful work. `characters` are those of distinct words, because a spelling
gives the same vector everywhere. In training a word counts once per batch, since the weights change between
batches. In tagging it counts once per text. So padding, words encoded twice and lost cache entries all show as a
lower fraction of the matrix-product rate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.architecture import feature_dim

TRAINING = 3  # times the forward pass
WIDTH = 3


@dataclass(frozen=True, kw_only=True)
class Work:
    """The useful work of a corpus: real tokens, and the characters of distinct words."""

    tokens: int
    characters: int


def text_work(sentences: Iterable[Sequence[str]], *, max_chars: int) -> Work:
    """The work of tagging a text: the characters of each distinct word count once.

    >>> text_work([["the", "cat"], ["the", "indefatigable"]], max_chars=10)
    Work(tokens=4, characters=16)
    """
    tokens = [token for sentence in sentences for token in sentence]
    return Work(tokens=len(tokens), characters=sum(min(len(t), max_chars) for t in set(tokens)))


def batches_work(corpus: Any, batches: Iterable[NDArray[np.int64]], *, max_chars: int) -> Work:
    """The work of training on some batches: the characters of each distinct word count once per batch.

    corpus: `seqlab.encoding.encoded_corpus.EncodedCorpus`. batches: int64 (B,) sentence numbers of each batch.
    """
    lengths = np.minimum(np.diff(corpus.distinct_words.offsets), max_chars)
    tokens = characters = 0
    for sentences in batches:
        positions, mask = corpus.gather(np.asarray(sentences))
        tokens += int(mask.sum())
        characters += int(lengths[np.unique(corpus.spelling_ids[positions[mask]])].sum())
    return Work(tokens=tokens, characters=characters)


def bilstm_flops(inputs: int, units: int) -> int:
    """Both directions, one step.

    >>> bilstm_flops(150, 100)
    400000
    """
    return 2 * (2 * 4 * (inputs + units) * units)


def character_flops(shape: Any) -> int:
    """One character of one word. shape: a `seqlab.Architecture`."""
    if shape.char_encoder == "none":
        return 0
    if shape.char_encoder == "cnn":
        return 2 * WIDTH * shape.char_dim * 2 * shape.char_units
    return bilstm_flops(shape.char_dim, shape.char_units)


def token_flops(shape: Any) -> int:
    """One token through the layers above its word and character vectors."""
    inputs = shape.word_dim + sum(map(feature_dim, shape.features))
    inputs += 0 if shape.char_encoder == "none" else 2 * shape.char_units
    total = 0
    for _ in range(shape.layers):
        total += bilstm_flops(inputs, shape.hidden_units)
        inputs = 2 * shape.hidden_units
    return total + 2 * inputs * shape.classes


def forward_flops(shape: Any, work: Work) -> int:
    """Operations of tagging."""
    return work.tokens * token_flops(shape) + work.characters * character_flops(shape)


def training_flops(shape: Any, work: Work) -> int:
    """Operations of one pass of training."""
    return TRAINING * forward_flops(shape, work)
