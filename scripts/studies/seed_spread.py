"""How much does macro F1 differ between seeds? Counted in the tables of docs/accuracy.md and docs/imbalance.md.

    .venv/bin/python scripts/studies/seed_spread.py

The tables give a mean with its 95 % t-interval, from which the standard deviation over seeds follows. `compare` plans with
a deviation that three in four of these settings do not exceed.
"""

import math
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from scipy.special import stdtrit

from seqlab.comparing.power import TYPICAL_DEVIATION

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("accuracy.md", "imbalance.md")
# | setting | seeds | micro F1 | macro F1 (low to high) | …
ROW = re.compile(r"\| `[^|]*` \| (\d+) \| [^|]* \| [\d.]+ \((-?[\d.]+) to (-?[\d.]+)\) \|")


def deviations(page: str) -> Iterator[float]:
    """The standard deviation of macro F1 of each setting in a page's tables."""
    for seeds, low, high in ROW.findall(page):
        n = int(seeds)
        half = (float(high) - float(low)) / 2
        yield half * math.sqrt(n) / float(stdtrit(n - 1, 0.975))


def main() -> None:
    found = [d for name in PAGES for d in deviations((DOCS / name).read_text(encoding="utf-8"))]
    low, middle, high = statistics.quantiles(found, n=4)
    print(
        f"{len(found)} settings: the standard deviation of macro F1 over seeds has quartiles {low:.4f}, {middle:.4f} and "
        f"{high:.4f}; compare plans with {TYPICAL_DEVIATION:g}"
    )


if __name__ == "__main__":
    main()
