"""The sections of results.html, each from the results alone."""

import math
from typing import Any

from seqlab.comparing.intervals import F1_RANGE, Spread
from seqlab.comparing.markdown import cautions, lost_seeds, lost_text, noun, reading_section
from seqlab.comparing.results import Results, SettingResult
from seqlab.comparing.wording import (
    TITLES,
    best_bet_text,
    conclusion,
    p_text,
    plain_text,
    range_text,
    signed,
)
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.chart import IntervalRow
from seqlab.reporting.cost_chart import CostPoint, cost_chart
from seqlab.reporting.html import render
from seqlab.reporting.interval_bar import common_ends, interval_bar
from seqlab.reporting.shell import Section
from seqlab.reporting.table import figure
from seqlab.scoring.uncertainty import Interval

DECIDED = ("better", "worse")


def verdict_section(results: Results) -> Section:
    """The best setting or run and what would decide it, the verdicts, and what biases the figures."""
    best = results.best
    says = "" if best is None else best_bet_text(best, sentences=results.sentences)  # fmt: skip
    sentences = [
        (difference.verdict, conclusion(setting.name, title, difference, results.baseline))
        for setting in results.settings
        for title, difference in [
            *((TITLES[key], d) for key, d in setting.differences.items()),
            *((f"F1 of {name}", d) for name, d in setting.class_differences.items() if d.verdict in DECIDED),
        ]
    ]  # fmt: skip
    return Section(
        id="verdict",
        short="Verdict",
        heading="What is decided, and what is not",
        body=render(
            "comparison/verdict.html",
            says=plain_text(says),
            decided=[plain_text(text) for verdict, text in sentences if verdict in DECIDED],
            undecided=[plain_text(text) for verdict, text in sentences if verdict not in DECIDED],
            cautions=[plain_text(line) for line in cautions(results)],
        ),
    )


def figures_section(results: Results) -> Section:
    """A forest plot of macro, micro and min F1: a row for each setting."""
    plots = [forest(results, key) for key in ("macro_f1", "micro_f1", "min_f1")]
    what = (
        "The dot is the mean over seeds, the whisker its 95 % t-interval, and each stroke one seed."
        if results.trained
        else f"The dot is the figure of a run, the whisker its 95 % interval over {results.resampled}."
    )
    return Section(
        id="figures",
        short="Figures",
        heading="Averages over classes",
        lead=f"{what} The dashed line is the baseline's mean. A whisker that leaves the axis is cut off.",
        body=render("comparison/forests.html", plots=plots, noun=noun(results)),
    )


def forest(results: Results, key: str) -> dict[str, Any]:
    """One forest plot: its axis, and a row for each setting."""
    rows = {
        setting.name: interval_row(
            setting.figures[key], None if results.trained else setting.intervals.get(key)
        )
        for setting in results.settings
    }
    ends = common_ends(rows.values(), within=F1_RANGE)
    baseline = rows[results.baseline].mean
    return {
        "title": TITLES[key],
        "low": f"{ends[0]:.2f}",
        "high": f"{ends[1]:.2f}",
        "rows": [
            {
                "name": setting.name,
                "value": figure(rows[setting.name].mean),
                "interval": range_text(rows[setting.name].low, rows[setting.name].high),
                "picture": interval_bar(
                    rows[setting.name], ends, name=TITLES[key], reference=baseline
                ),
                "verdict": verdict_of(setting, key, results.baseline),
            }
            for setting in results.settings
        ],
    }


def verdict_of(setting: SettingResult, key: str, baseline: str) -> str:
    """The verdict of a row; that of min F1 is never tested."""
    if setting.name == baseline:
        return "baseline"
    difference = setting.differences.get(key)
    if difference is None:
        return ""
    return "not distinguishable" if difference.verdict == "seeds disagree" else difference.verdict


def interval_row(spread: Spread, over_sentences: Interval | None) -> IntervalRow:
    """A row of a plot. over_sentences: drawn instead of the interval over seeds, with no single values."""
    if over_sentences is None:
        return IntervalRow(values=spread.values, mean=spread.mean, low=spread.low, high=spread.high)
    return IntervalRow(values=(), mean=spread.mean, low=over_sentences[0], high=over_sentences[1])


