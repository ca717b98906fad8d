"""Read results.json back, with every entry that the page needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlab.comparing.bootstrap import Resampled
from seqlab.comparing.intervals import Spread
from seqlab.comparing.results import BestBet, Results, SettingDifference, SettingResult
from seqlab.errors import RunError, one_line
from seqlab.machine.json_text import parse_json
from seqlab.machine.regular_files import open_regular
from seqlab.scoring.uncertainty import Interval

RESULTS_BYTES = 1 << 26
FIGURES = ("micro_f1", "macro_f1", "min_f1")

Json = Mapping[str, Any]


def read_results(path: Path) -> Results:
    """The results that a file holds.

    Raises RunError if it cannot be read, or lacks an entry, as the files of older versions do.
    """
    if not path.is_file():
        raise RunError(f"{path.parent}: no results of a comparison here")
    try:
        with open_regular(path, inside=path.parent) as file:
            return results_of(parse_json(file.read(RESULTS_BYTES)))
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fact = f"not the results of a comparison of this version: {one_line(str(error))}"
        raise RunError(f"{path}: {fact}; run compare again") from error


def results_of(found: Json) -> Results:
    """The inverse of `Results.to_json`. Raises KeyError, TypeError or ValueError for other values."""
    trained = bool(found["trained"])
    best = found["best_bet"]
    names = (
        *("split", "sentences", "same_sentences", "resampled", "units", "folds", "baseline"),
        *("resamples", "out_of_time", "command"),
    )
    return Results(
        **{name: found[name] for name in names},
        support=dict(found["support"]),
        settings=tuple(
            setting_of(name, setting, trained) for name, setting in found["settings"].items()
        ),
        shared=dict(found["shared"]),
        best=None if best is None else best_of(best, trained),
        trained=trained,
        notes=tuple(found["notes"]),
    )


def setting_of(name: str, found: Json, trained: bool) -> SettingResult:
    """One setting."""
    figures = {key: found[key] for key in FIGURES}
    return SettingResult(
        name=name,
        changed=dict(found["changed"]),
        seeds=tuple(found["seeds"]),
        failed={int(seed): str(reason) for seed, reason in found["failed"].items()},
        figures={key: spread_of(each) for key, each in figures.items()},
        classes={key: spread_of(each) for key, each in found["classes"].items()},
        intervals={key: interval_of(figures[key]) for key in FIGURES[:2]},
        class_intervals={key: interval_of(each) for key, each in found["classes"].items()},
        lost=dict(found["classes_lost"]),
        seconds=spread_of(found["seconds"]),
        differences={key: difference_of(d, trained) for key, d in found["differences"].items()},
        class_differences={
            key: difference_of(d, trained) for key, d in found["class_differences"].items()
        },
    )


def best_of(found: Json, trained: bool) -> BestBet:
    """The best setting or run."""
    return BestBet(
        name=found["setting"],
        rival=found["against"],
        difference=difference_of(found["macro_f1_difference"], trained),
        seeds=found["seeds_needed"],
        sentences=found["sentences_needed"],
    )


def difference_of(found: Json, trained: bool) -> SettingDifference:
    """A difference from the baseline."""
    sentences = found["over_sentences"]
    return SettingDifference(
        seeds=spread_of(found["over_seeds"]),
        sentences=Resampled(low=sentences["low"], high=sentences["high"], p=sentences["p"]),
        corrected=found["p_holm"],
        trained=trained,
    )


def spread_of(found: Json) -> Spread:
    """A mean over seeds."""
    low, high, mean = found["low"], found["high"], found["mean"]
    return Spread(mean=mean, low=low, high=high, values=tuple(found["values"]))


def interval_of(found: Json) -> Interval | None:
    """An interval over sentences."""
    ends = found["over_sentences"]
    return None if ends is None else (float(ends[0]), float(ends[1]))
