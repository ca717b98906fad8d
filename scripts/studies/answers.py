"""The effect of `--on-collapse reweight`: classes that it saved, and runs that it did not change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqlab.comparing.cell import PREDICTIONS
from seqlab.comparing.results import Results
from seqlab.comparing.wording import code
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.table import markdown_table

REMEDY, BASELINE = "reweight", "none"
TITLE = "## Collapse alarms: `reweight` against `none`"
READING = """\
`reweight` multiplies the weight of a class by 1.5 at each alarm, up to a factor of 4. A training without an alarm
equals that of `none` to the last digit. A class is saved if it was lost on test under fewer seeds than with `none`
(in brackets: seeds with `none` → seeds with `reweight`), and lost if under more."""


@dataclass(frozen=True, kw_only=True)
class ReweightEffect:
    """The effect on one corpus.

    raised: for each seed, the classes whose weight was raised.
    lost_before, lost_after: for each class, the number of seeds with which it was never found on test.
    unchanged: the seeds with the same predictions on test as the baseline.
    """

    raised: Mapping[int, frozenset[str]]
    lost_before: Mapping[str, int]
    lost_after: Mapping[str, int]
    unchanged: frozenset[int]

    def fewer(self) -> list[str]:
        """Classes lost with fewer seeds than in the baseline, the largest difference first."""
        return decreased(self.lost_before, self.lost_after)

    def more(self) -> list[str]:
        """Classes lost with more seeds than in the baseline, the largest difference first."""
        return decreased(self.lost_after, self.lost_before)

    def inactive(self) -> bool:
        """Whether no weight was raised and no prediction changed with any seed."""
        return not any(self.raised.values()) and self.unchanged == set(self.raised)


def decreased(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """The keys whose count decreased, the largest decrease first."""
    falls = {name: count - after.get(name, 0) for name, count in before.items()}
    return sorted((n for n, fall in falls.items() if fall > 0), key=lambda n: (-falls[n], n))


def reweight_effect(results: Results, out: Path) -> ReweightEffect | None:
    """The effect on one corpus; None if the trainings have not finished."""
    settings = {setting.name: setting for setting in results.settings}
    if not {REMEDY, BASELINE} <= set(settings):
        return None
    seeds = settings[REMEDY].seeds
    cells = {seed: out / "cells" / REMEDY / f"seed-{seed}" for seed in seeds}
    others = {seed: out / "cells" / BASELINE / f"seed-{seed}" for seed in seeds}
    same = {
        seed
        for seed in seeds
        if (cells[seed] / PREDICTIONS).read_bytes() == (others[seed] / PREDICTIONS).read_bytes()
    }
    return ReweightEffect(
        raised={seed: raised_classes(cells[seed] / "history.jsonl") for seed in seeds},
        lost_before=settings[BASELINE].lost,
        lost_after=settings[REMEDY].lost,
        unchanged=frozenset(same),
    )


def raised_classes(history: Path) -> frozenset[str]:
    """The classes whose weight was raised in one training."""
    lines = history.read_text(encoding="utf-8").splitlines()
    return frozenset(a["name"] for line in lines for a in json.loads(line)["answers"])


def section(corpora: Mapping[str, Results], out: Path) -> list[str]:
    """The section of the page; empty if the trainings have finished on no corpus."""
    every = {name: reweight_effect(results, out / name) for name, results in corpora.items()}
    known = {name: one for name, one in every.items() if one is not None}
    if not known:
        return []
    saved = [code(name) for name, one in known.items() if one.fewer()]
    idle = [code(name) for name, one in known.items() if one.inactive()]
    lines = [
        f"- It saved a class on {', '.join(saved) or 'no corpus'}.",
        f"- It changed nothing, with the same predictions as `none` byte for byte, on {', '.join(idle) or 'no corpus'}.",
    ]
    header = ["", "seeds", "seeds with raised weights", "raised classes per seed", "saved", "lost"]
    rows = [row(name, one) for name, one in known.items()]
    return [TITLE, READING, "\n".join(lines), markdown_table(header, rows)]


def row(name: str, one: ReweightEffect) -> list[str]:
    """A corpus as a row of the table."""
    sizes = [len(classes) for classes in one.raised.values()]

    def listed(classes: list[str]) -> str:
        seeds = (f"{one.lost_before.get(c, 0)} → {one.lost_after.get(c, 0)}" for c in classes)
        return ", ".join(f"{code(c)} ({s})" for c, s in zip(classes, seeds, strict=True))

    return [
        name,
        str(len(sizes)),
        str(sum(map(bool, sizes))),
        f"{sum(sizes) / len(sizes):.1f}",
        listed(one.fewer()) or UNDEFINED,
        listed(one.more()) or UNDEFINED,
    ]
