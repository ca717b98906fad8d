"""A run with everything that a page can show, made up by dice: as many classes and sentences as asked for."""

import random
import shlex
from typing import Any

from seqlab.reporting.run_details import (
    AuditFinding,
    Browser,
    BrowserSentence,
    ChangedSetting,
    ClassDetails,
    ClassThresholds,
    ErrorMark,
    GoldSpan,
    MajorityBaseline,
    PredictedSpan,
    ReliabilityBin,
    ReliabilityDiagrams,
    RunDetails,
    RunInput,
    SuspectMark,
    ThresholdCurves,
    ThresholdPoint,
    WeightedSentence,
    WeightExamples,
)
from seqlab.reporting.run_values import RunValues

WORDS = (
    "the",
    "flight",
    "from",
    "a",
    "small",
    "harbour",
    "to",
    "some",
    "old",
    "town",
    "leaves",
    "early",
)
KINDS = ("wrong type", "wrong boundary", "split", "merged", "missed", "invented")


def made_up_run(
    classes: int = 6, *, sentences: int = 60, epochs: int = 12, hostile: str = "", seed: int = 3
) -> RunValues:
    """hostile: text that stands in a token, in the name of a class, in the title and in the command."""
    dice = random.Random(seed)  # noqa: S311, no secret
    names = [f"class{number}{hostile}" for number in range(classes)]
    history = [epoch_line(names, epoch, epochs, dice) for epoch in range(1, epochs + 1)]
    splits = {name: split(names, dice) for name in ("valid", "test")}
    return RunValues(
        title=f"train.conll{hostile}",
        metrics={
            "best_epoch": epochs, "select": "macro_f1", "seconds": 12.0, "train_tokens_per_second": 1000.0,
            "ending": f"all {epochs} epochs are done", "end_reason": "all_epochs", "splits": splits,
        },
        history=history,
        settings=f"train = 'train.conll{hostile}'\n",
        details=details(names, sentences, hostile, dice),
    )  # fmt: skip


def epoch_line(names: list[str], epoch: int, epochs: int, dice: random.Random) -> dict[str, Any]:
    """A line of history.jsonl: class 0 vanishes half-way, and the others rise."""
    rows = {}
    for index, name in enumerate(names):
        f1 = round(
            min(0.97, (0.3 + 0.05 * (index % 12)) * (epoch / epochs) ** 0.5 + 0.02 * dice.random()),
            4,
        )
        if index == 0 and epoch > epochs // 2:
            f1 = 0.0
        rows[name] = {
            "precision": f1,
            "recall": f1,
            "f1": f1,
            "support": 4 + index,
            "predicted": 4 + index,
        }
    mean = sum(row["f1"] for row in rows.values()) / len(rows)
    alarm = {
        "rule": "vanished", "name": names[0], "epoch": epoch, "since": epochs // 2 + 1,
        "message": f"class {names[0]!r} has vanished", "support": 5, "predicted": 0, "f1": 0.0, "best_f1": 0.3,
        "best_epoch": epochs // 2, "before": 1, "loss": {"name": "valid loss", "before": 2.0, "now": 1.1}, "weight": 1.0,
    }  # fmt: skip
    return {
        "epoch": epoch, "train_loss": 2.0 / epoch, "valid_loss": 1.0 + 1.0 / epoch, "macro_f1": mean, "micro_f1": mean,
        "token_accuracy": 0.9, "classes": rows, "weights": dict.fromkeys(names, 1.0),
        "train_tokens": dict.fromkeys(names, 40), "loss_shares": dict.fromkeys(names, 1 / len(names)),
        "alarms": [alarm] if epoch > epochs // 2 else [], "answers": [],
    }  # fmt: skip


