"""Could a rule from class counts choose the remedy? Judge such rules by leave-one-corpus-out, and write a page.

    .venv/bin/python scripts/studies/remedy_rule.py

Reads the gains of the remedies from docs/imbalance.md, and counts the classes of the training splits. Each rule is made
from the other corpora, and judged on the one that is left out. Trains nothing; takes half a minute.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from published import inputs_of

from seqlab.arrays import AnyIntArray, Int64Array
from seqlab.experiment.classes import classes_of, window_class_counts
from seqlab.experiment.corpora import read_splits
from seqlab.experiment.prepare import encoder_of
from seqlab.reporting.log import Log
from seqlab.settings.training import make_settings
from seqlab.weighting.automatic_copies import rare_classes

DOCS = Path(__file__).resolve().parents[2] / "docs"
REMEDIES = ("none", "resample-scr", "sqrt-inverse", "balanced-cap10", "o-third")
Gains = Mapping[str, Mapping[str, float]]
"""Remedy -> corpus -> gain over `none`: the mean of the gains in macro and micro F1."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Take one remedy if a count is below a threshold, else another."""

    count: str
    threshold: float
    below: str
    above: str

    def choose(self, counts: Mapping[str, float]) -> str:
        """The remedy for a corpus with these counts."""
        return self.below if counts[self.count] < self.threshold else self.above

    def __str__(self) -> str:
        """The rule in words."""
        if self.below == self.above:
            return f"always {self.below}"
        limit = f"{float(f'{self.threshold:.2g}'):,g}"
        return f"{self.below} if {self.count} < {limit}, else {self.above}"


def gains_of(page: str) -> Gains:
    """The mean gain in macro and micro F1 of each remedy. A dash is 0: the remedy does not apply to that corpus."""
    tables = [table_of(page, f"## {name} F1 minus that of `none`") for name in ("Macro", "Micro")]
    return {
        remedy: {
            corpus: sum(table[remedy][corpus] for table in tables) / len(tables)
            for corpus in tables[0][remedy]
        }
        for remedy in REMEDIES
    }


def table_of(page: str, heading: str) -> dict[str, dict[str, float]]:
    """A table of differences by remedy and corpus. The row of the baseline is 0 everywhere."""
    rows = [line.strip("| ") for line in page.split(heading)[1].split("##")[0].splitlines()]
    cells = [re.split(r" *\| *", row) for row in rows if row]
    corpora = cells[0]
    table = {}
    for name, *values in cells[2:]:
        remedy = name.strip("`").split("`")[0]
        numbers = [0.0 if "baseline" in name else number_in(value) for value in values]
        table[remedy] = dict(zip(corpora, numbers, strict=True))
    return table


def number_in(cell: str) -> float:
    """The number of a cell such as '+0.041 ▲'; 0 for a dash."""
    match = re.match(r"[+-]\d\.\d+", cell)
    return float(match[0]) if match else 0.0


def class_counts(corpus: str) -> tuple[Int64Array, AnyIntArray]:
    """The tokens of each class in each window of a corpus's training split (N, E), and the windows' lengths (N,)."""
    settings = make_settings(**inputs_of(corpus))
    log = Log(lambda line: None, None)
    splits = read_splits(settings, log)
    encoder = encoder_of(settings, splits.arrays["train"], None, log)
    windows = encoder.encode(splits.arrays["train"]).windows(settings.max_tokens)
    classes = classes_of(encoder, splits.scheme)
    return window_class_counts(encoder, splits.scheme, classes, windows), windows.lengths


def counts_of(corpus: str) -> dict[str, float]:
    """Figures from the class counts of a corpus's training split."""
    counts, lengths = class_counts(corpus)
    totals = counts.sum(axis=0)
    return {
        "sentences": float(len(counts)),
        "share of tokens in classes": float(totals.sum() / lengths.sum()),
        "share of the rarest class": float(totals[totals > 0].min() / lengths.sum()),
        "rare classes": float(rare_classes(counts, lengths).sum()),
        "share of sentences without spans": float(np.mean(counts.sum(axis=1) == 0)),
    }


