"""The results of a comparison, as values: each setting over its seeds, and its differences from the baseline."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from seqlab.comparing.bootstrap import Resampled
from seqlab.comparing.intervals import Spread

ALPHA = 0.05  # a corrected p below it means that two settings differ on these sentences

Verdict = Literal["better", "worse", "seeds disagree", "not distinguishable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDifference:
    """A figure of a setting minus that of the baseline, over the seeds that both have.

    seeds: the difference for each seed. sentences: over resamples. corrected: p after Holm's correction.
    """

    seeds: Spread
    sentences: Resampled
    corrected: float

    @property
    def verdict(self) -> Verdict:
        """Better or worse only if the difference holds on other sentences and under other seeds.

        The bootstrap answers the first question, the t-interval over seeds the second.
        """
        mean, low, high = self.seeds.mean, self.seeds.low, self.seeds.high
        if mean is None or self.corrected >= ALPHA:
            return "not distinguishable"
        if low is None or high is None or low <= 0 <= high:
            return "seeds disagree"
        return "better" if mean > 0 else "worse"

    def to_json(self) -> dict[str, Any]:
        """The part of results.json."""
        return {
            "over_seeds": asdict(self.seeds),
            "over_sentences": asdict(self.sentences),
            "p_holm": self.corrected,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingResult:
    """One setting over its seeds.

    changed: the options that it changes. seeds: those that finished. failed: reasons, by seed.
    figures: micro_f1, macro_f1 and min_f1. classes: F1 of each class.
    lost: for each class that was never found, under how many seeds. seconds: of training.
    differences: from the baseline, by figure; empty for the baseline.
    """

    name: str
    changed: Mapping[str, Any]
    seeds: tuple[int, ...]
    failed: Mapping[int, str]
    figures: Mapping[str, Spread]
    classes: Mapping[str, Spread]
    lost: Mapping[str, int]
    seconds: Spread
    differences: Mapping[str, SettingDifference]

    def to_json(self) -> dict[str, Any]:
        """The part of results.json."""
        return {
            "changed": dict(self.changed),
            "seeds": list(self.seeds),
            "failed": {str(seed): reason for seed, reason in self.failed.items()},
            **{name: asdict(spread) for name, spread in self.figures.items()},
            "classes": {name: asdict(spread) for name, spread in self.classes.items()},
            "classes_lost": dict(self.lost),
            "seconds": asdict(self.seconds),
            "differences": {name: d.to_json() for name, d in self.differences.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A whole comparison.

    split: the split that was scored. sentences: how many it has.
    same_sentences: False if each seed splits off its own test sentences.
    support: gold of each class, mean over cells; the largest first.
    shared: settings of all cells that are not the defaults.
    out_of_time: cells that ended because of `max_seconds`.
    """

    split: str
    sentences: int
    same_sentences: bool
    baseline: str
    resamples: int
    support: Mapping[str, float]
    settings: tuple[SettingResult, ...]
    shared: Mapping[str, Any]
    out_of_time: int

    def to_json(self) -> dict[str, Any]:
        """The content of results.json."""
        kept = ("split", "sentences", "same_sentences", "baseline", "resamples", "out_of_time")
        return {
            **{name: getattr(self, name) for name in kept},
            "shared": dict(self.shared),
            "support": dict(self.support),
            "settings": {setting.name: setting.to_json() for setting in self.settings},
        }
