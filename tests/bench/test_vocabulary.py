import argparse

import numpy as np
from bench.vocabulary import prepare_small, with_words


def test_a_larger_table_for_the_same_sentences(tmp_path):
    options = argparse.Namespace(small_vocabulary=50, vocabulary_sentences=40, rounds=3)
    prepared = prepare_small(tmp_path, options)
    small, large = with_words(prepared, 50), with_words(prepared, 5000)
    assert [len(p.encoder.words.symbols) for p in (small, large)] == [50, 5000]
    assert (small.train.words > 1).all()  # every word is known
    assert (large.train.words > 1).all()
    assert small.train.spelling_ids.tolist() == large.train.spelling_ids.tolist()
    _, first = np.unique(small.train.words, return_inverse=True)
    _, second = np.unique(large.train.words, return_inverse=True)
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    assert len(pairs) == len(set(first)) == len(set(second))  # alike words stay alike
    assert large.train.words.max() > 2500  # scattered over the table
    assert prepared.settings.epochs == prepared.settings.patience == 5
