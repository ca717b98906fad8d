"""Made-up cells: gold and predicted tags of a few sentences, with their figures."""

import random
from typing import Any

from seqlab.comparing.plan import Plan, make_plan
from seqlab.comparing.store import FinishedCell
from seqlab.corpus.schemes import Scheme
from seqlab.scoring.by_sentence import sentence_counts
from seqlab.scoring.score import score

TAGS = ("O", "O", "O", "B-PER", "I-PER", "B-LOC", "B-LAW")
Tags = list[list[str]]


def gold_tags(sentences: int = 60) -> Tags:
    """Sentences of 1 to 9 tags."""
    dice = random.Random(5)  # noqa: S311, no secret
    return [[dice.choice(TAGS) for _ in range(dice.randint(1, 9))] for _ in range(sentences)]


def guesses(gold: Tags, *, right: float, seed: int, never: str = "") -> Tags:
    """Gold tags, some replaced at random. right: the share kept. never: a class that is never predicted."""
    dice = random.Random(seed)  # noqa: S311, no secret
    found = [[tag if dice.random() < right else dice.choice(TAGS) for tag in row] for row in gold]
    return [["O" if never and tag.endswith(never) else tag for tag in row] for row in found]


def finished(
    gold: Tags, predicted: Tags, *, seconds: float = 2.0, documents: tuple[int, ...] = ()
) -> FinishedCell:
    """A finished cell with these predictions."""
    return FinishedCell(
        split="test",
        metrics=score(gold, predicted, Scheme.IOB2).to_json(),
        seconds=seconds,
        sums=sentence_counts(gold, predicted, Scheme.IOB2),
        documents=documents,
    )


def made_up() -> tuple[Plan, dict[str, dict[int, FinishedCell]], dict[str, dict[int, str]]]:
    """Four settings: a baseline, its twin, a better one, and one that loses a class and failed under one seed."""
    names = {"none": 0.5, "twin": 0.5, "better-one": 0.9, "broken": 0.5}
    changed: dict[str, dict[str, Any]] = {
        name: {"epochs": number + 1} for number, name in enumerate(names)
    }
    plan = make_plan(changed, {}, seeds=3)
    gold = gold_tags()
    cells = {
        name: {
            seed: finished(
                gold,
                guesses(gold, right=right, seed=seed, never="LAW" if name == "broken" else ""),
                seconds=number + seed,
            )
            for seed in plan.seeds
        }
        for number, (name, right) in enumerate(zip(changed, names.values(), strict=True))
    }
    del cells["broken"][2]
    return plan, cells, {"broken": {2: "select is 'f1:NO | NE'"}}
