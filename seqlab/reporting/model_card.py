"""README.md of a run: a model card for people and for the hub of Hugging Face."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from seqlab.corpus.schemes import OUTSIDE_TAGS
from seqlab.machine.wording import plural
from seqlab.reporting.card_metadata import card_header, dataset_name
from seqlab.reporting.class_states import classes_at_risk, lost_classes
from seqlab.reporting.markdown_text import markdown_escaped as escaped
from seqlab.reporting.markdown_text import markdown_table
from seqlab.reporting.run_details import RunDetails
from seqlab.reporting.run_values import RISK_F1
from seqlab.scoring.uncertainty import FEWEST_GOLD

CARD = "README.md"
UNKNOWN = "unknown"
FILES_NOTE = "`config.toml` holds all settings, `report.html` is the full report."
COLUMN_SETTINGS = ("feature_columns", "numeric_columns", "token_column")
LOADING = """\
```python
import seqlab

tagger = seqlab.load("RUN")
print(tagger.tag(["Ada", "sailed", "to", "Kelderby", "."]))
```

```bash
seqlab tag RUN text.txt
```"""
LOADING_COLUMNS = """\
```bash
seqlab tag RUN corpus.conll
```

The tagger reads columns beside the words, so the file needs those of its training."""


def model_card(
    details: RunDetails,
    metrics: Mapping[str, Any],
    *,
    name: str,
    licence: str = UNKNOWN,
    unshown: Collection[str] = (),
) -> str:
    """The text of README.md.

    details, metrics: content of report.json and metrics.json. name: of the model. licence: identifier of the hub.
    unshown: settings that say nothing about the tagger, or hold paths of this computer.
    """
    header = card_header(details, metrics, name=name, licence=licence)
    loading = LOADING_COLUMNS if set(COLUMN_SETTINGS) & set(details.changed) else LOADING
    sections = [
        f"# {escaped(name)}",
        summary(details),
        f"## How to load it\n\n`RUN` is this directory.\n\n{loading}",
        f"## Data\n\n{data_section(details)}",
        *(split_section(details, split, row) for split, row in metrics["splits"].items()),
        f"## Limits\n\n{bullets(limits(details, metrics))}",
        f"## Licence\n\n{licence_text(licence)}",
        f"## Training\n\n{training_section(details, metrics, unshown)}",
    ]
    return header + "\n" + "\n\n".join(sections) + "\n"


def summary(details: RunDetails) -> str:
    """What the tagger does, in two sentences."""
    what = "tags" if details.plain else "entity types"
    classes = items_by_class(details)
    names = ", ".join(sorted(map(escaped, classes)))
    version = details.versions.get("seqlab", "")
    return (
        f"A word and character BiLSTM tagger, trained with seqlab {version} on {details.finished[:10]}. "
        f"It predicts {len(classes)} {what}: {names}."
    )


def items_by_class(details: RunDetails) -> dict[str, int]:
    """The training items of each class; for spans without O."""
    hidden = frozenset[str]() if details.plain else OUTSIDE_TAGS
    return {name: one.items for name, one in details.classes.items() if name not in hidden}


def data_section(details: RunDetails) -> str:
    """The files of the training."""
    rows = [
        [
            escaped(one.name),
            escaped(Path(one.path).name),
            f"`{one.sha256}`" if one.sha256 else "",
            count_text(one.sentences),
            count_text(one.tokens),
        ]
        for one in details.inputs
    ]
    header = ("use", "file", "sha256", "sentences", "tokens")
    counts = "Sentences and tokens are those that training used."
    return f"{counts}\n\n{markdown_table(header, rows, text=3)}"


def count_text(count: int | None) -> str:
    """A count; empty if there is none."""
    return "" if count is None else f"{count:,}"


def split_section(details: RunDetails, split: str, figures: Mapping[str, Any]) -> str:
    """The figures of a split: averages, then the classes, rarest first."""
    unit = "tokens" if details.plain else "spans"
    averages = ", ".join(
        f"{name} F1 {number(figures[f'{name}_f1'])}{interval(figures.get(f'{name}_f1_interval'))}"
        for name in ("micro", "macro")
    )
    lines = [
        f"## Figures on {split}: {escaped(dataset_name(details, split))}",
        f"{averages[0].upper()}{averages[1:]}. Brackets hold 95 % intervals.",
        markdown_table(
            ("class", f"gold {unit}", "precision", "recall", "F1"),
            [class_row(name, row) for name, row in rarest_first(figures)],
        ),
    ]
    if "signature" in figures:
        lines.append(f"Signature: `{figures['signature']}`")
    return "\n\n".join(lines)


def rarest_first(figures: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The classes of a split, those with the fewest gold items first."""
    return sorted(figures["classes"].items(), key=lambda entry: (entry[1]["support"], entry[0]))


