"""Search settings with Optuna. A training is stopped when its macro F1 falls behind that of earlier ones.

    python scripts/tune.py SEARCH.toml --out FOLDER [--trials 20] [--seeds 1,2] [--no-pruning]

SEARCH.toml has the settings that all trainings share, as for `seqlab train --config`, and a table [search]. FOLDER
keeps every result: run the same command again, and the search goes on. docs/how-to/tune-settings.md explains it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w
from search_space import SearchSpace, read_search
from search_trial import Search, Train, epochs_of, train_once, trial_line

from seqlab.errors import RunError, SettingsError, UserError
from seqlab.machine.locks import LockHeldError, ProcessLock
from seqlab.machine.terminal import print_error
from seqlab.machine.wording import plural

STUDY, BEST = "study.db", "best.toml"
MISSING = "scripts/tune.py needs Optuna: pip install 'seqlab[tune]'"
FIRST_TRIALS = 4  # are never stopped: the others are compared to their median


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


def print_repeats(study: Any) -> None:
    """Say how many trials were not trained, because earlier ones had the same settings."""
    repeated = sum("repeats" in trial.user_attrs for trial in study.trials)
    if repeated:
        fact = f"{plural(repeated, 'trial')} repeated earlier settings and took their F1 without a training"
        print(f"{fact}; the search space is small")


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
    print_repeats(study)
    print(f"best: trial {study.best_trial.number}, macro F1 {study.best_value:.3f} in validation")
    print(
        "The best of many trials looks better than it is: train with it on other seeds, and test once."
    )
    print(f"settings: {best}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
