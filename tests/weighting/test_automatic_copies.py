"""`--resample auto`: factors by hand and by a loop, the rarest class never loses, and the cap on an epoch's length."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.weighting.automatic_copies import automatic_copies, class_factors, rare_classes
from seqlab.weighting.resampling import class_shares, describe_resampling, make_resampler

rows = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=12)


def corpus(rows, outside):
    """Counts (N, E), and lengths with some tokens outside spans."""
    counts = np.array(rows, np.int64)
    return counts, counts.sum(axis=1) + outside


def by_loop(counts, lengths):
    """The repeat factor of each sentence, class by class, and the cap of two windows per window."""
    tokens, factors = sum(lengths), []
    for row in counts:
        best = 1.0
        for kind, held in enumerate(row):
            total = sum(other[kind] for other in counts)
            if held and total / tokens < 0.02:
                best = max(best, math.sqrt(0.02 * tokens / total))
        factors.append(best)
    added = sum(factors) - len(factors)
    cap = min(1.0, len(factors) / added) if added else 1.0
    return [1 + (factor - 1) * cap for factor in factors]


@given(rows, st.integers(1, 500))
def test_copies_are_those_of_a_loop(rows, outside):
    counts, lengths = corpus(rows, outside)
    expected = by_loop(counts.tolist(), lengths.tolist())
    np.testing.assert_allclose(automatic_copies(counts, lengths), expected)


@given(rows, st.integers(1, 500))
def test_the_rarest_class_gains_and_an_epoch_at_most_doubles(rows, outside):
    counts, lengths = corpus(rows, outside)
    resampler = make_resampler("auto", counts, lengths)
    if resampler is None:
        assert not rare_classes(counts, lengths).any()
        return
    assert resampler.expected().sum() <= 2 * len(counts) + 1e-9
    before, after = class_shares(resampler, counts, lengths)
    occurring = np.flatnonzero(before)
    rarest = occurring[before[occurring].argmin()]
    assert after[rarest] >= before[rarest] * (1 - 1e-12)


def test_factors_by_hand():
    """400 tokens: 2 % are 8. Class 0 has 2 tokens (sqrt(8 / 2) = 2), class 1 has 8, class 2 has none."""
    counts, lengths = np.array([[2, 0, 0], [0, 8, 0], [0, 0, 0]]), [100, 100, 200]
    assert class_factors(counts, lengths).tolist() == [2.0, 1.0, 1.0]
    assert rare_classes(counts, lengths).tolist() == [True, False, False]
    assert automatic_copies(counts, lengths).tolist() == [2.0, 1.0, 1.0]


def test_an_epoch_is_at_most_twice_as_long():
    """Both sentences would occur 10 times: sqrt(0.02 * 10,000 / 2)."""
    counts, lengths = np.array([[1], [1]]), [5000, 5000]
    assert class_factors(counts, lengths).tolist() == [10.0]
    assert automatic_copies(counts, lengths).tolist() == [2.0, 2.0]


def test_a_fraction_is_drawn_as_often_as_it_says():
    """Class 0: sqrt(2 / 1) = 1.414 copies; other sentences occur once in each epoch."""
    counts, lengths = np.array([[1], [0], [0], [0]]), [25] * 4
    resampler = make_resampler("auto", counts, lengths)
    random = np.random.default_rng(3)
    drawn = Counter(np.concatenate([resampler.draw(random) for _ in range(4000)]).tolist())
    assert [drawn[number] for number in (1, 2, 3)] == [4000] * 3
    assert drawn[0] / 4000 == pytest.approx(math.sqrt(2), abs=0.03)
    assert resampler.draw(np.random.default_rng(8)).tolist() in ([0, 1, 2, 3], [0, 0, 1, 2, 3])


def test_the_line_says_what_was_done_and_why():
    counts, lengths = np.array([[2, 20], [0, 8], [0, 0]]), [100, 100, 200]
    names = ("DATE", "PER")
    resampler = make_resampler("auto", counts, lengths)
    assert describe_resampling("auto", resampler, counts, lengths, names) == (
        "resampling auto: 1 of 2 classes has under 2 % of the tokens; an epoch holds 4 windows of 3 "
        "(each at most 2 times); share of tokens: DATE 0.500 % -> 0.800 %"
    )


def test_without_a_rare_class_nothing_is_copied():
    counts, lengths = np.array([[2, 20], [6, 8]]), [100, 100]
    assert make_resampler("auto", counts, lengths) is None
    assert describe_resampling("auto", None, counts, lengths, ("DATE", "PER")) == (
        "resampling auto: no class has under 2 % of the tokens; an epoch holds each window once"
    )


def test_empty_sentences_can_be_left_out_without_a_rare_class():
    counts, lengths = np.array([[2], [0], [0]]), [5, 5, 5]
    resampler = make_resampler("auto", counts, lengths, keep_empty=0.5)
    assert resampler.expected().tolist() == [1.0, 0.5, 0.5]
    assert len(resampler.draw(np.random.default_rng(1))) == 2
    line = describe_resampling("auto", resampler, counts, lengths, ("PER",))
    assert line == (
        "resampling auto: no class has under 2 % of the tokens; an epoch holds 2 windows of 3 "
        "(each at most 1 times)"
    )


def test_many_classes_in_every_sentence():
    """Slots: 80 classes, spans in every sentence. `scr` makes long epochs, and the rarest class loses share."""
    random = np.random.default_rng(7)
    share = 1 / np.arange(1, 81) ** 1.5
    held = random.choice(80, (2000, 3), p=share / share.sum())
    counts = np.zeros((2000, 80), np.int64)
    np.add.at(counts, (np.arange(2000)[:, None], held), 2)
    lengths = np.full(2000, 9)
    rarest = np.flatnonzero(counts.any(axis=0))[-8:]
    scr, auto = (make_resampler(name, counts, lengths) for name in ("scr", "auto"))
    before, by_scr = class_shares(scr, counts, lengths)
    by_auto = class_shares(auto, counts, lengths)[1]
    assert scr.expected().sum() > 5 * 2000
    assert auto.expected().sum() <= 2 * 2000
    assert (by_auto[rarest] > by_scr[rarest]).all()
    assert (by_auto[rarest] > 1.5 * before[rarest]).all()


def test_characters_without_a_rare_class():
    """Three classes of 2.1, 4 and 6 % of the tokens: `scr` makes long epochs, `auto` copies nothing."""
    counts, lengths = np.tile([[21, 40, 60]], (50, 1)), [1000] * 50
    assert make_resampler("scr", counts, lengths).expected().sum() > 10 * 50
    assert make_resampler("auto", counts, lengths) is None
