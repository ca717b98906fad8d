"""Cross-fitting against a loop over `score`, and on data without anything to gain."""

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.score import score
from seqlab.tuning.bias import search_bias
from seqlab.tuning.cross_fitting import cross_fit, fold_masks
from seqlab.tuning.labelled_scores import bias_by_tag, labelled_scores
from seqlab.tuning.objectives import maximise_macro_f1
from tests.tuning.test_bias import TAGS, toy


def tune(data):
    return search_bias(data, maximise_macro_f1)


def test_folds_hold_whole_sentences_and_a_share_of_the_rarest_class():
    tags = ["O", "B-RARE"]
    gold = [["B-RARE", "O"] if number < 10 else ["O"] * 3 for number in range(40)]
    data = labelled_scores([np.zeros((len(row), 2)) for row in gold], gold, tags, Scheme.IOB2)
    parts = list(fold_masks(data, 5))
    assert np.sum(parts, axis=0).tolist() == [1] * len(data.gold)
    sentence = np.cumsum(data.first)
    for part in parts:
        assert not set(sentence[part]) & set(sentence[~part])
        assert (data.gold[part] == 1).sum() == 2


@pytest.mark.parametrize("seed", range(3))
def test_the_share_is_the_best_by_score_on_left_out_sentences(seed):
    """Tune without a fold, tag the fold, score all folds together."""
    data, scores, gold = toy(seed, sentences=40)
    parts = list(fold_masks(data, 4))
    starts = np.flatnonzero(data.first)
    fold_of = [next(k for k, part in enumerate(parts) if part[start]) for start in starts]
    biases = [tune(data.subset(~part)) for part in parts]

    def by_hand(share):
        said = [
            [TAGS[i] for i in (row + share * bias_by_tag(data, biases[fold])).argmax(axis=-1)]
            for row, fold in zip(scores, fold_of, strict=True)
        ]
        return score(gold, said, Scheme.IOB2, strict=False).macro_f1

    trust = cross_fit(data, tune, maximise_macro_f1, folds=4)
    best = max(by_hand(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    assert trust.folds == 4
    assert trust.before[0] == pytest.approx(by_hand(0.0))
    assert trust.after[0] == pytest.approx(best)
    assert by_hand(trust.share) == pytest.approx(best)


def test_a_biased_model_is_corrected_and_an_unbiased_one_is_left_alone():
    leaning, _, _ = toy(1, sentences=300, lean=4.0)
    trust = cross_fit(leaning, tune, maximise_macro_f1)
    assert trust.share > 0
    assert trust.after[0] > trust.before[0] + 0.05
    perfect, _, _ = toy(1, sentences=300, lean=0.0)
    sure = labelled_scores(
        [np.log(np.eye(len(TAGS))[perfect.gold[perfect.first.cumsum() == n + 1]] * 0.9 + 0.02)
         for n in range(300)],
        [[TAGS[i] for i in perfect.gold[perfect.first.cumsum() == n + 1]] for n in range(300)],
        TAGS, Scheme.IOB2,
    )  # fmt: skip
    assert cross_fit(sure, tune, maximise_macro_f1).share == 0


def test_one_sentence_cannot_be_cross_fitted():
    data, _, _ = toy(2, sentences=1)
    assert cross_fit(data, tune, maximise_macro_f1) is None


def test_five_folds_by_default_and_one_per_sentence_at_most():
    data, _, _ = toy(2, sentences=12)
    assert cross_fit(data, tune, maximise_macro_f1).folds == 5
    few, _, _ = toy(2, sentences=2)
    assert cross_fit(few, tune, maximise_macro_f1).folds == 2


def test_the_smallest_of_equally_good_shares_is_kept():
    """Every left-out PER lacks 1.4 nats and gets 1.5: all shares below 1 are too small."""
    scores = [np.array([[0.0, -1.4], [0.0, -9.0]])] * 4
    data = labelled_scores(scores, [["B-PER", "O"]] * 4, ("O", "B-PER"), Scheme.IOB2)

    def tune_by(bias):
        return lambda _: {"PER": bias}

    whole = cross_fit(data, tune_by(1.5), maximise_macro_f1)
    assert (whole.share, whole.before, whole.after) == (1.0, (0.0, 0.0), (1.0, 1.0))
    assert cross_fit(data, tune_by(2.0), maximise_macro_f1).share == 0.75
    assert cross_fit(data, tune_by(4.0), maximise_macro_f1).share == 0.5
    assert cross_fit(data, tune_by(8.0), maximise_macro_f1).share == 0.25
    useless = cross_fit(data, tune_by(1.0), maximise_macro_f1, shares=[0.5, 1.0])
    assert (useless.share, useless.before, useless.after) == (0.0, (0.0, 0.0), (0.0, 0.0))
