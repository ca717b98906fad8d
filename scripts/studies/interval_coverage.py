"""Do the 95 % intervals hold the true F1, and is the smallest difference found? Simulated corpora, tables in docs/scores.md.

    .venv/bin/python scripts/studies/interval_coverage.py

A corpus is drawn from a population whose F1 is known: documents or sentences with a random number of items of each class,
each item right with the probability of its class. In some populations the items of a document tend to be right or wrong
together. Coverage is the share of corpora whose interval holds the F1 of the population.

Power is the share of corpora on which a paired bootstrap (5 %) tells two taggers apart whose F1 differ by exactly the
smallest difference. Their errors correlate by the figure in the table.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from marked_text import replace_marked
from scipy.stats import norm

from seqlab.comparing.bootstrap import paired_bootstrap
from seqlab.reporting.table import markdown_table
from seqlab.scoring.items import scored_items
from seqlab.scoring.resampling import middle
from seqlab.scoring.uncertainty import certainty, smallest_difference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scores.md"
SUPPORTS = (5, 10, 30, 100, 1000)  # expected items of each class


@dataclass(frozen=True)
class Population:
    """Where corpora are drawn from.

    name: in the table. units: documents or sentences of a corpus. shares: probability that an item of each class is right.
    together: correlation of the items of one document.
    """

    name: str
    units: int
    shares: tuple[float, ...]
    together: float = 0.0

    @property
    def f1(self) -> np.ndarray:
        """The F1 of each class, macro F1 and micro F1. An item that is not right is a missed gold item."""
        shares = np.array(self.shares)
        classes = 2 * shares / (1 + shares)
        found = float(shares @ SUPPORTS)
        return np.array([*classes, classes.mean(), 2 * found / (sum(SUPPORTS) + found)])


POPULATIONS = (
    Population("1,000 sentences", 1000, (0.6, 0.6, 0.6, 0.6, 0.8)),
    Population("1,000 sentences, nearly all right", 1000, (0.95,) * 5),
    Population("1,000 sentences, nearly all wrong", 1000, (0.05, 0.05, 0.1, 0.1, 0.8)),
    Population("100 documents, errors together (.1)", 100, (0.95,) * 5, 0.1),
    Population("30 documents, errors together (.2)", 30, (0.6, 0.6, 0.6, 0.6, 0.8), 0.2),
    Population("10 documents, errors together (.2)", 10, (0.6, 0.6, 0.6, 0.6, 0.8), 0.2),
)


def corpus(
    population: Population, rng: np.random.Generator
) -> tuple[list[list[str]], list[list[str]], list[int]]:
    """Gold and predicted tags of sentences with one item each, and the unit of each sentence."""
    gold, predicted, units = [], [], []
    for number, expected in enumerate(SUPPORTS):
        counts = rng.poisson(expected / population.units, population.units)
        share = population.shares[number]
        right = np.full(population.units, share)
        if population.together:
            size = 1 / population.together - 1
            right = rng.beta(share * size, (1 - share) * size, population.units)
        owner = np.repeat(np.arange(population.units), counts)
        for unit, found in zip(
            owner.tolist(), (rng.random(len(owner)) < right[owner]).tolist(), strict=True
        ):
            gold.append([f"B-{number}"])
            predicted.append(gold[-1] if found else ["O"])
            units.append(unit)
    return gold, predicted, units


def covered(population: Population, rng: np.random.Generator) -> np.ndarray:
    """float64 (classes + 2, 2): whether our interval and that of percentiles hold the true F1; NaN without gold."""
    gold, predicted, units = corpus(population, rng)
    items = scored_items(gold, predicted, "iob2")
    found = certainty(items, units)
    held = []
    names = [f"{number}" for number in range(len(SUPPORTS))]
    plain = percentiles(gold, predicted, units, population.units, rng)
    for index, true in enumerate(population.f1):
        if index < len(names):
            row = found.classes.get(names[index])
            interval = row.f1_interval if row else None
        else:
            interval = (found.macro_f1_interval, found.micro_f1_interval)[index - len(names)]
        pair = (interval, plain[index])
        held.append([np.nan if i is None else i[0] <= true <= i[1] for i in pair])
    return np.array(held)


def percentiles(
    gold: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    units: Sequence[int],
    size: int,
    rng: np.random.Generator,
) -> list[tuple[float, float] | None]:
    """The percentile intervals of the usual bootstrap, for comparison: each class, macro F1, micro F1."""
    sums = np.zeros((size, len(SUPPORTS), 2))
    for (tag,), (guess,), unit in zip(gold, predicted, units, strict=True):
        sums[unit, int(tag[2:])] += (guess == tag, 1)
    drawn = rng.multinomial(size, np.full(size, 1 / size), 1000) @ sums.reshape(size, -1)
    found, support = np.moveaxis(drawn.reshape(-1, len(SUPPORTS), 2), -1, 0)
    with np.errstate(invalid="ignore"):
        f1 = 2 * found / (found + support)
        macro = np.nanmean(np.where(sums.sum(axis=0)[:, 1] > 0, f1, np.nan), axis=1)
        micro = 2 * found.sum(axis=1) / (found + support).sum(axis=1)
    intervals = [middle(column) for column in (*f1.T, macro, micro)]
    none = sums.sum(axis=0)[:, 1] == 0
    return [None if i < len(none) and none[i] else interval for i, interval in enumerate(intervals)]


def coverage_table(corpora: int, seed: int) -> str:
    """A row for each population; each cell has our coverage, and that of percentiles in brackets."""
    rows = []
    for population in POPULATIONS:
        rng = np.random.default_rng(seed)
        shares = np.nanmean([covered(population, rng) for _ in range(corpora)], axis=0)
        rows.append([population.name, *(f"{a:.0%} ({b:.0%})" for a, b in shares)])
    header = ["corpora", *(f"class of {n:,}" for n in SUPPORTS), "macro F1", "micro F1"]
    return markdown_table(header, rows)


@dataclass(frozen=True)
class Pair:
    """Two taggers. share: of the items that one finds. together: correlation of what both find. items: of the class."""

    share: float
    together: float
    items: int


PAIRS = tuple(
    Pair(share, together, items)
    for together in (0.0, 0.5)
    for share in (0.5, 0.8)
    for items in (30, 100, 400)
)


def other_share(pair: Pair) -> float:
    """The share that the better tagger finds, whose F1 is higher by the smallest difference; above 1 if none is."""
    found = round(pair.share * pair.items)
    f1 = 2 * pair.share / (1 + pair.share)
    # The standard error of F1 by the delta method: F1 = 2 p / (1 + p) of a share p.
    spread = 2 / (1 + pair.share) ** 2 * (pair.share * (1 - pair.share) / pair.items) ** 0.5
    difference = smallest_difference(spread, correct=found, predicted=found, gold=pair.items)
    better = f1 + (difference or 0)
    return better / (2 - better)


def told_apart(pair: Pair, better: float, rng: np.random.Generator) -> bool:
    """Whether a paired bootstrap finds that the better tagger is better."""
    first = rng.standard_normal(pair.items)
    # Normal scores of both taggers correlate, so that their hits do.
    second = latent(pair, better) * first + (
        1 - latent(pair, better) ** 2
    ) ** 0.5 * rng.standard_normal(pair.items)
    hits = (first < norm.ppf(pair.share), second < norm.ppf(better))
    ones = np.ones(pair.items, np.int64)
    worse, good = (np.stack([hit, hit, ones], axis=-1)[:, None].astype(np.int64) for hit in hits)
    found = paired_bootstrap([good], [worse], resamples=400, seed=int(rng.integers(2**31)))
    return found[0].p < 0.05


def latent(pair: Pair, better: float, *, draws: int = 200_000) -> float:
    """The correlation of the normal scores under which the hits of both taggers correlate as wished."""
    key = (pair, better)
    if key not in LATENT:
        rng = np.random.default_rng(0)
        one, other = rng.standard_normal((2, draws))
        low, high = 0.0, 0.999
        for _ in range(20):
            middle_value = (low + high) / 2
            second = middle_value * one + (1 - middle_value**2) ** 0.5 * other
            found = np.corrcoef(one < norm.ppf(pair.share), second < norm.ppf(better))[0, 1]
            low, high = (middle_value, high) if found < pair.together else (low, middle_value)
        LATENT[key] = (low + high) / 2 if pair.together else 0.0
    return LATENT[key]


LATENT: dict[tuple[Pair, float], float] = {}


def power_table(corpora: int, seed: int) -> str:
    """How often the smallest difference is found."""
    rows = []
    for pair in PAIRS:
        better = other_share(pair)
        if better >= 1:
            continue
        rng = np.random.default_rng(seed)
        found = np.mean([told_apart(pair, better, rng) for _ in range(corpora)])
        f1 = [2 * share / (1 + share) for share in (pair.share, better)]
        rows.append(
            [
                f"{pair.items}",
                f"{f1[0]:.3f}",
                f"{f1[1] - f1[0]:.3f}",
                f"{pair.together}",
                f"{found:.0%}",
            ]
        )
    return markdown_table(["gold items", "F1", "smallest difference", "correlation", "found"], rows)


def main() -> None:
    """Simulate, and write the tables into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name, make in (("coverage", coverage_table), ("power", power_table)):
        text = make(options.corpora, options.seed)
        print(text, flush=True)
        replace_marked(PAGE, name, text)


if __name__ == "__main__":
    main()
