"""The page of a run: one HTML file that explains it, readable without a network."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from seqlab.machine.wording import percent
from seqlab.reporting.chart import line_chart
from seqlab.reporting.confusion import confusion_section
from seqlab.reporting.decisions import decisions_text
from seqlab.reporting.table import figure, text, visible
from seqlab.training.epoch_record import EpochRecord

HEADER = ("class", "tokens of an epoch", "share", "weight", "of train loss", "of validation loss")


def training_section(history: Sequence[EpochRecord], *, best_epoch: int, ending: str) -> str:
    """Why training ended; tokens, weight and share of the loss of every class at the kept epoch.

    Shares of the loss are of the weighted loss: they show where the network's effort goes.
    """
    kept = next(record for record in history if record.epoch == best_epoch)
    total = sum(kept.train.tokens.values())
    rows = []
    for name, tokens in kept.train.tokens.items():
        cells = (
            f"{tokens:,}",
            percent(tokens / total if total else None, digits=2),
            figure(kept.train.weights.get(name)),
            percent(kept.train.shares.get(name)),
            percent(kept.valid.shares.get(name)),
        )
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f"<tr><td>{text(name)}</td>{row}</tr>")
    header = "".join(f"<th>{cell}</th>" for cell in HEADER)
    return (
        f"<h2>Classes in training, at epoch {best_epoch}</h2>"
        f"<p>Training ended after epoch {len(history)}: {text(ending)}.</p>"
        f"<table><tr>{header}</tr>{''.join(rows)}</table>"
    )


STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .7rem; border-bottom: 1px solid #8884; }
th:first-child, td:first-child, .f1 { text-align: left; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none; }
.cards li { border: 1px solid #8886; border-radius: .5rem; padding: .6rem 1rem; }
.cards b { display: block; font-size: 1.6rem; }
.bar { display: inline-block; height: .7em; background: #0072b2; margin-left: .5em; }
.lost { color: #d55e00; font-weight: bold; }
.alarms li { margin-bottom: .4rem; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; }
svg .grid { stroke: #8884; } svg .mark { stroke: #888; stroke-dasharray: 4 4; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
.key { width: 24px; height: 8px; margin-right: .4rem; }
.wide { overflow-x: auto; font-size: .85rem; } .wide td, .wide th { padding: .2rem .4rem; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8884; }
"""


def page(
    *,
    title: str,
    metrics: Mapping[str, Any],
    history: Sequence[EpochRecord],
    settings: str,
    notes: Sequence[str],
) -> str:
    """The whole page. metrics: as metrics.json. settings: as config.toml."""
    best = metrics["best_epoch"]
    sections = [
        f"<h1>{text(title)}</h1>",
        cards(metrics),
        alarms(history),
        lost_classes(metrics),
        answers(history),
        "<h2>F1 of every class, epoch by epoch (validation)</h2>",
        line_chart(class_series(history), label="F1 of each class by epoch", top=1.0, mark=best),
        "<h2>Loss</h2>",
        line_chart(loss_series(history), label="losses by epoch", mark=best),
        training_section(history, best_epoch=best, ending=metrics["ending"]),
        *(split_section(name, split) for name, split in metrics["splits"].items()),
        decisions_section(metrics.get("decisions")),
        bullets("Notes on the corpora", notes),
        f"<h2>Settings</h2><pre>{escape(settings)}</pre>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(sections)}</body></html>\n"
    )


def write_page(path: Path, html: str) -> None:
    """One file, UTF-8."""
    path.write_text(html, encoding="utf-8", errors="xmlcharrefreplace")


def cards(metrics: Mapping[str, Any]) -> str:
    """The few numbers to look at first, of the test split where there is one."""
    name, split = list(metrics["splits"].items())[-1]
    lost = split["classes_never_found"]
    entries = [
        (figure(split["macro_f1"]), f"macro F1 ({name})"),
        (figure(split["micro_f1"]), f"micro F1 ({name})"),
        (str(len(lost)), f"classes never found ({name})"),
        (str(metrics["best_epoch"]), f"best epoch, by {metrics['select']}"),
        (f"{metrics['seconds']:.0f} s", "training"),
        (f"{metrics['train_tokens_per_second']:,.0f}", "training tokens a second"),
    ]
    items = (f"<li><b>{text(value)}</b>{text(label)}</li>" for value, label in entries)
    return f'<ul class="cards">{"".join(items)}</ul>'


