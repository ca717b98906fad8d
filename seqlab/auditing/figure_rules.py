"""Warnings about misleading figures: the majority tag, imbalance, unknown words and chosen weights."""

from collections.abc import Iterator, Sequence

from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.loss_shares import Weighting
from seqlab.auditing.thresholds import Thresholds
from seqlab.corpus.schemes import Scheme

OTHER_FORM = 0.05  # share of the unknown words from which another Unicode form is worth a warning
MOSTLY = 0.5


def figure_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """All warnings about misleading figures."""
    yield from majority_warnings(audit, limits.majority_accuracy)
    yield from imbalance_warnings(audit, limits.imbalance)
    yield from unknown_word_warnings(audit, limits.entity_unknown)
    yield from weights_follow_frequency(audit.weighting, limits.frequency_correlation)


def majority_warnings(audit: Audit, limit: float) -> Iterator[AuditWarning]:
    """majority: always predicting one tag scores high on the split that training watches."""
    majority = audit.imbalance.majority
    split = "valid" if "valid" in majority.accuracy else "train"
    accuracy = majority.accuracy[split]
    if accuracy is not None and accuracy > limit:
        message = (
            f"always predicting {majority.tag!r} is right on {accuracy:.1%} of the tokens of {split}: "
            "accuracy is misleading here; read the F1 of every class"
        )
        yield AuditWarning("majority", split, message, value=accuracy, threshold=limit)


def imbalance_warnings(audit: Audit, limit: float) -> Iterator[AuditWarning]:
    """imbalance: the largest class that has an F1 is many times the smallest."""
    classes = audit.imbalance.by_examples
    if classes is not None and classes.ratio is not None and classes.ratio >= limit:
        noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
        train = audit.splits["train"].classes
        large, small = (train[name].examples for name in (classes.largest, classes.smallest))
        message = (
            f"{classes.largest} has {classes.ratio:,.0f} times the {noun} of {classes.smallest} "
            f"({large:,} and {small:,}): micro F1 hides the small class; read macro F1 and the F1 of every class"
        )
        yield AuditWarning("imbalance", "train", message, value=classes.ratio, threshold=limit)


def unknown_word_warnings(audit: Audit, limit: float) -> Iterator[AuditWarning]:
    """unicode-form: unknown words are known in another Unicode form. unknown-words: most tokens in spans are unknown."""
    for split, words in audit.unknown_words.items():
        share = words.entity_unknown
        if words.form is not None and words.other_form >= OTHER_FORM:
            yield AuditWarning(
                "unicode-form",
                split,
                f"{words.other_form:.1%} of the unknown words of {split} are words of train in another "
                f"Unicode form: give --normalise {words.form}",
                value=words.other_form,
                threshold=OTHER_FORM,
            )
        if split == "train" or share is None or share < limit:
            continue
        if words.other_form > MOSTLY:
            continue  # they are known words once normalised
        advice = "the network sees only their characters; keep --char-encoder"
        if words.vectors is None:
            advice += ", try --vectors"
        message = f"{share:.1%} of the tokens in spans of {split} are unknown words: {advice}"
        details = () if words.unknown is None else (f"of all its tokens: {words.unknown:.1%}",)
        yield AuditWarning("unknown-words", split, message, details, value=share, threshold=limit)


def weights_follow_frequency(weighting: Weighting, limit: float) -> Iterator[AuditWarning]:
    """weights-follow-frequency: weights set by hand are larger for more frequent classes."""
    if weighting.chosen is None or not weighting.manual:
        return
    weights = {name: weighed.weight for name, weighed in weighting.chosen.items()}
    tokens = [weighting.tokens[name] for name in weights]
    correlation = rank_correlation(list(weights.values()), tokens)
    if correlation is None or correlation < limit:
        return
    heavy, light = max(weights, key=lambda n: weights[n]), min(weights, key=lambda n: weights[n])
    yield AuditWarning(
        "weights-follow-frequency",
        "train",
        "class weights follow frequency: rare classes would weigh least; "
        "invert them, or give --class-weights sqrt-inverse",
        details=(
            f"rank correlation with token counts {correlation:+.2f}",
            f"{heavy} ({weighting.tokens[heavy]:,} tokens) weighs {weights[heavy]:.3g}, "
            f"{light} ({weighting.tokens[light]:,}) {weights[light]:.3g}",
        ),
        value=correlation,
        threshold=limit,
    )


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's rank correlation; None if a side is constant.

    >>> rank_correlation([0.9, 0.07, 0.03], [900, 70, 30])
    1.0
    """
    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    from scipy.stats import spearmanr  # imported late: only weights set by hand need it

    return round(float(spearmanr(one, other).statistic), 12)
