"""How uneven the classes are, what the majority tag alone scores, and how splits differ."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from seqlab.auditing.classes import SplitCounts, is_watched
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentences
from seqlab.machine.wording import ratio


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """The largest class against the smallest that occurs. ratio: None without two classes."""

    largest: str
    smallest: str
    ratio: float | None


@dataclass(frozen=True, kw_only=True)
class Majority:
    """The most frequent tag of train, and the token accuracy of always saying it, by split."""

    tag: str
    accuracy: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How the classes of a split are distributed, against train.

    total_variation: half the sum of the absolute differences of the shares, 0 to 1; of spans, or of
    tokens for plain tags. by_chance: what two random parts of one corpus of these sizes would show.
    Both None without spans or with one class. most: the class that differs most, and its shares in
    train and in the split.
    """

    total_variation: float | None
    by_chance: float | None
    most: str | None
    shares: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Imbalance:
    """The imbalance of train: by tokens over all classes, by examples over those that have an F1.

    by_examples: spans, or tokens of plain tags; None without such a class.
    differences: each other split against train.
    """

    by_tokens: Ratio
    by_examples: Ratio | None
    majority: Majority
    differences: Mapping[str, Difference]


def measure_imbalance(
    splits: Mapping[str, Sentences], counts: Mapping[str, SplitCounts], scheme: Scheme
) -> Imbalance:
    """The figures of train, and of the other splits against it."""
    train = counts["train"]
    tokens = {name: found.tokens for name, found in train.classes.items()}
    examples = {name: example_counts(found, scheme) for name, found in counts.items()}
    return Imbalance(
        by_tokens=ratio_of(tokens),
        by_examples=ratio_of(examples["train"]) if any(examples["train"].values()) else None,
        majority=majority(splits),
        differences={
            name: difference(examples["train"], found)
            for name, found in examples.items()
            if name != "train"
        },
    )


def example_counts(split: SplitCounts, scheme: Scheme) -> dict[str, int]:
    """Spans of each class that has an F1 (tokens of plain tags)."""
    return {n: found.examples for n, found in split.classes.items() if is_watched(n, scheme)}


def ratio_of(counts: Mapping[str, int]) -> Ratio:
    """The largest and the smallest of the classes that occur."""
    seen = {name: count for name, count in counts.items() if count}
    largest = max(seen, key=lambda name: seen[name])
    smallest = min(reversed(seen), key=lambda name: seen[name])
    value = seen[largest] / seen[smallest] if len(seen) > 1 else None
    return Ratio(largest=largest, smallest=smallest, ratio=value)


def majority(splits: Mapping[str, Sentences]) -> Majority:
    """The most frequent tag of train, and how often it is right."""
    tags = {name: Counter(t for s in split for t in s.tags or ()) for name, split in splits.items()}
    top = max(sorted(tags["train"]), key=lambda tag: tags["train"][tag])
    return Majority(
        tag=top, accuracy={name: ratio(found[top], found.total()) for name, found in tags.items()}
    )


def difference(train: Mapping[str, int], other: Mapping[str, int]) -> Difference:
    """The total variation distance of two distributions, and what chance alone would give.

    Under one common distribution the share of class c differs by a nearly normal amount of variance
    p_c (1 - p_c) (1/n + 1/m), whose mean absolute value is sqrt(2/pi) of its standard deviation.
    """
    n, m = sum(train.values()), sum(other.values())
    if not n or not m or len(train) < 2:
        return Difference(total_variation=None, by_chance=None, most=None, shares=None)
    gaps = {name: other[name] / m - train[name] / n for name in train}
    pooled = [(train[name] + other[name]) / (n + m) for name in train]
    spread = sum(math.sqrt(p * (1 - p) * (1 / n + 1 / m)) for p in pooled)
    most = max(gaps, key=lambda name: abs(gaps[name]))
    return Difference(
        total_variation=sum(map(abs, gaps.values())) / 2,
        by_chance=math.sqrt(2 / math.pi) * spread / 2,
        most=most,
        shares=(train[most] / n, other[most] / m),
    )
