"""Finished trainings of goals.toml beside other tools: each tool's tags are scored as those of a seqlab training."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from study import Study
from tables import by_name

from seqlab.comparing.judging import make_results
from seqlab.comparing.results import Results, SettingResult, Verdict
from seqlab.comparing.store import FinishedCell, cell_path, read_cell
from seqlab.corpus.schemes import Scheme
from seqlab.errors import RunError
from seqlab.scoring.by_sentence import sentence_counts
from seqlab.scoring.score import score

WITHOUT_VECTORS = {
    "crfsuite": "feature CRF",
    "spacy": "spaCy",
    "flair": "flair",
    "keras_naive": "classic Keras",
}
WITH_VECTORS = {"spacy_vectors": "spaCy with GloVe"}
"""The name on the page of each tool, by the name of its folder."""
OPPOSITE: Mapping[Verdict, Verdict] = {"better": "worse", "worse": "better"}


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A goal, micro and macro F1 from 0 to 1, of one setting on one corpus. tried: what was tried, for the page."""

    corpus: str
    setting: str
    micro: float
    macro: float
    tried: str = ""


@dataclass(frozen=True, kw_only=True)
class Duel:
    """One setting against the best other tool on one figure.

    difference: mean of ours minus theirs. verdict: on ours.
    """

    tool: str
    theirs: float
    difference: float
    verdict: Verdict


def read_goals(table: Mapping[str, Any]) -> list[Goal]:
    """The goals in the table `goals` of a TOML file."""
    return [
        Goal(corpus=corpus, setting=name, micro=pair[0], macro=pair[1], tried=of.get("tried", ""))
        for corpus, of in table.get("goals", {}).items()
        for name, pair in of.items()
        if name != "tried"
    ]


def tool_cells(
    folder: Path, ours: FinishedCell, scheme: Scheme
) -> Iterator[tuple[str, FinishedCell]]:
    """Each tool that has finished on a corpus, as a cell.

    folder: that of the corpus, with a folder for each tool. ours: a cell with the same test sentences.
    Raises RunError for a tool that has tagged other sentences.
    """
    for tool in {**WITHOUT_VECTORS, **WITH_VECTORS}:
        path = folder / tool / "pred.txt"
        result = folder / tool / "result.json"
        if not (path.exists() and result.exists()):
            continue
        gold, predicted = read_tags(path)
        if len(gold) != len(ours.sums.counts):
            raise RunError(f"{path}: {len(gold)} sentences: expected {len(ours.sums.counts)}")
        yield (
            tool,
            replace(
                ours,
                metrics=score(gold, predicted, scheme, strict=False).to_json(),
                seconds=json.loads(result.read_text("utf-8"))["train"]["train_s"],
                sums=sentence_counts(gold, predicted, scheme),
            ),
        )


def read_tags(path: Path) -> tuple[list[list[str]], list[list[str]]]:
    """Gold and predicted tags of each sentence, from lines 'token gold predicted'."""
    blocks = path.read_text("utf-8").strip("\n").split("\n\n")
    rows = [[line.split(" ")[1:] for line in block.split("\n")] for block in blocks]
    return tuple([[row[side] for row in block] for block in rows] for side in (0, 1))  # type: ignore[return-value]


def with_tools(
    study: Study,
    corpus: str,
    setting: str,
    tools: Mapping[str, FinishedCell],
    out: Path,
    resamples: int,
) -> Results | None:
    """One setting as the baseline, and other tools as settings; None without a finished training.

    The figures of a tool count for every seed, so its differences vary with the seeds of the setting alone.
    """
    whole = study.plan(corpus)
    mine = {
        cell.seed: read_cell(path)
        for cell in whole.cells
        if cell.name == setting and (path := cell_path(out / corpus, cell)).exists()
    }
    if not mine:
        return None
    names = (setting, *tools)
    plan = replace(
        whole, cells=(), changed={name: {} for name in names}, baseline=setting, seeds=tuple(mine)
    )
    cells = {name: dict.fromkeys(mine, cell) for name, cell in tools.items()}
    return make_results(plan, {setting: mine, **cells}, {}, resamples=resamples)


def duel(results: Results, key: str) -> Duel | None:
    """The setting against the tool with the highest figure; None without tools. key: 'micro_f1' or 'macro_f1'."""
    tools = [each for each in results.settings if each.name != results.baseline]
    if not tools:
        return None
    best = max(tools, key=lambda tool: tool.figures[key].mean or 0.0)
    difference = best.differences[key]
    return Duel(
        tool={**WITHOUT_VECTORS, **WITH_VECTORS}[best.name],
        theirs=best.figures[key].mean or 0.0,
        difference=-(difference.seeds.mean or 0.0),
        verdict=OPPOSITE.get(difference.verdict, difference.verdict),
    )


def lost_classes(result: SettingResult) -> float:
    """The number of classes never found on test, mean over seeds."""
    return sum(result.lost.values()) / len(result.seeds)


def fewest_lost(results: Results) -> float | None:
    """The fewest classes that another tool has lost; None without tools."""
    tools = [each for each in results.settings if each.name != results.baseline]
    return min(map(lost_classes, tools), default=None)


def baseline_of(results: Results) -> SettingResult:
    """The setting that the tools are compared with."""
    return by_name(results)[results.baseline]
