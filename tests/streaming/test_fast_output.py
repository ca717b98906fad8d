"""Text of many sentences at once against the same sentences written one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.streaming.fast_output import fast_text
from seqlab.streaming.output import tagged_text
from seqlab.tagging.tagger import Prediction
from tests.strategies import corpora, tokens

SYMBOLS = ("NOUN", "VERB", "B-PER")
ODD = (
    "a\tb",
    "a\nb",
    "a\rb",
    "\0",
    " ",
    "-DOCSTART-",
    "\ufeff",
    "\ud800",
    "",
    "\u2028",
    "New York",
)
PLAIN = {"format": "text", "scheme": Scheme.PLAIN}
COLUMNS = {"format": "conll", "scheme": Scheme.IOB2}


def one_by_one(sentences, classes, symbols=SYMBOLS, **options):
    """The text of `tagged_text` for each sentence; None if it refuses one."""
    tags = iter([symbols[number] for number in classes])
    text = ""
    for sentence in sentences:
        said = tuple(next(tags) for _ in sentence.tokens)
        prediction = Prediction(tags=said, scores=np.zeros(len(said), np.float32))
        try:
            text += tagged_text(sentence, prediction, scores=False, **options)
        except UserError:
            return None
    return text


def classes_of(sentences):
    total = sum(map(len, sentences))
    return np.arange(total, dtype=np.int32) % len(SYMBOLS)


@given(
    corpora(tokens=tokens | st.sampled_from(ODD), weighted=True),
    st.booleans(),
    st.sampled_from([PLAIN, COLUMNS]),
    st.sets(st.integers(0, 4)),
)
@example([Sentence(tokens=("a", "b")), Sentence(tokens=("c",))], True, PLAIN, {0, 2})
def test_fast_text_is_the_same_text_or_none(sentences, weighted, options, empty):
    """empty: positions of empty sentences."""
    if not weighted:
        sentences = [replace(s, weight=1.0, token_weights=None) for s in sentences]
    for place in sorted(empty):
        sentences.insert(place, Sentence(tokens=()))
    classes = classes_of(sentences)
    found = fast_text(sentences, classes, SYMBOLS, **options)
    expected = one_by_one(sentences, classes, **options)
    if found is None:
        odd = {token for s in sentences for token in s.tokens}
        assert expected is None or any(piece in "".join(odd) for piece in ODD[:9]) or "" in odd
    else:
        assert found == expected


def test_usual_tokens_are_written_fast():
    sentences = [Sentence(tokens=("Ada", "saw")), Sentence(tokens=("New York",))]
    classes = classes_of(sentences)
    assert fast_text(sentences, classes, SYMBOLS, **PLAIN) == "Ada/NOUN saw/VERB\nNew York/B-PER\n"
    assert fast_text(sentences, classes, SYMBOLS, **COLUMNS) == (
        "Ada\tNOUN\nsaw\tVERB\n\nNew York\tB-PER\n\n"
    )


def test_comments_and_empty_sentences():
    sentences = [
        Sentence(tokens=()),
        Sentence(tokens=("Ada",), metadata={"id": "7"}, weight=2.0),
        Sentence(tokens=(), metadata={"id": "8"}),
    ]
    classes = classes_of(sentences)
    found = fast_text(sentences, classes, SYMBOLS, **COLUMNS)
    assert found == "# id = 7\n# weight = 2.0\nAda\tNOUN\n\n"
    assert fast_text(sentences, classes, SYMBOLS, **PLAIN) == "\nAda/NOUN\n\n"


@pytest.mark.parametrize(
    "options", [{"format": "jsonl", "scheme": Scheme.PLAIN}, {**PLAIN, "scheme": Scheme.IOB2}]
)
def test_what_is_written_one_by_one(options):
    sentences = [Sentence(tokens=("Ada",))]
    assert fast_text(sentences, classes_of(sentences), SYMBOLS, **options) is None


@pytest.mark.parametrize("tag", [" X", "", "\u2028", "a\tb"])
def test_unusual_tags_and_comments_are_written_one_by_one(tag):
    sentences = [Sentence(tokens=("Ada",))]
    assert fast_text(sentences, np.zeros(1, np.int32), (tag,), **COLUMNS) is None
    strange = [Sentence(tokens=("Ada",), metadata={"a\tb": "c"})]
    assert fast_text(strange, np.zeros(1, np.int32), SYMBOLS, **COLUMNS) is None
