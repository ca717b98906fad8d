"""How long do epochs get with `--resample scr` and `auto`, and what do rare classes gain? Write docs/epoch-lengths.md.

    .venv/bin/python scripts/studies/epoch_lengths.py

Counts the classes of training splits and trains nothing; takes half a minute.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from published import JOINED, SPLITS
from remedy_rule import class_counts

from seqlab.arrays import AnyIntArray, Int64Array
from seqlab.weighting.resampling import class_shares, make_resampler

PAGE = Path(__file__).resolve().parents[2] / "docs" / "epoch-lengths.md"
HEAD = """\
# Length of epochs

`--resample scr` copies every sentence with spans. `auto` copies only sentences with a class that has under 2 % of the
tokens. The length of an epoch is its number of windows, divided by the number without copies. The last three columns
show which share of an epoch's tokens the rarest class has. Written by

    .venv/bin/python scripts/studies/epoch_lengths.py

| corpus | windows | length, scr | length, auto | share, none | share, scr | share, auto |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def cells(counts: Int64Array, lengths: AnyIntArray) -> Iterator[str]:
    """The cells of one corpus: windows, two lengths, and three shares of the rarest class."""
    before = counts.sum(axis=0) / lengths.sum()
    rarest = int(np.argmin(np.where(before > 0, before, np.inf)))
    found = [make_resampler(name, counts, lengths) for name in ("scr", "auto")]
    yield f"{len(counts):,}"
    for one in found:
        yield f"{1.0 if one is None else one.expected().sum() / len(counts):.2f}"
    shares = [before if one is None else class_shares(one, counts, lengths)[1] for one in found]
    for share in (before, *shares):
        yield f"{share[rarest]:.3%}".replace("%", " %")


def page(corpora: Mapping[str, tuple[Int64Array, AnyIntArray]]) -> str:
    """The whole page. corpora: counts (N, E) and lengths (N,) of the windows of each corpus."""
    rows = [" | ".join([name, *cells(*found)]) for name, found in corpora.items()]
    return HEAD + "".join(f"| {row} |\n" for row in rows)


if __name__ == "__main__":
    names = [name for name in SPLITS if name not in JOINED]
    PAGE.write_text(page({name: class_counts(name) for name in names}), encoding="utf-8")
