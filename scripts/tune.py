"""Search settings with Optuna. A training is stopped when its macro F1 falls behind that of earlier ones.

    python scripts/tune.py SEARCH.toml --out FOLDER [--trials 20] [--seeds 1,2] [--no-pruning]

SEARCH.toml has the settings that all trainings share, as for `seqlab train --config`, and a table [search]. FOLDER
keeps every result: run the same command again, and the search goes on. docs/how-to/tune-settings.md explains it.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from search_space import SearchSpace, read_search

from seqlab.errors import RunError, SettingsError, UserError
from seqlab.machine.locks import LockHeldError, ProcessLock
from seqlab.machine.terminal import print_error
from seqlab.machine.wording import plural
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings

STUDY, BEST = "study.db", "best.toml"
MISSING = "scripts/tune.py needs Optuna: pip install 'seqlab[tune]'"
FIRST_TRIALS = 4  # are never stopped: the others are compared to their median

OnEpoch = Callable[[int, float], None]
"""Called after each epoch with its number from 1 and its macro F1 in validation. It may raise to stop the training."""
Train = Callable[[Mapping[str, Any], OnEpoch], float]
"""Trains with some settings. Returns the macro F1 in validation of the epoch that was kept."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """space: the settings that vary. seeds: those of each trial. train: trains once."""

    space: SearchSpace
    seeds: tuple[int, ...]
    train: Train

    def objective(self, trial: Any) -> float:
        """The mean macro F1 of one trial over the seeds. Raises TrialPruned when it falls behind."""
        import optuna

        settings = self.space.draw(trial)
        trial.set_user_attr("settings", settings)
        epochs = epochs_of(settings)
        finished: list[float] = []
        started = time.monotonic()

        def on_epoch(epoch: int, macro_f1: float) -> None:
            values = [*finished, macro_f1]
            trial.report(sum(values) / len(values), step=len(finished) * epochs + epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        try:
            for seed in self.seeds:
                finished += [self.train({**settings, "seed": seed}, on_epoch)]
        except SettingsError as error:  # settings that do not fit each other
            trial.set_user_attr("refused", str(error))
            raise
        except KeyboardInterrupt:
            trial.study.enqueue_trial(trial.params)
            raise
        finally:
            trial.set_user_attr("seconds", time.monotonic() - started)
            trial.set_user_attr("by_seed", finished)
        return sum(finished) / len(finished)


def epochs_of(settings: Mapping[str, Any]) -> int:
    """How many epochs a training has at most."""
    return int(settings.get("epochs", declared(TrainSettings)["epochs"].default))


def train_once(settings: Mapping[str, Any], on_epoch: OnEpoch) -> float:
    """Train one tagger. Nothing is written."""
    from seqlab.modeling.quiet_import import import_tensorflow

    import_tensorflow()
    import keras

    import seqlab

    class Reporter(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
        def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
            if logs and "val_macro_f1" in logs:  # undefined without gold
                on_epoch(epoch + 1, logs["val_macro_f1"])

    run = seqlab.train_tagger(**settings, callbacks=[Reporter()])
    if run.metrics["interrupted"]:
        raise KeyboardInterrupt
    return float(run.metrics["splits"]["valid"]["macro_f1"])


def open_study(folder: Path, text: str, space: SearchSpace, *, prune: bool) -> Any:
    """The study in a folder, new or as it was left. text: the search, which must not change.

    No trial is stopped in the first quarter of its epochs, because rare classes are learnt late. A new study begins with
    the default settings. A continued study begins with the trial that was interrupted.
    Raises RunError for the study of another search.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruners, epochs = optuna.pruners, epochs_of(space.common)
    study = optuna.create_study(
        storage=f"sqlite:///{folder / STUDY}",
        study_name="search",
        direction="maximize",
        load_if_exists=True,
        pruner=pruners.MedianPruner(FIRST_TRIALS, epochs // 4) if prune else pruners.NopPruner(),
    )
    if study.user_attrs.get("search", text) != text:
        raise RunError(f"{folder} holds the study of another search: choose another --out")
    study.set_user_attr("search", text)
    study.sampler = optuna.samplers.TPESampler(seed=len(study.trials))
    if not study.trials:
        study.enqueue_trial(space.defaults())
    for trial in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        study.enqueue_trial(trial.params)
    return study


def ended(study: Any) -> list[Any]:
    """The trials that count: finished, stopped for their F1, or refused; not those that were interrupted."""
    return [
        trial
        for trial in study.trials
        if trial.state.name in ("COMPLETE", "PRUNED") or "refused" in trial.user_attrs
    ]


def trial_line(trial: Any) -> str:
    """One line about a trial."""
    values = " ".join(f"{name}={value}" for name, value in trial.params.items())
    if "refused" in trial.user_attrs:
        return f"trial {trial.number}: refused: {trial.user_attrs['refused']}"
    seconds = f"{trial.user_attrs['seconds']:.0f} s"
    if trial.state.name == "PRUNED":
        *before, last = sorted(trial.intermediate_values)
        epochs = plural(len(before) + 1, "epoch")
        fact = f"stopped after {epochs}, macro F1 {trial.intermediate_values[last]:.3f}"
    else:
        seeds = trial.user_attrs["by_seed"]
        apart = f" ({' '.join(f'{one:.3f}' for one in seeds)})" if len(seeds) > 1 else ""
        fact = f"macro F1 {trial.value:.3f}{apart}"
    return f"trial {trial.number}: {fact}, {seconds}: {values}"


def tune(
    path: Path, folder: Path, *, trials: int, seeds: tuple[int, ...], prune: bool, train: Train
) -> Any:
    """Search until `trials` trials have ended, those of earlier calls included. Returns the study.

    Raises UserError for a search that cannot be read, and for a folder that another process uses.
    """
    space = read_search(path)
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise SettingsError(MISSING) from None
    folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = ProcessLock(folder / ".lock")
    except LockHeldError as error:
        raise RunError(f"{folder}: {error.owner} searches here: choose another --out") from None
    try:
        text = f"seeds = {list(seeds)}\n{path.read_text('utf-8')}"
        study = open_study(folder, text, space, prune=prune)
        search = Search(space=space, seeds=seeds, train=train)

        def on_trial(study: Any, trial: Any) -> None:
            print(trial_line(trial), flush=True)
            write_best(study, folder)

        while len(ended(study)) < trials:
            study.optimize(
                search.objective, n_trials=1, catch=(SettingsError,), callbacks=[on_trial]
            )
    finally:
        lock.release()
    return study


def write_best(study: Any, folder: Path) -> None:
    """Write the settings of the best trial, if one has finished, for `seqlab train --config`."""
    finished = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    if finished:
        best = max(finished, key=lambda trial: trial.value)
        (folder / BEST).write_text(tomli_w.dumps(best.user_attrs["settings"]), "utf-8")


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("search", type=Path, help="TOML file: settings, and a table [search]")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument(
        "--trials",
        type=int,
        default=20,
        help="number of trials, with those of earlier calls [default: 20]",
    )
    parser.add_argument(
        "--seeds", default="1", help="seeds of each trial, such as 1,2,3 [default: 1]"
    )
    parser.add_argument("--no-pruning", action="store_true", help="stop no trial early")
    return parser.parse_args(argv)


def seeds_of(text: str) -> tuple[int, ...]:
    """The seeds of an option. Raises SettingsError for anything but whole numbers."""
    try:
        return tuple(dict.fromkeys(int(one) for one in text.split(",")))
    except ValueError:
        raise SettingsError(f"--seeds is {text!r}: expected whole numbers, such as 1,2") from None


def main(argv: Sequence[str] | None = None) -> int:
    """Search, and print the best settings. Returns the exit code."""
    given = options(argv)
    try:
        study = tune(
            given.search,
            given.out,
            trials=given.trials,
            seeds=seeds_of(given.seeds),
            prune=not given.no_pruning,
            train=train_once,
        )
    except UserError as error:
        return print_error(str(error))
    except KeyboardInterrupt:
        return print_error(f"interrupted; the same command goes on from {given.out}", code=130)
    best = given.out / BEST
    if not best.exists():
        return print_error("no trial has finished: the lines above say why", code=1)
    print(f"best: trial {study.best_trial.number}, macro F1 {study.best_value:.3f} in validation")
    print(
        "The best of many trials looks better than it is: train with it on other seeds, and test once."
    )
    print(f"settings: {best}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
