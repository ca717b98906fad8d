"""The loss split by a loop; the value that fit prints rebuilt from its parts; the conclusion follows the figures."""

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
def networks(data):
    return script.compare_masks(data, tokens=60, epochs=1, seed=1)


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
    found = script.shares_by_part(losses, weights, {str(n): place == n for n in range(3)})
    assert list(found.values()) == pytest.approx([part / sum(sums) for part in sums])


@pytest.mark.slow
def test_padding_lowers_the_printed_loss_only_if_the_mask_is_lost(data, networks):
    lost, kept = networks["mask lost"], networks["mask kept"]
    arrays = script.padded_to(data, data.valid_arrays, 60)
    share = sum(lost.end[tag] for tag in data.tags)
    # sum over positions = printed * N * T, of which real tokens have their share
    real = lost.printed * arrays.special.size * share / arrays.counted.sum()
    assert real == pytest.approx(lost.real, rel=0.01)
    assert kept.printed == pytest.approx(kept.real, rel=0.05)  # a mean of batches, the last smaller
    assert kept.start[script.PADDING] == kept.end[script.SPECIAL] == 0
    assert lost.start[script.PADDING] > 0.5


def test_standardised_numbers_have_mean_0_and_deviation_1_on_real_tokens(data):
    arrays = script.padded_to(data, data.arrays, 40)
    raw = script.numeric_feature(arrays, data.tags, seed=1)
    mask = arrays.padded.mask
    found = script.standardised(raw, mask, by=raw, by_mask=mask)
    assert found[mask].mean() == pytest.approx(0, abs=1e-4)
    assert found[mask].std() == pytest.approx(1, abs=1e-4)
    assert not found[~mask].any()
    inside = script.parts_of(arrays, data.tags)[script.OUTSIDE_TAG] ^ arrays.counted
    plain = mask & ~inside
    assert raw[inside].mean() - raw[plain].mean() == pytest.approx(2 * script.DEVIATION, rel=0.15)


def parts(printed, real, idle, macro_f1):
    shares = {"O": 1 - idle, script.SPECIAL: 0.0, script.PADDING: idle}
    return script.LossParts(printed=printed, real=real, start=shares, end=shares, macro_f1=macro_f1)


def results(without, raw, standardised):
    losses = zip(script.SCALES, (without, raw, standardised), strict=True)
    return {name: script.FeatureResult(loss=loss, macro_f1=0.0) for name, loss in losses}


LOST, KEPT = parts(0.05, 0.75, 0.9, 0.1), parts(0.6, 0.6, 0.0, 0.3)


def test_the_conclusion_says_what_the_figures_say():
    networks = {"mask lost": LOST, "mask kept": KEPT}
    first, second = script.conclusion(networks, results(0.7, 0.9, 0.5))
    assert first == (
        "With the mask lost, padding and special tokens start with 90% of the loss, and fit prints "
        "0.0500, 15.0 times less than the loss per real token. With the mask kept, padding and special "
        "tokens start with 0% of the loss, and fit prints 0.6000, equal to the loss per real token. "
        "Losing the mask lowers macro F1 (0.100 against 0.300)."
    )
    assert second == (
        "A raw feature of scale 20,000 does not help (loss 0.700 without it, 0.900 with it). "
        "Standardised, it helps (0.500). Standardise it by the mean and standard deviation of train."
    )


def test_other_figures_change_the_conclusion():
    networks = {"mask lost": replace(LOST, printed=0.9, macro_f1=0.3), "mask kept": KEPT}
    first, second = script.conclusion(networks, results(0.7, 0.4, 0.4))
    assert "0.9000, more than the loss per real token" in first
    assert "Losing the mask does not lower macro F1" in first
    assert "scale 20,000 helps (" in second
    assert second.endswith("The scale is not the problem here.")


@pytest.mark.slow
def test_the_script_prints_two_lines(monkeypatch, capsys, networks):
    monkeypatch.setattr(script, "compare_masks", lambda *_, **__: networks)
    options = ("--sentences", "60", "--epochs", "1", "--tokens", "60")
    text, (first, second) = printed(script, monkeypatch, capsys, *options)
    assert script.PADDING in text
    assert first.startswith("With the mask lost, padding and special tokens start with")
    assert second.startswith("A raw feature of scale 20,000")
