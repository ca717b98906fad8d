"""Intervals against the beta distribution, a slow loop, and simulated corpora."""

import math
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, norm
from scipy.stats import t as t_distribution

from seqlab.scoring import resampling, uncertainty
from seqlab.scoring.items import scored_items
from seqlab.scoring.score import score
from seqlab.scoring.uncertainty import PRIOR, certainty, smallest_difference

TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC"])
PAIRS = st.lists(st.lists(st.tuples(TAGS, TAGS), max_size=6), max_size=7)


def one_per_sentence(correct, missed, invented, without=0):
    gold = [["B-A"]] * (correct + missed) + [["O"]] * (invented + without)
    predicted = [["B-A"]] * correct + [["O"]] * missed + [["B-A"]] * invented + [["O"]] * without
    return scored_items(gold, predicted, "iob2")


@pytest.mark.parametrize("counts", [(7, 3, 2), (12, 0, 0), (0, 12, 0), (3, 0, 0), (90, 5, 30)])
def test_independent_items_give_the_quantiles_of_a_beta_distribution(counts):
    correct, errors = counts[0], counts[1] + counts[2]
    shares = beta.ppf((0.025, 0.975), correct + PRIOR, errors + PRIOR)
    f1 = 2 * correct / (2 * correct + errors)
    low, high = 2 * shares / (1 + shares)
    found = certainty(one_per_sentence(*counts, without=400), resamples=20_000)
    assert found.resampled == "sentences"
    expected = (min(low, f1), max(high, f1))
    assert found.classes["A"].f1_interval == pytest.approx(expected, abs=0.015)
    assert found.micro_f1_interval == pytest.approx(expected, abs=0.015)
    assert found.macro_f1_interval == pytest.approx(expected, abs=0.015)