def class_row(name: str, row: Mapping[str, Any]) -> list[str]:
    """The row of a class."""
    f1 = number(row["f1"]) + interval(row.get("f1_interval"))
    return [
        escaped(name),
        f"{row['support']:,}",
        number(row["precision"]),
        number(row["recall"]),
        f1,
    ]


def number(value: float | None) -> str:
    """A figure with three decimals; '–' if it is undefined."""
    return "–" if value is None else f"{value:.3f}"


def interval(pair: Any) -> str:
    """An interval after a figure; empty if there is none."""
    return "" if pair is None else f" [{pair[0]:.3f}, {pair[1]:.3f}]"


def limits(details: RunDetails, metrics: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the figures do not show, or show to be weak."""
    for split, figures in metrics["splits"].items():
        few = [
            f"{escaped(name)} ({row['support']})"
            for name, row in rarest_first(figures)
            if row["support"] < FEWEST_GOLD
        ]
        if few:
            yield (
                f"Few gold items in {split}: {', '.join(few)}. With fewer than {FEWEST_GOLD}, no test can find a "
                "difference between two taggers."
            )
        lost = [escaped(one.name) for one in lost_classes(figures, (), 0)]
        if lost:
            yield f"Lost in {split}, not one correct: {', '.join(lost)}."
        risky = [f"{escaped(one.name)} ({number(one.f1)})" for one in classes_at_risk(figures)]
        if risky:
            yield f"At risk in {split}, with an F1 below {RISK_F1}: {', '.join(risky)}."
    rare = [
        f"{escaped(name)} ({items:,})"
        for name, items in sorted(items_by_class(details).items(), key=lambda entry: entry[1])
        if items < 10 * FEWEST_GOLD
    ]
    if rare:
        yield f"Rare in training, with their number of items: {', '.join(rare)}."
    yield (
        "The figures hold for text like that of the files above. On text of other sources, subjects or years, they can "
        "be much lower."
    )
    if "test" not in metrics["splits"]:
        yield (
            "There was no test split. The validation split chose the epoch, so its figures are too high."
        )


def licence_text(licence: str) -> str:
    """What the card says about the licence."""
    if licence == UNKNOWN:
        return (
            "Unknown: no licence was given with `seqlab train --license`. The licences of the data "
            "apply too."
        )
    return f"`{licence}`. The licences of the data apply too."


def training_section(
    details: RunDetails, metrics: Mapping[str, Any], unshown: Collection[str]
) -> str:
    """The epoch that was kept, the settings that differ from the defaults, and the versions."""
    changed = [
        f"`{name}`: {escaped(str(one.value))}"
        for name, one in details.changed.items()
        if name not in unshown
    ]
    versions = ", ".join(f"{name} {version}" for name, version in details.versions.items())
    parts = [
        f"Kept: epoch {metrics['best_epoch']}, the best by `{metrics['select']}`. "
        f"Training took {plural(round(metrics['seconds']), 'second')}.",
        f"Settings that differ from the defaults:\n\n{bullets(changed)}"
        if changed
        else "All settings have their defaults.",
        f"Versions: {versions}. {FILES_NOTE}",
    ]
    return "\n\n".join(parts)


def bullets(lines: Any) -> str:
    """A list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)
