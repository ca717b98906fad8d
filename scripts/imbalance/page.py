"""docs/imbalance.md: what the finished comparisons say, in tables and in words that are computed."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import keras
import tensorflow as tf
from answers import section

from seqlab.comparing.markdown import UNDEFINED, class_table, code, overview, signed, table
from seqlab.comparing.results import Results, SettingResult
from seqlab.reporting.table import figure

FIGURES = {"macro_f1": "Macro F1", "micro_f1": "Micro F1", "min_f1": "F1 of the worst class"}
JUDGED = ("macro_f1", "micro_f1")  # the worst class's F1 is shown, not tested
MARKS = {"better": "▲", "worse": "▼", "seeds disagree": "", "not distinguishable": ""}
HEAD = """\
# Which remedy helps

Remedies for imbalance against unweighted cross entropy (`none`), each alone, on published corpora, scored on
their test splits: those of `scripts/imbalance/remedies.toml` that have finished. Made by

    .venv/bin/python scripts/imbalance/compare.py --out runs/imbalance

on {date}, {machine}, TensorFlow {tensorflow}, Keras {keras}. What a remedy does not name is seqlab's default, with
fewer epochs:

```toml
{common}
```

Seeds: {seeds}. A ▲ is a difference that both the sentences (paired bootstrap, corrected by Holm's method
over all comparisons of that corpus) and the seeds (95 % t-interval) bear out, a ▼ one for the worse;
without a mark it is *not distinguishable* from luck. The worst class's F1 is shown, not tested.
A remedy stands here once it has finished under every seed; a dash is one that has not, or that the corpus
cannot take. Trainings ran side by side, one thread each, beside whatever else the machine did: seconds are rough."""


def page(found: Mapping[str, Results], *, common: str, out: Path) -> str:
    """The whole page. found: results by corpus. common: what all runs share, as TOML. out: where the cells lie."""
    names = list(dict.fromkeys(s.name for results in found.values() for s in results.settings))
    seeds = ", ".join(
        f"{max(len(s.seeds) for s in results.settings)} on `{corpus}`"
        for corpus, results in found.items()
    )
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{platform.machine()}, {len(tf.config.list_logical_devices('GPU'))} GPUs",
        tensorflow=tf.__version__,
        keras=keras.__version__,
        common=common.strip(),
        seeds=seeds,
    )
    parts = [head, "## In words", words(found, names)]
    for key, title in FIGURES.items():
        parts += [
            f"## {title}, less that of `none`",
            matrix(found, names, key),
        ]
    parts += ["## Classes lost", lost_table(found, names)]
    parts += ["## Seconds of training, as a multiple of `none`", cost_table(found, names)]
    parts += section(found, out)
    for corpus, results in found.items():
        parts += [f"## {corpus}", overview(results), class_table(results)]
    return "\n\n".join(parts) + "\n"


def words(found: Mapping[str, Results], names: Sequence[str]) -> str:
    """What may be concluded, remedy by remedy, and which weighting that speaks for."""
    groups: dict[str, list[str]] = {}
    for name in names:
        for title in groups_of(found, name):
            groups.setdefault(title, []).append(code(name))
    lines = [f"- {title}: {', '.join(groups[title])}." for title in TITLES if title in groups]
    return "\n".join([*lines, f"- {best_weighting(found)}"])


HELPED = "Better somewhere in macro F1, worse nowhere in micro F1"
PAID = "Better somewhere in macro F1, at the cost of micro F1 somewhere"
HARMED = "Worse somewhere, and better in macro F1 nowhere"
NOTHING = "Did nothing that can be told from luck, on any corpus"
OTHER = "Better somewhere in micro F1, worse nowhere, and macro F1 not distinguishable"
TITLES = (HELPED, PAID, HARMED, NOTHING, OTHER)


def groups_of(found: Mapping[str, Results], name: str) -> list[str]:
    """The heading that a remedy comes under; none for the baseline."""
    verdicts = {
        key: {settings[name].differences[key].verdict for settings in compared(found, name)}
        for key in JUDGED
    }
    if not verdicts["macro_f1"]:
        return []
    if "better" in verdicts["macro_f1"]:
        return [PAID if "worse" in verdicts["micro_f1"] else HELPED]
    if "worse" in verdicts["macro_f1"] | verdicts["micro_f1"]:
        return [HARMED]
    return [OTHER if "better" in verdicts["micro_f1"] else NOTHING]


WEIGHTINGS = ("none", "sqrt-inverse", "balanced", "balanced-cap10", "effective-number", "o-third")


def best_weighting(found: Mapping[str, Results]) -> str:
    """The weighting with the best macro F1, averaged over corpora, and what it costs in micro F1."""
    rows = {}
    for name in WEIGHTINGS:
        known = [by_name(results)[name] for results in found.values() if name in by_name(results)]
        if len(known) == len(found):
            rows[name] = tuple(average(s, key) for key in ("macro_f1", "micro_f1") for s in [known])
    listed = "; ".join(
        f"{code(n)} {macro:.3f} and {micro:.3f}" for n, (macro, micro) in rows.items()
    )
    best = max(rows, key=lambda name: rows[name])
    return (
        f"Of the class weightings that all {len(found)} corpora can take, {code(best)} has the best macro F1 "
        f"on average (macro and micro, mean over corpora: {listed})."
    )


def average(settings: Sequence[SettingResult], key: str) -> float:
    """The mean over corpora of the mean over seeds."""
    return sum(s.figures[key].mean or 0.0 for s in settings) / len(settings)


def compared(found: Mapping[str, Results], name: str) -> list[dict[str, SettingResult]]:
    """The settings of each corpus on which a remedy was held against the baseline."""
    every = [by_name(results) for results in found.values()]
    return [settings for settings in every if name in settings and settings[name].differences]


def by_name(results: Results) -> dict[str, SettingResult]:
    return {setting.name: setting for setting in results.settings}


def matrix(found: Mapping[str, Results], names: Sequence[str], key: str) -> str:
    """A row for each remedy, a column for each corpus: the difference and its mark."""

    def cell(results: Results, name: str) -> str:
        settings = by_name(results)
        if name not in settings:
            return UNDEFINED
        if key in JUDGED:
            difference = settings[name].differences[key]
            return f"{signed(difference.seeds.mean)} {MARKS[difference.verdict]}".strip()
        ours, base = (settings[n].figures[key].mean for n in (name, "none"))
        return signed(None if ours is None or base is None else ours - base)

    first = [
        code("none") + " itself",
        *(figure(by_name(results)["none"].figures[key].mean) for results in found.values()),
    ]
    return rows_of(found, [n for n in names if n != "none"], cell, first)


def lost_table(found: Mapping[str, Results], names: Sequence[str]) -> str:
    """Classes never found on test, a seed in the mean."""

    def cell(results: Results, name: str) -> str:
        setting = by_name(results).get(name)
        if setting is None or not setting.seeds:
            return UNDEFINED
        return f"{sum(setting.lost.values()) / len(setting.seeds):.1f}"

    return rows_of(found, names, cell)


def cost_table(found: Mapping[str, Results], names: Sequence[str]) -> str:
    """Seconds as multiples of the baseline's, which are given."""

    def cell(results: Results, name: str) -> str:
        settings = by_name(results)
        ours, base = (settings[n].seconds.mean if n in settings else None for n in (name, "none"))
        return UNDEFINED if not ours or not base else f"{ours / base:.1f}"

    first = ["`none`, seconds"]
    first += [figure(by_name(results)["none"].seconds.mean, 0) for results in found.values()]
    return rows_of(found, [n for n in names if n != "none"], cell, first)


def rows_of(found, names, cell, first=None) -> str:
    """A table with a column for each corpus."""
    rows = [[code(name), *(cell(results, name) for results in found.values())] for name in names]
    return table(["", *found], rows if first is None else [first, *rows])


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
