"""The temperature that left-out sentences confirm: few sentences, rare classes, and a fit by hand."""

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.tuning.calibration import calibrated, fit_temperature, smoothed_losses
from seqlab.tuning.cross_fitting import fold_masks
from seqlab.tuning.labelled_scores import labelled_scores
from seqlab.tuning.temperature import cross_fit_temperature

TAGS = ("O", "A", "B")


def made(tags, logits, *, length=10):
    """Labelled scores of sentences of `length` tokens. tags: gold tag ids (M,). logits: (M, 3)."""
    logs = np.log(calibrated(logits, 1.0))
    sentences = range(0, len(tags), length)
    return labelled_scores(
        [logs[start : start + length] for start in sentences],
        [tuple(TAGS[tag] for tag in tags[start : start + length]) for start in sentences],
        TAGS,
        Scheme.PLAIN,
    )


def sure_of(tags, *, logit):
    """Logits (M, 3): `logit` for these tags, 0 for the others."""
    return np.eye(3)[tags] * logit


@pytest.mark.parametrize("logit", [6.0, 10.0, 30.0])
def test_a_network_that_is_sure_and_right_on_40_sentences_does_not_become_surer(logit):
    """Of 400 tokens all are right. So the mean confidence is about that of the rule of succession, and never 1."""
    gold = np.random.default_rng(1).integers(0, 3, 400)
    data = made(gold, sure_of(gold, logit=logit))
    fitted = cross_fit_temperature(data)
    assert fit_temperature(data.log_probabilities, data.labels) == 0.25  # without a limit
    assert (fitted.doubt, fitted.folds) == (1 / 402, 5)
    before_doubt = calibrated(data.log_probabilities, fitted.temperature).max(axis=1)
    if logit < 30:
        assert before_doubt == pytest.approx(401 / 402, abs=2e-3)
    else:
        assert fitted.temperature == pytest.approx(30 / np.log(2 * 401), rel=0.01)
    scores = calibrated(data.log_probabilities, fitted.temperature, fitted.doubt)
    assert scores.min() > 0.0008
    assert scores.max() < 0.9985


def test_a_temperature_below_1_is_not_bought_with_the_rarer_classes():
    """The many tokens of O are right at 0.88. One rarer prediction in three is wrong, all at 0.95."""
    dice = np.random.default_rng(2)
    predicted = np.where(dice.random(1000) < 0.05, 1, 0)
    gold = np.where((predicted == 1) & (dice.random(1000) < 0.34), 2, predicted)
    logits = np.where(
        predicted[:, None] == 1, sure_of(predicted, logit=3.6), sure_of(predicted, logit=2.7)
    )
    fitted = cross_fit_temperature(made(gold, logits))
    assert fitted.fitted < 1
    assert (fitted.share, fitted.temperature) == (0.0, 1.0)
    assert fitted.before == fitted.after


def test_the_share_has_the_smallest_loss_on_left_out_folds():
    dice = np.random.default_rng(3)
    logits = dice.normal(size=(300, 3)) * 4
    gold = np.array([dice.choice(3, p=row) for row in calibrated(logits, 2.5)])
    data = made(gold, logits)
    fitted = cross_fit_temperature(data)
    smoothing = 1 / 302
    losses = {}
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        total = 0.0
        for mask in fold_masks(data, 5):
            rest, fold = data.subset(~mask), data.subset(mask)
            temperature = fit_temperature(rest.log_probabilities, rest.labels, smoothing=smoothing)
            total += smoothed_losses(
                fold.log_probabilities, fold.labels, temperature**share, smoothing=smoothing
            ).sum()
        losses[share] = total / 300
    assert fitted.share == min(losses, key=losses.__getitem__)
    assert fitted.before == pytest.approx(losses[0.0])
    assert fitted.after == pytest.approx(losses[fitted.share])
    assert fitted.temperature == pytest.approx(fitted.fitted**fitted.share)
    assert fitted.fitted == pytest.approx(2.5, rel=0.3)


def test_one_sentence_confirms_nothing():
    data = made(np.zeros(5, np.int64), sure_of(np.zeros(5, np.int64), logit=9.0), length=5)
    fitted = cross_fit_temperature(data)
    assert (fitted.temperature, fitted.share, fitted.folds, fitted.doubt) == (1.0, 0.0, 0, 1 / 7)
    assert (fitted.before, fitted.after) == (None, None)