def rules(counts: Mapping[str, Mapping[str, float]]) -> Iterator[Rule]:
    """Every rule that these corpora can tell apart; first those that always take one remedy."""
    names = list(next(iter(counts.values())))
    for remedy in REMEDIES:
        yield Rule(count=names[0], threshold=0.0, below=remedy, above=remedy)
    for name in names:
        values = sorted({one[name] for one in counts.values()})
        for low, high in pairwise(values):
            for below in REMEDIES:
                for above in REMEDIES:
                    if below != above:
                        yield Rule(count=name, threshold=(low + high) / 2, below=below, above=above)


def mean_gain(rule: Rule, gains: Gains, counts: Mapping[str, Mapping[str, float]]) -> float:
    """The mean gain of the remedies that a rule chooses, over corpora."""
    return float(np.mean([gains[rule.choose(one)][corpus] for corpus, one in counts.items()]))


def best_rule(
    candidates: Sequence[Rule], gains: Gains, counts: Mapping[str, Mapping[str, float]]
) -> Rule:
    """The rule with the largest mean gain; of equal ones the first."""
    return max(candidates, key=lambda rule: mean_gain(rule, gains, counts))


def left_out(gains: Gains, counts: Mapping[str, Mapping[str, float]]) -> Iterator[list[str]]:
    """Yield a row of the table for each corpus, and the row of means."""
    made, fixed, best = [], [], []
    for corpus, own in counts.items():
        others = {name: one for name, one in counts.items() if name != corpus}
        candidates = list(rules(others))
        rule = best_rule(candidates, gains, others)
        always = best_rule(candidates[: len(REMEDIES)], gains, others)
        made.append(gains[rule.choose(own)][corpus])
        fixed.append(gains[always.choose(own)][corpus])
        best.append(max(REMEDIES, key=lambda remedy: gains[remedy][corpus]))
        hindsight = gains[best[-1]][corpus]
        yield [
            corpus,
            str(rule),
            f"{made[-1]:+.3f}",
            f"{always.below}: {fixed[-1]:+.3f}",
            f"{best[-1]}: {hindsight:+.3f}",
        ]
    means = [np.mean(made), np.mean(fixed)]
    top = np.mean([gains[name][corpus] for name, corpus in zip(best, counts, strict=True)])
    yield ["mean", "", *(f"{value:+.3f}" for value in (*means, top))]


HEAD = """\
# Can counts choose the remedy?

A rule takes one remedy if a figure from the class counts is below a threshold, and another remedy otherwise. For each
corpus, the best rule is made from the other corpora and judged on this corpus. The column beside it shows the single
remedy that is best on average over the other corpora. A gain is the mean of the gains in macro F1 and micro F1 over no
remedy, from [Which remedy helps](imbalance.md). Resampling does not apply to plain tags and counts as no remedy there.
Written by

    .venv/bin/python scripts/studies/remedy_rule.py
"""
HEADINGS = ("corpus", "rule made without it", "gain", "one remedy for all", "best in hindsight")


def page(gains: Gains, counts: Mapping[str, Mapping[str, float]]) -> str:
    """The whole page."""
    rows = list(left_out(gains, counts))
    table = [HEADINGS, ["---", "---", "---:", "---:", "---:"], *rows]
    lines = [f"| {' | '.join(row)} |" for row in table]
    made, fixed = (float(rows[-1][column]) for column in (2, 3))
    says = "gains more than" if made > fixed else "gains no more than"
    conclusion = (
        f"On corpora that it has not seen, a rule from counts {says} one remedy for all: {made:+.3f} against "
        f"{fixed:+.3f}."
    )
    figures = list(next(iter(counts.values())))
    table = [["corpus", *figures], ["---", *["---:"] * len(figures)]]
    table += [
        [corpus, *(f"{float(f'{value:.3g}'):,g}" for value in one.values())]
        for corpus, one in counts.items()
    ]
    shown = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([HEAD, *lines, "", conclusion, "", "## The counts", "", *shown]) + "\n"


def main() -> None:
    """Write docs/remedy-rule.md."""
    gains = gains_of((DOCS / "imbalance.md").read_text(encoding="utf-8"))
    counts = {corpus: counts_of(corpus) for corpus in gains["none"]}
    (DOCS / "remedy-rule.md").write_text(page(gains, counts), encoding="utf-8")


if __name__ == "__main__":
    main()
