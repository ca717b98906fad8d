"""Resampling: formulas compared with a loop and by hand, no sentence lost, seeds, class shares."""

import math
import random
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.reading import read_corpus
from seqlab.errors import SettingsError
from seqlab.weighting.resampling import (
    COPY_SCHEMES,
    BalancedSampler,
    class_rarity,
    class_shares,
    describe_resampling,
    make_resampler,
    sentence_class_counts,
    sentence_copies,
)

CLASSES = 3
sentences = st.lists(st.integers(-1, CLASSES - 1), min_size=1, max_size=9)
splits = st.lists(sentences, min_size=1, max_size=12)
copying = st.sampled_from(COPY_SCHEMES)


def counted(split):
    """The counts (N, E) and lengths (N,) of sentences given as lists of classes."""
    lengths = np.array(list(map(len, split)))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return sentence_class_counts(list(chain.from_iterable(split)), offsets, number=CLASSES), lengths


def by_loop(name, split):
    """The formulas of Wang & Wang 2022, sentence by sentence and class by class."""
    tokens = sum(len(sentence) for sentence in split)
    out = []
    for sentence in split:
        total = 1.0
        for kind in set(sentence) - {-1}:
            held = sentence.count(kind)
            weight = -math.log2(sum(s.count(kind) for s in split) / tokens)
            total += {"sc": held, "nscrd": math.sqrt(held) * weight}.get(name, held * weight)
        if name == "scr":
            total = math.sqrt(total)
        if name in ("scrd", "nscrd"):
            total /= math.sqrt(len(sentence))
        out.append(1 if name == "none" else math.ceil(round(total, 9)))
    return out


@given(splits)
def test_counts_are_those_of_a_loop(split):
    expected = [[sentence.count(kind) for kind in range(CLASSES)] for sentence in split]
    assert counted(split)[0].tolist() == expected


@given(splits, copying)
def test_copies_are_those_of_a_loop(split, name):
    assert sentence_copies(name, *counted(split)).tolist() == by_loop(name, split)


@pytest.mark.parametrize("name", COPY_SCHEMES)
def test_lengths_may_have_any_integer_type(name):
    """The square root of an int8 has half precision."""
    counts, lengths = counted([[0] * 27 + [-1] * 90, [1] * 99, [2, -1]])
    expected = sentence_copies(name, counts, lengths).tolist()
    assert sentence_copies(name, counts, lengths.astype(np.int8)).tolist() == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("none", [1, 1, 1]),
        ("sc", [4, 1, 3]),  # 1 + 3, 1, 1 + 2
        ("scr", [3, 1, 3]),  # sqrt(1 + 2*2 + 1*4) = 3, 1, sqrt(1 + 2*2) = 2.24
        ("scrd", [5, 1, 3]),  # 9 / 2, 1 / 2.83, 5 / 2
        ("nscrd", [4, 1, 2]),  # (1 + 1.41*2 + 4) / 2 = 3.91, 1 / 2.83, (1 + 1.41*2) / 2 = 1.91
    ],
)
def test_copies_by_hand(name, expected):
    """16 tokens: 4 of class 0 (w = 2 bits), 1 of class 1 (w = 4 bits), 11 outside."""
    split = [[0, 0, 1, -1], [-1] * 8, [0, 0, -1, -1]]
    assert sentence_copies(name, *counted(split)).tolist() == expected


def test_rarity_is_information():
    counts = np.array([[4, 1, 0]])
    assert class_rarity(counts, 16).tolist() == [2.0, 4.0, 0.0]


@given(splits, copying, st.integers(0, 99))
def test_copies_lose_no_sentence_and_are_drawn_as_often_as_counted(split, name, seed):
    counts, lengths = counted(split)
    resampler = make_resampler(name, counts, lengths)
    if name == "none":
        assert resampler is None
        return
    drawn = Counter(resampler.draw(np.random.default_rng(seed)).tolist())
    assert drawn == dict(enumerate(sentence_copies(name, counts, lengths).tolist()))
    assert resampler.expected().tolist() == [drawn[number] for number in range(len(split))]


