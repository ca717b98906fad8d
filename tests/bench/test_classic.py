from statistics import mean

import numpy as np
import pytest
from bench.classic import Classic, classic_network, every_length

from seqlab.corpus.sentence import Sentence

SENTENCES = [
    Sentence(tokens=("The", "cat"), tags=("D", "N")),
    Sentence(tokens=("the",) * 151, tags=("D",) * 151),
]


@pytest.mark.bits("copied")
def test_arrays_are_padded_and_padding_weighs_nothing():
    found = Classic(SENTENCES)
    words, chars = found.inputs
    assert words.shape == (2, 150)
    assert chars.shape == (2, 150, 15)
    order = [int((row > 0).sum()) for row in words]
    assert sorted(order) == [2, 150]
    short = order.index(2)
    assert words[short, :2].tolist() == [found.words["the"], found.words["cat"]]
    assert chars[short, 1, :4].tolist() == [*(found.characters[c] for c in "cat"), 0]
    assert found.labels[short, :2].tolist() == [found.tags["D"], found.tags["N"]]
    assert found.weights.sum() == 152
    assert (found.weights == (words > 0)).all()
    assert found.padded([Sentence(tokens=("dog",))])[0][0, 0] == 1


def test_the_network_has_the_classic_sizes():
    network = classic_network(10, 20, 3)
    assert sorted(tuple(v.shape) for v in network.trainable_variables if "kernel" in v.path) == (
        sorted([(25, 100)] * 2 + [(25, 100)] * 2 + [(150, 400)] * 2 + [(100, 400)] * 2 + [(200, 3)])
    )
    assert network.output_shape == (None, 150, 3)


def test_a_sample_keeps_the_mean_length():
    random = np.random.default_rng(1)
    lengths = random.integers(1, 60, 1000)
    sentences = [Sentence(tokens=("a",) * int(n)) for n in lengths]
    chosen = every_length(sentences, 100)
    assert len(chosen) == 100
    assert abs(mean(map(len, chosen)) - lengths.mean()) < 0.5
    assert len(every_length(sentences, 5000)) == 1000
