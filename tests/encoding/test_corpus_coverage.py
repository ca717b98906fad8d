import numpy as np

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.corpus_coverage import corpus_coverage
from seqlab.encoding.vectors import Coverage, WordVectors

VECTORS = WordVectors({"ada": 0, "saw": 1, "0000": 2}, np.ones((3, 2), np.float32))
TOKENS = ("Ada", "Stone", "saw", "saw", "1999")


def of(*tags):
    return corpus_coverage([Sentence(tokens=TOKENS, tags=tags or None)], VECTORS)


def test_each_part_by_hand():
    found = of("B-PER", "I-PER", "O", "O", "B-DATE")
    assert found.tokens == Coverage(exact=2, lower=2, unknown=1)
    assert found.types == Coverage(exact=1, lower=2, unknown=1)
    assert found.entity_tokens == Coverage(exact=0, lower=2, unknown=1)


def test_plain_tags_and_no_tags_have_no_entities():
    assert of("NOUN", "NOUN", "VERB", "VERB", "NUM").entity_tokens is None
    assert of().entity_tokens is None
    assert of(*"OOOOO").entity_tokens == Coverage(exact=0, lower=0, unknown=0)