@given(splits, copying, st.floats(0, 1), st.integers(0, 99))
def test_only_empty_sentences_are_left_out(split, name, share, seed):
    counts, lengths = counted(split)
    empty = {number for number, sentence in enumerate(split) if set(sentence) == {-1}}
    kept = round(share * len(empty))
    if kept == 0 and len(empty) == len(split):
        with pytest.raises(SettingsError, match="no training sentence has a span"):
            make_resampler(name, counts, lengths, keep_empty=share)
        return
    resampler = make_resampler(name, counts, lengths, keep_empty=share)
    if resampler is None:
        assert kept == len(empty)
        return
    drawn = Counter(resampler.draw(np.random.default_rng(seed)).tolist())
    assert set(range(len(split))) - empty <= set(drawn)
    assert sum(number in empty for number in drawn) == kept
    assert all(drawn[number] == 1 for number in drawn if number in empty)


def test_each_epoch_draws_other_empty_sentences():
    split = [[0]] + [[-1]] * 20
    resampler = make_resampler("none", *counted(split), keep_empty=0.5)
    dice = np.random.default_rng(1)
    epochs = [frozenset(resampler.draw(dice).tolist()) for _ in range(30)]
    assert len(set(epochs)) > 1
    assert frozenset.union(*epochs) == frozenset(range(21))
    assert {len(epoch) for epoch in epochs} == {11}


def test_the_same_seed_draws_the_same():
    split = [[0], [1, -1], [2, 0], [-1], [-1, -1]]
    for name, share in (("balanced", 1.0), ("nscrd", 0.5)):
        resampler = make_resampler(name, *counted(split), keep_empty=share)
        once, again = (resampler.draw(np.random.default_rng([3, 1])).tolist() for _ in "ab")
        assert once == again
        others = [resampler.draw(np.random.default_rng([3, n])).tolist() for n in range(2, 9)]
        assert any(other != once for other in others)


def test_balanced_draws_each_class_as_often_by_hand():
    """8 sentences hold class 0, one holds class 1, one is empty; all three groups are equally likely."""
    split = [[0]] * 8 + [[1]] + [[-1]]
    resampler = make_resampler("balanced", *counted(split))
    assert isinstance(resampler, BalancedSampler)
    expected = [10 / 3 / 8] * 8 + [10 / 3, 10 / 3]
    np.testing.assert_allclose(resampler.expected(), expected)
    without = make_resampler("balanced", *counted(split), keep_empty=0.0)
    np.testing.assert_allclose(without.expected(), [5 / 8] * 8 + [5.0, 0.0])
    half = make_resampler("balanced", *counted(split), keep_empty=0.5)
    np.testing.assert_allclose(half.expected(), [4 / 8] * 8 + [4.0, 2.0])


@pytest.mark.parametrize("keep", [0.0, 0.4, 1.0])
def test_many_epochs_have_the_expected_mean(keep):
    split = [[0, 1], [0], [0, 0, 2], [-1], [-1, 0], [-1, -1]]
    for name in ("balanced", "scrd"):
        resampler = make_resampler(name, *counted(split), keep_empty=keep)
        dice = np.random.default_rng(5)
        drawn = np.concatenate([resampler.draw(dice) for _ in range(4000)])
        mean = np.bincount(drawn, minlength=6) / 4000
        np.testing.assert_allclose(mean, resampler.expected(), atol=0.07)


