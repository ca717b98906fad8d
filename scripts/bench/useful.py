"""The useful work of a corpus: real tokens, and the characters of its distinct words."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.arithmetic import Work


def text_work(sentences: Iterable[Sequence[str]], *, max_chars: int) -> Work:
    """The work of tagging a text: each distinct word's characters once.

    >>> text_work([["the", "cat"], ["the", "indefatigable"]], max_chars=10)
    Work(tokens=4, characters=16)
    """
    tokens = [token for sentence in sentences for token in sentence]
    return Work(tokens=len(tokens), characters=sum(min(len(t), max_chars) for t in set(tokens)))


def batches_work(corpus: Any, batches: Iterable[NDArray[np.int64]], *, max_chars: int) -> Work:
    """The work of training on some batches: each distinct word's characters once per batch.

    corpus: `seqlab.encoding.encoded_corpus.EncodedCorpus`. batches: the sentences of each.
    """
    lengths = np.minimum(np.diff(corpus.distinct_words.offsets), max_chars)
    tokens = characters = 0
    for sentences in batches:
        positions, mask = corpus.gather(np.asarray(sentences))
        tokens += int(mask.sum())
        characters += int(lengths[np.unique(corpus.spelling_ids[positions[mask]])].sum())
    return Work(tokens=tokens, characters=characters)
