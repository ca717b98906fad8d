"""Seen and unseen mentions against sets of words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.scoring import seen
from seqlab.scoring.items import scored_items
from seqlab.scoring.seen import is_known, seen_recall, training_mentions
from seqlab.scoring.span_errors import tag_spans

WORDS = st.sampled_from(["New", "York", "Times", "new", ""]).map(lambda w: w or "Y")
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
CORPUS = st.lists(st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=6), max_size=6)


def sentences(rows):
    return [
        Sentence(tokens=tuple(w for w, _ in row), tags=tuple(t for _, t in row)) for row in rows
    ]


def mentions(sentence):
    return [
        (name, *sentence.tokens[start:end])
        for start, end, name in tag_spans(sentence.tags, Scheme.IOB2)
    ]


@pytest.mark.parametrize("block", [1, 1 << 20])
@given(train=CORPUS, test=CORPUS)
def test_a_mention_is_known_if_training_has_its_words_with_its_class(block, train, test):
    train, test = sentences(train), sentences(test)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "BLOCK", block)
        known = training_mentions(corpus_arrays(train), Scheme.IOB2)
    texts = {mention for sentence in train for mention in mentions(sentence)}
    assert len(known) == len(texts)
    assert (np.diff(known.astype(object)) > 0).all()
    tags = [sentence.tags for sentence in test]
    items = scored_items(tags, tags, "iob2")
    found = is_known(items, [s.tokens for s in test], known, Scheme.IOB2)
    assert found.tolist() == [m in texts for sentence in test for m in mentions(sentence)]


def test_recall_of_both_parts():
    train = sentences([[("New", "B-LOC"), ("York", "I-LOC")], [("York", "B-PER")]])
    test = sentences(
        [
            [("New", "B-LOC"), ("York", "I-LOC"), ("York", "B-LOC")],
            [("York", "B-PER"), ("X", "B-PER")],
        ]
    )
    predicted = [["B-LOC", "I-LOC", "O"], ["O", "B-PER"]]
    items = scored_items([s.tags for s in test], predicted, "iob2")
    known = training_mentions(corpus_arrays(train), Scheme.IOB2)
    found = seen_recall(items, [s.tokens for s in test], known, Scheme.IOB2)
    hit, miss = ({"support": 1, "correct": c, "recall": c / 1} for c in (1, 0))
    assert found == {"LOC": {"seen": hit, "unseen": miss}, "PER": {"seen": miss, "unseen": hit}}


def test_plain_tags_have_known_and_unknown_words():
    train = sentences([[("run", "NOUN"), ("fast", "ADV")]])
    test = sentences([[("run", "VERB"), ("slow", "ADV")]])
    known = training_mentions(corpus_arrays(train), Scheme.PLAIN)
    items = scored_items([("VERB", "ADV")], [("NOUN", "ADV")], "plain")
    found = seen_recall(items, [s.tokens for s in test], known, Scheme.PLAIN)
    nothing = {"support": 0, "correct": 0, "recall": None}
    assert found["VERB"] == {"seen": {"support": 1, "correct": 0, "recall": 0.0}, "unseen": nothing}
    assert found["ADV"]["unseen"] == {"support": 1, "correct": 1, "recall": 1.0}


def test_a_corpus_without_spans_has_no_mentions():
    assert len(training_mentions(corpus_arrays(sentences([[("a", "O")]])), Scheme.IOB2)) == 0
    assert len(training_mentions(corpus_arrays([]), Scheme.IOB2)) == 0
