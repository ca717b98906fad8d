"""Splits, thresholds and accuracies against scikit-learn and brute force; the conclusion follows the figures."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.scoring.figures import ItemCounts, class_figures
from seqlab.tuning.labelled_scores import labelled_scores
from tests import tiny
from tests.questions.scripts import load, printed

pytestmark = tiny.KERAS_NOISE
script = load("fit_is_not_predict")

TAGS = ("O", script.RARE)


@pytest.fixture(scope="module")
def corpus():
    return script.make_corpus(300, seed=1)


def scored(probabilities, gold):
    """One sentence of tokens with a probability of RARE each."""
    rare = np.asarray(probabilities)
    logs = np.log(np.stack([1 - rare, rare], axis=1))
    return labelled_scores([logs], [[TAGS[g] for g in gold]], TAGS, Scheme.PLAIN)


def test_a_tail_is_the_tail_and_a_stratified_part_keeps_the_share(corpus):
    rest, tail = script.split(corpus, "tail", seed=1)
    assert rest + tail == corpus
    assert len(tail) == 60
    whole = script.rare_share(corpus)
    found = script.split_shares(corpus, draws=4)
    assert max(found["tail"]) < whole / 2
    assert max(abs(share - whole) for share in found["stratified"]) < whole / 10
    assert len(set(found["random tail"])) == 4


def test_the_share_is_counted_by_token(corpus):
    tags = [tag for sentence in corpus for tag in sentence.tags]
    assert script.rare_share(corpus) == sum(tag == script.RARE for tag in tags) / len(tags)
    assert script.rare_share(corpus) == pytest.approx(1 / 17, rel=0.25)


def test_the_tuned_threshold_is_as_good_as_any():
    random = np.random.default_rng(2)
    gold = random.random(400) < 0.15
    rare = np.clip(random.normal(0.25 + 0.2 * gold, 0.12), 0.01, 0.99)
    data = scored(rare, gold.astype(int))
    best = max(f1_score(gold, rare > border) for border in np.unique(rare)[:-1])
    threshold = script.tuned_threshold(data)
    assert script.figures_at(data, threshold).f1 == pytest.approx(best, abs=0.02)
    assert script.figures_at(data, 0.5).f1 < best - 0.1


def test_figures_at_a_threshold_are_those_of_scikit_learn():
    random = np.random.default_rng(3)
    gold, rare = random.integers(0, 2, 50), random.uniform(0.01, 0.99, 50)
    found = script.figures_at(scored(rare, gold), 0.7)
    expected = precision_recall_fscore_support(gold, rare > 0.7, average="binary")[:3]
    assert (found.precision, found.recall, found.f1) == pytest.approx(expected)


def test_the_real_accuracy_leaves_padding_out():
    split = (Sentence(tokens=("a", "b"), tags=("O", "LAW")), Sentence(tokens=("c",), tags=("O",)))
    data = script.encode(split, split)
    parts = script.Parts(sentences={"valid": split, "test": split}, arrays={}, encoder=data.encoder)
    rare = np.array([[0.9, 0.8, 0.9], [0.1, 0.9, 0.9]])  # 2 of the 3 tokens are right
    columns = [1 - rare, rare] if parts.tags == TAGS else [rare, 1 - rare]
    scores = np.stack(columns, axis=2).astype(np.float32)
    found = script.compare(parts, {"valid": scores, "test": scores}, weight=1, printed=0.5)
    assert found.real == pytest.approx(2 / 3)
    assert found.majority == pytest.approx(2 / 3)
    assert found.half == class_figures(ItemCounts(correct=1, predicted=2, support=1))


def outcome(weight, *, half, tuned, printed=0.99, real=0.97):
    """F1 as a share of 100 items, all of them gold and as many predicted."""
    figures = [class_figures(ItemCounts(round(100 * f1), 100, 100)) for f1 in (half, tuned)]
    return script.Outcome(
        weight=weight,
        printed=printed,
        real=real,
        majority=0.94,
        threshold=0.8,
        half=figures[0],
        tuned=figures[1],
    )


SHARES = {"tail": [0.01], "random tail": [0.05, 0.08], "stratified": [0.06]}


def test_the_conclusion_says_what_the_figures_say():
    outcomes = [outcome(1, half=0.8, tuned=0.82), outcome(17, half=0.6, tuned=0.79)]
    first, second = script.conclusion(SHARES, 0.06, outcomes)
    assert first == (
        "fit prints an accuracy of 99.0%, 2.0 points above the 97.0% on real tokens. The latter is 3.0 "
        "points above the accuracy of never predicting LAW. The stratified split keeps the share of "
        "LAW best; the tail split is off by up to 5.0 points."
    )
    assert second == (
        "A class weight of 17 lowers the test F1 at threshold 0.5 (0.800 to 0.600). Tuning the "
        "threshold on validation (0.80) raises it to 0.790, no better than tuning without a weight "
        "(0.820)."
    )


def test_other_figures_change_the_conclusion():
    plain = outcome(1, half=0.5, tuned=0.5, printed=0.9, real=0.93)
    outcomes = [plain, outcome(17, half=0.7, tuned=0.7)]
    shares = SHARES | {"tail": [0.06], "stratified": [0.02]}
    first, second = script.conclusion(shares, 0.06, outcomes)
    assert "90.0%, 3.0 points below the 93.0% on real tokens. The latter is not above the" in first
    assert "The tail split keeps the share of LAW best; the stratified split is off" in first
    assert "A class weight of 17 raises" in second
    assert "does not raise it: 0.700, better than tuning without a weight" in second
    same = [replace(plain, printed=plain.real), outcome(17, half=0.5, tuned=0.6)]
    first, second = script.conclusion(SHARES, 0.06, same)
    assert "the same as the 93.0% on real tokens" in first
    assert "A class weight of 17 hardly changes" in second


@pytest.mark.slow
def test_the_script_prints_two_lines(monkeypatch, capsys):
    text, (first, second) = printed(
        script, monkeypatch, capsys, "--sentences", "120", "--epochs", "1"
    )
    rows = [line.split() for line in text.split("\n") if line.startswith(("1 ", "17 "))]
    assert [len(row) for row in rows] == [11, 11]
    assert first.startswith("fit prints ")
    assert second.startswith("A class weight of 17 ")
