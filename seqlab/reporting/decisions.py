"""The decisions after training as text: temperature, biases, and figures before -> after.

The figures are those of sentences on which nothing was tuned. Runs of older versions lack some keys.
"""

from collections.abc import Mapping
from typing import Any

from seqlab.machine.terminal import visible
from seqlab.reporting.table import figure, text_table

FIGURES = {"micro_f1": "micro F1", "macro_f1": "macro F1", "min_f1": "min F1"}
OBJECTIVES = FIGURES | {"cost": "cost", "logit-adjust": "macro F1"}
CLASS_FIGURES = ("precision", "recall", "f1")


def decisions_text(decisions: Mapping[str, Any]) -> str:
    """The temperature, the bias of each class, and the effect of both. decisions: as in metrics.json."""
    lines = calibration_lines(decisions)
    if decisions["decide"] != "none":
        lines += [
            bias_line(decisions),
            *cross_validation_lines(decisions),
            *missed_recall_lines(decisions),
            *silenced_lines(decisions),
        ]
    shown = decisions["shown"]
    if shown is None:
        return "\n".join([*lines, "  no sentences are left to show the effect on"])
    before, after = shown["before"], shown["after"]
    effect = average_changes(decisions, before, after)
    lines.append(f"{decisions['shown_on']}, before -> after: {effect}")
    lines.append(class_changes(before, after, with_tags=decisions["decide"] != "none"))
    return "\n".join(lines)


def calibration_lines(decisions: Mapping[str, Any]) -> list[str]:
    """The temperature, and how much of it held-out folds confirmed."""
    if decisions.get("calibrate") == "none":
        return ["no calibration: the probabilities are the network's own"]
    line = f"temperature {figure(decisions['temperature'])}, fitted on {decisions['tuned_on']}"
    fitted = decisions.get("calibration")
    if fitted is None:  # of an older version
        return [line]
    if not fitted["folds"]:
        return [f"{line}: too few sentences to confirm another", doubt_line(fitted)]
    loss = change_text("loss", fitted["before"], fitted["after"], digits=4)
    kept = f"{fitted['share']:.0%}" if fitted["share"] else "none"
    confirmed = (
        f"  on held-out folds ({fitted['folds']}): {loss}; share of the fitted temperature "
        f"{figure(fitted['fitted'])} kept: {kept}"
    )
    return [line, confirmed, doubt_line(fitted)]


def doubt_line(fitted: Mapping[str, Any]) -> str:
    """The doubt that keeps probabilities from 0 and 1."""
    tokens = round(1 / fitted["doubt"]) - 2
    return f"  doubt {fitted['doubt']:.2g}, for {tokens:,} tokens: no probability is 0 or 1"


def bias_line(decisions: Mapping[str, Any]) -> str:
    """The objective and the bias of each class, or why there is no bias."""
    tau = "" if decisions["tau"] is None else f" (tau {decisions['tau']:g})"
    biases = [f"{visible(name)} {bias:+.2f}" for name, bias in decisions["bias"].items() if bias]
    text = ", ".join(biases) or f"none{why_no_bias(decisions)}"
    return f"decide {decisions['decide']}{tau}: bias {text}"


def why_no_bias(decisions: Mapping[str, Any]) -> str:
    """Why no class got a bias, in brackets; empty for a run of an older version."""
    if "found" not in decisions or (decisions["trust"] is None and decisions["tau"] is not None):
        return ""
    if decisions["found"]:
        return " (the tuned bias did not help on held-out sentences)"
    if decisions["decide"] == "recall" and not missed_recall_lines(decisions):
        return " (the wanted recall is reached without one)"
    return " (no bias was better)"


def cross_validation_lines(decisions: Mapping[str, Any]) -> list[str]:
    """The objective on held-out folds, and the share of the bias that was kept because of it."""
    trust = decisions.get("trust")
    if trust is None:
        return []
    # The objective "cost" is stored as its negative, so that a greater value is always better.
    before, after = (abs(trust[side][0]) for side in ("before", "after"))
    name = OBJECTIVES[decisions["decide"]]
    digits = 1 if name == "cost" else 3
    kept = "none" if not trust["share"] else f"{trust['share']:.0%}"
    return [
        f"  on held-out folds ({trust['folds']}) of {decisions['tuned_on']}: "
        f"{change_text(name, before, after, digits)}; share of the bias kept: {kept}"
    ]


def missed_recall_lines(decisions: Mapping[str, Any]) -> list[str]:
    """A line for each class whose wanted recall is not reached, even on the tuning sentences."""
    classes, lines = decisions["tuning"]["after"]["classes"], []
    for name, wanted in decisions.get("recalls", {}).items():
        row = classes.get(name, {"recall": None, "support": 0})
        if row["recall"] is None or row["recall"] < wanted:
            lines.append(
                f"  recall of {visible(name)} on {decisions['tuned_on']} is {figure(row['recall'])} "
                f"with {row['support']:,} in gold: below the wanted {wanted:g}"
            )
    return lines


def silenced_lines(decisions: Mapping[str, Any]) -> list[str]:
    """A line about the classes that are found without the bias and never predicted with it."""
    part = "tuning" if decisions["shown"] is None else "shown"
    sentences = decisions["tuned_on" if part == "tuning" else "shown_on"]
    before, after = (decisions[part][side]["classes"] for side in ("before", "after"))
    silenced = [
        visible(name)
        for name, row in before.items()
        if row["recall"] and not after.get(name, {}).get("predicted")
    ]
    if not silenced:
        return []
    return [f"  found before on {sentences}, never predicted now: {', '.join(silenced)}"]


def average_changes(
    decisions: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    """F1 if tags could change, the calibration error, and the cost if it was the objective."""
    one, other = (side["calibration_error"] for side in (before, after))
    parts = [change_text("calibration error", one, other, digits=4)]
    if decisions["decide"] != "none":
        parts = [*(change_text(title, before[n], after[n]) for n, title in FIGURES.items()), *parts]
    if decisions["decide"] == "cost":
        parts.append(f"cost {before['cost']:g} -> {after['cost']:g}")
    return "  ".join(parts)


def change_text(title: str, before: float | None, after: float | None, digits: int = 3) -> str:
    """A figure before and after."""
    return f"{title} {figure(before, digits)} -> {figure(after, digits)}"


def class_changes(before: Mapping[str, Any], after: Mapping[str, Any], *, with_tags: bool) -> str:
    """A row for each class with its calibration error, and its figures if tags could change."""
    keys = CLASS_FIGURES if with_tags else ()
    header = ["class", "gold"]
    for title in (*keys, "calibration error"):
        header += [title, "after"]
    names = dict.fromkeys([*before["classes"], *before["reliability"], *after["reliability"]])
    rows = []
    for name in names:
        sides = [side["classes"].get(name, {}) for side in (before, after)]
        row = [visible(name), str(sides[0].get("support", ""))]
        for key in keys:
            row += [figure(side.get(key)) for side in sides]
        row += [figure(side["reliability"].get(name, {}).get("error")) for side in (before, after)]
        rows.append(row)
    return text_table(header, rows)
