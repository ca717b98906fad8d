"""What share of planted errors has been seen after so many sentences, or so many tokens, of an order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from planting import PlantedCorpus, PlantedError

SENTENCES = (0.01, 0.05, 0.1, 0.2)
TOKENS = (0.05, 0.2)
LISTED = 100
SHUFFLES = 200
ALL = "all"

Place = tuple[int, int]
"""A sentence and a position in it."""
Shares = dict[str, float]
"""By kind of error, and for `ALL`, the share that has been seen."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a ranking has shown of the planted errors of one corpus.

    sentences: by share of the sentences looked at, what was seen. tokens: by share of the tokens looked at.
    read: by share of the sentences, the share of the tokens in them.
    listed: how many tokens the ranking has. precision: share of the first `LISTED` that a planted error changed.
    """

    sentences: Mapping[float, Shares]
    tokens: Mapping[float, Shares]
    read: Mapping[float, float]
    listed: int
    precision: float


def look(planted: PlantedCorpus, ranking: Sequence[Place]) -> Looked:
    """Look at a corpus in the order of a ranking. What the ranking lacks comes last, in random order."""
    lengths = [len(s) for s in planted.sentences]
    order = list(dict.fromkeys(sentence for sentence, _ in ranking))
    changed = {(e.sentence, position) for e in planted.errors for position in e.positions}
    first = ranking[:LISTED]
    return Looked(
        sentences={
            share: sentences_seen(planted.errors, order, round(share * len(lengths)), len(lengths))
            for share in SENTENCES
        },
        tokens={
            share: tokens_seen(planted.errors, ranking, round(share * sum(lengths)), sum(lengths))
            for share in TOKENS
        },
        read={
            share: tokens_read(lengths, order, round(share * len(lengths))) for share in SENTENCES
        },
        listed=len(ranking),
        precision=sum(place in changed for place in first) / max(1, len(first)),
    )


def sentences_seen(
    errors: Sequence[PlantedError], order: Sequence[int], count: int, whole: int
) -> Shares:
    """The expected shares seen in the first `count` of `whole` sentences. order: the first sentences."""
    first = {*order[:count]}
    rest = (count - len(first)) / max(1, whole - len(first))
    return by_kind(errors, [1.0 if e.sentence in first else rest for e in errors])


def tokens_seen(
    errors: Sequence[PlantedError], ranking: Sequence[Place], count: int, whole: int
) -> Shares:
    """The expected shares of which one token or more is among the first `count` of `whole` tokens."""
    first = {*ranking[:count]}
    drawn, left = count - len(first), whole - len(first)
    values = []
    for error in errors:
        places = {(error.sentence, position) for position in error.positions}
        # The probability that none of its tokens is drawn, without replacement.
        none = np.prod([max(0, left - drawn - n) / (left - n) for n in range(len(places))])
        values.append(1.0 if places & first else 1 - float(none))
    return by_kind(errors, values)


def tokens_read(lengths: Sequence[int], order: Sequence[int], count: int) -> float:
    """The expected share of the tokens that stand in the first `count` sentences."""
    first = {*order[:count]}
    rest = (count - len(first)) / max(1, len(lengths) - len(first))
    tokens = sum(length if n in first else rest * length for n, length in enumerate(lengths))
    return tokens / sum(lengths)


def by_kind(errors: Iterable[PlantedError], values: Iterable[float]) -> Shares:
    """The mean of the values by kind, and over all."""
    sums: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for error, value in zip(errors, values, strict=True):
        for name in (error.kind, ALL):
            sums[name] += value
            counts[name] += 1
    return {name: sums[name] / count for name, count in counts.items()}


def best_share(planted: PlantedCorpus, share: float) -> float:
    """The share of all errors in the first sentences of the best order: the sentences with most errors first."""
    counts = Counter(error.sentence for error in planted.errors).most_common()
    first = counts[: round(share * len(planted.sentences))]
    return sum(count for _, count in first) / len(planted.errors)


def random_shares(planted: PlantedCorpus, share: float, *, seed: int) -> list[float]:
    """The share of all errors in the first sentences of each of `SHUFFLES` random orders."""
    dice = np.random.default_rng(seed)
    whole = len(planted.sentences)
    count = round(share * whole)
    where = np.array([error.sentence for error in planted.errors])
    chosen = (np.isin(where, dice.permutation(whole)[:count]).mean() for _ in range(SHUFFLES))
    return [float(value) for value in chosen]
