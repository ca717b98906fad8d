"""The same training with several weightings and seeds, as one table of means and spreads."""

from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any

from seqlab import train_tagger
from seqlab.reporting.table import text_table

Cell = dict[str, Any]


def repeat(
    files: dict[str, str],
    weights: Sequence[str],
    *,
    seeds: int,
    watched: Sequence[str] = (),
    **settings: Any,
) -> dict[str, list[Cell]]:
    """Test figures of every run, by weighting. watched: classes whose F1 is kept as well."""
    found: dict[str, list[Cell]] = {name: [] for name in weights}
    for seed in range(1, seeds + 1):
        for name in weights:
            metrics = train_tagger(**files, class_weights=name, seed=seed, **settings).metrics
            found[name].append(cell(metrics, watched))
            print(f"seed {seed}, {name}: {found[name][-1]}", flush=True)
    return found


def cell(metrics: dict[str, Any], watched: Iterable[str]) -> Cell:
    """The few figures of a run that are compared."""
    test = metrics["splits"]["test"]
    return {
        "micro F1": test["micro_f1"],
        "macro F1": test["macro_f1"],
        **{f"F1 {name}": test["classes"][name]["f1"] for name in watched},
        "classes never found": len(test["classes_never_found"]),
        "epochs": metrics["best_epoch"],
        "seconds": metrics["seconds"],
    }


def print_table(found: dict[str, list[Cell]]) -> None:
    """A row for every weighting: the mean over seeds, lowest and highest in brackets."""
    names = list(next(iter(found.values()))[0])
    rows = [
        [weighting, *(spread([cell[name] for cell in cells], digits(name)) for name in names)]
        for weighting, cells in found.items()
    ]
    print(text_table(["class weights", *names], rows, indent=0))


def digits(name: str) -> int:
    """Digits behind the point: three for an F1, one for counts and seconds."""
    return 3 if "F1" in name else 1


def spread(values: list[float], digits: int) -> str:
    """'mean (lowest to highest)'.

    >>> spread([0.1, 0.2, 0.3], 3)
    '0.200 (0.100 to 0.300)'
    """
    low, middle, high = (
        f"{value:.{digits}f}" for value in (min(values), mean(values), max(values))
    )
    return f"{middle} ({low} to {high})"
