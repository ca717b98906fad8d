"""Whether padding or batch size changes the output of a network, which it must not.

The same sentences are scored in four layouts: one sentence or 32 per batch, padded to the longest
sentence of the batch or to a fixed length. The loss is sum(weight * loss) / sum(weight) over real
tokens. It is computed on the logits for each loss that `--loss` names, with balanced class weights, so
that weights in the wrong place also show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.auditing.padded_layouts import LayoutMeasure
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.errors import SettingsError
from seqlab.experiment.loss_choice import default_losses
from seqlab.modeling.losses import TokenLoss
from seqlab.modeling.network import logits_network
from seqlab.tagging.tagger import Tagger
from seqlab.weighting.class_weights import class_weights

SHORT, LONG = 24, 150  # tokens: sentences are cut to windows of the first, and padded to the second
BATCHES = (1, 32)
SENTENCES = 64
TOLERANCE = 1e-4


@dataclass(frozen=True, kw_only=True)
class LayoutLosses:
    """The losses in one layout, by name.

    batch: sentences per batch. padded_to: None if each batch is padded to its longest sentence.
    """

    batch: int
    padded_to: int | None
    losses: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Invariance:
    """How much the layouts differ.

    ok: all differences are within `tolerance`. windows, tokens: size of the compared corpus.
    loss_differences: for each loss, the largest absolute difference from the first layout.
    probability_difference: the same, over all probabilities.
    changed_tags: tokens with another most probable tag; ties within the tolerance do not count.
    """

    ok: bool
    windows: int
    tokens: int
    loss_differences: Mapping[str, float]
    probability_difference: float
    changed_tags: int
    tolerance: float
    layouts: tuple[LayoutLosses, ...]


def check_invariance(
    tagger: Tagger,
    sentences: Sequence[Sentence],
    *,
    losses: Mapping[str, TokenLoss] | None = None,
    tolerance: float = TOLERANCE,
) -> Invariance:
    """Compare the four layouts on the first 64 sentences, in windows of 24 tokens.

    sentences: labelled, in the tagger's scheme.
    losses: by name; by default every loss, with its default options.
    Raises SettingsError if the sentences have no tag that the tagger knows, and for a network that `build_network` did
    not make.
    """
    if tagger.engine == "keras":
        raise SettingsError(
            "audit --run checks networks of build_network; tagger_of_network has checked how this run's own network "
            "treats padding"
        )
    corpus = tagger.encoder.encode(sentences[:SENTENCES]).windows(SHORT)
    if not corpus.labels.any():
        raise SettingsError(
            "the corpus has none of the tagger's tags, so there is no loss to compare; "
            "give a corpus with the tags of training"
        )
    counts = corpus.tag_counts()
    weights = np.concatenate([[0], class_weights(counts, "balanced")]).astype(np.float32)
    measure = LayoutMeasure(
        logits_network(tagger.network),
        losses=default_losses(np.maximum(counts, 1)) if losses is None else losses,
        weights=weights,
    )
    chars = tagger.architecture.max_chars
    layouts, probabilities = [], []
    for width, size in product((None, LONG), BATCHES):
        batcher = Batcher(corpus, size=size, max_chars=chars)
        by_name, of_layout = measure.run(batcher, width)
        layouts.append(LayoutLosses(batch=size, padded_to=width, losses=by_name))
        probabilities.append(of_layout)
    first = probabilities[0]
    loss_differences = {
        name: float(np.abs([layout.losses[name] - loss for layout in layouts]).max())
        for name, loss in layouts[0].losses.items()
    }
    probability_difference = max(float(np.abs(other - first).max()) for other in probabilities)
    changed = max(count_changed_tags(first, other, tolerance) for other in probabilities)
    differences = (*loss_differences.values(), probability_difference)
    return Invariance(
        ok=all(difference <= tolerance for difference in differences) and not changed,
        windows=len(corpus),
        tokens=corpus.tokens,
        loss_differences=loss_differences,
        probability_difference=probability_difference,
        changed_tags=changed,
        tolerance=tolerance,
        layouts=tuple(layouts),
    )


def count_changed_tags(first: FloatArray, other: FloatArray, tolerance: float) -> int:
    """Tokens whose best tag differs, unless both tags are within the tolerance in the first layout.

    first, other: float32 (tokens, C), probabilities.
    """
    best, now = first.argmax(axis=1), other.argmax(axis=1)
    rows = np.arange(len(first))
    margin = first[rows, best] - first[rows, now]
    return int(np.count_nonzero((best != now) & (margin > tolerance)))
