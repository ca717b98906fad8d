"""What was decided after training, in text: before -> after, on sentences it was not tuned on."""

from collections.abc import Mapping
from typing import Any

from seqlab.reporting.table import figure, text_table, visible

FIGURES = {"micro_f1": "micro F1", "macro_f1": "macro F1", "min_f1": "min F1"}
OBJECTIVES = {
    "macro_f1": "macro F1",
    "min_f1": "min F1",
    "cost": "cost",
    "logit-adjust": "macro F1",
}
OF_CLASS = ("precision", "recall", "f1")


def decisions_text(decisions: Mapping[str, Any]) -> str:
    """The temperature, the bias of each class, and what both did."""
    temperature = figure(decisions["temperature"])
    lines = [f"temperature {temperature}, fitted on {decisions['tuned_on']}"]
    if decisions["decide"] != "none":
        tau = "" if decisions["tau"] is None else f" (tau {decisions['tau']:g})"
        moved = [f"{visible(n)} {b:+.2f}" for n, b in decisions["bias"].items() if b]
        bias = ", ".join(moved) or f"none{why_none(decisions)}"
        lines.append(f"decide {decisions['decide']}{tau}: bias {bias}")
        lines += [*trust_lines(decisions), *unreached_lines(decisions), *silenced_lines(decisions)]
    shown = decisions["shown"]
    if shown is None:
        return "\n".join([*lines, "  no sentences are left to show what that does"])
    before, after = shown["before"], shown["after"]
    lines.append(f"{decisions['shown_on']}, before -> after: {summary(decisions, before, after)}")
    return "\n".join(
        [*lines, class_changes(before, after, with_tags=decisions["decide"] != "none")]
    )


def why_none(decisions: Mapping[str, Any]) -> str:
    """Why no class got a bias, in brackets; nothing where an older run does not say."""
    if "found" not in decisions or (decisions["trust"] is None and decisions["tau"] is not None):
        return ""
    if decisions["found"]:
        return " (sentences that it was not tuned on do not bear out what was found)"
    if decisions["decide"] == "recall" and not unreached_lines(decisions):
        return " (the wanted recall is reached already)"
    return " (nothing better was found)"


def unreached_lines(decisions: Mapping[str, Any]) -> list[str]:
    """The classes whose wanted recall is not reached, even on the sentences that were tuned on."""
    classes, lines = decisions["tuning"]["after"]["classes"], []
    for name, wanted in decisions.get("recalls", {}).items():
        found = classes.get(name, {"recall": None, "support": 0})
        if found["recall"] is None or found["recall"] < wanted:
            lines.append(
                f"  recall of {visible(name)} is not reached on {decisions['tuned_on']}: {wanted:g} "
                f"is wanted, {figure(found['recall'])} is reached, with {found['support']:,} in gold"
            )
    return lines


def silenced_lines(decisions: Mapping[str, Any]) -> list[str]:
    """The classes that were found before the bias and are never said with it."""
    part = "tuning" if decisions["shown"] is None else "shown"
    place = decisions["tuned_on" if part == "tuning" else "shown_on"]
    before, after = (decisions[part][side]["classes"] for side in ("before", "after"))
    silenced = [
        visible(name)
        for name, row in before.items()
        if row["recall"] and not after.get(name, {}).get("predicted")
    ]
    return [f"  found before on {place}, never said now: {', '.join(silenced)}"] * bool(silenced)


def trust_lines(decisions: Mapping[str, Any]) -> list[str]:
    """What left-out sentences said of the bias, and how much of it was kept for that."""
    trust = decisions.get("trust")
    if trust is None:
        return []
    # The objective of cost is its negative: what is greater is better.
    before, after = (abs(trust[side][0]) for side in ("before", "after"))
    name = OBJECTIVES[decisions["decide"]]
    digits = 1 if name == "cost" else 3
    kept = "none" if not trust["share"] else f"{trust['share']:.0%}"
    return [
        f"  tuned without and shown on each of {trust['folds']} folds of {decisions['tuned_on']}: "
        f"{arrow(name, before, after, digits)}; share of the bias kept: {kept}"
    ]


def summary(
    decisions: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    """The figures of the whole part; F1 only where tags could change, costs where they were given."""
    parts = [arrow("calibration error", before["calibration_error"], after["calibration_error"], 4)]
    if decisions["decide"] != "none":
        parts = [*(arrow(words, before[n], after[n]) for n, words in FIGURES.items()), *parts]
    if decisions["decide"] == "cost":
        parts.append(f"cost {before['cost']:g} -> {after['cost']:g}")
    return "  ".join(parts)


def arrow(words: str, before: float | None, after: float | None, digits: int = 3) -> str:
    """A figure before and after."""
    return f"{words} {figure(before, digits)} -> {figure(after, digits)}"


def class_changes(before: Mapping[str, Any], after: Mapping[str, Any], *, with_tags: bool) -> str:
    """A row for each class: how far its probabilities are off and, where tags could change, its figures."""
    header = ["class", "gold"]
    for words in (*(OF_CLASS if with_tags else ()), "calibration error"):
        header += [words, "after"]
    names = dict.fromkeys([*before["classes"], *before["reliability"], *after["reliability"]])
    rows = []
    for name in names:
        found = [side["classes"].get(name, {}) for side in (before, after)]
        row = [visible(name), str(found[0].get("support", ""))]
        for key in OF_CLASS if with_tags else ():
            row += [figure(side.get(key)) for side in found]
        row += [figure(side["reliability"].get(name, {}).get("error")) for side in (before, after)]
        rows.append(row)
    return text_table(header, rows)
