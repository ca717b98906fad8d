"""The loss taken apart by a loop; what fit prints is rebuilt from its parts; the conclusion turns."""

from dataclasses import replace

import numpy as np
import pytest

from tests import tiny
from tests.questions.scripts import load, printed

pytestmark = tiny.KERAS_NOISE
script = load("where_is_the_loss")


@pytest.fixture(scope="module")
def data():
    return script.prepare(60, seed=1)


@pytest.fixture(scope="module")
def accounts(data):
    return script.lost_and_kept(data, tokens=60, epochs=1, seed=1)


def test_parts_are_everything_once(data):
    arrays = script.padded_to(data, data.valid_arrays, 60)
    parts = script.parts_of(arrays, data.tags)
    assert (sum(part.astype(int) for part in parts.values()) == 1).all()
    assert parts[script.SPECIAL].sum() == 2 * len(data.valid)
    assert parts[script.PADDING].sum() == sum(60 - len(s) for s in data.valid)
    gold = [tag for s in data.valid for tag in s.tags[1:-1]]
    for tag in data.tags:
        assert parts[tag].sum() == gold.count(tag)


def test_shares_by_a_loop():
    random = np.random.default_rng(1)
    losses, weights = random.random((3, 4)), random.random((3, 4))
    place = random.integers(0, 3, (3, 4))
    sums = [0.0] * 3
    for at in np.ndindex(place.shape):
        sums[place[at]] += losses[at] * weights[at]
    found = script.taken_apart(losses, weights, {str(n): place == n for n in range(3)})
    assert list(found.values()) == pytest.approx([part / sum(sums) for part in sums])


def test_what_fit_prints_is_thinned_by_padding_only_where_the_mask_is_lost(data, accounts):
    lost, kept = accounts["mask lost"], accounts["mask kept"]
    arrays = script.padded_to(data, data.valid_arrays, 60)
    share = sum(lost.end[tag] for tag in data.tags)
    # sum over positions = printed * N * T, of which real tokens have their share
    real = lost.printed * arrays.special.size * share / arrays.counted.sum()
    assert real == pytest.approx(lost.real, rel=0.01)
    assert kept.printed == pytest.approx(kept.real, rel=0.05)  # a mean of batches, the last smaller
    assert kept.start[script.PADDING] == kept.end[script.SPECIAL] == 0
    assert lost.start[script.PADDING] > 0.5


def test_standardised_numbers_have_mean_0_and_spread_1_on_real_tokens(data):
    arrays = script.padded_to(data, data.arrays, 40)
    raw = script.number_beside(arrays, data.tags, seed=1)
    mask = arrays.padded.mask
    found = script.standardised(raw, mask, by=raw, by_mask=mask)
    assert found[mask].mean() == pytest.approx(0, abs=1e-4)
    assert found[mask].std() == pytest.approx(1, abs=1e-4)
    assert not found[~mask].any()
    inside = script.parts_of(arrays, data.tags)[script.OUTSIDE] ^ arrays.counted
    plain = mask & ~inside
    assert raw[inside].mean() - raw[plain].mean() == pytest.approx(2 * script.SPREAD, rel=0.15)


def account(printed, real, idle, macro_f1):
    shares = {"O": 1 - idle, script.SPECIAL: 0.0, script.PADDING: idle}
    return script.Account(printed=printed, real=real, start=shares, end=shares, macro_f1=macro_f1)


def scaled(without, raw, standardised):
    losses = zip(script.SCALES, (without, raw, standardised), strict=True)
    return {name: script.Scaled(loss=loss, macro_f1=0.0) for name, loss in losses}


LOST, KEPT = account(0.05, 0.75, 0.9, 0.1), account(0.6, 0.6, 0.0, 0.3)


def test_the_conclusion_says_what_the_figures_say():
    accounts = {"mask lost": LOST, "mask kept": KEPT}
    first, second = script.conclusion(accounts, scaled(0.7, 0.9, 0.5))
    assert first == (
        "Padding and special tokens start with 90% of the loss where the mask is lost (fit prints "
        "0.0500, 15.0 times less than a real token loses) and 0% where it is kept (0.6000, what a "
        "real token loses); losing it costs macro F1 (0.100 against 0.300)."
    )
    assert "does not help as it is (loss 0.700 without, 0.900 with it) and helps" in second
    assert second.endswith("standardise it, by the mean and spread of train.")


def test_the_conclusion_turns_with_the_figures():
    accounts = {"mask lost": replace(LOST, printed=0.9, macro_f1=0.3), "mask kept": KEPT}
    first, second = script.conclusion(accounts, scaled(0.7, 0.4, 0.4))
    assert "0.9000, more than a real token loses" in first
    assert "losing it does not cost macro F1" in first
    assert "helps as it is" in second
    assert second.endswith("its scale is not the trouble here.")


def test_the_script_prints_two_lines(monkeypatch, capsys, accounts):
    monkeypatch.setattr(script, "lost_and_kept", lambda *_, **__: accounts)
    options = ("--sentences", "60", "--epochs", "1", "--tokens", "60")
    text, (first, second) = printed(script, monkeypatch, capsys, *options)
    assert script.PADDING in text
    assert first.startswith("Padding and special tokens start with")
    assert second.startswith("A number of scale 20,000")
