import math
import time

import numpy as np
import pytest

from seqlab.comparing import bootstrap
from seqlab.comparing.bootstrap import draw_sentences, f1_of_sums, judge_resamples, paired_bootstrap
from seqlab.corpus.schemes import Scheme
from seqlab.scoring import resampling
from seqlab.scoring.by_sentence import sentence_counts
from seqlab.scoring.score import score
from tests.comparing.hand import gold_tags, guesses

GOLD = gold_tags(30)
GUESSES = {
    (right, seed): guesses(GOLD, right=right, seed=seed) for right in (0.5, 0.8) for seed in (1, 2)
}


def counts(right, seed):
    return sentence_counts(GOLD, GUESSES[right, seed], Scheme.IOB2).aligned(("LAW", "LOC", "PER"))


OURS, THEIRS = ([counts(right, seed) for seed in (1, 2)] for right in (0.8, 0.5))


def slow_differences(resamples):
    """The differences when `score` scores the sentences of every resample."""
    rng = np.random.default_rng(1)
    drawn = draw_sentences(rng, resamples, len(GOLD)).astype(int)
    found = []
    for row in drawn:
        means = []
        for right in (0.8, 0.5):
            figures = []
            for seed in (1, 2):
                picks = [index for index, times in enumerate(row) for _ in range(times)]
                predicted = [GUESSES[right, seed][index] for index in picks]
                figures.append(
                    score([GOLD[index] for index in picks], predicted, Scheme.IOB2, strict=False)
                )
            means.append(
                [np.mean([f.micro_f1 for f in figures]), np.mean([f.macro_f1 for f in figures])]
            )
        found.append(np.subtract(*means))
    return np.array(found)


def test_it_is_what_a_slow_loop_finds():
    slow = slow_differences(80)
    found = paired_bootstrap(OURS, THEIRS, resamples=80)
    for index, name in enumerate(bootstrap.FIGURES):
        low, high = np.quantile(slow[:, index], (0.025, 0.975))
        assert (found[index].low, found[index].high) == pytest.approx((low, high)), name
        assert found[index].p == 2 / 81
        assert low > 0


@pytest.mark.bits("repeated")
def test_it_is_seeded_and_memory_is_bounded(monkeypatch):
    first = paired_bootstrap(OURS, THEIRS, resamples=50)
    assert paired_bootstrap(OURS, THEIRS, resamples=50) == first
    assert paired_bootstrap(OURS, THEIRS, resamples=50, seed=2) != first
    monkeypatch.setattr(resampling, "CHUNK", 90)
    assert list(resampling.chunk_sizes(7, 30)) == [3, 3, 1]
    assert paired_bootstrap(OURS, THEIRS, resamples=50) == first


def test_seeds_with_sentences_of_their_own_are_drawn_apart():
    ours, theirs = ([a, b[:20]] for a, b in (OURS, THEIRS))
    found = paired_bootstrap(ours, theirs, resamples=50, same_sentences=False)
    assert found[0].low > 0


def test_the_same_predictions_do_not_differ():
    found = paired_bootstrap(OURS, OURS, resamples=50)
    assert {(f.low, f.high, f.p) for f in found} == {(0.0, 0.0, 1.0)}


def test_macro_f1_is_over_the_classes_with_gold():
    sums = np.array([[2, 3, 4], [0, 5, 0], [0, 0, 1]], float)
    micro, macro, *classes = f1_of_sums(sums)
    assert classes == pytest.approx([4 / 7, 0, 0])
    assert micro == pytest.approx(2 * 2 / (8 + 5))
    assert macro == pytest.approx((4 / 7 + 0) / 2)
    assert np.isnan(f1_of_sums(np.zeros((3, 3)))).all()


def test_what_is_undefined_everywhere_is_no_difference():
    found = judge_resamples(np.array([math.nan, math.nan]))
    assert (found.low, found.high, found.p) == (None, None, 1.0)


def test_a_thousand_resamples_of_a_large_split_take_well_under_a_second():
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 3, (2000, 17))
    cell = np.stack([gold // 2, gold, gold], axis=-1)
    before = time.process_time()
    paired_bootstrap([cell] * 3, [cell] * 3, resamples=1000)
    assert time.process_time() - before < 1.5  # 0.2 s on an idle core
