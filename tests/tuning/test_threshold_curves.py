"""Threshold curves against decoding every sentence anew with each bias."""

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.deciding.transitions import legal_transitions
from seqlab.scoring.figures import ItemCounts
from seqlab.tuning.labelled_scores import bias_by_tag, labelled_scores
from seqlab.tuning.threshold_curves import BIASES, threshold_curves

SPANS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
PLAIN = ("NOUN", "VERB", "X")


def random_scores(seed, tags, scheme, *, legal):
    """Sentences of 1 to 9 tokens with random log-probabilities; some gold tags are unknown to the network."""
    dice = np.random.default_rng(seed)
    logs, gold = [], []
    for length in dice.integers(1, 10, 12):
        scores = 3 * dice.standard_normal((length, len(tags)))
        logs.append(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
        gold.append(dice.choice([*tags, "B-NEW" if scheme is not Scheme.PLAIN else "NEW"], length))
    paths = legal_transitions(tags, scheme) if legal else None
    return labelled_scores(logs, [one.tolist() for one in gold], tags, scheme, legal=paths)


@pytest.mark.parametrize("legal", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_those_of_decoding_anew_with_each_bias(seed, legal):
    data = random_scores(seed, SPANS, Scheme.IOB2, legal=legal)
    others = {"LOC": 0.75, "PER": -1.3}
    for name, points in threshold_curves(data, ("PER", "LOC"), bias_by_tag(data, others)):
        assert [p.bias for p in points] == sorted({*BIASES, others[name]})
        for point in points:
            tag_ids = data.decide_legally(bias_by_tag(data, others | {name: point.bias}))
            assert point.counts == data.counts(tag_ids).get(name, ItemCounts(0, 0, 0))


def test_plain_tags_need_no_legal_paths():
    data = random_scores(9, PLAIN, Scheme.PLAIN, legal=False)
    ((_, points),) = threshold_curves(data, ["X"], np.zeros(3))
    for point in points:
        chosen = (data.log_probabilities + np.array([0, 0, point.bias])).argmax(axis=1) == 2
        gold = data.gold == 2
        assert point.counts == ((chosen & gold).sum(), chosen.sum(), gold.sum())
        assert point.precision == (
            pytest.approx((chosen & gold).sum() / chosen.sum()) if chosen.any() else None
        )
        assert point.recall == pytest.approx((chosen & gold).sum() / gold.sum())
