"""The null calibration on made-up trainings: groups share no seed, and claims are counted."""

import sys
from pathlib import Path

import numpy as np
from scipy import stats

from tests.comparing.hand import finished, gold_tags, guesses

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "studies"))
import null_calibration as study

GOLD = gold_tags(80)


def cells(count):
    dice = np.random.default_rng(2)
    shares = dice.normal(0.5, 0.05, count)
    return [finished(GOLD, guesses(GOLD, right=s, seed=n)) for n, s in enumerate(shares)]


def test_a_pair_shares_no_training():
    made = cells(8)
    results = study.pair(made, 4, np.random.default_rng(1))
    values = [v for setting in results.settings for v in setting.figures["macro_f1"].values]
    assert sorted(values) == sorted(cell.metrics["macro_f1"] for cell in made)


def test_claims_are_counted_and_rare():
    counts = study.counted(cells(16), [3], 12)
    assert counts[3]["better"] <= counts[3]["better or worse"] <= 3
    assert counts[3]["sentences alone"] >= counts[3]["better or worse"]


def test_the_interval_is_that_of_the_binomial_tails():
    assert study.share_text(4, 200) == "2.0 % (0.5 to 5.0)"
    assert stats.binom.sf(3, 200, 0.00548) < 0.026
