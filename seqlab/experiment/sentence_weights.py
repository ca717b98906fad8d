"""The weight of each sentence of train and valid, from the settings; notes on them for the log.

Validation is weighted by the same rule and on the scale of train, so that the weighted validation loss
is comparable to the training loss. The figures of the classes stay unweighted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from seqlab.arrays import DoubleArray
from seqlab.corpus.corpus_arrays import CorpusArrays, LazySentences, SentenceMeasures
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits
from seqlab.errors import WeightsError
from seqlab.settings.training import TrainSettings
from seqlab.weighting.sentence_weights import (
    confidence_weights,
    field_weights,
    length_weights,
    parse_date,
    recency_weights,
    sentence_dates,
)


@dataclass(frozen=True)
class SentenceFactor:
    """One value of --sentence-weights. field: the metadata field that it reads, or None."""

    field: str | None
    weigh: Callable[[CorpusArrays], DoubleArray]


def weigh_splits(settings: TrainSettings, splits: Splits) -> tuple[Splits, tuple[str, ...]]:
    """Multiply the sentence weights of train and valid by the factors that the settings ask for.

    Returns the splits, and notes for the log. The train split becomes `LazySentences`: its metadata is
    not needed any more. Weights stated in the corpus (`# weight = 0.5`) stay factors of the product.
    When no validation sentence has a field, its factor is left out there, and a note says so.
    Raises WeightsError for a missing or malformed field, and when all training weights are 0.
    """
    measures = measures_of(settings)
    train = with_measures(splits.arrays["train"], splits.train, measures)
    valid = splits.arrays["valid"]
    weights, valid_weights = train.weights, valid.weights
    notes = []
    if (weights != 1).any():
        notes.append(weights_summary("sentence weights: the corpus's own (weight)", weights))
    for name in settings.sentence_weights:
        factor = sentence_factor(name, settings, train)
        factors = factor.weigh(train)
        notes.append(weights_summary(f"sentence weights: {name}", factors))
        weights = weights * factors
        if factor.field is None or any(factor.field in s.metadata for s in splits.valid):
            key = measure_key(name, settings)
            needed = {key: measures[key]} if key in measures else {}
            valid = with_measures(valid, splits.valid, needed)
            valid_weights = valid_weights * factor.weigh(valid)
        else:
            notes.append(
                f"valid: no sentence has a field {factor.field!r}; {name} is not used there"
            )
    if not (weights > 0).any():
        raise WeightsError(f"the weights of all {len(weights)} training sentences are 0")
    if len(settings.sentence_weights) + (train.weights != 1).any() > 1:
        notes.append(weights_summary("sentence weights, all factors together", weights))
    if train.token_weights is not None:
        notes.append(weights_summary("token weights", train.token_weights))
    train, valid = replace(train, weights=weights), replace(valid, weights=valid_weights)
    valid_sentences = splits.valid
    if settings.sentence_weights:
        pairs = zip(splits.valid, valid_weights.tolist(), strict=True)
        valid_sentences = tuple(replace(sentence, weight=weight) for sentence, weight in pairs)
    weighed = replace(
        splits,
        train=LazySentences(train),
        valid=valid_sentences,
        arrays={**splits.arrays, "train": train, "valid": valid},
    )
    return weighed, tuple(notes)


def measures_of(settings: TrainSettings) -> SentenceMeasures:
    """The functions that read a sentence's metadata for --sentence-weights, by `measure_key`."""
    measures = {"confidence": confidence_weights, "field": field_weights, "recency": sentence_dates}
    return {
        measure_key(name, settings): partial(measures[name], field=field_of(name, settings) or "")
        for name in settings.sentence_weights
        if name in measures
    }


def measure_key(name: str, settings: TrainSettings) -> str:
    """The key of a measure: the same factor with another field is another measure."""
    return f"{name} {field_of(name, settings)}"


def field_of(name: str, settings: TrainSettings) -> str | None:
    """The metadata field that a value of --sentence-weights reads, or None."""
    fields = {
        "confidence": settings.confidence_field,
        "field": settings.weight_field,
        "recency": settings.date_field,
    }
    return fields.get(name)


def with_measures(
    arrays: CorpusArrays, sentences: Sequence[Sentence], measures: SentenceMeasures
) -> CorpusArrays:
    """Return the arrays with all measures; a cached corpus has read them from its metadata already."""
    missing = {n: read(sentences) for n, read in measures.items() if n not in arrays.measured}
    return replace(arrays, measured={**arrays.measured, **missing})


def sentence_factor(name: str, settings: TrainSettings, train: CorpusArrays) -> SentenceFactor:
    """One value of --sentence-weights, scaled by the training split.

    Recency is counted from --newest-date, or from the newest training sentence.
    """
    if name == "length":
        longest = int(train.lengths.max())
        return SentenceFactor(None, lambda split: length_weights(split.lengths, longest=longest))
    field, key = field_of(name, settings), measure_key(name, settings)
    if name != "recency":
        return SentenceFactor(field, lambda split: split.measured[key])
    if settings.newest_date is None:
        newest = float(train.measured[key].max())
    else:
        newest = parse_date(settings.newest_date, "newest_date")
    half_life = settings.half_life or 1.0
    return SentenceFactor(
        field, lambda split: recency_weights(newest - split.measured[key], half_life)
    )


def weights_summary(title: str, weights: DoubleArray) -> str:
    """One line: the range and mean of the weights, and the share of the heaviest tenth in their sum.

    >>> weights_summary("sentence weights: length", np.array([0.25, 1.0, 0.25]))
    'sentence weights: length; smallest 0.25, mean 0.5, largest 1; the heaviest tenth carries 67 %'
    """
    heaviest = np.sort(weights)[::-1][: -(-len(weights) // 10)]
    total = float(weights.sum())
    share = f"; the heaviest tenth carries {heaviest.sum() / total:.0%}" if total else ""
    return (
        f"{title}; smallest {weights.min():.3g}, mean {weights.mean():.3g}, "
        f"largest {weights.max():.3g}{share.replace('%', ' %')}"
    )
