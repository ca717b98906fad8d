"""Does padding change what a network says? The same sentences in four layouts must score alike.

Each batch is cut to its longest sentence, or padded to a fixed length; one sentence at a time, or
many. Loss is sum(weight * loss) / sum(weight) over real tokens, by the project's own loss on the
scores before the softmax, with balanced weights so that a slip of the weights shows too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batch, Batcher
from seqlab.encoding.encoded import EncodedCorpus
from seqlab.errors import SettingsError
from seqlab.modeling.losses import token_cross_entropy
from seqlab.modeling.network import logits_of
from seqlab.tagging.tagger import Tagger
from seqlab.weighting.class_weights import class_weights

SHORT, LONG = 24, 150  # tokens: windows are cut to the first and padded to the second
BATCHES = (1, 32)
SENTENCES = 64
TOLERANCE = 1e-4

Array = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """The names of a network's inputs, and the function from them to float32 (B, T, C) logits."""

    names: tuple[str, ...]
    logits: Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One way to lay the sentences out. padded_to: None where batches are cut to their longest."""

    batch: int
    padded_to: int | None
    loss: float


@dataclass(frozen=True, kw_only=True)
class Invariance:
    """What changed between the layouts.

    ok: all differences are within `tolerance`. windows, tokens: what was compared.
    loss_difference, probability_difference: the largest, absolute, against the first layout.
    changed_tags: tokens whose most probable tag is another one, ties within the tolerance aside.
    """

    ok: bool
    windows: int
    tokens: int
    loss_difference: float
    probability_difference: float
    changed_tags: int
    tolerance: float
    layouts: tuple[Layout, ...]

    def to_json(self) -> dict[str, Any]:
        """The check as `--json` prints it."""
        return asdict(self)


def check_invariance(
    tagger: Tagger, sentences: Sequence[Sentence], *, tolerance: float = TOLERANCE
) -> Invariance:
    """Compare batches of 1 and 32, cut to at most 24 tokens and padded to 150.

    sentences: labelled, in the tagger's scheme; the first 64 are taken, in windows of 24 tokens.
    Raises SettingsError when they hold no tag that the tagger knows.
    """
    corpus = tagger.encoder.encode(sentences[:SENTENCES]).windows(SHORT)
    if not corpus.labels.any():
        raise SettingsError(
            "the corpus holds none of the tagger's tags: there is no loss to compare"
        )
    weights = label_weights(corpus)
    scorer = compiled(logits_of(tagger.network))
    chars = tagger.architecture.max_chars
    runs = {
        (size, width): run(scorer, Batcher(corpus, size=size, max_chars=chars), weights, width)
        for width, size in product((None, LONG), BATCHES)
    }
    losses = [loss for loss, _ in runs.values()]
    scores = [probabilities for _, probabilities in runs.values()]
    loss_difference = max(abs(loss - losses[0]) for loss in losses)
    difference = max(float(np.abs(other - scores[0]).max()) for other in scores)
    changed = max(changed_tags(scores[0], other, tolerance) for other in scores)
    return Invariance(
        ok=loss_difference <= tolerance and difference <= tolerance and not changed,
        windows=len(corpus),
        tokens=corpus.tokens,
        loss_difference=loss_difference,
        probability_difference=difference,
        changed_tags=changed,
        tolerance=tolerance,
        layouts=tuple(
            Layout(batch=size, padded_to=width, loss=loss)
            for ((size, width), (loss, _)) in runs.items()
        ),
    )


def compiled(network: keras.Model) -> Scorer:
    """A network as a function of shapes that are open, so that it is traced once for all layouts."""
    shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]

    def forward(*inputs: Any) -> Any:
        return network(list(inputs), training=False)

    return Scorer(
        names=tuple(tensor.name for tensor in network.inputs),
        logits=tf.function(forward, input_signature=shapes),
    )


def label_weights(corpus: EncodedCorpus) -> Array:
    """float32 (C + 1,): a balanced weight for each tag id, 0 for padding."""
    return np.concatenate([[0], class_weights(corpus.tag_counts(), "balanced")]).astype(np.float32)


def run(scorer: Scorer, batcher: Batcher, weights: Array, width: int | None) -> tuple[float, Array]:
    """The loss of a corpus, and float32 (tokens, C), the probabilities, in one layout."""
    total = weight = 0.0
    found: dict[int, Array] = {}
    for batch in batcher.batches(in_given_order(batcher)):
        inputs = [padded(getattr(batch, name), width) for name in scorer.names]
        labels = padded(batch.labels, width)
        logits = scorer.logits(*inputs)
        losses = token_cross_entropy(labels, logits).numpy()
        total += float((losses * weights[labels]).sum(dtype=np.float64))
        weight += float(weights[labels].sum(dtype=np.float64))
        found |= dict(by_sentence(batch, tf.nn.softmax(logits).numpy(), batcher.lengths))
    return total / weight, np.concatenate([found[number] for number in range(len(found))])


def in_given_order(batcher: Batcher) -> list[NDArray[np.int64]]:
    """Batches of mixed lengths: sorted ones would hardly be padded, and hide what padding does."""
    return batcher.cut(np.arange(len(batcher.corpus)))


def padded(array: NDArray[np.int32], width: int | None) -> NDArray[np.int32]:
    """int32 (B, T, …) with zeros up to T = width."""
    if width is None:
        return array
    room = ((0, 0), (0, width - array.shape[1]))
    return np.pad(array, room + ((0, 0),) * (array.ndim - 2))


def by_sentence(
    batch: Batch, scores: Array, lengths: NDArray[np.int64]
) -> Iterator[tuple[int, Array]]:
    """The scores of the real tokens of each sentence of a batch."""
    for row, number in enumerate(batch.sentences.tolist()):
        yield number, scores[row, : lengths[number]]


def changed_tags(one: Array, other: Array, tolerance: float) -> int:
    """Tokens whose best tag differs, unless the first layout had the two within the tolerance."""
    best, now = one.argmax(axis=1), other.argmax(axis=1)
    rows = np.arange(len(one))
    return int(np.count_nonzero((best != now) & (one[rows, best] - one[rows, now] > tolerance)))
