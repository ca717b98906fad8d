"""The page of smaller.py: sizes, speed and F1 of every form of a tagger."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import mean
from typing import Any

from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.table import markdown_table

BASE = "float32"
HEAD = """\
# What a smaller tagger costs

`seqlab export` can store weights and vectors as float16 or int8 (`--weights`, `--vectors`). It can also keep the vectors of
only the most frequent words (`--keep-words`). This page has the sizes, the speed and the F1 of every class on the test
split. Written by

    .venv/bin/python scripts/studies/smaller.py --glove glove.6B.50d.txt --out runs/smaller

on {day}, {machine}, NumPy {numpy}. Every tagger has the default settings and at most 140 s of training, seeds {seeds}.

- **float32** is the run as it was trained. *float16* and *int8* store weights and vectors in this type. *int8 vectors*
  stores only the vectors as int8. *int8, N words* also has `--keep-words N`.
- **files** is the size of the tagger's files. **zip** and **wheel** are the sizes of the exported file. A wheel also holds
  the code that tags.
- **tokens/s** is measured in CPU time on one core. The first pass looks up every word of the test split and computes its
  characters. The second pass finds them in a cache.
- **other tags** is the share of test tokens whose tag differs from the run's.
- Each exported tagger is compared with its own run. The tables show the mean difference of F1 over seeds, with the smallest
  and the largest. 0 means that all three are 0.

Other work ran on the machine at the same time. So the trainings reached only a few epochs, and the speeds are rough.
"""


def page_text(results: Mapping[str, Mapping[str, Any]]) -> str:
    """The whole page. results: by name of the tagger, by seed and by form, what `measure` gave."""
    seeds = sorted({seed for by_seed in results.values() for seed in by_seed})
    head = HEAD.format(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=platform.machine(),
        numpy=version("numpy"),
        seeds=", ".join(seeds),
    )
    parts = [head]
    for name, by_seed in results.items():
        parts += [f"## {name}\n", sizes(by_seed), "", costs(by_seed), ""]
    return "\n".join(parts)


def sizes(by_seed: Mapping[str, Any]) -> str:
    """The sizes and the speed of each form, as means over seeds."""
    header = ["", "files", "zip", "wheel", "tokens/s, first pass", "second pass", "other tags"]
    rows = []
    for form in forms_of(by_seed):
        cells = [found[form] for found in by_seed.values()]
        rows.append(
            [
                form,
                *(megabytes(mean(one[key] for one in cells)) for key in ("files", "zip", "wheel")),
                *(
                    f"{mean(one[key] for one in cells):,.0f}"
                    for key in ("first_pass", "second_pass")
                ),
                f"{sum(one['changed'] for one in cells) / sum(one['tokens'] for one in cells):.2%}",
            ]
        )
    return markdown_table(header, rows)


def costs(by_seed: Mapping[str, Any]) -> str:
    """The F1 of each class before, and its difference in each form; rarest class first."""
    forms = [form for form in forms_of(by_seed) if form != BASE]
    cells = [found[BASE] for found in by_seed.values()]
    names = sorted(
        cells[0]["before"],
        key=lambda name: (name not in cells[0]["gold"], cells[0]["gold"].get(name, 0)),
    )
    rows = []
    for name in names:
        before = [one["before"][name] for one in cells]
        gold = str(cells[0]["gold"].get(name, ""))
        row = [name, gold, f"{mean(before):.3f}"]
        rows.append([*row, *(difference(by_seed, form, name) for form in forms)])
    return markdown_table(["class", "gold", "F1 of float32", *forms], rows)


def difference(by_seed: Mapping[str, Any], form: str, name: str) -> str:
    """The mean, smallest and largest difference of F1 over seeds."""
    pairs = [
        (found[form]["before"][name], found[form]["after"][name]) for found in by_seed.values()
    ]
    values = [after - before for before, after in pairs if before is not None and after is not None]
    if not values:
        return UNDEFINED
    mean_, least, most = (f"{round(one, 3) + 0.0:+.3f}" for one in spread(values))
    return "0" if {mean_, least, most} == {"+0.000"} else f"{mean_} ({least} to {most})"


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean, the smallest and the largest value."""
    return mean(values), min(values), max(values)


def forms_of(by_seed: Mapping[str, Any]) -> Sequence[str]:
    """The forms that were measured."""
    return list(next(iter(by_seed.values())))


def megabytes(count: float) -> str:
    """A number of bytes, in millions."""
    return f"{count / 1e6:.2f} MB"
