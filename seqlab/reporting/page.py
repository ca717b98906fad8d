"""The report of a run: one HTML file that explains it and needs no network.

The text of the page is in templates/page.html; this module computes what the template inserts.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from seqlab.machine.terminal import visible
from seqlab.machine.wording import percent
from seqlab.reporting.chart import line_chart
from seqlab.reporting.confusion import confusion_html
from seqlab.reporting.continuing import continued_section
from seqlab.reporting.decisions import decisions_text
from seqlab.reporting.html import render, stylesheet
from seqlab.reporting.table import HtmlCell, figure, html_table
from seqlab.training.epoch_record import EpochRecord

TRAINING_HEADER = (
    "class", "tokens of an epoch", "share", "weight", "of train loss", "of validation loss",
)  # fmt: skip
SPLIT_HEADER = ("class", "gold", "predicted", "precision", "recall")
F1_COLUMN = {"class": "f1"}


def report_page(
    *,
    title: str,
    metrics: Mapping[str, Any],
    history: Sequence[EpochRecord],
    settings: str,
    notes: Sequence[str],
) -> str:
    """The whole page. metrics: as in metrics.json; its end_reason is None if training is not finished.

    settings: as in config.toml.
    """
    best, f1 = metrics["best_epoch"], f1_series(history)
    html = render(
        "page.html",
        title=title,
        style=stylesheet("page.css"),
        cards=summary_cards(metrics),
        alarms=alarm_lines(history),
        lost_classes=lost_class_lines(metrics),
        answers=[
            f"after epoch {answer.epoch}: {answer.message()}"
            for record in history
            for answer in record.answers
        ],
        f1_chart=line_chart(f1, label="F1 of each class by epoch", top=1.0, mark=best),
        loss_chart=line_chart(loss_series(history), label="losses by epoch", mark=best),
        best_epoch=best,
        epochs=len(history),
        ending=metrics["ending"],
        finished=metrics.get("end_reason", "") is not None,
        training_table=training_table(history, best_epoch=best),
        splits=[split_section(name, split) for name, split in metrics["splits"].items()],
        continued=continued_section(metrics),
        decisions=decisions_section(metrics.get("decisions")),
        notes=notes,
        settings=settings,
    )
    return f"{html}\n"


def write_page(path: Path, html: str) -> None:
    """Write the page in UTF-8; lone surrogates become character references."""
    path.write_text(html, encoding="utf-8", errors="xmlcharrefreplace")


def summary_cards(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The most important figures with their labels, for the test split if there is one."""
    name, split = list(metrics["splits"].items())[-1]
    return [
        (figure(split["macro_f1"]), f"macro F1 ({name})"),
        (figure(split["micro_f1"]), f"micro F1 ({name})"),
        (str(len(split["classes_never_found"])), f"classes never found ({name})"),
        (str(metrics["best_epoch"]), f"best epoch, by {metrics['select']}"),
        (f"{metrics['seconds']:.0f} s", "training"),
        (f"{metrics['train_tokens_per_second']:,.0f}", "training tokens a second"),
    ]


def alarm_lines(history: Sequence[EpochRecord]) -> list[str]:
    """For each class with alarms, its last alarm and the epochs of all of them; the old validation data apart."""
    messages: dict[tuple[str, bool], str] = {}
    epochs: dict[tuple[str, bool], list[int]] = {}
    for record in history:
        for alarm in record.alarms:
            key = alarm.name, alarm.rule == "forgotten"
            messages[key] = alarm.message()
            epochs.setdefault(key, []).append(record.epoch)
    return [
        f"{message} (alarm in epochs {', '.join(map(str, epochs[key]))})"
        for key, message in messages.items()
    ]


def lost_class_lines(metrics: Mapping[str, Any]) -> list[str]:
    """For each split, the classes that the checkpoint never finds."""
    return [
        f"At the kept epoch, epoch {metrics['best_epoch']}, never found in {name}: "
        f"{', '.join(split['classes_never_found'])}."
        for name, split in metrics["splits"].items()
        if split["classes_never_found"]
    ]


def f1_series(history: Sequence[EpochRecord]) -> dict[str, list[float | None]]:
    """F1 by class over the epochs; classes with the most gold come first."""
    return {
        visible(name): [record.figures.classes[name].f1 for record in history]
        for name in history[-1].figures.classes
    }


def loss_series(history: Sequence[EpochRecord]) -> dict[str, list[float | None]]:
    """Weighted and unweighted losses of both splits over the epochs."""
    return {
        "train, weighted": [record.train.weighted for record in history],
        "train, unweighted": [record.train.unweighted for record in history],
        "validation, weighted": [record.valid.weighted for record in history],
        "validation, unweighted": [record.valid.unweighted for record in history],
    }


def training_table(history: Sequence[EpochRecord], *, best_epoch: int) -> Markup:
    """Tokens, weight and share of the weighted loss of every class at the checkpoint's epoch."""
    best = next(record for record in history if record.epoch == best_epoch)
    total = sum(best.train.tokens.values())
    rows = [
        [
            name,
            f"{tokens:,}",
            percent(tokens / total if total else None, digits=2),
            figure(best.train.weights.get(name)),
            percent(best.train.shares.get(name)),
            percent(best.valid.shares.get(name)),
        ]
        for name, tokens in best.train.tokens.items()
    ]
    return html_table(TRAINING_HEADER, rows)


def split_section(name: str, split: Mapping[str, Any]) -> dict[str, Any]:
    """The averages of a split, a row for each class with a bar for its F1, and the confusion matrix."""
    strict = split["strict"]
    averages = (
        f"micro F1 {figure(split['micro_f1'])}, macro F1 {figure(split['macro_f1'])}, "
        f"token accuracy {figure(split['token_accuracy'])}"
    )
    if strict:
        averages += f"; strict micro F1 {figure(strict['micro_f1'])}"
    rows = [
        class_cells(class_name, figures, lost=class_name in split["classes_never_found"])
        for class_name, figures in split["classes"].items()
    ]
    return {
        "name": name.capitalize(),
        "averages": averages,
        "table": html_table([*SPLIT_HEADER, HtmlCell("F1", F1_COLUMN)], rows),
        # Not counted for the epochs of an unfinished training.
        "confusion": confusion_html(split["confusion"]) if "confusion" in split else None,
    }


def class_cells(name: str, figures: Mapping[str, Any], *, lost: bool) -> list[str | HtmlCell]:
    """The row of a class; the name of a lost class stands out."""
    width = 5 * (figures["f1"] or 0)
    bar = Markup('<span class="bar" style="width:{:.2f}em"></span>').format(width)
    return [
        HtmlCell(name, {"class": "lost"} if lost else {}),
        str(figures["support"]),
        str(figures["predicted"]),
        figure(figures["precision"]),
        figure(figures["recall"]),
        HtmlCell(figure(figures["f1"]), F1_COLUMN, after=bar),
    ]


def decisions_section(decisions: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Heading and text of what was decided after training; the temperature alone is a calibration."""
    if decisions is None:
        return None
    heading = "Decisions after training, before → after"
    if decisions["decide"] == "none":
        heading = "Calibration of probabilities"
    return {"heading": heading, "text": decisions_text(decisions)}
