"""Replay: the share of old sentences in an epoch, and that the batches of an epoch follow from seed and number."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.encoding.replay import ReplaySampler, old_sentences
from seqlab.weighting.resampling import CopySampler
from tests.training.small import make_batcher, make_corpus


@given(st.integers(1, 500), st.floats(0.01, 0.95))
def test_the_share_is_met_to_half_a_sentence(new, share):
    count = old_sentences(new, share)
    assert count == 1 or abs(count - share * (new + count)) <= 0.5 / (1 - share) * 1.001


@given(st.integers(1, 60), st.integers(1, 30), st.floats(0.05, 0.8), st.integers(0, 99))
def test_new_sentences_come_once_and_old_ones_evenly(new, old, share, seed):
    sampler = ReplaySampler(new=new, old=old, share=share)
    counts = Counter(sampler.draw(np.random.default_rng(seed)).tolist())
    assert [counts[index] for index in range(new)] == [1] * new
    drawn = [counts[index] for index in range(new, new + old)]
    assert sum(drawn) == old_sentences(new, share)
    assert max(drawn) - min(drawn) <= 1
    assert set(counts) <= set(range(new + old))


def test_each_epoch_draws_others():
    sampler = ReplaySampler(new=8, old=100, share=0.5)
    draws = [set(sampler.draw(np.random.default_rng([1, n]))[8:].tolist()) for n in range(30)]
    assert len(set.union(*draws)) > 80  # of 100; with the same 8 each time it would be 8


def test_copies_of_new_sentences_count_for_the_share():
    copies = CopySampler(copies=np.array([1, 3]), empty=np.array([], np.int64), kept=0)
    drawn = ReplaySampler(new=2, old=9, share=0.5, inner=copies).draw(np.random.default_rng(1))
    assert drawn[:4].tolist() == [0, 1, 1, 1]
    assert len(drawn) == 8


@pytest.mark.parametrize("number", [1, 7])
def test_the_batches_of_an_epoch_follow_from_its_number(number):
    batchers = [
        make_batcher(make_corpus(), sampler=ReplaySampler(new=15, old=6, share=0.2))
        for _ in range(2)
    ]
    first, second = (batcher.epoch(seed=3, number=number) for batcher in batchers)
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in second]
    assert sum(map(len, first)) == 15 + 4
