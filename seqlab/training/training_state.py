"""The state of a training between two batches: everything that the rest of the training depends on.

`TrainingLoop.state` captures it, and `TrainingLoop.restore` goes on from it, bit for bit. It consists of arrays and of
values that JSON has, so that reading it from a file runs no code.
"""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np

from seqlab.arrays import AnyArray, DoubleArray
from seqlab.scoring.figures import ClassFigures, Figures, Summary
from seqlab.training.collapse import Alarm, LossFall
from seqlab.training.collapse_answers import CollapseAnswer
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.split_losses import COLUMNS, Losses

NamedArrays = dict[str, AnyArray]


@dataclass
class EpochProgress:
    """How far an epoch is.

    epoch: its number, from 1. sums: float64 (C + 1, 4), over the batches so far; see `step.class_sums`. batch: the number
    of these batches. tokens: their real tokens. seconds: time spent on them before training was resumed.
    """

    epoch: int
    sums: DoubleArray
    batch: int = 0
    tokens: int = 0
    seconds: float = 0.0

    @classmethod
    def start_of(cls, epoch: int, *, classes: int) -> "EpochProgress":
        """An epoch before its first batch. classes: C, the number of tags."""
        return cls(epoch, np.zeros((classes + 1, COLUMNS)))


@dataclass(frozen=True, kw_only=True)
class TrainingState:
    """The state of a training between two batches.

    progress: of the present epoch. history: the finished epochs. best_epoch: 0 before the first epoch is finished.
    seconds: time of the training so far. unsettled_steps: see `Steps`.
    variables: see `state_variables.changing_variables`.
    best: all weights of the best epoch, by 'layer/number'; empty before the first epoch is finished.
    best_optimizer: the optimizer's variables of that epoch, by number; empty if no answer to an alarm needs them.
    random: states of the global random numbers of Python and numpy; see `random_states`.
    """

    progress: EpochProgress
    history: tuple[EpochRecord, ...]
    best_epoch: int
    seconds: float
    unsettled_steps: int
    variables: NamedArrays
    best: NamedArrays
    best_optimizer: NamedArrays
    random: NamedArrays = field(default_factory=lambda: random_states())

    def arrays(self) -> NamedArrays:
        """The arrays that change with every step, under names that `state_from` reads."""
        parts = {
            "now": self.variables,
            "random": self.random,
            "epoch": {"sums": self.progress.sums},
        }
        return {f"{p}/{name}": value for p, each in parts.items() for name, value in each.items()}

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays, in types that JSON has."""
        return {
            "progress": {k: v for k, v in vars(self.progress).items() if k != "sums"},
            "history": [asdict(record) for record in self.history],
            "best_epoch": self.best_epoch,
            "seconds": self.seconds,
            "unsettled_steps": self.unsettled_steps,
        }


class TrainingStoppedError(Exception):
    """A signal asked the training to stop. It has stopped between two batches, and its state is kept."""


class CheckpointSink(Protocol):
    """An object that keeps states."""

    def due(self) -> bool:
        """Whether the last state is so old that the next one should be kept."""
        ...

    def save(self, state: TrainingState) -> None:
        """Keep a state, or begin to."""
        ...

    def wait(self) -> None:
        """Wait until the last state is kept."""
        ...


def state_from(arrays: Mapping[str, AnyArray], facts: Mapping[str, Any]) -> TrainingState:
    """The state with these arrays and facts. Raises KeyError, TypeError or ValueError when they are not a state's."""
    parts: dict[str, NamedArrays] = {}
    for name, value in arrays.items():
        part, _, rest = name.partition("/")
        parts.setdefault(part, {})[rest] = value
    return TrainingState(
        progress=EpochProgress(**facts["progress"], sums=parts["epoch"]["sums"]),
        history=tuple(record_from(record) for record in facts["history"]),
        best_epoch=facts["best_epoch"],
        seconds=facts["seconds"],
        unsettled_steps=facts["unsettled_steps"],
        variables=parts["now"],
        best=parts.get("best", {}),
        best_optimizer=parts.get("best-optimizer", {}),
        random=parts["random"],
    )


def record_from(facts: Mapping[str, Any]) -> EpochRecord:
    """The record whose `asdict` went through JSON."""
    losses = [None if a["loss"] is None else LossFall(*a["loss"]) for a in facts["alarms"]]
    alarms = ({**a, "loss": loss} for a, loss in zip(facts["alarms"], losses, strict=True))
    old = facts["old_figures"]
    changed = {
        "train": Losses(**facts["train"]),
        "valid": Losses(**facts["valid"]),
        "figures": figures_from(facts["figures"]),
        "old_figures": None if old is None else figures_from(old),
        "alarms": tuple(Alarm(**alarm) for alarm in alarms),
        "answers": tuple(CollapseAnswer(**answer) for answer in facts["answers"]),
    }
    return EpochRecord(**{**facts, **changed})


def figures_from(facts: Mapping[str, Any]) -> Figures:
    """The figures whose `asdict` went through JSON."""
    strict = facts["strict"]
    parts = {**facts, "strict": None if strict is None else Summary(**summary_parts(strict))}
    return Figures(**summary_parts(parts))


def summary_parts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a summary, from its `asdict` that went through JSON."""
    return {
        **facts,
        "classes": {name: ClassFigures(**row) for name, row in facts["classes"].items()},
        "classes_never_found": tuple(facts["classes_never_found"]),
    }


def random_states() -> NamedArrays:
    """The states of the global random numbers of Python and numpy, which callbacks may use."""
    _, words, gauss = random.getstate()
    _, numpy_words, *rest = np.random.get_state()
    return {
        "python": np.array(words, np.int64),
        "python-rest": np.array([np.nan if gauss is None else gauss]),
        "numpy": np.array(numpy_words, np.uint32),
        "numpy-rest": np.array(rest, np.float64),
    }


def set_random_states(states: Mapping[str, AnyArray]) -> None:
    """Continue the global random numbers of Python and numpy from `random_states`."""
    (gauss,) = states["python-rest"].tolist()
    words = tuple(states["python"].tolist())
    random.setstate((3, words, None if np.isnan(gauss) else gauss))
    position, has_gauss, cached = states["numpy-rest"].tolist()
    state = ("MT19937", states["numpy"], int(position), int(has_gauss), cached)
    np.random.set_state(state)
