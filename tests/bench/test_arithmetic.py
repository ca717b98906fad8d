import numpy as np
import pytest
from bench.arithmetic import (
    Work,
    batches_work,
    character_flops,
    forward_flops,
    text_work,
    token_flops,
    training_flops,
)

from seqlab.architecture import Architecture
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder

SHAPES = [
    {},
    {"char_encoder": "cnn"},
    {"char_encoder": "none"},
    {"layers": 2, "features": {"case": 9, "shape": 7}},
]


def architecture(**options):
    sizes = {"words": 11, "characters": 13, "classes": 5, "word_dim": 6, "char_dim": 4}
    return Architecture(**{**sizes, "char_units": 3, "hidden_units": 7, **options})


def products_by_layer(shape):
    """Operations a step of every matrix of the real network, by the layer that holds it."""
    from seqlab.modeling.network import build_network

    found = {"characters": 0, "tokens": 0}
    for variable in build_network(shape).trainable_variables:
        if "kernel" not in variable.path:
            continue
        size = 2
        for axis in variable.shape:
            size *= axis
        found["characters" if variable.path.startswith("characters") else "tokens"] += size
    return found


@pytest.mark.parametrize("options", SHAPES)
def test_the_formulas_are_twice_the_weights_of_the_real_layers(options):
    shape = architecture(**options)
    expected = products_by_layer(shape)
    assert token_flops(shape) == expected["tokens"]
    assert character_flops(shape) == expected["characters"]


def test_by_hand():
    # Characters: 2 directions * 4 gates * 2 * (4 + 3) * 3. Words: 6 + 2 * 3 in, 7 out, and 14 to 5 classes.
    shape = architecture(char_encoder="lstm")
    assert character_flops(shape) == 2 * 4 * 2 * 7 * 3
    assert token_flops(shape) == 2 * 4 * 2 * (12 + 7) * 7 + 2 * 14 * 5
    work = Work(tokens=10, characters=20)
    assert forward_flops(shape, work) == 10 * token_flops(shape) + 20 * character_flops(shape)
    assert training_flops(shape, work) == 3 * forward_flops(shape, work)


def test_the_defaults_cost_what_the_issue_says_they_do():
    """About 0.4 million operations a token and 0.02 a character, from the classic sizes 100, 25, 100."""
    shape = Architecture(words=100, characters=100, classes=17, char_encoder="lstm")
    assert token_flops(shape) == 2 * 2 * 4 * (150 + 100) * 100 + 2 * 200 * 17
    assert character_flops(shape) == 2 * 2 * 4 * 50 * 25


SENTENCES = [
    Sentence(tokens=("aa", "b", "aa"), tags=("X", "Y", "X")),
    Sentence(tokens=("aa",), tags=("X",)),
    Sentence(tokens=("b", "cccccc", "b", "dd"), tags=("Y", "X", "Y", "X")),
]


def by_hand(batches, max_chars):
    tokens = characters = 0
    for batch in batches:
        words = [token for number in batch for token in SENTENCES[number].tokens]
        tokens += len(words)
        characters += sum(len(word[:max_chars]) for word in set(words))
    return tokens, characters


def test_a_word_counts_once_per_batch_and_padding_never():
    corpus = fit_encoder(SENTENCES, min_word_count=1).encode(SENTENCES)
    for batches in ([[0, 1], [2]], [[0], [1], [2]], [[0, 1, 2]]):
        work = batches_work(corpus, [np.array(batch) for batch in batches], max_chars=4)
        assert (work.tokens, work.characters) == by_hand(batches, 4)


def test_a_word_counts_once_per_text():
    work = text_work((s.tokens for s in SENTENCES), max_chars=4)
    assert (work.tokens, work.characters) == by_hand([[0, 1, 2]], 4)
