"""Vectors trained by gensim are written and read back without any change."""

import gc
import random

import numpy as np
import pytest

from seqlab.encoding.vector_file import load_vectors
from seqlab.errors import VectorsError
from seqlab.experiment.vector_training import train_model, vectors_of, write_model
from seqlab.settings.vectors import VectorSettings

SMALL = {"dim": 6, "epochs": 2, "min_count": 2, "workers": 1, "buckets": 500}
ODD = ["u.s.", "\u200b", "3.00", "\u00e9t\u00e9", "#tag", "\U0001f600", "..."]


def text(words=(), *, sentences=200):
    dice = random.Random(3)  # noqa: S311  (no secret)
    known = [*(f"w{n}" for n in range(20)), *words]
    return [[dice.choice(known) for _ in range(8)] for _ in range(sentences)]


def trained(sentences, **options):
    return train_model(sentences, VectorSettings(**(SMALL | options)))


@pytest.mark.bits("repeated")
@pytest.mark.parametrize("model", ["word2vec", "fasttext"])
@pytest.mark.parametrize("algorithm", ["skip-gram", "cbow"])
def test_one_worker_gives_the_same_numbers_twice_and_another_seed_others(model, algorithm):
    found = [
        vectors_of(trained(text(), model=model, algorithm=algorithm, seed=seed))
        for seed in (1, 1, 2)
    ]
    assert list(found[0].rows) == list(found[1].rows)
    assert (found[0].vectors == found[1].vectors).all()
    assert (found[0].vectors != found[2].vectors).any()
    assert found[0].vectors.shape == (20, 6)


def test_the_most_frequent_word_comes_first_and_rare_ones_not_at_all():
    sentences = [["often", "often", "seldom"], ["often", "seldom"], ["once"]]
    assert list(vectors_of(trained(sentences)).rows) == ["often", "seldom"]
    with pytest.raises(VectorsError, match=r"^no word occurs 9 times; give more text or a smaller"):
        trained(sentences, min_count=9)


@pytest.mark.bits("copied")
@pytest.mark.parametrize("name", ["w.txt", "w.txt.gz"])
def test_the_text_format_holds_every_number(tmp_path, name):
    model = trained(text(ODD))
    write_model(model, tmp_path / name)
    found, made = load_vectors(str(tmp_path / name)), vectors_of(model)
    assert list(found.rows) == list(made.rows)
    assert set(ODD) <= set(found.rows)
    np.testing.assert_array_equal(found.vectors, made.vectors)
    gc.collect()  # gensim leaves closing to the collector


def test_words_of_the_same_sentences_get_similar_vectors():
    dice = random.Random(5)  # noqa: S311  (no secret)
    fields = (["red", "green", "blue", "paint"], ["one", "two", "three", "count"])
    sentences = [[dice.choice(fields[n % 2]) for _ in range(10)] for n in range(2_000)]
    model = trained(sentences, dim=10, epochs=3)
    assert model.wv.similarity("red", "blue") > model.wv.similarity("red", "two") + 0.3
