import numpy as np
import pytest
from scipy.stats import spearmanr

from seqlab.auditing.corpora import audit_corpora
from seqlab.auditing.figure_rules import rank_correlation
from seqlab.auditing.imbalance import class_shift
from tests.auditing.hand import write


def test_total_variation_by_hand():
    found = class_shift({"PER": 6, "LOC": 4}, {"PER": 1, "LOC": 4})
    assert found.total_variation == pytest.approx((0.4 + 0.4) / 2)
    assert found.most in ("PER", "LOC")
    assert found.shares == ((0.6, 0.2) if found.most == "PER" else (0.4, 0.8))


def test_what_chance_gives_is_what_random_parts_show():
    dice = np.random.default_rng(5)
    shares = np.array([0.6, 0.25, 0.1, 0.05])
    seen = [
        np.abs(dice.multinomial(400, shares) / 400 - dice.multinomial(150, shares) / 150).sum() / 2
        for _ in range(2000)
    ]
    counts = [dict(zip("abcd", (n * shares).astype(int), strict=True)) for n in (400, 150)]
    assert class_shift(*counts).by_chance == pytest.approx(np.mean(seen), rel=0.03)


@pytest.mark.parametrize("counts", [({"A": 3}, {"A": 2}), ({"A": 3, "B": 1}, {"A": 0, "B": 0})])
def test_a_difference_that_is_undefined(counts):
    found = class_shift(*counts)
    assert (found.total_variation, found.by_chance, found.most) == (None, None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [([1, 2, 3], [30, 20, 10]), ([4, 1, 1, 1], [6, 90, 3, 1]), ([0.5, 1, 1, 2], [9, 2, 2, 4])],
)
def test_rank_correlation_is_that_of_scipy(one, other):
    assert rank_correlation(one, other) == pytest.approx(spearmanr(one, other).statistic)


def test_rank_correlation_of_a_constant_is_undefined():
    assert rank_correlation([1, 1], [5, 6]) is None


def test_ratios_and_the_majority_of_a_hand_corpus(tmp_path):
    train = write(
        tmp_path / "train.conll", "Ada/B-PER Stone/I-PER saw/O a/O b/O", "Bo/B-PER Oslo/B-LOC"
    )
    valid = write(tmp_path / "valid.conll", "so/O Ada/B-PER")
    found = audit_corpora(train, valid).imbalance
    # By tokens O and PER are level at 3: the earlier name of the two orders, O, is the largest.
    assert (found.by_tokens.largest, found.by_tokens.smallest, found.by_tokens.ratio) == (
        "O",
        "LOC",
        3,
    )
    assert (found.by_examples.largest, found.by_examples.ratio) == ("PER", 2)
    assert found.majority.tag == "O"
    assert found.majority.accuracy == {"train": 3 / 7, "valid": 0.5}
