import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError
from seqlab.streaming.output import tagged_text
from seqlab.tagging.tagger import Prediction
from tests.corpus.streams import read_stream
from tests.strategies import texts

SENTENCE = Sentence(tokens=("Ada", "saw"), source="in:1")
PREDICTION = Prediction(tags=("B-PER", "O"), scores=np.array([0.98766, 0.5], np.float32))


def text_of(sentence=SENTENCE, prediction=PREDICTION, **options):
    return tagged_text(sentence, prediction, **{"scheme": Scheme.IOB2, "scores": False} | options)


@pytest.mark.parametrize(
    ("format", "scores", "text"),
    [
        ("conll", False, "Ada\tB-PER\nsaw\tO\n\n"),
        ("conll", True, "Ada\tB-PER\t0.9877\nsaw\tO\t0.5000\n\n"),
        ("jsonl", False, '{"tokens": ["Ada", "saw"], "tags": ["B-PER", "O"]}\n'),
        (
            "jsonl",
            True,
            '{"tokens": ["Ada", "saw"], "tags": ["B-PER", "O"], "scores": [0.9877, 0.5]}\n',
        ),
        ("text", False, "[PER Ada] saw\n"),
        ("text", True, "[PER Ada] saw\t0.7438\n"),
    ],
)
def test_the_three_formats(format, scores, text):
    assert text_of(format=format, scores=scores) == text


@pytest.mark.parametrize(("format", "text"), [("conll", ""), ("jsonl", ""), ("text", "\n")])
@pytest.mark.parametrize("scores", [False, True])
def test_a_sentence_without_tokens(format, text, scores):
    nothing = Prediction(tags=(), scores=np.zeros(0, np.float32))
    assert text_of(Sentence(tokens=()), nothing, format=format, scores=scores) == text


def test_comments_stay_before_the_tokens_and_get_no_score():
    sentence = Sentence(tokens=("Ada", "saw"), metadata={"id": "7"}, weight=2.0)
    text = text_of(sentence, format="conll", scores=True)
    lines = ["# id = 7", "# weight = 2.0", "Ada\tB-PER\t0.9877", "saw\tO\t0.5000", "", ""]
    assert text == "\n".join(lines)


def test_a_first_token_that_opens_as_a_byte_order_mark_keeps_its_score():
    sentence = Sentence(tokens=("\ufeffAda", "saw"))
    text = text_of(sentence, format="conll", scores=True)
    assert text == "\n\ufeffAda\tB-PER\t0.9877\nsaw\tO\t0.5000\n\n"


def test_metadata_and_weights_stay_in_json_lines():
    sentence = Sentence(tokens=("Ada", "saw"), metadata={"id": 7}, weight=2.0)
    assert json.loads(text_of(sentence, format="jsonl", scores=True)) == {
        "tokens": ["Ada", "saw"],
        "tags": ["B-PER", "O"],
        "weight": 2.0,
        "metadata": {"id": 7},
        "scores": [0.9877, 0.5],
    }


def test_extra_keys_follow_the_scores_in_json_lines():
    extra = {"n_best": [{"tags": ["O", "O"], "probability": 0.25}]}
    assert text_of(format="jsonl", scores=True, extra=extra) == (
        '{"tokens": ["Ada", "saw"], "tags": ["B-PER", "O"], "scores": [0.9877, 0.5], '
        '"n_best": [{"tags": ["O", "O"], "probability": 0.25}]}\n'
    )


@pytest.mark.parametrize(
    ("format", "token", "message"),
    [
        ("conll", "a\tb", "in:1: token 'a\\tb' holds '\\t', which columns can't hold; write jsonl"),
        (
            "text",
            "a\nb",
            "in:1: token 'a\\nb' has a line break, which format text cannot hold; give --output-format jsonl",
        ),
        ("jsonl", "\ud800", "in:1: half a surrogate pair; utf-8 can't hold this sentence"),
    ],
)
def test_a_sentence_that_the_format_cannot_hold(format, token, message):
    with pytest.raises(UserError) as caught:
        text_of(Sentence(tokens=("Ada", token), source="in:1"), format=format)
    assert str(caught.value) == message


@given(st.lists(texts, min_size=1, max_size=5), st.sampled_from(["conll", "jsonl"]))
def test_what_is_written_is_read_again(tokens, format):
    sentence = Sentence(tokens=tuple(tokens))
    prediction = Prediction(tags=("O",) * len(tokens), scores=np.ones(len(tokens), np.float32))
    try:
        text = text_of(sentence, prediction, format=format)
    except UserError:
        return  # told, not written wrong
    stream = io.BytesIO(text.encode())
    (found,) = read_stream(stream, format=format, tagged=True)
    assert (found.tokens, found.tags) == (tuple(tokens), ("O",) * len(tokens))
