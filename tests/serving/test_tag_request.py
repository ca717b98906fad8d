"""Bodies of requests: what is taken, and the sentence with which everything else is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.serving.refusal import Refusal
from seqlab.serving.tag_request import TagRequest, parse_request

DEEP = b"[" * 100_000 + b"]" * 100_000
UNITS = "expected one of codepoints (Python), utf16 (JavaScript, Java, C#), bytes (UTF-8: Go, Rust)"
KEYS = "text, tokens, texts, sentences, tagger, features, numbers, thresholds, offsets, details"
ONE_OF = "expected exactly one of text, tokens, texts, sentences"

NOT_JSON = {
    b"": "Expecting value: line 1 column 1 (char 0)",
    b'{"text": "a"': "Expecting ',' delimiter: line 1 column 13 (char 12)",
    b"text=a": "Expecting value: line 1 column 1 (char 0)",
    b'{"text": "\xff"}': "byte 11 is not UTF-8",
    b'{"text": NaN}': "NaN is no number of JSON",
    b'{"text": -Infinity}': "-Infinity is no number of JSON",
    b'{"text": "a", "text": "b"}': "key 'text' is given twice",
    b'{"text": "a", "thresholds": {"A": 1, "A": 0}}': "key 'A' is given twice",
    b'{"text": "a\x00"}': "Invalid control character at: line 1 column 12 (char 11)",
    b'\xef\xbb\xbf{"text": "a"}': "Expecting value: line 1 column 1 (char 0)",
    DEEP: "it is nested too deeply",
}
REFUSED = {
    "[]": 'the body is a list: expected an object, such as {"text": "…"}',
    "null": 'the body is null: expected an object, such as {"text": "…"}',
    "{}": f"no input is given: {ONE_OF}",
    '{"text": "a", "tokens": []}': f"text and tokens are given: {ONE_OF}",
    '{"txt": "a"}': f"unknown key 'txt': expected {KEYS}; nearest: 'text'",
    '{"text": 1}': "text is 1: expected a string",
    '{"text": ["a"]}': "text is a list: expected a string",
    '{"text": {"a": 1}}': "text is an object: expected a string",
    '{"texts": "a"}': "texts is 'a': expected a list of strings",
    '{"texts": "a secret of more than 20 characters"}': "texts is a string: expected a list of strings",
    '{"texts": ["a", null]}': "texts[1] is null: expected a string",
    '{"tokens": "a b"}': "tokens is 'a b': expected a list of strings",
    '{"tokens": ["a", 2.5]}': "tokens[1] is 2.5: expected a string",
    '{"tokens": ["a", ""]}': "tokens[1] is empty: leave out empty tokens",
    '{"sentences": ["a"]}': "sentences[0] is 'a': expected a list of strings",
    '{"sentences": {}}': "sentences is an object: expected a list of lists of tokens",
    '{"sentences": [["a"], ["b", true]]}': "sentences[1][1] is true: expected a string",
    '{"text": "a", "tagger": 1}': "tagger is 1: expected the name of a tagger",
    '{"text": "a", "tagger": null}': "tagger is null: expected the name of a tagger",
    '{"text": "a", "details": 1}': "details is 1: expected true or false",
    '{"text": "a", "offsets": "utf8"}': f"offsets is 'utf8': {UNITS}; nearest: 'bytes'",
    '{"text": "a", "offsets": "UTF-16"}': f"offsets is 'UTF-16': {UNITS}; nearest: 'utf16'",
    '{"text": "a", "offsets": ["utf16"]}': f"offsets is a list: {UNITS}",
    '{"tokens": ["a"], "offsets": "utf16"}': "offsets is given with tokens, whose start and end count tokens: leave it out",
    '{"text": "a", "thresholds": 0.5}': "thresholds is 0.5: expected an object by label",
    '{"text": "a", "thresholds": {"A": 1.5}}': "thresholds['A'] is 1.5: expected a number from 0 to 1",
    '{"text": "a", "thresholds": {"A": 1e999}}': "thresholds['A'] is inf: expected a number from 0 to 1",
    '{"text": "a", "thresholds": {"A": true}}': "thresholds['A'] is true: expected a number from 0 to 1",
    '{"text": "a", "features": {"pos": ["N"]}}': "features is given with text: it belongs to tokens or sentences",
    '{"tokens": ["a"], "features": []}': "features is a list: expected an object by name of the column",
    '{"tokens": ["a"], "features": {"pos": "N"}}': "features['pos'] is 'N': expected a list of strings",
    '{"tokens": ["a", "b"], "features": {"pos": ["N"]}}':
        "features['pos'] has 1 value: expected one value per token, which is 2",
    '{"tokens": ["a"], "features": {"pos": []}}': "features['pos'] has 0 values: expected one value per token, which is 1",
    '{"sentences": [["a"]], "features": {"pos": ["N"]}}': "features['pos'][0] is 'N': expected a list of strings",
    '{"sentences": [["a"]], "features": {"pos": []}}':
        "features['pos'] has 0 values: expected one list per sentence, which is 1",
    '{"tokens": ["a"], "numbers": {"size": ["1"]}}':
        "numbers['size'][0] is '1': expected a finite number, or null if it is missing",
    '{"tokens": ["a"], "numbers": {"size": [1e999]}}':
        "numbers['size'][0] is inf: expected a finite number, or null if it is missing",
}  # fmt: skip


def refusal(body):
    with pytest.raises(Refusal) as caught:
        parse_request(body)
    return caught.value.status, caught.value.code, str(caught.value)


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_refused_with_400(body):
    assert refusal(body) == (400, "bad_json", f"the body is not JSON: {NOT_JSON[body]}")


@pytest.mark.parametrize("body", REFUSED)
def test_json_of_another_shape_is_refused_with_422(body):
    assert refusal(body.encode()) == (422, "invalid", REFUSED[body])


def test_numbers_of_any_length_are_refused_without_computing_them():
    digits = b'{"text": "a", "thresholds": {"A": %s}}' % (b"9" * 500_000)
    assert refusal(digits)[:2] == (400, "bad_json")
    long = b'{"tokens": ["a"], "numbers": {"n": [%s]}}' % (b"9" * 4000)
    assert refusal(long)[:2] == (422, "invalid")


def test_a_request_has_what_was_given():
    body = {
        "sentences": [["a", "b"], []],
        "features": {"pos": [["N", "V"], []]},
        "numbers": {"n": [[1, None], []]},
        "thresholds": {"PER": 0.5},
        "tagger": "news",
        "details": True,
    }
    assert parse_request(json.dumps(body).encode()) == TagRequest(
        texts=None,
        sentences=[["a", "b"], []],
        many=True,
        tagger="news",
        features=[{"pos": ["N", "V"]}, {"pos": []}],
        numbers=[{"n": [1, None]}, {"n": []}],
        thresholds={"PER": 0.5},
        details=True,
    )
    assert parse_request(b'{"text": "a"}') == TagRequest(texts=["a"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS.split(", ")), inner),
    max_leaves=12,
)


@given(VALUES | st.dictionaries(st.sampled_from(KEYS.split(", ")), VALUES))
def test_any_json_is_taken_or_refused(value):
    try:
        parse_request(json.dumps(value).encode())
    except Refusal as error:
        refused = error
    else:
        return
    assert refused.status in (400, 422)
    assert json.loads(refused.body())["error"]["message"]
