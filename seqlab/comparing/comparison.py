"""A comparison from its plan to its results: train the missing cells, judge them, write the results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from seqlab.comparing import store
from seqlab.comparing.bootstrap import check_resamples
from seqlab.comparing.budget import Budget, make_budget
from seqlab.comparing.identity import identities
from seqlab.comparing.judging import make_results
from seqlab.comparing.plan import Plan, make_plan
from seqlab.comparing.pooling import pooled
from seqlab.comparing.power import (
    TYPICAL_DEVIATION,
    pooled_deviation,
    power_text,
    typical_deviation_of_differences,
)
from seqlab.comparing.results import Results
from seqlab.comparing.running import CellStates, Watch, run_cells
from seqlab.comparing.watching import line_watch
from seqlab.comparing.writing import write_results
from seqlab.errors import SettingsError
from seqlab.experiment.corpora import read_splits, with_sample
from seqlab.reporting.log import Log, Say
from seqlab.settings.declaring import declared
from seqlab.settings.reading import ReadingSettings
from seqlab.settings.training import SHIFTING_LOSSES, TrainSettings

DEFAULT_SEEDS = 5
DEFAULT_RESAMPLES = 5000
LEAST_FREEDOM = 3  # degrees of freedom with which finished cells replace the typical deviation

Show = Callable[[Plan, Path], AbstractContextManager[Watch]]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A finished comparison. path: its directory. failed: how many cells failed."""

    path: Path
    results: Results
    failed: int


def compare_settings(
    settings: Mapping[str, Mapping[str, Any]],
    *,
    out: str | PathLike[str],
    seeds: int | Sequence[int] = DEFAULT_SEEDS,
    baseline: str | None = None,
    processes: int | None = None,
    memory: float | None = None,
    resamples: int = DEFAULT_RESAMPLES,
    overwrite: bool = False,
    say: Say = lambda text: None,
    **common: Any,
) -> Comparison:
    """Train every setting under every seed and judge their differences, as `seqlab compare` does.

    settings: by name, the options that each setting changes. common: options that all settings share.
    out: the directory of the comparison. Finished cells in it are not trained again.
    overwrite: train cells again whose settings or corpora have changed, instead of refusing.
    Raises UserError for mistakes in the arguments or the files. A cell that fails is counted, and the
    other cells go on.

    comparison = seqlab.compare_settings(
        {"none": {"class_weights": "none"}, "focal": {"loss": "focal"}}, train="train.conll", out="runs/c"
    )
    comparison.results.settings[1].differences["macro_f1"].verdict
    """
    if "seed" in common:
        raise SettingsError(
            f"seed is {common['seed']!r}; give seeds= instead: a number of seeds, or a list"
        )
    plan = make_plan(settings, common, seeds=seeds, baseline=baseline)
    return run_comparison(
        plan,
        Path(fspath(out)),
        budget=make_budget(processes, memory),
        resamples=resamples,
        overwrite=overwrite,
        say=say,
    )


def run_comparison(
    plan: Plan,
    out: Path,
    *,
    budget: Budget,
    resamples: int,
    overwrite: bool,
    say: Say,
    show: Show | None = None,
    command: str = "",
) -> Comparison:
    """Train the missing cells and write the results.

    command: repeats the comparison; the page shows it.
    show: makes a watch that draws the progress; without it, `say` gets a line per event.
    """
    check_resamples(resamples)
    wanted = identities(plan.cells)
    with store.locked_directory(out):
        paths = {cell: store.cell_path(out, cell) for cell in plan.cells}
        missing = [
            c for c in paths if not store.is_finished(paths[c], wanted[c], overwrite=overwrite)
        ]
        states = CellStates(dict.fromkeys(paths, "kept") | dict.fromkeys(missing, "waiting"))
        for cell, state in states.states.items():
            if state == "kept":
                store.check_finished_cell(paths[cell])
        check_corpora([cell.settings for cell in missing])
        say(describe_plan(plan, len(missing), budget))
        say(power_note(plan, collect_cells(plan, states, out)[0]))
        for note in plan_notes(plan):
            say(note)
        watching = nullcontext(line_watch(out, say)) if show is None else show(plan, out)
        with watching as watch:
            run_cells(missing, wanted, out, budget=budget, states=states, watch=watch)
        cells, failed = collect_cells(plan, states, out)
        results = make_results(plan, cells, failed, resamples=resamples)
        results = replace(results, command=command)
        write_results(results, cells, out)
    return Comparison(path=out, results=results, failed=sum(map(len, failed.values())))


