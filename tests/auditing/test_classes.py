"""Counts of classes and words, compared with plain loops and with the spans that seqeval reads."""

import json
import re
from collections import Counter

import pytest
from seqeval.metrics.sequence_labeling import get_entities

from seqlab.auditing.classes import distinct_per_class
from seqlab.auditing.corpora import audit_corpora
from seqlab.corpus.splits import load_splits
from tests.auditing.hand import write

REAL = {
    "wnut": ("wnut17/wnut17train.conll", "wnut17/emerging.dev.conll"),
    "science": ("crossner_science/train.txt", "crossner_science/dev.txt"),
    "ncbi": ("ncbi_disease_iobes/train.tsv", "ncbi_disease_iobes/devel.tsv"),
}


def test_every_count_of_a_hand_corpus(tmp_path):
    train = write(
        tmp_path / "train.conll",
        "Ada/B-PER Stone/I-PER saw/O Oslo/B-LOC",
        "Ada/B-PER Stone/I-PER saw/O Ada/B-PER",
        "nobody/O saw/O it/O",
    )
    valid = write(tmp_path / "valid.conll", "Ada/B-PER saw/O Kings/B-LAW Act/I-LAW")
    found = audit_corpora(train, valid, min_word_count=2)
    classes = {
        name: (c.spans, c.tokens, c.sentences, c.forms)
        for name, c in found.splits["train"].classes.items()
    }
    assert classes == {
        "O": (None, 5, 3, 3),
        "PER": (3, 5, 2, 2),
        "LOC": (1, 1, 1, 1),
        "LAW": (0, 0, 0, 0),
    }
    assert found.splits["train"].classes["PER"].share == 5 / 11
    # ada, stone and saw occur twice; the other words are unknown.
    assert found.splits["train"].classes["O"].unknown == 2 / 5
    assert found.splits["train"].classes["LAW"].unknown is None
    assert found.splits["valid"].classes["LAW"].unknown == 1.0
    assert found.unknown_words["valid"].unknown == 2 / 4
    assert found.unknown_words["valid"].entity_unknown == 2 / 3
    assert found.unknown_words["valid"].new_spans == 1 / 2
    assert found.unknown_words["train"].new_spans is None
    assert (found.splits["train"].tokens, found.splits["train"].longest) == (11, 4)


@pytest.mark.parametrize("name", REAL)
def test_counts_of_real_corpora(shared_data, name):
    paths = [str(shared_data / part) for part in REAL[name]]
    found, splits = audit_corpora(*paths), load_splits(*paths)
    for split, sentences in (("train", splits.train), ("valid", splits.valid)):
        spans, tokens, holding, texts = Counter(), Counter(), Counter(), {}
        for s in sentences:
            kinds = [tag.split("-", 1)[-1] for tag in s.tags]
            tokens.update(kinds)
            holding.update(set(kinds))
            for kind, start, end in get_entities(list(s.tags)):
                spans[kind] += 1
                texts.setdefault(kind, set()).add(s.tokens[start : end + 1])
        for kind, counted in found.splits[split].classes.items():
            assert counted.tokens == tokens[kind]
            assert counted.sentences == holding[kind]
            if kind != "O":
                assert counted.spans == spans[kind]
                assert counted.forms == len(texts.get(kind, ()))
        assert found.splits[split].tokens == tokens.total()


def test_unknown_words_of_a_real_corpus(shared_data):
    paths = [str(shared_data / part) for part in REAL["wnut"]]
    found, splits = audit_corpora(*paths, min_word_count=2), load_splits(*paths)

    def entry(token):
        return re.sub(r"\d", "0", token.lower())

    words = Counter(entry(token) for s in splits.train for token in s.tokens)
    known = {word for word, count in words.items() if count > 1}
    pairs = [pair for s in splits.valid for pair in zip(s.tokens, s.tags, strict=True)]
    unknown = [tag for token, tag in pairs if entry(token) not in known]
    entity = [tag for _, tag in pairs if tag != "O"]
    assert found.unknown_words["valid"].unknown == len(unknown) / len(pairs)
    assert found.unknown_words["valid"].entity_unknown == sum(t != "O" for t in unknown) / len(
        entity
    )


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # gensim leaves it open
def test_vectors_are_covered_as_published(shared_data):
    paths = [str(shared_data / part) for part in REAL["wnut"]]
    vectors = shared_data / "vectors" / "glove.6B.50d.top5k.txt"
    with_them = audit_corpora(*paths, vectors=vectors, min_word_count=2)
    without = audit_corpora(*paths, min_word_count=2)
    train = with_them.unknown_words["train"]
    assert train.vectors.unknown == pytest.approx(0.28, abs=0.02)  # "covers 72 % of WNUT tokens"
    assert train.entity_vectors.unknown == pytest.approx(0.59, abs=0.03)  # "41 % of entity tokens"
    assert train.vectors.exact + train.vectors.lower + train.vectors.unknown == pytest.approx(1)
    assert train.unknown < without.unknown_words["train"].unknown
    assert without.unknown_words["train"].vectors is None


def test_plain_tags_have_tokens_and_no_spans(tmp_path):
    path = write(tmp_path / "t.conll", "a/DET dog/NOUN", "the/DET dog/NOUN sat/VERB", "O/O")
    found = audit_corpora(path)
    assert found.scheme == "plain"
    noun = found.splits["train"].classes["NOUN"]
    assert (noun.spans, noun.tokens, noun.forms, noun.examples) == (None, 2, 1, 2)
    assert found.unknown_words["train"].entity_unknown is None
    assert found.imbalance.by_examples == found.imbalance.by_tokens


def test_pairs_are_counted_once():
    import numpy as np

    values, classes = np.array([5, 5, 6, 5]), np.array([0, 0, 0, 1])
    assert distinct_per_class(values, classes, 3).tolist() == [2, 1, 0]


def test_a_corpus_without_a_span(tmp_path):
    found = audit_corpora(write(tmp_path / "t.conll", "a/O b/O"), scheme="iob2")
    assert found.imbalance.by_examples is None
    assert found.imbalance.by_tokens.ratio is None
    assert found.consistency.different_share is None
    json.dumps(found.to_json(), allow_nan=False)
