"""One trial of `scripts/tune.py`: trains with the settings that Optuna draws, and reports every epoch to it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from search_space import SearchSpace

from seqlab.errors import SettingsError
from seqlab.machine.wording import plural
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings

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
        """The mean macro F1 of one trial over the seeds. Raises TrialPruned when it falls behind.

        Settings that a trial has finished with are not trained again: they get its F1.
        """
        import optuna

        settings = self.space.draw(trial)
        same = finished_trial(trial.study, settings)
        trial.set_user_attr("settings", settings)
        if same is not None:
            trial.set_user_attr("repeats", same.number)
            return float(same.value)
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


def finished_trial(study: Any, settings: Mapping[str, Any]) -> Any | None:
    """The first finished trial that trained with the same settings, if there is one."""
    for trial in study.trials:
        if trial.state.name == "COMPLETE" and trial.user_attrs["settings"] == settings:
            return trial
    return None


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


def trial_line(trial: Any) -> str:
    """One line about a trial."""
    values = " ".join(f"{name}={value}" for name, value in trial.params.items())
    if "refused" in trial.user_attrs:
        return f"trial {trial.number}: refused: {trial.user_attrs['refused']}"
    if "repeats" in trial.user_attrs:
        fact = f"same settings as trial {trial.user_attrs['repeats']}, macro F1 {trial.value:.3f}"
        return f"trial {trial.number}: {fact}: {values}"
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
