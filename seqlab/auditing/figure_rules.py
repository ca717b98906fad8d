"""Warnings about figures that mislead: the majority, the imbalance, unknown words, chosen weights."""

from collections.abc import Iterator, Sequence

import numpy as np

from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.loss_shares import Weighting
from seqlab.auditing.thresholds import Thresholds
from seqlab.corpus.schemes import Scheme


def figure_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """All warnings of this file."""
    yield from majority(audit, limits.majority_accuracy)
    yield from imbalance(audit, limits.imbalance)
    yield from unknown_words(audit, limits.entity_unknown)
    yield from weights_follow_frequency(audit.weighting, limits.frequency_correlation)


def majority(audit: Audit, limit: float) -> Iterator[AuditWarning]:
    """majority: always saying one tag scores high, in the split that training watches."""
    found = audit.imbalance.majority
    split = "valid" if "valid" in found.accuracy else "train"
    accuracy = found.accuracy[split]
    if accuracy is not None and accuracy > limit:
        yield AuditWarning(
            rule="majority",
            split=split,
            message=f"always saying {found.tag!r} is right on {accuracy:.1%} of the tokens of {split}: "
            "accuracy says nothing here; read the F1 of every class",
            details=(),
            value=accuracy,
            threshold=limit,
        )


def imbalance(audit: Audit, limit: float) -> Iterator[AuditWarning]:
    """imbalance: the largest class many times the smallest, of those that have an F1."""
    found = audit.imbalance.by_examples
    if found is not None and found.ratio is not None and found.ratio >= limit:
        noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
        train = audit.splits["train"].classes
        large, small = (train[name].examples for name in (found.largest, found.smallest))
        yield AuditWarning(
            rule="imbalance",
            split="train",
            message=f"{found.largest} has {found.ratio:,.0f} times the {noun} of {found.smallest} "
            f"({large:,} and {small:,}): micro F1 will not show the small one; choose by macro_f1",
            details=(),
            value=found.ratio,
            threshold=limit,
        )


def unknown_words(audit: Audit, limit: float) -> Iterator[AuditWarning]:
    """unknown-words: most tokens of the spans of valid or test are read as the unknown word."""
    for split, found in audit.unknown_words.items():
        share = found.entity_unknown
        if split == "train" or share is None or share < limit:
            continue
        advice = "the network has only their spelling; keep --char-encoder, try --vectors"
        if found.vectors is not None:
            advice = "the network has only their spelling; keep --char-encoder"
        yield AuditWarning(
            rule="unknown-words",
            split=split,
            message=f"{share:.1%} of the span tokens of {split} are unknown words: {advice}",
            details=() if found.unknown is None else (f"of all its tokens {found.unknown:.1%}",),
            value=share,
            threshold=limit,
        )


def weights_follow_frequency(weighting: Weighting, limit: float) -> Iterator[AuditWarning]:
    """weights-follow-frequency: weights set by hand are larger for more frequent classes."""
    if weighting.chosen is None or not weighting.manual:
        return
    weights = {name: found.weight for name, found in weighting.chosen.items()}
    tokens = [weighting.tokens[name] for name in weights]
    correlation = rank_correlation(list(weights.values()), tokens)
    if correlation is None or correlation < limit:
        return
    heavy, light = max(weights, key=lambda n: weights[n]), min(weights, key=lambda n: weights[n])
    yield AuditWarning(
        rule="weights-follow-frequency",
        split="train",
        message="class weights follow frequency: rare classes would weigh least; "
        "take their inverse, or --class-weights sqrt-inverse",
        details=(
            f"rank correlation with token counts {correlation:+.2f}",
            f"{heavy} ({weighting.tokens[heavy]:,} tokens) weighs {weights[heavy]:.3g}, "
            f"{light} ({weighting.tokens[light]:,}) {weights[light]:.3g}",
        ),
        value=correlation,
        threshold=limit,
    )


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's rank correlation, ties sharing their mean rank; None when a side is constant.

    >>> rank_correlation([0.9, 0.07, 0.03], [900, 70, 30])
    1.0
    """
    first, second = ranks(one), ranks(other)
    if not first.std() or not second.std():
        return None
    return round(float(np.corrcoef(first, second)[0, 1]), 12)


def ranks(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """float64 (C,): the mean rank of each value."""
    array = np.array(values, np.float64)
    below = (array[:, None] > array).sum(axis=1)
    return np.asarray(below + ((array[:, None] == array).sum(axis=1) - 1) / 2, np.float64)
