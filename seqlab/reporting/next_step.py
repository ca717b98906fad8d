"""The one thing to try next after a training, why, and the command for it.

Each rule reads the figures of the run and returns a step, or None. The first step is shown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqlab.machine.wording import percent, plural
from seqlab.reporting.class_states import (
    ClassState,
    at_risk_anywhere,
    classes_at_risk,
    enough_gold,
    lost_anywhere,
    lost_classes,
    most_confused,
)
from seqlab.reporting.repeat_options import with_option
from seqlab.reporting.run_details import RunDetails
from seqlab.reporting.run_values import RISK_F1

FEW_ITEMS = 20  # training items of a class; with fewer, more data helps before anything else
MOSTLY = 0.5  # share of a class's tokens taken for another class from which that is the reason
OFTEN = 0.2
LEAK = 0.05  # share of a split's sentences that are also in training
TEST_SHARE = 0.15
OUTSIDE = "O"


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What to try and why, a sentence. command: for the shell; None if there is none."""

    text: str
    command: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the rules read.

    metrics, history: as in metrics.json and history.jsonl. details: report.json; None for an older run.
    path: of the run directory; empty if it is unknown.
    """

    metrics: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    details: RunDetails | None = None
    path: str = ""

    @property
    def valid(self) -> Mapping[str, Any]:
        """The figures of the validation split."""
        split: Mapping[str, Any] = self.metrics["splits"]["valid"]
        return split

    @property
    def kept_epoch(self) -> int:
        """The epoch that is kept."""
        return int(self.metrics["best_epoch"])

    @property
    def lost(self) -> list[ClassState]:
        """The classes that are lost in validation."""
        return lost_classes(self.valid, self.history, self.kept_epoch)

    def items(self, name: str) -> int | None:
        """The training items of a class; None if they are unknown."""
        row = None if self.details is None else self.details.classes.get(name)
        return None if row is None else row.items

    def weight(self, name: str) -> float | None:
        """The weight of a class as --class-weight takes it; None if no weight acts, or it is unknown."""
        row = None if self.details is None else self.details.classes.get(name)
        return None if row is None else row.weight

    def setting(self, name: str) -> Any:
        """The value of a setting that differs from its default; None for others."""
        changed = None if self.details is None else self.details.changed.get(name)
        return None if changed is None else changed.value

    def command(self, *options: tuple[str, str]) -> str | None:
        """The command that repeats the run with other options; None if it is unknown."""
        if self.details is None:
            return None
        text = self.details.command
        for option, value in options:
            text = with_option(text, option, value)
        return text

    def resumed(self, option: str, value: str) -> str | None:
        """The command that resumes the run with another value of an option."""
        if not self.path:
            return self.command((option, value))
        return with_option(
            with_option("python -m seqlab.train", "--resume", self.path), option, value
        )


def next_step(evidence: Evidence) -> NextStep:
    """The step of the first rule that returns one."""
    return next(step for rule in RULES if (step := rule(evidence)) is not None)


def unfinished(evidence: Evidence) -> NextStep | None:
    """An unfinished training must end first."""
    if evidence.metrics.get("end_reason", "") is not None:
        return None
    command = None
    if evidence.path:
        command = with_option("python -m seqlab.train", "--resume", evidence.path)
    return NextStep(
        text="Let the training end, or resume it, before you judge these figures.", command=command
    )


def diverged(evidence: Evidence) -> NextStep | None:
    """A training that diverged needs a smaller learning rate."""
    if evidence.metrics.get("end_reason") != "diverged":
        return None
    rate = f"{evidence.history[-1]['learning_rate'] / 4:.3g}"
    return NextStep(
        text=f"Try --learning-rate {rate}, a quarter of the present one, because the training diverged.",
        command=evidence.command(("--learning-rate", rate)),
    )


def leak(evidence: Evidence) -> NextStep | None:
    """Many scored sentences are also in training."""
    findings = evidence.details.audit if evidence.details else None
    for finding in findings or ():
        if finding.rule == "leak" and (finding.value or 0) >= LEAK:
            return NextStep(
                text=f"First repair the corpora, because scored sentences are also in training: {finding.text}."
            )
    return None


def longer(evidence: Evidence) -> NextStep | None:
    """The best epoch is the last one, and only a limit ended the training."""
    last = evidence.history[-1]["epoch"]
    if evidence.kept_epoch != last:
        return None
    if evidence.metrics.get("end_reason") == "all_epochs":
        return NextStep(
            text=f"Train for up to {2 * last} epochs, because {last_was_best(evidence)}.",
            command=evidence.resumed("--epochs", str(2 * last)),
        )
    seconds = evidence.setting("max_seconds")
    if evidence.metrics.get("end_reason") == "max_seconds" and seconds is not None:
        text = f"Train for up to {2 * seconds:g} seconds, because {last_was_best(evidence)}."
        return NextStep(text=text, command=evidence.resumed("--max-seconds", f"{2 * seconds:g}"))
    return None


def last_was_best(evidence: Evidence) -> str:
    """Why longer training may help, with the classes that are lost, else those at risk."""
    splits = evidence.metrics["splits"]
    lost = lost_anywhere(splits, evidence.history, evidence.kept_epoch)
    fact = lost_fact(lost) if lost else risk_fact(at_risk_anywhere(splits))
    return f"the last epoch was the best one{fact and f', and {fact}'}"


def lost_fact(lost: Sequence[ClassState]) -> str:
    """What the epochs so far show of the lost classes."""
    first, count = lost[0], len(lost)
    never = not any(one.ever for one in lost)
    if count > 1:
        return (
            f"no epoch found {count} of the classes yet" if never else f"{count} classes are lost"
        )
    if never:
        return f"no epoch found {first.name} yet"
    if first.since is None:
        return f"{first.name} is lost in {first.split}"
    return f"{first.name} is lost since epoch {first.since}"


def risk_fact(risky: Sequence[ClassState]) -> str:
    """How low the F1 of the classes at risk is; empty if there are none."""
    if not risky:
        return ""
    if len(risky) > 1:
        return f"{len(risky)} classes still have an F1 below {RISK_F1}"
    return f"the F1 of {risky[0].name} in {risky[0].split} is still below {RISK_F1}"


def several_lost(evidence: Evidence) -> NextStep | None:
    """Several lost classes need an option that acts on all of them."""
    lost = evidence.lost
    if len(lost) < 2:
        return None
    known = [count for one in lost if (count := evidence.items(one.name)) is not None]
    few = sum(count < FEW_ITEMS for count in known)
    if few > len(lost) / 2:
        text = f"Label more examples, because {few} of the {len(lost)} lost classes have fewer than {FEW_ITEMS} in training."
        return NextStep(text=text)
    because = f"because {len(lost)} classes are lost"
    if evidence.setting("class_weights") is None and evidence.setting("crf_loss") is None:
        option = ("--class-weights", "sqrt-inverse")
        text = (
            f"Try --class-weights sqrt-inverse, which raises the weight of rare classes, {because}."
        )
    else:
        option = ("--decide", "macro_f1")
        text = f"Try --decide macro_f1, which tunes a bias for each class, {because}."
    return NextStep(text=text, command=evidence.command(option))


def one_lost(evidence: Evidence) -> NextStep | None:
    """A lost class has few examples, is taken for another one, or weighs too little."""
    if not evidence.lost:
        return None
    name = evidence.lost[0].name
    items = evidence.items(name)
    if items is not None and items < FEW_ITEMS:
        return NextStep(
            text=f"Label more examples of {name}, because training has only {plural(items, 'example')} of it."
        )
    confused = most_confused(evidence.valid, name)
    if confused and confused[1] >= MOSTLY and confused[0] != OUTSIDE:
        return NextStep(
            text=f"Compare {name} with {confused[0]} in the error browser, because {percent(confused[1])} "
            f"of the tokens of {name} are tagged {confused[0]}."
        )
    weight = evidence.weight(name)
    if weight is None:
        return unweighted(evidence, name)
    value = f"{name}={2 * weight:.4g}"
    return NextStep(
        text=f"Try --class-weight {value}, twice the weight of {name}, because the loss hardly counts it.",
        command=evidence.command(("--class-weight", value)),
    )


def unweighted(evidence: Evidence, name: str) -> NextStep:
    """A lost class of a run whose class weights do not act, or are unknown."""
    if evidence.details is None:
        return NextStep(text=f"Try a larger --class-weight for {name}, because it is lost.")
    options = ("--crf-loss", "marginal"), ("--class-weight", f"{name}=2")
    return NextStep(
        text=f"Try --crf-loss marginal with --class-weight {name}=2, because no class weight acts at present.",
        command=evidence.command(*options),
    )


def halved(evidence: Evidence) -> NextStep | None:
    """A class had more than twice its F1 in an earlier epoch."""
    kept = next(line for line in evidence.history if line["epoch"] == evidence.kept_epoch)
    for alarm in kept.get("alarms", ()):
        if alarm["rule"] == "halved":
            name, best = alarm["name"], alarm["best_f1"]
            return NextStep(
                text=f"Try --select f1:{name}, because epoch {alarm['best_epoch']} found {name} with F1 {best:.3f} "
                f"and the kept epoch with {alarm['f1']:.3f}.",
                command=evidence.command(("--select", f"f1:{name}")),
            )
    return None


def at_risk_or_confused(evidence: Evidence) -> NextStep | None:
    """A class that is often taken for another one; the lowest F1 first."""
    rows = enough_gold(evidence.valid)
    risky = [one.name for one in classes_at_risk(evidence.valid)]
    weakest = sorted(rows, key=lambda name: rows[name]["f1"] or 0.0)
    for name in dict.fromkeys([*risky, *weakest]):
        confused = most_confused(evidence.valid, name)
        if confused and confused[1] >= OFTEN and confused[0] != OUTSIDE:
            return NextStep(
                text=f"Compare {name} with {confused[0]} in the error browser, because {percent(confused[1])} "
                f"of the tokens of {name} are tagged {confused[0]}."
            )
    if risky and (items := evidence.items(risky[0])) is not None:
        return NextStep(
            text=f"Label more examples of {risky[0]}, because training has {plural(items, 'example')} of it "
            "and its F1 is still below 0.1."
        )
    return None


def no_test(evidence: Evidence) -> NextStep | None:
    """Validation chose the epoch, so its figures are too high."""
    if "test" in evidence.metrics["splits"]:
        return None
    return NextStep(
        text="Score the tagger on a test split, because validation chose the epoch, so its figures are a little too high.",
        command=evidence.command(("--test-share", str(TEST_SHARE))),
    )


def another_seed(evidence: Evidence) -> NextStep | None:
    """No other rule applies."""
    seed = evidence.setting("seed")
    other = str((1 if seed is None else seed) + 1)
    return NextStep(
        text=f"Train again with --seed {other}, because one training does not show how much is chance.",
        command=evidence.command(("--seed", other)),
    )


def rules() -> Iterator[Callable[[Evidence], NextStep | None]]:
    """Yield the rules in the order in which they are tried."""
    yield from (unfinished, diverged, leak, longer, several_lost, one_lost, halved)
    yield from (at_risk_or_confused, no_test, another_seed)


RULES = tuple(rules())
