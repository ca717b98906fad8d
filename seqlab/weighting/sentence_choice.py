"""From the settings to the weight of every sentence of train and valid, and what to say of them.

Validation is weighed by the same rule and on the scale of train, so that the weighted validation
loss answers the question that training is asked. The figures of the classes stay unweighted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqlab.config import TrainSettings
from seqlab.corpus.sentence import Sentence
from seqlab.errors import WeightsError
from seqlab.weighting.sentence_weights import (
    Weights,
    confidences,
    dates,
    field_weights,
    length_weights,
    parse_date,
    recency_weights,
)

Sentences = tuple[Sentence, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to weigh sentences. field: the metadata it reads, or None."""

    field: str | None
    weigh: Callable[[Sequence[Sentence]], Weights]


def weigh_splits(
    settings: TrainSettings, train: Sentences, valid: Sentences
) -> tuple[Sentences, Sentences, tuple[str, ...]]:
    """Both splits with every sentence's weight multiplied by what the settings ask for, and notes.

    The weights that a corpus states itself (`# weight = 0.5`) stay factors of the product.
    A validation split in which no sentence has a field is not weighed by it, which is noted.
    Raises WeightsError where a field is missing or malformed, and when all weights of train are 0.
    """
    notes = []
    for name in settings.sentence_weights:
        way = choose_way(name, settings, train)
        factors = way.weigh(train)
        notes.append(summary(f"sentence weights: {name}", factors))
        train = multiplied(train, factors)
        if way.field is None or any(way.field in s.metadata for s in valid):
            valid = multiplied(valid, way.weigh(valid))
        else:
            notes.append(f"valid: no sentence has a field {way.field!r}; {name} leaves it as it is")
    if not any(s.weight > 0 for s in train):
        raise WeightsError(f"the weights of all {len(train)} training sentences are 0")
    weights = np.array([s.weight for s in train])
    if len(settings.sentence_weights) > 1 or (not notes and (weights != 1).any()):
        notes.append(summary("sentence weights, all factors together", weights))
    if any(s.token_weights is not None for s in train):
        notes.append(summary("token weights", token_weights(train)))
    return train, valid, tuple(notes)


def choose_way(name: str, settings: TrainSettings, train: Sequence[Sentence]) -> Way:
    """The way of that name, on the scale of the training split."""
    if name == "length":
        longest = max(map(len, train))
        return Way(
            field=None, weigh=lambda split: length_weights([len(s) for s in split], longest=longest)
        )
    if name == "confidence":
        field = settings.confidence_field
        return Way(field=field, weigh=lambda split: confidences(split, field))
    if name == "field":
        field = settings.weight_field or ""
        return Way(field=field, weigh=lambda split: field_weights(split, field))
    return recency(settings, train)


def recency(settings: TrainSettings, train: Sequence[Sentence]) -> Way:
    """By age, counted from the stated date or from the newest training sentence."""
    field, half_life = settings.date_field, settings.half_life or 1.0
    if settings.newest_date is None:
        newest = float(dates(train, field).max())
    else:
        newest = parse_date(settings.newest_date, "newest_date")
    return Way(
        field=field, weigh=lambda split: recency_weights(newest - dates(split, field), half_life)
    )


def multiplied(sentences: Sentences, factors: Weights) -> Sentences:
    """The same sentences, each one's weight multiplied. factors: float64 (N,)."""
    return tuple(
        replace(sentence, weight=sentence.weight * factor)
        for sentence, factor in zip(sentences, factors.tolist(), strict=True)
    )


def token_weights(sentences: Sequence[Sentence]) -> Weights:
    """float64 (tokens,): the weight of every token of some sentences, 1 where none is stated."""
    return np.array([w for s in sentences for w in s.token_weights or (1.0,) * len(s)])


def summary(title: str, weights: Weights) -> str:
    """The spread of some weights in one line, and how much of the total the heaviest tenth carries.

    >>> summary("sentence weights: length", np.array([0.25, 1.0, 0.25]))
    'sentence weights: length; smallest 0.25, mean 0.5, largest 1; the heaviest tenth carries 67 %'
    """
    heaviest = np.sort(weights)[::-1][: -(-len(weights) // 10)]
    total = float(weights.sum())
    share = f"; the heaviest tenth carries {heaviest.sum() / total:.0%}" if total else ""
    return (
        f"{title}; smallest {weights.min():.3g}, mean {weights.mean():.3g}, "
        f"largest {weights.max():.3g}{share.replace('%', ' %')}"
    )