def classes_section(results: Results) -> Section:
    """A forest plot for each class, rarest first: F1 with its interval over sentences."""
    panels, ends = [], class_ends(results)
    for name, gold in sorted(results.support.items(), key=lambda item: (item[1], item[0])):
        rows = []
        for setting in results.settings:
            row = interval_row(setting.classes[name], setting.class_intervals[name])
            difference = setting.class_differences.get(name)
            lost = setting.lost.get(name, 0)
            rows.append(
                {
                    "name": setting.name,
                    "value": figure(row.mean),
                    "picture": interval_bar(
                        row, ends, name=f"{setting.name}: F1", reference=None, width=150.0, lost=bool(lost)
                    ),
                    "verdict": difference.verdict if difference and difference.verdict in DECIDED else "",
                    "lost": lost_seeds(setting, name) if lost else "",
                }
            )  # fmt: skip
        panels.append({"name": name, "gold": f"{gold:g} gold", "rows": rows})
    return Section(
        id="classes",
        short="Classes",
        heading="Every class, rarest first",
        lead=(
            f"F1 on an axis from 0 to {ends[1]:g}, with its 95 % interval over {results.resampled}. A class is marked "
            "better or worse only if that holds after the correction for all classes."
        ),
        body=render("comparison/classes.html", panels=panels),
    )


def class_ends(results: Results) -> tuple[float, float]:
    """The axis of all classes: from 0 to the next tenth above their highest interval."""
    highest = [
        setting.classes[name].mean if interval is None else interval[1]
        for setting in results.settings
        for name, interval in setting.class_intervals.items()
    ]
    most = max((value for value in highest if value is not None), default=1.0)
    return 0.0, min(1.0, max(0.1, math.ceil(10 * most) / 10))


def cost_section(results: Results) -> Section | None:
    """Seconds of training against macro F1; None if fewer than two settings have both."""
    points = []
    for setting in results.settings:
        spread, seconds = setting.figures["macro_f1"], setting.seconds.mean
        row = interval_row(spread, None if results.trained else setting.intervals.get("macro_f1"))
        if row.mean is not None and seconds is not None:
            points.append(
                CostPoint(
                    name=setting.name, seconds=seconds, mean=row.mean, low=row.low, high=row.high
                )
            )
    if len(points) < 2:
        return None
    folds = " of all folds" if results.folds else ""
    return Section(
        id="cost",
        short="Cost",
        heading="What it costs",
        lead=f"Mean seconds of training{folds} against macro F1. Other work on the machine makes trainings slower.",
        body=render("comparison/cost.html", chart=cost_chart(points, figure="macro F1")),
    )


def differences_section(results: Results) -> Section | None:
    """The numbers behind the verdicts; None without a baseline."""
    rows = []
    for setting in results.settings:
        named = [
            *((TITLES[key], difference) for key, difference in setting.differences.items()),
            *setting.class_differences.items(),
        ]
        for title, difference in named:
            seeds = [
                range_text(difference.seeds.low, difference.seeds.high),
                p_text(difference.seeds_p),
            ]
            rows.append(
                {
                    "name": setting.name,
                    "cells": [
                        title,
                        signed(difference.seeds.mean),
                        *(seeds if results.trained else []),
                        range_text(difference.sentences.low, difference.sentences.high),
                        p_text(difference.sentences.p),
                        p_text(difference.corrected),
                    ],
                }
            )
    if not rows:
        return None
    seed_columns = ["over seeds", "p over seeds"] if results.trained else []
    columns = ["figure or class", "difference", *seed_columns, f"over {results.resampled}", "p", "p (Holm)"]  # fmt: skip
    return Section(
        id="differences",
        short="Differences",
        heading=f"Differences from {results.baseline}",
        body=render(
            "comparison/differences.html",
            columns=[noun(results), *columns],
            rows=rows,
            reading=plain_text(reading_section(results)).split("\n"),
        ),
    )


def settings_section(results: Results) -> Section:
    """What each setting changes, what all share, and the trainings that failed."""
    rows = [
        {
            "name": setting.name,
            "changed": ", ".join(f"{k} = {v!r}" for k, v in setting.changed.items()) or UNDEFINED,
            "lost": lost_text(setting),
            "seconds": figure(setting.seconds.mean, 1),
        }
        for setting in results.settings
    ]
    failed = [
        f"{setting.name}, seed {seed}: {reason}"
        for setting in results.settings
        for seed, reason in setting.failed.items()
    ]
    shared = [f"{name} = {value!r}" for name, value in results.shared.items()]
    body = render(
        "comparison/settings.html", noun=noun(results), rows=rows, shared=shared, failed=failed
    )
    return Section(
        id="settings",
        short="Settings",
        heading="Settings" if results.trained else "Runs",
        body=body,
    )
