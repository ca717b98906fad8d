"""All thresholds of the audit: the value from which on a figure becomes a warning."""

from dataclasses import dataclass

from seqlab.corpus.checks.limits import LONG_SHARE


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The thresholds by rule. Shares are from 0 to 1."""

    few_examples: int = 20
    """few-examples: classes of a split with fewer spans than this (plain tags: tokens)."""
    leak_share: float = 0.005
    """leak: share of a split's sentences, of 8 tokens or more, that are also in an earlier split."""
    repeat_share: float = 0.05
    """repeated: share of train's sentences, of 8 tokens or more, that repeat an earlier one."""
    contradictory_tokens: int = 5
    """contradictory: length from which on a sentence with different tags is reported."""
    inconsistent_share: float = 0.05
    """inconsistent: share of the spans without the most frequent class of their text."""
    outside_share: float = 0.1
    """outside-elsewhere: share of the occurrences of labelled texts without the text's most frequent label."""
    long_share: float = LONG_SHARE
    """long-sentences: share of a split's sentences that are longer than a window."""
    entity_unknown: float = 0.5
    """unknown-words: share of the tokens in spans that would be read as the unknown word."""
    number_shift: float = 0.5
    """different-numbers: distance of a split's mean from that of train, in deviations of train."""
    number_outside: float = 0.05
    """different-numbers: share of a split's numbers outside the range of train."""
    majority_accuracy: float = 0.9
    """majority: token accuracy of always predicting the most frequent tag."""
    imbalance: float = 100.0
    """imbalance: spans (plain tags: tokens) of the largest class over those of the smallest."""
    total_variation: float = 0.1
    """different-classes: distance of a split's class distribution from that of train, …"""
    times_chance: float = 2.0
    """… which must also be at least this many times the distance to expect by chance."""
    frequency_correlation: float = 0.5
    """weights-follow-frequency: rank correlation of manual class weights with token counts."""
