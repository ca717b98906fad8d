"""Pooled folds: the figures of seqeval on all sentences at once, and documents as the bootstrap draws them."""

import numpy as np
import pytest
from seqeval.metrics import f1_score

from seqlab.comparing.judging import make_results
from seqlab.comparing.plan import make_plan
from seqlab.comparing.pooling import pooled
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
    found = make_results(plan, cells, {}, resamples=300)
    assert (found.resampled, found.units, found.sentences, found.folds) == ("documents", 30, 90, 3)
    low, high = found.settings[0].class_intervals["PER"]
    assert (low, high) == pytest.approx(slow_interval(cells["none"][1], "PER", resamples=300))


def slow_interval(cell, name, *, resamples):
    """The interval of a class's F1 when whole documents are drawn one by one."""
    rng = np.random.default_rng(1)
    sums, place = cell.sums.counts, cell.sums.names.index(name)
    values = []
    for picks in rng.integers(30, size=(resamples, 30)):
        rows = [row for document in picks for row in range(3 * document, 3 * document + 3)]
        correct, predicted, gold = sums[rows, place].sum(axis=0)
        values.append(2 * correct / (predicted + gold))
    return np.quantile(values, (0.025, 0.975))


def test_too_few_documents_are_not_drawn():
    plan = make_plan({"none": {}, "focal": {"loss": "focal"}}, {}, seeds=1)
    few = tuple(n // 30 for n in range(90))
    cells = {
        name: {1: finished(GOLD, guesses(GOLD, right=right, seed=1), documents=few)}
        for name, right in (("none", 0.5), ("focal", 0.7))
    }
    found = make_results(plan, cells, {}, resamples=20)
    assert (found.resampled, found.units) == ("sentences", 90)
