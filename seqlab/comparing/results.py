"""The results of a comparison, as values: each setting over its seeds, and its differences from the baseline."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from seqlab.comparing.bootstrap import Resampled
from seqlab.comparing.intervals import Spread, t_test
from seqlab.scoring.uncertainty import Interval

ALPHA = 0.05  # a corrected p below it means that two settings differ on these sentences

Verdict = Literal["better", "worse", "seeds disagree", "not distinguishable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDifference:
    """A figure of a setting minus that of the baseline, over the seeds that both have.

    seeds: the difference for each seed. sentences: over resamples. corrected: p after Holm's correction.
    trained: False for finished runs, which have no seeds to judge.
    """

    seeds: Spread
    sentences: Resampled
    corrected: float
    trained: bool = True

    @property
    def seeds_p(self) -> float | None:
        """The p-value of the t-test over seeds; None with one seed."""
        return t_test(self.seeds.values)

    @property
    def verdict(self) -> Verdict:
        """Better or worse only if the difference holds on other sentences and under other seeds.

        The bootstrap answers the first question, the t-interval over seeds the second.
        """
        mean, low, high = self.seeds.mean, self.seeds.low, self.seeds.high
        if mean is None or self.corrected >= ALPHA:
            return "not distinguishable"
        if self.trained and (low is None or high is None or low <= 0 <= high):
            return "seeds disagree"
        return "better" if mean > 0 else "worse"

    def to_json(self) -> dict[str, Any]:
        """The part of results.json."""
        return {
            "over_seeds": {**asdict(self.seeds), "p": self.seeds_p},
            "over_sentences": asdict(self.sentences),
            "p_holm": self.corrected,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingResult:
    """One setting over its seeds.

    changed: the options that it changes. seeds: those that finished. failed: reasons, by seed.
    figures: micro_f1, macro_f1 and min_f1. classes: F1 of each class.
    intervals: of micro_f1, macro_f1 over sentences. class_intervals: of the F1 of each class over sentences.
    lost: for each lost class, under how many seeds. seconds: of training.
    differences: from the baseline, by figure; empty for the baseline. class_differences: the same, by class.
    """

    name: str
    changed: Mapping[str, Any]
    seeds: tuple[int, ...]
    failed: Mapping[int, str]
    figures: Mapping[str, Spread]
    classes: Mapping[str, Spread]
    intervals: Mapping[str, Interval | None]
    class_intervals: Mapping[str, Interval | None]
    lost: Mapping[str, int]
    seconds: Spread
    differences: Mapping[str, SettingDifference]
    class_differences: Mapping[str, SettingDifference]

    def to_json(self) -> dict[str, Any]:
        """The part of results.json."""
        return {
            "changed": dict(self.changed),
            "seeds": list(self.seeds),
            "failed": {str(seed): reason for seed, reason in self.failed.items()},
            **with_intervals(self.figures, self.intervals),
            "classes": with_intervals(self.classes, self.class_intervals),
            "classes_lost": dict(self.lost),
            "seconds": asdict(self.seconds),
            "differences": {name: d.to_json() for name, d in self.differences.items()},
            "class_differences": {name: d.to_json() for name, d in self.class_differences.items()},
        }


def with_intervals(
    spreads: Mapping[str, Spread], intervals: Mapping[str, Interval | None]
) -> dict[str, dict[str, Any]]:
    """Each spread over seeds as JSON, with its interval over sentences."""
    return {
        name: {**asdict(spread), "over_sentences": intervals.get(name)}
        for name, spread in spreads.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class BestBet:
    """The setting with the highest mean macro F1, against the next best.

    difference: its macro F1 minus that of the next best; not corrected, and flattered, since both were chosen by it.
    seeds: about how many would decide a difference of this size; None if more than `MOST_SEEDS`.
    sentences: about how many test sentences would decide it; None where they already do.
    """

    name: str
    rival: str
    difference: SettingDifference
    seeds: int | None
    sentences: int | None

    def to_json(self) -> dict[str, Any]:
        """The part of results.json."""
        return {
            "setting": self.name,
            "against": self.rival,
            "macro_f1_difference": self.difference.to_json(),
            "seeds_needed": self.seeds,
            "sentences_needed": self.sentences,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A whole comparison.

    split: the split that was scored. sentences: how many it has.
    same_sentences: False if each seed splits off its own test sentences.
    resampled: what the bootstrap draws, 'sentences' or 'documents'. units: how many there are of them.
    folds: in how many parts the corpus was tested; None for a test split.
    support: gold of each class, mean over cells; the largest first.
    shared: settings of all cells that are not the defaults.
    out_of_time: cells that ended because of `max_seconds`.
    best: None with fewer than two finished settings.
    trained: False for finished runs on one file. notes: one sentence each, for the user.
    command: repeats the comparison; empty if it was not made by one.
    """

    split: str
    sentences: int
    same_sentences: bool
    resampled: str
    units: int
    folds: int | None
    baseline: str
    resamples: int
    support: Mapping[str, float]
    settings: tuple[SettingResult, ...]
    shared: Mapping[str, Any]
    out_of_time: int
    best: BestBet | None
    trained: bool = True
    notes: tuple[str, ...] = ()
    command: str = ""

    def to_json(self) -> dict[str, Any]:
        """The content of results.json."""
        kept = (
            *("split", "sentences", "same_sentences", "resampled", "units", "folds", "baseline"),
            *("resamples", "out_of_time", "trained", "command"),
        )
        return {
            **{name: getattr(self, name) for name in kept},
            "notes": list(self.notes),
            "shared": dict(self.shared),
            "support": dict(self.support),
            "best_bet": None if self.best is None else self.best.to_json(),
            "settings": {setting.name: setting.to_json() for setting in self.settings},
        }