def split(names: list[str], dice: random.Random) -> dict[str, Any]:
    """A split of metrics.json."""
    rows, errors, seen = {}, {}, {}
    for index, name in enumerate(names):
        f1 = 0.0 if index == 0 else 0.3 + 0.6 * dice.random()
        rows[name] = {
            "precision": f1, "recall": f1, "f1": f1, "support": 5 + index, "predicted": 5 + index,
            "f1_interval": [max(0.0, f1 - 0.2), min(1.0, f1 + 0.1)], "smallest_difference": None if index < 2 else 0.3,
        }  # fmt: skip
        errors[name] = {kind: dice.randrange(9) for kind in KINDS}
        part = {"support": 2, "correct": 1, "recall": 0.5}
        seen[name] = {"seen": part, "unseen": part}
    matrix_names = ["O", *names]
    counts = [[dice.randrange(4) for _ in matrix_names] for _ in matrix_names]
    for index in range(len(matrix_names)):
        counts[index][index] = 30
    return {
        "micro_f1": 0.6, "macro_f1": 0.5, "micro_f1_interval": [0.5, 0.7], "macro_f1_interval": [0.4, 0.6],
        "token_accuracy": 0.9, "classes_never_found": names[:1], "classes": rows, "errors": errors, "seen": seen,
        "strict": None, "signature": "seqlab|made up", "confusion": {"names": matrix_names, "counts": counts},
    }  # fmt: skip


def sentence(number: int, names: list[str], hostile: str, dice: random.Random) -> BrowserSentence:
    """A sentence with an error of each kind of mark: a missed span, a wrong type, or an invented span."""
    tokens = [dice.choice(WORDS) for _ in range(dice.randrange(8, 30))]
    tokens[0] = f"word{number}"
    tokens[5] += hostile
    name, other = dice.choice(names), dice.choice(names)
    kind = KINDS[number % len(KINDS)]
    gold = () if kind == "invented" else (GoldSpan(2, 4, name),)
    predicted = () if kind == "missed" else (PredictedSpan(2, 4, other, round(dice.random(), 3)),)
    error = ErrorMark(kind, 0 if gold else None, 0 if predicted else None, name if gold else other)
    right = (GoldSpan(6, 7, names[-1]),)
    return BrowserSentence(
        split="valid" if number % 2 else "test",
        source=f"dev.conll:{number}",
        tokens=tuple(tokens),
        gold=gold + right,
        predicted=(*predicted, PredictedSpan(6, 7, names[-1], 0.99)),
        errors=(error,),
        suspects=(SuspectMark(2, f"B-{name}", "O", 0.04),) if number % 7 == 0 else (),
    )


def details(names: list[str], sentences: int, hostile: str, dice: random.Random) -> RunDetails:
    """The content of report.json."""
    points = tuple(
        ThresholdPoint(step / 4, 0.5 + step / 40, 0.6 - step / 40, 40 - step)
        for step in range(-8, 9)
    )
    bins = tuple(ReliabilityBin(x / 10 + 0.05, x / 12, 100 - 8 * x) for x in range(10))
    few = tuple(WORDS[:8])
    tags = (*("O",) * 7, f"B-{names[0]}")
    weighted = WeightedSentence(tokens=few, tags=tags, weights=(*(0.2,) * 7, 9.0), padding=142)
    curves = {name: ClassThresholds(bias=0.5, points=points) for name in names}
    return RunDetails(
        title=f"train.conll{hostile}",
        finished="2026-11-30T14:30:00Z",
        command=f"python -m seqlab.train --train {shlex.quote(f'train.conll{hostile}')}",
        inputs=(RunInput(name="train", path="/data/train.conll", sha256="ab" * 32, sentences=900, tokens=9000),),
        changed={"epochs": ChangedSetting(12, 50)},
        versions={"seqlab": "0.1.0", "keras": "3.15.0"},
        plain=False,
        scheme="iob2",
        classes={name: ClassDetails(tokens=40, items=20, weight=2.5, why="Because it is rare.") for name in names},
        baseline=MajorityBaseline(class_name="O", token_accuracy=0.85, micro_f1=0.0, macro_f1=0.0),
        browser=Browser(
            rule="Every sentence with an error, rare classes first.",
            with_errors=sentences,
            sentences=tuple(sentence(number, names, hostile, dice) for number in range(sentences)),
        ),
        thresholds=ThresholdCurves(split="valid", classes=curves),
        reliability=ReliabilityDiagrams(split="valid", classes=dict.fromkeys(names, bins)),
        weights=WeightExamples(sentences=(weighted,), note="Padding weighs nothing."),
        audit=(
            AuditFinding(severity="note", text="Some words are rare."),
            AuditFinding(severity="problem", text=f"A file repeats itself{hostile}.", advice="Remove the copies."),
        ),
    )  # fmt: skip