def check_corpora(settings: Sequence[TrainSettings]) -> None:
    """Read the corpora once before the cells, if all cells read the same, so that a wrong file stops the comparison.

    Raises UserError as a training would.
    """
    names = ("corpus", "train", "valid", "test", "scheme", *declared(ReadingSettings))
    distinct = {tuple(getattr(each, name) for name in names) for each in settings}
    if len(distinct) == 1:
        read_splits(with_sample(settings[0]), Log(lambda text: None, None))


def describe_plan(plan: Plan, missing: int, budget: Budget) -> str:
    """One line about the cells to train and the budget."""
    total = len(plan.cells)
    kept = f", {total - missing} of them finished before" if missing < total else ""
    folds = "" if plan.folds is None else f" x {plan.folds} folds"
    return (
        f"{len(plan.names)} settings x {len(plan.seeds)} seeds{folds}: {total} trainings{kept}; "
        f"up to {budget.processes} at once, threads each: {budget.threads}, "
        f"within {budget.memory:.1f} GB"
    )


def power_note(plan: Plan, finished: Mapping[str, Mapping[int, store.FinishedCell]]) -> str:
    """One line: which differences of macro F1 the seeds can decide.

    It uses the standard deviation of finished trainings if there are enough, and a typical one otherwise.
    """
    base = finished.get(plan.baseline, {})
    groups = [
        differences_of_seeds(by_seed, base)
        for name, by_seed in finished.items()
        if name != plan.baseline
    ]
    known, freedom = pooled_deviation(groups), sum(max(0, len(group) - 1) for group in groups)
    if known is None or freedom < LEAST_FREEDOM:
        source = f"standard deviation over seeds: {TYPICAL_DEVIATION:g}, as is typical"
        return power_text(len(plan.seeds), typical_deviation_of_differences(), source=source)
    source = f"standard deviation of differences over finished seeds: {known:.2g}"
    return power_text(len(plan.seeds), known, source=source)


def differences_of_seeds(
    ours: Mapping[int, store.FinishedCell], theirs: Mapping[int, store.FinishedCell]
) -> list[float]:
    """Macro F1 of one setting minus that of the other, for each seed that both have."""
    pairs = [
        (ours[s].metrics["macro_f1"], theirs[s].metrics["macro_f1"]) for s in ours if s in theirs
    ]
    return [a - b for a, b in pairs if a is not None and b is not None]


def plan_notes(plan: Plan) -> Iterator[str]:
    """Notes on settings that differ in more than the options they change."""
    losses = {cell.name: cell.settings.loss for cell in plan.cells if cell.settings.head is None}
    shifting = [name for name, loss in losses.items() if loss in SHIFTING_LOSSES]
    if 0 < len(shifting) < len(losses):
        yield (
            f"note: {', '.join(shifting)} shift the logits of single tokens and use the softmax; the other settings "
            "use a CRF on spans; give --head softmax to compare only the losses"
        )


def collect_cells(
    plan: Plan, states: CellStates, out: Path
) -> tuple[dict[str, dict[int, store.FinishedCell]], dict[str, dict[int, str]]]:
    """Finished cells, and the reasons of failed cells, by setting and seed.

    Folds are pooled. A seed with a failed fold counts as failed.
    """
    folds: dict[str, dict[int, list[store.FinishedCell]]] = {name: {} for name in plan.names}
    failed: dict[str, dict[int, str]] = {name: {} for name in plan.names}
    for cell in plan.cells:
        if states.states[cell] == "waiting":  # before the first training
            failed[cell.name].setdefault(cell.seed, "not trained yet")
        elif states.states[cell] == "failed":
            fold = "" if cell.fold is None else f"fold {cell.fold}: "
            failed[cell.name].setdefault(cell.seed, f"{fold}{states.reasons[cell]}")
        else:
            finished = store.read_cell(store.cell_path(out, cell))
            folds[cell.name].setdefault(cell.seed, []).append(finished)
    cells = {
        name: {
            seed: each[0] if plan.folds is None else pooled(each)
            for seed, each in by_seed.items()
            if seed not in failed[name]
        }
        for name, by_seed in folds.items()
    }
    return cells, failed