def alarms(history: Sequence[EpochRecord]) -> str:
    """The last alarm of every class that raised one, and the epochs in which it did."""
    last: dict[str, tuple[list[int], str]] = {}
    for record in history:
        for alarm in record.alarms:
            epochs = last.get(alarm.name, ([], ""))[0]
            last[alarm.name] = ([*epochs, record.epoch], alarm.message())
    if not last:
        return "<h2>Alarms</h2><p>No class collapsed.</p>"
    items = (
        f"<li>{text(message)} (alarm in epochs {', '.join(map(str, epochs))})</li>"
        for epochs, message in last.values()
    )
    return f'<h2>Alarms</h2><ul class="alarms">{"".join(items)}</ul>'


def lost_classes(metrics: Mapping[str, Any]) -> str:
    """The classes that the kept epoch never finds, by split; alarms speak of all epochs."""
    lines = [
        f"At the kept epoch, epoch {metrics['best_epoch']}, never found in {text(name)}: "
        f"{text(', '.join(split['classes_never_found']))}."
        for name, split in metrics["splits"].items()
        if split["classes_never_found"]
    ]
    return "".join(f'<p class="lost">{line}</p>' for line in lines)


def answers(history: Sequence[EpochRecord]) -> str:
    """What was done about the alarms, in the order in which it was done."""
    found = (answer for record in history for answer in record.answers)
    return bullets(
        "What was done about them", [f"after epoch {a.epoch}: {a.message()}" for a in found]
    )


def class_series(history: Sequence[EpochRecord]) -> dict[str, list[float | None]]:
    """F1 by class; classes with the most gold first."""
    names = list(history[-1].figures.classes)
    return {
        visible(name): [record.figures.classes[name].f1 for record in history] for name in names
    }


def loss_series(history: Sequence[EpochRecord]) -> dict[str, list[float | None]]:
    """Weighted and unweighted losses of both splits."""
    return {
        "train, weighted": [record.train.weighted for record in history],
        "train, unweighted": [record.train.unweighted for record in history],
        "validation, weighted": [record.valid.weighted for record in history],
        "validation, unweighted": [record.valid.unweighted for record in history],
    }


def split_section(name: str, split: Mapping[str, Any]) -> str:
    """The classes of one split, with a bar for F1, those never found marked; and which is taken for which."""
    header = ("class", "gold", "predicted", "precision", "recall")
    rows = []
    for class_name, found in split["classes"].items():
        mark = ' class="lost"' if class_name in split["classes_never_found"] else ""
        numbers = (found["precision"], found["recall"])
        cells = [str(found["support"]), str(found["predicted"]), *map(figure, numbers)]
        bar = f'<span class="bar" style="width:{5 * (found["f1"] or 0):.2f}em"></span>'
        rows.append(
            f"<tr><td{mark}>{text(class_name)}</td>"
            f"{''.join(f'<td>{cell}</td>' for cell in cells)}"
            f'<td class="f1">{figure(found["f1"])}{bar}</td></tr>'
        )
    strict = split["strict"]
    beside = f"; strict micro F1 {figure(strict['micro_f1'])}" if strict else ""
    return (
        f"<h2>{text(name.capitalize())} split</h2><p>micro F1 {figure(split['micro_f1'])}, macro F1 "
        f"{figure(split['macro_f1'])}, token accuracy {figure(split['token_accuracy'])}{beside}</p>"
        f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in header)}"
        f'<th class="f1">F1</th></tr>{"".join(rows)}</table>'
        f"{confusion_section(split['confusion'])}"
    )


def decisions_section(decisions: Mapping[str, Any] | None) -> str:
    """What was decided after training, before -> after; the temperature alone is a calibration."""
    if decisions is None:
        return ""
    alone = decisions["decide"] == "none"
    title = "Calibration of probabilities" if alone else "Decisions after training, before → after"
    return f"<h2>{title}</h2><pre>{escape(decisions_text(decisions))}</pre>"


def bullets(title: str, lines: Sequence[str]) -> str:
    """A list of sentences under a heading, or nothing."""
    if not lines:
        return ""
    return f"<h2>{text(title)}</h2><ul>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ul>"
