"""From where on a figure is worth a warning: every threshold of the audit, once."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The thresholds of the rules; shares are from 0 to 1."""

    few_examples: int = 20
    """few-examples: classes with fewer spans than this (tokens, for plain tags) in a split."""

    leak_share: float = 0.005
    """leak: share of a split's sentences, of 8 tokens or more, that stand in an earlier split."""

    repeat_share: float = 0.05
    """repeated: share of train's sentences, of 8 tokens or more, that stand in it before."""

    contradictory_tokens: int = 5
    """contradictory: a sentence this long that occurs with different tags."""

    inconsistent_share: float = 0.05
    """inconsistent: share of the spans that have not their text's most frequent class."""

    outside_share: float = 0.1
    """outside-elsewhere: share of the occurrences of labelled texts that go against the majority."""

    long_share: float = 0.02
    """long-sentences: share of a split's sentences that are longer than a window."""

    entity_unknown: float = 0.5
    """unknown-words: share of the tokens of spans that would be read as the unknown word."""

    majority_accuracy: float = 0.9
    """majority: token accuracy of always saying the most frequent tag."""

    imbalance: float = 100.0
    """imbalance: largest class over smallest, of those that have an F1, by spans (tokens if plain)."""

    total_variation: float = 0.1
    """different-classes: distance of a split's class distribution from that of train, …"""

    times_chance: float = 2.0
    """… and at least this many times what chance alone would give."""

    frequency_correlation: float = 0.5
    """weights-follow-frequency: rank correlation of manual class weights with the classes' tokens."""
