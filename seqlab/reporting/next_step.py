"""The one thing to try next after a training, why, and the command for it.

Each rule reads the figures of the run and returns a step, or None. The first step is shown.
"""

from collections.abc import Callable, Sequence

from seqlab.machine.wording import percent, plural
from seqlab.reporting.class_states import (
    ClassState,
    at_risk_anywhere,
    classes_at_risk,
    enough_gold,
    lost_anywhere,
    most_confused,
)
from seqlab.reporting.evidence import Evidence, NextStep
from seqlab.reporting.repeat_options import with_option
from seqlab.reporting.run_values import RISK_F1

FEW_ITEMS = 20  # training items of a class; with fewer, more data helps before anything else
MOSTLY = 0.5  # share of a class's tokens taken for another class from which that is the reason
OFTEN = 0.2
LEAK = 0.05  # share of a split's sentences that are also in training
TEST_SHARE = 0.15
OUTSIDE = "O"


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
            command=(
                evidence.command(("--epochs", str(2 * last)))
                if evidence.metrics.get("refit")  # it cannot go on: valid is in training now
                else evidence.resumed("--epochs", str(2 * last))
            ),
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
    if (step := taken_for_another(evidence, name, MOSTLY)) is not None:
        return step
    weight = evidence.weight(name)
    if weight is None:
        return unweighted(evidence, name)
    value = f"{name}={2 * weight:.4g}"
    return NextStep(
        text=f"Try --class-weight {value}, twice the weight of {name}, because the loss hardly counts it.",
        command=evidence.command(("--class-weight", value)),
    )


def taken_for_another(evidence: Evidence, name: str, least: float) -> NextStep | None:
    """At least this share of a class's tokens is tagged as one other class, which is not `O`."""
    other, share = most_confused(evidence.valid, name) or (OUTSIDE, 0.0)
    if other == OUTSIDE or share < least:
        return None
    return NextStep(
        text=f"Compare {name} with {other} in the error browser, because {percent(share)} "
        f"of the tokens of {name} are tagged {other}."
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
    """A class is at risk, or often taken for another one. Those at risk come first, then the lowest F1."""
    rows = enough_gold(evidence.valid)
    risky = [one.name for one in classes_at_risk(evidence.valid)]
    weakest = sorted(rows, key=lambda name: rows[name]["f1"] or 0.0)
    for name in dict.fromkeys([*risky, *weakest]):
        if (step := taken_for_another(evidence, name, OFTEN)) is not None:
            return step
    if risky and (items := evidence.items(risky[0])) is not None:
        return NextStep(
            text=f"Label more examples of {risky[0]}, because training has {plural(items, 'example')} of it "
            f"and its F1 is still below {RISK_F1}."
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


RULES: tuple[Callable[[Evidence], NextStep | None], ...] = (
    *(unfinished, diverged, leak, longer, several_lost, one_lost, halved),
    *(at_risk_or_confused, no_test, another_seed),
)
"""In the order in which they are tried. The last one always returns a step."""
