"""Pooled folds: the figures of seqeval on all sentences at once, and documents as the bootstrap draws them."""

import numpy as np
import pytest
from seqeval.metrics import f1_score

from seqlab.comparing.judging import make_results
from seqlab.comparing.plan import make_plan
from seqlab.comparing.pooling import pooled
from seqlab.corpus.schemes import Scheme
from seqlab.scoring.items import scored_items
from seqlab.scoring.uncertainty import certainty
from tests.comparing.hand import finished, gold_tags, guesses

GOLD = gold_tags(90)


def folds_of(right, seed):
    """Predictions of all sentences, and the three finished folds."""
    predicted = guesses(GOLD, right=right, seed=seed)
    parts = [slice(start, start + 30) for start in (0, 30, 60)]
    documents = [tuple(n // 3 for n in range(90))[part] for part in parts]
    cells = [
        finished(GOLD[part], predicted[part], documents=d)
        for part, d in zip(parts, documents, strict=True)
    ]
    return predicted, cells


def test_counts_are_summed_before_they_are_divided():
    predicted, folds = folds_of(0.6, seed=4)
    found = pooled(folds)
    assert found.metrics["micro_f1"] == pytest.approx(f1_score(GOLD, predicted))
    assert found.metrics["macro_f1"] == pytest.approx(f1_score(GOLD, predicted, average="macro"))
    by_class = {name: c["f1"] for name, c in found.metrics["classes"].items()}
    names = sorted(by_class)
    assert [by_class[n] for n in names] == pytest.approx(f1_score(GOLD, predicted, average=None))
    assert found.seconds == sum(fold.seconds for fold in folds)
    assert found.metrics["macro_f1"] != np.mean([fold.metrics["macro_f1"] for fold in folds])


def test_whole_documents_are_drawn():
    plan = make_plan({"none": {}, "focal": {"loss": "focal"}}, {"folds": 3}, seeds=1)
    cells = {n: {1: pooled(folds_of(r, 1)[1])} for n, r in (("none", 0.5), ("focal", 0.7))}
    found = make_results(plan, cells, {}, resamples=2000)
    assert (found.resampled, found.units, found.sentences, found.folds) == ("documents", 30, 90, 3)
    predicted, _ = folds_of(0.5, 1)
    items = scored_items(GOLD, predicted, Scheme.IOB2)
    sure = certainty(items, [n // 3 for n in range(90)], resamples=2000)
    ours = found.settings[0]
    for name, of_class in sure.classes.items():
        assert ours.class_intervals[name] == pytest.approx(of_class.f1_interval, abs=0.02)
    assert ours.intervals["micro_f1"] == pytest.approx(sure.micro_f1_interval, abs=0.02)
    assert ours.intervals["macro_f1"] == pytest.approx(sure.macro_f1_interval, abs=0.02)


def test_a_difference_is_that_of_documents_drawn_one_by_one():
    plan = make_plan({"none": {}, "focal": {"loss": "focal"}}, {"folds": 3}, seeds=1)
    cells = {n: {1: pooled(folds_of(r, 1)[1])} for n, r in (("none", 0.5), ("focal", 0.7))}
    found = make_results(plan, cells, {}, resamples=300).settings[1].class_differences["PER"]
    rng = np.random.default_rng(1)
    values = []
    for picks in rng.integers(30, size=(300, 30)):
        rows = [row for document in picks for row in range(3 * document, 3 * document + 3)]
        values.append(f1_on(cells["focal"][1], rows) - f1_on(cells["none"][1], rows))
    expected = tuple(np.quantile(values, (0.025, 0.975)))
    assert (found.sentences.low, found.sentences.high) == pytest.approx(expected)


def f1_on(cell, rows):
    """The F1 of PER on some sentences."""
    place = cell.sums.names.index("PER")
    correct, predicted, gold = cell.sums.counts[rows, place].sum(axis=0)
    return 2 * correct / (predicted + gold)


def test_too_few_documents_are_not_drawn():
    plan = make_plan({"none": {}, "focal": {"loss": "focal"}}, {}, seeds=1)
    few = tuple(n // 30 for n in range(90))
    cells = {
        name: {1: finished(GOLD, guesses(GOLD, right=right, seed=1), documents=few)}
        for name, right in (("none", 0.5), ("focal", 0.7))
    }
    found = make_results(plan, cells, {}, resamples=20)
    assert (found.resampled, found.units) == ("sentences", 90)
