import numpy as np
from bench.useful import batches_work, text_work

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder

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


def test_a_word_counts_once_a_batch_and_padding_never():
    corpus = fit_encoder(SENTENCES, min_word_count=1).encode(SENTENCES)
    for batches in ([[0, 1], [2]], [[0], [1], [2]], [[0, 1, 2]]):
        found = batches_work(corpus, [np.array(batch) for batch in batches], max_chars=4)
        assert (found.tokens, found.characters) == by_hand(batches, 4)


def test_a_word_counts_once_a_text():
    found = text_work((s.tokens for s in SENTENCES), max_chars=4)
    assert (found.tokens, found.characters) == by_hand([[0, 1, 2]], 4)
