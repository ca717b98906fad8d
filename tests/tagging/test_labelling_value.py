"""The value of labels: uncertain and rare first, repeated texts late."""

import numpy as np
import pytest

from seqlab.tagging.labelling_value import GAIN, folded, labelling_order, sentence_value

RARITY = np.array([0.0, 0.1, 1.0])  # O, a frequent class, a rare one


def test_the_value_is_the_formula_by_hand():
    probabilities = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.2, 0.0, 0.8], [0.0, 1.0, 0.0]])
    entropy = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8)) / np.log(3)
    first = (GAIN + np.log(2) / np.log(3)) * 0.05
    expected = (first + (GAIN + entropy) * 0.8 + GAIN * 0.1) / 4**0.5
    assert sentence_value(probabilities, RARITY) == pytest.approx(expected)


def value(*tokens):
    return sentence_value(np.array(tokens), RARITY)


def test_uncertain_tokens_and_rare_classes_count_more():
    assert value([0.5, 0.5, 0.0]) > value([0.9, 0.1, 0.0]) > value([1.0, 0.0, 0.0]) == 0
    assert value([0.5, 0.0, 0.5]) > value([0.5, 0.5, 0.0])
    assert value([0.0, 0.0, 1.0]) > value([0.0, 1.0, 0.0]) > 0


def test_length_counts_less_than_its_tokens():
    token = [0.5, 0.0, 0.5]
    assert value(token) < value(token, token) < 2 * value(token)
    assert value(token, [1.0, 0.0, 0.0]) < value(token)


def test_repeated_texts_lose_value():
    assert labelling_order([4.0, 4.0, 4.0, 1.5], "aaab") == [0, 1, 3, 2]
    assert labelling_order([1.0, 2.0], ["x", "y"]) == [1, 0]
    assert labelling_order([], []) == []


def test_numbers_and_signs_do_not_make_a_text_new():
    assert folded(["Rain", "on", "May", "3", "!"]) == folded(["rain", "on", "may", "4"])