def test_it_is_what_a_slow_loop_finds():
    """Weights and thirds are drawn here in the same order; the sums are made item by item."""
    rng = np.random.default_rng(0)
    tags = np.array(["O", "B-A", "I-A", "B-B"])
    gold = [list(tags[rng.integers(4, size=6)]) for _ in range(40)]
    predicted = [[t if rng.random() < 0.7 else "B-A" for t in row] for row in gold]
    documents = [number // 3 for number in range(40)]
    found = certainty(scored_items(gold, predicted, "iob2"), documents, resamples=60)
    assert found.resampled == "documents"
    weights, priors, _ = np.random.default_rng(1).spawn(3)
    units = sorted(set(documents))
    names = ["O", "A", "B"]  # in the order in which the tags occur
    names.sort(key=[tag[2:] or "O" for row in gold for tag in row].index)
    counts = {name: [] for name in [*names, "all"]}
    for unit in units:
        rows = [i for i, document in enumerate(documents) if document == unit]
        figures = score([gold[i] for i in rows], [predicted[i] for i in rows], "iob2").classes
        sums = []
        for name in names:
            row = figures.get(name)
            pair = (row.correct, row.predicted + row.support - 2 * row.correct) if row else (0, 0)
            counts[name].append(pair)
            sums.append(pair)
        counts["all"].append(tuple(map(sum, zip(*sums, strict=True))))
    typical = [
        math.sqrt(max(1, sum((t + e) ** 2 for t, e in rows) / max(1, sum(t + e for t, e in rows))))
        for rows in counts.values()
    ]
    drawn = []
    every_weight = weights.standard_exponential((60, len(units)))
    every_prior = priors.standard_gamma(PRIOR, (60, 2 * len(counts)))
    for weight, prior in zip(every_weight, every_prior, strict=True):
        f1 = []
        for column, rows in enumerate(counts.values()):
            t = sum(w * row[0] for w, row in zip(weight, rows, strict=True))
            e = sum(w * row[1] for w, row in zip(weight, rows, strict=True))
            t += typical[column] * prior[column]
            e += typical[column] * prior[len(counts) + column]
            f1.append(2 * t / (2 * t + e))
        drawn.append(f1)
    drawn = dict(zip(counts, np.transpose(drawn), strict=True))
    sizes = np.array([18.0] * 13 + [6.0])  # tokens of the documents
    count = sizes.sum() ** 2 / (sizes**2).sum()
    low = norm.cdf(-t_distribution.ppf(0.975, count - 1) * math.sqrt(count / (count - 1)))
    ends = (low, 1 - low)
    for name in ("A", "B"):
        expected = np.quantile(drawn[name], ends)
        assert found.classes[name].f1_interval == pytest.approx(tuple(expected))
    assert found.micro_f1_interval == pytest.approx(tuple(np.quantile(drawn["all"], ends)))
    macro = (drawn["A"] + drawn["B"]) / 2
    assert found.macro_f1_interval == pytest.approx(tuple(np.quantile(macro, ends)))


@given(PAIRS)
def test_an_interval_holds_its_f1_and_exists_with_gold_only(pairs):
    gold, predicted = ([[p[side] for p in row] for row in pairs] for side in (0, 1))
    figures = score(gold, predicted, "iob2", strict=False)
    found = certainty(scored_items(gold, predicted, "iob2"), resamples=20)
    assert set(found.classes) == set(figures.classes)
    for name, row in figures.classes.items():
        interval = found.classes[name].f1_interval
        assert (interval is None) == (row.support == 0)
        assert interval is None or 0 <= interval[0] <= row.f1 <= interval[1] <= 1
    supported = [row for row in figures.classes.values() if row.support]
    for interval, f1 in (
        (found.micro_f1_interval, figures.micro_f1),
        (found.macro_f1_interval, figures.macro_f1),
    ):
        assert (interval is None) == (not supported)
        assert interval is None or interval[0] - 1e-9 <= f1 <= interval[1] + 1e-9


def test_documents_that_err_as_a_whole_give_wider_intervals():
    gold = [["B-A"]] * 400
    predicted = [["B-A"] if i % 40 < 30 else ["O"] for i in range(400)]
    items = scored_items(gold, predicted, "iob2")
    few = certainty(items, [i // 100 for i in range(400)])  # 4 documents
    widths = []
    for documents in ([], [i // 10 for i in range(400)]):
        low, high = certainty(items, documents).classes["A"].f1_interval
        widths.append(high - low)
    assert few.resampled == "sentences"
    assert few == certainty(items)
    assert widths[1] > 2.5 * widths[0]  # the square root of 10, the items of a document


def test_it_is_seeded_and_does_not_depend_on_the_size_of_pieces(monkeypatch):
    items = one_per_sentence(30, 10, 5)
    first = certainty(items, resamples=50)
    assert certainty(items, resamples=50) == first
    assert certainty(items, resamples=50, seed=2) != first
    monkeypatch.setattr(resampling, "CHUNK", 100)
    again = certainty(items, resamples=50)
    assert again.classes["A"].f1_interval == pytest.approx(first.classes["A"].f1_interval)


def test_blocks_of_many_sentences_give_the_same_width(monkeypatch):
    items = one_per_sentence(3000, 700, 300)
    low, high = certainty(items, resamples=4000).classes["A"].f1_interval
    monkeypatch.setattr(uncertainty, "MOST_UNITS", 500)
    blocks = certainty(items, resamples=4000).classes["A"].f1_interval
    assert blocks[1] - blocks[0] == pytest.approx(high - low, rel=0.1)


def test_a_large_split_takes_well_under_a_second_and_bounded_memory():
    rng = np.random.default_rng(0)
    tags = [f"T{i}" for i in range(17)]
    gold = [[tags[i] for i in row] for row in rng.integers(17, size=(2000, 12))]
    predicted = [[t if rng.random() < 0.9 else "T0" for t in row] for row in gold]
    items = scored_items(gold, predicted, "plain")
    certainty(items)  # imports scipy
    before = time.process_time()
    certainty(items)
    assert time.process_time() - before < 0.5  # 0.03 s on an idle core
    tracemalloc.start()
    certainty(scored_items(gold * 10, predicted * 10, "plain"))
    assert tracemalloc.get_traced_memory()[1] < 150e6
    tracemalloc.stop()


def test_fewer_than_ten_gold_items_show_no_difference():
    assert certainty(one_per_sentence(9, 0, 30)).classes["A"].smallest_difference is None
    assert certainty(one_per_sentence(9, 1, 0)).classes["A"].smallest_difference is not None


def test_a_difference_is_never_below_what_six_items_change():
    # All 20 are found. A tagger that misses six has recall 0.7 and F1 2 * 14 / 34.
    assert smallest_difference(0.0, correct=20, predicted=20, gold=20) == pytest.approx(1 - 28 / 34)
    # 5 of 10 are found: neither six more nor six fewer are possible, so all five are.
    assert smallest_difference(0.0, correct=5, predicted=5, gold=10) == pytest.approx(2 / 3)
    assert smallest_difference(0.1, correct=500, predicted=600, gold=700) == pytest.approx(0.28)
