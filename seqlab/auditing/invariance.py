"""Does padding change what a network says? The same sentences in four layouts must score alike.

Each batch is cut to its longest sentence, or padded to a fixed length; one sentence at a time, or
many. Loss is sum(weight * loss) / sum(weight) over real tokens, by each loss that `--loss` names, on the
scores before the softmax, with balanced weights so that a slip of the weights shows too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import AnyIntArray, FloatArray, Int32Array
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batch, Batcher
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.errors import SettingsError
from seqlab.experiment.fit import default_losses
from seqlab.modeling.losses import TokenLoss
from seqlab.modeling.network import logits_network
from seqlab.tagging.tagger import Tagger
from seqlab.weighting.class_weights import class_weights


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """The names of a network's inputs, and the function from them to float32 (B, T, C) logits."""

    names: tuple[str, ...]
    logits: Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is measured in every layout.

    losses: by name. weights: float32 (C + 1,), a weight for each tag id, 0 for padding.
    """

    scorer: Scorer
    losses: Mapping[str, TokenLoss]
    weights: FloatArray


def compiled(network: keras.Model) -> Scorer:
    """A network as a function of shapes that are open, so that it is traced once for all layouts."""
    shapes = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in network.inputs]

    def forward(*inputs: Any) -> Any:
        return network(list(inputs), training=False)

    return Scorer(
        names=tuple(tensor.name for tensor in network.inputs),
        logits=tf.function(forward, input_signature=shapes),
    )


def run(
    measure: Measure, batcher: Batcher, width: int | None
) -> tuple[dict[str, float], FloatArray]:
    """Each loss of a corpus, and float32 (tokens, C), the probabilities, in one layout.

    Padding weighs 1 above the line and 0 below: a loss that is not 0 there by itself shows.
    """
    totals = dict.fromkeys(measure.losses, 0.0)
    weight = 0.0
    found: dict[int, FloatArray] = {}
    for batch in batcher.batches(in_given_order(batcher)):
        inputs = [padded(batch.inputs[name], width) for name in measure.scorer.names]
        labels = padded(batch.labels, width)
        logits = measure.scorer.logits(*inputs)
        weights = np.where(labels > 0, measure.weights[labels], 1)
        for name, loss in measure.losses.items():
            losses = np.asarray(loss(labels, logits))
            totals[name] += float((losses * weights).sum(dtype=np.float64))
        weight += float(measure.weights[labels].sum(dtype=np.float64))
        found |= dict(by_sentence(batch, tf.nn.softmax(logits).numpy(), batcher.lengths))
    scores = np.concatenate([found[number] for number in range(len(found))])
    return {name: total / weight for name, total in totals.items()}, scores


def in_given_order(batcher: Batcher) -> list[AnyIntArray]:
    """Batches of mixed lengths: sorted ones would hardly be padded, and hide what padding does."""
    return batcher.split_sorted(batcher.all())


def padded(array: Int32Array, width: int | None) -> Int32Array:
    """int32 (B, T, …) with zeros up to T = width."""
    if width is None:
        return array
    room = ((0, 0), (0, width - array.shape[1]))
    return np.pad(array, room + ((0, 0),) * (array.ndim - 2))


def by_sentence(
    batch: Batch, scores: FloatArray, lengths: AnyIntArray
) -> Iterator[tuple[int, FloatArray]]:
    """The scores of the real tokens of each sentence of a batch."""
    for row, number in enumerate(batch.sentences.tolist()):
        yield number, scores[row, : lengths[number]]


SHORT, LONG = 24, 150  # tokens: windows are cut to the first and padded to the second
BATCHES = (1, 32)
SENTENCES = 64
TOLERANCE = 1e-4


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One way to lay the sentences out, and each loss there, by its name.

    padded_to: None where batches are cut to their longest.
    """

    batch: int
    padded_to: int | None
    losses: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Invariance:
    """What changed between the layouts.

    ok: all differences are within `tolerance`. windows, tokens: what was compared.
    loss_differences: by the name of a loss, the largest, absolute, against the first layout.
    probability_difference: likewise, over all probabilities.
    changed_tags: tokens whose most probable tag is another one, ties within the tolerance aside.
    """

    ok: bool
    windows: int
    tokens: int
    loss_differences: Mapping[str, float]
    probability_difference: float
    changed_tags: int
    tolerance: float
    layouts: tuple[Layout, ...]

    def to_json(self) -> dict[str, Any]:
        """The check as `--json` prints it."""
        return asdict(self)


def check_invariance(
    tagger: Tagger,
    sentences: Sequence[Sentence],
    *,
    losses: Mapping[str, TokenLoss] | None = None,
    tolerance: float = TOLERANCE,
) -> Invariance:
    """Compare batches of 1 and 32, cut to at most 24 tokens and padded to 150.

    sentences: labelled, in the tagger's scheme; the first 64 are taken, in windows of 24 tokens.
    losses: by name; by default each that there is, with its default options.
    Raises SettingsError when they hold no tag that the tagger knows.
    """
    corpus = tagger.encoder.encode(sentences[:SENTENCES]).windows(SHORT)
    if not corpus.labels.any():
        raise SettingsError(
            "the corpus holds none of the tagger's tags: there is no loss to compare"
        )
    measure = Measure(
        scorer=compiled(logits_network(tagger.network)),
        losses=every_loss(corpus) if losses is None else losses,
        weights=label_weights(corpus),
    )
    chars = tagger.architecture.max_chars
    layouts, scores = [], []
    for width, size in product((None, LONG), BATCHES):
        found, probabilities = run(measure, Batcher(corpus, size=size, max_chars=chars), width)
        layouts.append(Layout(batch=size, padded_to=width, losses=found))
        scores.append(probabilities)
    differences = {
        name: largest(layout.losses[name] - loss for layout in layouts)
        for name, loss in layouts[0].losses.items()
    }
    difference = max(float(np.abs(other - scores[0]).max()) for other in scores)
    changed = max(changed_tags(scores[0], other, tolerance) for other in scores)
    within = all(d <= tolerance for d in (*differences.values(), difference))
    return Invariance(
        ok=within and not changed,
        windows=len(corpus),
        tokens=corpus.tokens,
        loss_differences=differences,
        probability_difference=difference,
        changed_tags=changed,
        tolerance=tolerance,
        layouts=tuple(layouts),
    )


def every_loss(corpus: EncodedCorpus) -> dict[str, TokenLoss]:
    """Each loss that `--loss` names, with its default options and the class counts of a corpus."""
    return default_losses(np.maximum(corpus.tag_counts(), 1))


def label_weights(corpus: EncodedCorpus) -> FloatArray:
    """float32 (C + 1,): a balanced weight for each tag id, 0 for padding."""
    return np.concatenate([[0], class_weights(corpus.tag_counts(), "balanced")]).astype(np.float32)


def largest(differences: Iterable[float]) -> float:
    """The largest by its amount; not a number if any is none."""
    return float(np.abs(list(differences)).max())


def changed_tags(one: FloatArray, other: FloatArray, tolerance: float) -> int:
    """Tokens whose best tag differs, unless the first layout had the two within the tolerance."""
    best, now = one.argmax(axis=1), other.argmax(axis=1)
    rows = np.arange(len(one))
    return int(np.count_nonzero((best != now) & (one[rows, best] - one[rows, now] > tolerance)))
