"""Word dropout: its share, never on padding, never at inference, and seeded."""

import keras
import numpy as np
import pytest

from seqlab.encoding.vocabulary import UNKNOWN as VOCABULARY_UNKNOWN
from seqlab.modeling.words import UNKNOWN, WordDropout

WORDS = np.where(np.arange(150) < 100, np.arange(2, 152), 0) * np.ones((200, 1), np.int64)
WORDS = WORDS.astype(np.int32)  # (200, 150): 100 known words a row, then padding


def test_its_unknown_word_is_the_vocabularys():
    assert UNKNOWN == VOCABULARY_UNKNOWN


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_its_share_is_the_rate_and_padding_stays(rate):
    out = np.array(WordDropout(rate, seed=1)(WORDS, training=True))
    assert out.dtype == np.int32
    assert out.shape == WORDS.shape
    assert not out[WORDS == 0].any()
    changed = out != WORDS
    assert (out[changed] == UNKNOWN).all()
    tokens = 200 * 100
    share = changed.sum() / tokens
    assert share == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / tokens))


def test_nothing_is_dropped_at_inference_or_at_rate_0():
    layer = WordDropout(0.5, seed=1)
    for out in (layer(WORDS), layer(WORDS, training=False), WordDropout(0.0)(WORDS, training=True)):
        np.testing.assert_array_equal(np.array(out), WORDS)


def test_each_call_draws_anew_and_a_seed_draws_the_same():
    layer, twin = WordDropout(0.3, seed=5), WordDropout(0.3, seed=5)
    first, second = (np.array(layer(WORDS, training=True)) for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(np.array(twin(WORDS, training=True)), first)


def test_every_word_of_the_batch_is_drawn_by_itself():
    dropped = np.array(WordDropout(0.3, seed=2)(WORDS, training=True))[:, :100] == UNKNOWN
    assert not (dropped == dropped[0]).all()
    assert not (dropped == dropped[:, :1]).all()


def test_it_is_built_again_from_its_config():
    config = WordDropout(0.3, seed=5, name="drop").get_config()
    twin = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(WordDropout.from_config(config))
    )
    assert (twin.rate, twin.seed, twin.name) == (0.3, 5, "drop")