def test_shares_before_and_after_by_hand():
    """One of 4 tokens has class 1; its sentence is drawn twice, so 2 of 6 tokens have it."""
    split = [[1, -1], [-1, -1]]
    counts, lengths = counted(split)
    resampler = make_resampler("sc", counts, lengths)
    before, after = class_shares(resampler, counts, lengths)
    assert before.tolist() == [0, 0.25, 0]
    np.testing.assert_allclose(after, [0, 2 / 6, 0])
    assert describe_resampling("sc", resampler, counts, lengths, ("A", "B", "C")) == (
        "resampling sc: an epoch holds 3 windows of 2 (each at most 2 times); share of tokens: "
        "A 0.000 % -> 0.000 %, B 25.000 % -> 33.333 %, C 0.000 % -> 0.000 %"
    )


@pytest.mark.parametrize(
    ("tokens", "note"),
    [
        (1, ""),
        (2, "; an epoch is 3.0 times as long as with --resample none"),
        (1999, "; an epoch is 2000.0 times as long as with --resample none"),
    ],
)
def test_a_much_longer_epoch_is_noted(tokens, note):
    """Each token with a class adds one copy of its sentence."""
    counts, lengths = counted([[1] * tokens])
    resampler = make_resampler("sc", counts, lengths)
    text = describe_resampling("sc", resampler, counts, lengths, ("A", "B", "C"))
    number, rounded = {1: ("2", "2"), 2: ("3", "3"), 1999: ("2,000", "2e+03")}[tokens]
    assert text == (
        f"resampling sc: an epoch holds {number} windows of 1 (each at most {rounded} times); "
        "share of tokens: A 0.000 % -> 0.000 %, B 100.000 % -> 100.000 %, C 0.000 % -> 0.000 %"
        f"{note}"
    )


def test_no_class_to_balance_is_refused():
    with pytest.raises(SettingsError) as caught:
        make_resampler("balanced", *counted([[-1], [-1]]), keep_empty=0.0)
    assert str(caught.value) == (
        "resample is 'balanced', but no training sentence has a span; give another scheme"
    )
    with pytest.raises(SettingsError) as caught:
        make_resampler("sc", *counted([[-1], [-1]]), keep_empty=0.2)
    assert str(caught.value) == (
        "keep_empty is 0.2, but no training sentence has a span; give a share above 0"
    )


@pytest.mark.parametrize("name", [*COPY_SCHEMES[1:], "balanced"])
def test_rare_classes_of_a_real_corpus_gain_share(shared_data, name):
    """WNUT-17: every class's share of an epoch's tokens grows, and a loop gives the same copies."""
    corpus = read_corpus(shared_data / "wnut17" / "wnut17train.conll")
    kinds = sorted({tag[2:] for s in corpus for tag in s.tags if tag != "O"})
    split = [[kinds.index(tag[2:]) if tag != "O" else -1 for tag in s.tags] for s in corpus]
    lengths = np.array(list(map(len, split)))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    counts = sentence_class_counts(np.concatenate(split), offsets, number=len(kinds))
    resampler = make_resampler(name, counts, lengths)
    before, after = class_shares(resampler, counts, lengths)
    assert (after > before).all()
    if name != "balanced":
        dice = random.Random(1)  # noqa: S311, no secret
        some = dice.sample(range(len(split)), 40)
        expected = by_loop_of(name, split, some, len(kinds))
        assert resampler.copies[some].tolist() == expected


def by_loop_of(name, split, some, number):
    """`by_loop` for some sentences of a split, the frequencies counted once."""
    tokens = sum(map(len, split))
    totals = Counter(kind for sentence in split for kind in sentence)
    weights = [-math.log2(totals[kind] / tokens) for kind in range(number)]
    out = []
    for index in some:
        held = Counter(kind for kind in split[index] if kind >= 0)
        length = len(split[index])
        out.append(
            math.ceil(
                {
                    "sc": 1 + sum(held.values()),
                    "scr": math.sqrt(1 + sum(n * weights[k] for k, n in held.items())),
                    "scrd": (1 + sum(n * weights[k] for k, n in held.items())) / length**0.5,
                    "nscrd": (1 + sum(n**0.5 * weights[k] for k, n in held.items())) / length**0.5,
                }[name]
            )
        )
    return out
