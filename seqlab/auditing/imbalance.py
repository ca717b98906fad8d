"""How uneven the classes are, how well the majority tag alone scores, and how the splits differ."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from seqlab.auditing.classes import SplitCounts, example_counts
from seqlab.corpus.schemes import Scheme
from seqlab.machine.wording import ratio


@dataclass(frozen=True, kw_only=True)
class ClassRatio:
    """The largest class over the smallest one that occurs. ratio: None with a single class."""

    largest: str
    smallest: str
    ratio: float | None


@dataclass(frozen=True, kw_only=True)
class MajorityTag:
    """The most frequent tag of train, and by split the token accuracy of always predicting it."""

    tag: str
    accuracy: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class ClassShift:
    """How the class distribution of a split differs from that of train.

    total_variation: half the sum of the absolute differences of shares, from 0 to 1.
    by_chance: the value to expect if both splits were random parts of one corpus.
    most: the class that differs most. shares: its share in train and in the split.
    All are None without spans or with one class.
    """

    total_variation: float | None
    by_chance: float | None
    most: str | None
    shares: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Imbalance:
    """The imbalance of train.

    by_tokens: over all classes. by_examples: by spans (plain tags: tokens), over the classes that have
    an F1; None without any. differences: each other split against train.
    """

    by_tokens: ClassRatio
    by_examples: ClassRatio | None
    majority: MajorityTag
    differences: Mapping[str, ClassShift]


def measure_imbalance(
    tag_counts: Mapping[str, Mapping[str, int]], counts: Mapping[str, SplitCounts], scheme: Scheme
) -> Imbalance:
    """Measure train, and compare the other splits with it. tag_counts, counts: by split."""
    tokens = {name: c.tokens for name, c in counts["train"].classes.items()}
    examples = {name: example_counts(split, scheme) for name, split in counts.items()}
    train = examples["train"]
    return Imbalance(
        by_tokens=largest_over_smallest(tokens),
        by_examples=largest_over_smallest(train) if any(train.values()) else None,
        majority=majority_tag(tag_counts),
        differences={n: class_shift(train, split) for n, split in examples.items() if n != "train"},
    )


def largest_over_smallest(counts: Mapping[str, int]) -> ClassRatio:
    """The ratio of the largest to the smallest class, without classes that do not occur."""
    seen = {name: count for name, count in counts.items() if count}
    largest = max(seen, key=lambda name: seen[name])
    smallest = min(reversed(seen), key=lambda name: seen[name])
    value = seen[largest] / seen[smallest] if len(seen) > 1 else None
    return ClassRatio(largest=largest, smallest=smallest, ratio=value)


def majority_tag(tag_counts: Mapping[str, Mapping[str, int]]) -> MajorityTag:
    """The most frequent tag of train, and its share of the tokens of each split."""
    train = tag_counts["train"]
    tag = max(sorted(train), key=lambda tag: train[tag])
    accuracy = {n: ratio(c.get(tag, 0), sum(c.values())) for n, c in tag_counts.items()}
    return MajorityTag(tag=tag, accuracy=accuracy)


def class_shift(train: Mapping[str, int], other: Mapping[str, int]) -> ClassShift:
    """The total variation distance of two distributions, and the value to expect by chance.

    If both are samples of one distribution, of sizes n and m, the difference of the shares of class c is
    nearly normal with variance p_c (1 - p_c) (1/n + 1/m). Its mean absolute value is sqrt(2/pi) times
    its standard deviation.
    """
    n, m = sum(train.values()), sum(other.values())
    if not n or not m or len(train) < 2:
        return ClassShift(total_variation=None, by_chance=None, most=None, shares=None)
    gaps = {name: other[name] / m - train[name] / n for name in train}
    pooled = [(train[name] + other[name]) / (n + m) for name in train]
    deviations = sum(math.sqrt(p * (1 - p) * (1 / n + 1 / m)) for p in pooled)
    most = max(gaps, key=lambda name: abs(gaps[name]))
    return ClassShift(
        total_variation=sum(map(abs, gaps.values())) / 2,
        by_chance=math.sqrt(2 / math.pi) * deviations / 2,
        most=most,
        shares=(train[most] / n, other[most] / m),
    )
