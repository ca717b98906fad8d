import statistics
import sys
from pathlib import Path

import pytest

from seqlab.comparing.intervals import F1_RANGE, spread
from seqlab.comparing.power import TYPICAL_DEVIATION

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "studies"))
import seed_spread


def test_a_deviation_is_read_back_from_its_interval():
    found = spread([0.41, 0.44, 0.46], within=F1_RANGE)
    row = f"| `none` | 3 | 0.5 | {found.mean:.3f} ({found.low:.4f} to {found.high:.4f}) | 0.2 |"
    (deviation,) = seed_spread.deviations(row)
    assert deviation == pytest.approx(statistics.stdev([0.41, 0.44, 0.46]), abs=1e-4)


def test_three_in_four_settings_have_less_than_the_typical_deviation():
    pages = [(seed_spread.DOCS / name).read_text("utf-8") for name in seed_spread.PAGES]
    found = [deviation for page in pages for deviation in seed_spread.deviations(page)]
    assert len(found) > 100
    share = sum(deviation <= TYPICAL_DEVIATION for deviation in found) / len(found)
    assert 0.72 < share < 0.85
