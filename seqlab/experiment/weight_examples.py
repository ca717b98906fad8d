"""A few training windows with the weight of each token in the loss."""

from collections.abc import Mapping

import numpy as np

from seqlab.arrays import DoubleArray, Int64Array
from seqlab.corpus.schemes import class_of_tag
from seqlab.experiment.prepare import Prepared
from seqlab.reporting.run_details import WeightedSentence, WeightExamples

EXAMPLES = 5
LONGEST = 40  # tokens of an example, if there is one so short


def weight_examples(prepared: Prepared, items: Mapping[str, int]) -> WeightExamples:
    """One window for each of the rarest classes, with its row of the temporal weight matrix of training.

    items: of each class in training.
    """
    windows = rarest_windows(prepared, items)
    return WeightExamples(
        sentences=tuple(weighted_window(prepared, window) for window in windows),
        note=weights_note(prepared),
    )


def per_tag_weights(prepared: Prepared) -> DoubleArray:
    """float64 (C + 1,): the weight of each tag in the loss of tokens, by label; 0 for a token without a class."""
    weights = prepared.class_weights.astype(np.float64)
    if prepared.settings.emission_weights:
        weights = np.ones_like(weights)
    return np.concatenate([np.zeros(1), weights])


def token_weights(prepared: Prepared, start: int, stop: int) -> DoubleArray:
    """float64 (stop - start,): the weights of the tokens of windows [start, stop), in the scale of --class-weight."""
    corpus = prepared.windows
    offsets = corpus.offsets[start : stop + 1]
    tokens = slice(int(offsets[0]), int(offsets[-1]))
    weights = per_tag_weights(prepared)[corpus.tag_labels[corpus.tags[tokens]]]
    weights *= np.repeat(corpus.sentence_weights[start:stop], np.diff(offsets))
    if corpus.token_weights is not None:
        weights *= corpus.token_weights[tokens]
    return weights


def mean_weight(prepared: Prepared, block: int = 1 << 16) -> float:
    """The mean weight of a token over all training windows, each taken once; 1 if all weigh nothing."""
    windows = prepared.windows
    total = sum(
        float(token_weights(prepared, start, min(start + block, len(windows))).sum())
        for start in range(0, len(windows), block)
    )
    tokens = int(np.count_nonzero(windows.tag_labels[windows.tags]))
    return total / tokens if total and tokens else 1.0


def rarest_windows(prepared: Prepared, items: Mapping[str, int]) -> list[int]:
    """A window for each of the rarest classes, short if possible, with as many classes as possible."""
    windows, scheme = prepared.windows, prepared.splits.scheme
    classes = [class_of_tag(tag, scheme) for tag in prepared.encoder.tags]
    own = len(
        prepared.splits.arrays["train"].spelling_ids
    )  # behind them stands the --replay corpus
    chosen: list[int] = []
    for name in sorted((n for n in items if items[n]), key=lambda n: (items[n], n)):
        labels = np.array([0, *(one == name for one in classes)], np.bool_)
        tokens = np.flatnonzero(labels[windows.tag_labels][windows.tags])
        holding = np.unique(np.searchsorted(windows.offsets, tokens, side="right") - 1)
        holding = holding[windows.offsets[holding + 1] <= own]
        window = best_window(windows.lengths[holding], holding)
        if window is not None and window not in chosen:
            chosen.append(window)
        if len(chosen) == EXAMPLES:
            break
    return chosen


def best_window(lengths: Int64Array, windows: Int64Array) -> int | None:
    """The longest window of at most `LONGEST` tokens, else the shortest; None without windows."""
    if not len(windows):
        return None
    fits = lengths <= LONGEST
    if fits.any():
        return int(windows[fits][lengths[fits].argmax()])
    return int(windows[lengths.argmin()])


def weighted_window(prepared: Prepared, window: int) -> WeightedSentence:
    """A window with its weights."""
    windows, encoder = prepared.windows, prepared.encoder
    start, stop = windows.offsets[window : window + 2].tolist()
    labels = windows.tag_labels[windows.tags[start:stop]].tolist()
    weights = token_weights(prepared, window, window + 1)
    return WeightedSentence(
        tokens=tuple(tokens_of(prepared, start, stop)),
        tags=tuple(encoder.tags.symbol(label) if label else "" for label in labels),
        weights=tuple(round(weight, 4) for weight in weights.tolist()),
        padding=prepared.settings.max_tokens - (stop - start),
    )


def tokens_of(prepared: Prepared, start: int, stop: int) -> list[str]:
    """The words of some training tokens."""
    arrays = prepared.splits.arrays["train"]
    return [arrays.spellings[number] for number in arrays.spelling_ids[start:stop].tolist()]


def weights_note(prepared: Prepared) -> str:
    """Sentences on how the weights act."""
    settings = prepared.settings
    note = (
        "Weights are in the scale of --class-weight; the mean over all training tokens is "
        f"{mean_weight(prepared):.4g}. After the tokens, the weight matrix is 0 up to position {settings.max_tokens}."
    )
    if settings.crf_loss == "likelihood":
        acts = (
            "emission weights act inside"
            if settings.emission_weights
            else "no class weight acts in"
        )
        note += f" With --crf-loss likelihood, {acts} the CRF, so every token weighs the same here."
    if settings.reweight_from > 1:
        note += f" Class weights act from epoch {settings.reweight_from} on."
    return note
