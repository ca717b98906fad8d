import json

import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.streaming.output import OutputOptions
from seqlab.streaming.writer import TagWriter
from tests import tiny

pytestmark = tiny.KERAS_NOISE
GIVEN = [Sentence(tokens=("Ada", "Stone", "saw", "Oslo")), Sentence(tokens=("Cairo",))]


def writer(tagger, **options):
    return TagWriter(tagger=tagger, options=OutputOptions(**options))


def test_each_sentence_is_written_with_its_extra_keys(span_run):
    tagger = span_run.tagger
    asked = {"format": "jsonl", "scores": True, "n_best": 2, "span_scores": True}
    text, error = writer(tagger, **asked).write(GIVEN)
    found = [json.loads(line) for line in text.splitlines()]
    assert error is None
    assert [tuple(fields["tokens"]) for fields in found] == [s.tokens for s in GIVEN]
    assert [fields["tags"] for fields in found] == [tagger.tag(s.tokens) for s in GIVEN]
    assert all({"scores", "n_best", "spans"} < set(fields) for fields in found)


def test_no_sentences_give_no_text(span_run):
    assert writer(span_run.tagger, format="text").write([]) == (b"", None)


def test_the_text_before_an_error_is_written(span_run):
    bad = Sentence(tokens=("a\nb",), source="in:2")
    whole = writer(span_run.tagger, format="text")
    text, error = whole.write([GIVEN[0], bad, GIVEN[1]])
    assert text == whole.write(GIVEN[:1]).text
    assert (
        error
        == r"in:2: token 'a\nb' has a line break, which format text cannot hold; give --output-format jsonl"
    )


@pytest.mark.parametrize("format", ["conll", "jsonl", "text"])
def test_text_is_utf_8(span_run, format):
    text, _ = writer(span_run.tagger, format=format).write([Sentence(tokens=("Zoë", "東京"))])
    assert "東京".encode() in text
