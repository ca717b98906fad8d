"""JSON lines keep every part of a sentence; each wrong type is reported with its location."""

import io
import json

import pytest
from hypothesis import given

from seqlab.corpus.jsonl import name_nulls, read_jsonl, write_jsonl
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, UserError
from tests import strategies
from tests.corpus.streams import columns_of


def read(text: str, **options) -> list[Sentence]:
    lines = enumerate(text.split("\n"), start=1)
    columns, tagged = columns_of(options), options.pop("tagged", True)
    return list(read_jsonl(lines, name="x.jsonl", columns=columns, tagged=tagged, **options))


def fault(text: str, **options) -> str:
    with pytest.raises(CorpusError) as caught:
        read(text, **options)
    return str(caught.value)


def written(*sentences: Sentence) -> str:
    stream = io.StringIO()
    write_jsonl(sentences, stream)
    return stream.getvalue()


def test_all_the_fields():
    (sentence,) = read(
        '\n{"tokens": ["EU"], "tags": ["O"], "weight": 2, "token_weights": [0.5],'
        ' "metadata": {"id": 1}, "split": "a"}\n'
    )
    assert sentence == Sentence(
        tokens=("EU",),
        tags=("O",),
        weight=2.0,
        token_weights=(0.5,),
        metadata={"split": "a", "id": 1},
        source="x.jsonl:2",
    )
    assert read('{"tokens": ["EU"]}', tagged=False)[0].tags is None
    text = '{"words": ["EU"], "ner": ["O"]}'
    other = read(text, token_column="words", tag_column="ner")[0]
    assert (other.tokens, other.tags, dict(other.metadata)) == (("EU",), ("O",), {})


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ('{"tokens": ["EU"', "bad JSON (expecting ',' delimiter at position 17)"),
        ("[" * 100_000, "bad JSON ("),
        ('{"tokens": ' + "9" * 5000 + "}", "bad JSON ("),
        ("[1]", "expected a JSON object, found a list"),
        ('{"token": ["EU"]}', "there is no key 'tokens'; nearest: 'token'"),
        ('{"tokens": "EU"}', "'tokens' is a string; expected a list of strings"),
        ('{"tokens": []}', "'tokens' is empty; expected at least one token"),
        ('{"tokens": ["EU", 3]}', "tokens[1] is the number 3; expected a string"),
        ('{"tokens": ["EU", ""]}', "tokens[1] is an empty string"),
        ('{"tokens": ["\\ud800"]}', "tokens[0] holds half a surrogate pair: '\\ud800'"),
        ('{"tokens": ["EU"]}', "there is no key 'tags': "),
        ('{"tokens": ["EU"], "tags": null}', "'tags' is null; expected a list of strings"),
        (
            '{"tokens": ["EU"], "tags": ["O", "O"]}',
            "1 token and 2 tags; expected one tag per token",
        ),
        (
            '{"tokens": ["a"], "tags": ["O"], "weight": -1}',
            "weight -1; expected a number from 0 to 1e+09",
        ),
        (
            '{"tokens": ["a"], "tags": ["O"], "weight": NaN}',
            "weight nan; expected a number from 0 to 1e+09",
        ),
        (
            '{"tokens": ["a"], "tags": ["O"], "weight": 1e300}',
            "weight 1e+300; expected a number from 0 to 1e+09",
        ),
        (
            '{"tokens": ["a"], "tags": ["O"], "token_weights": [1000000001]}',
            "weight 1000000001; expected a number from",
        ),
        ('{"tokens": ["a"], "tags": ["O"], "weight": true}', "weight True; expected a number"),
        ('{"tokens": ["a"], "tags": ["O"], "weight": 1e999}', "weight inf; expected a number"),
        ('{"tokens": ["a"], "tags": ["O"], "token_weights": 1}', "'token_weights' is the number 1"),
        ('{"tokens": ["a"], "tags": ["O"], "token_weights": []}', "0 token weights for 1 token"),
        ('{"tokens": ["a"], "tags": ["O"], "metadata": []}', "'metadata' is a list; expected an"),
    ],
)
def test_errors(line: str, fact: str):
    assert fault("\n" + line).startswith(f"x.jsonl:2: {fact}")


@given(strategies.corpora(tokens=strategies.tokens, weighted=True))
def test_written_sentences_are_read_again(corpus):
    text = written(*corpus)
    assert text.count("\n") == len(corpus)
    again = read(text)
    assert [(s.tokens, s.tags, s.weight, s.token_weights) for s in again] == [
        (s.tokens, s.tags, s.weight, s.token_weights) for s in corpus
    ]


def test_any_token_and_metadata_come_back():
    sentence = Sentence(tokens=("a\tb\n\0", " "), metadata={"id": 17, "of": [1, None]})
    (again,) = read(written(sentence), tagged=False)
    assert again.tokens == sentence.tokens
    assert again.metadata == sentence.metadata


@pytest.mark.parametrize(
    "fields",
    [
        {"tokens": ()},
        {"tokens": ("",)},
        {"tokens": ("a",), "weight": float("nan")},
        {"tokens": ("a",), "metadata": {"set": {1}}},
        {"tokens": ("\ud800",)},
    ],
)
def test_what_json_cannot_hold_is_refused(fields):
    with pytest.raises(UserError, match=r"^y:3: "):
        written(Sentence(source="y:3", **fields))


def test_features_are_lists_of_texts_numbers_or_truth_values():
    text = '{"tokens": ["EU", "fell"], "tags": ["A", "O"], "pos": ["N", ""], "known": [1, true]}'
    (found,) = read(text, feature_columns={"pos": "pos", "list": "known"})
    assert found.features == {"pos": ("N", ""), "list": ("1", "true")}
    assert found.metadata == {"pos": ["N", ""], "known": [1, True]}
    stream = io.StringIO()
    write_jsonl([found], stream)
    (again,) = read(stream.getvalue(), feature_columns={"pos": "pos", "list": "known"})
    assert again.features == found.features


@pytest.mark.parametrize(
    ("key", "fact"),
    [
        (
            "poss",
            "there is no key 'poss' for feature 'x'; nearest: 'pos'; add --feature-columns x=KEY",
        ),
        ("weight", "'weight' is the number 2; expected a list of strings"),
        ("short", "1 value in 'short' for 2 tokens; expected one per token"),
        ("deep", "deep[1] is a list; expected a string, a number or a boolean"),
        ("null", "null[0] is null; expected a string, a number or a boolean"),
    ],
)
def test_a_feature_that_is_no_list_of_values(key, fact):
    text = (
        '{"tokens": ["EU", "fell"], "tags": ["A", "O"], "weight": 2, "pos": ["N", "V"],'
        ' "short": [1], "deep": [1, []], "null": [null, 1]}'
    )
    with pytest.raises(CorpusError) as caught:
        read(text, feature_columns={"x": key})
    assert str(caught.value).startswith(f"x.jsonl:1: {fact}: ")


def test_the_tags_are_no_feature():
    with pytest.raises(CorpusError) as caught:
        read("", feature_columns={"x": "tags"})
    assert str(caught.value) == "x.jsonl: key 'tags' can't be both tags and feature 'x'"


def test_the_key_document_tells_the_document_and_stays_metadata():
    lines = ('"document": 7', '"metadata": {"document": "a"}', '"document": [1]', '"documents": 2')
    text = "\n".join('{"tokens": ["x"], "tags": ["O"], ' + line + "}" for line in lines)
    found = read(text)
    assert [s.document for s in found] == [7, "a", None, None]
    assert [s.document for s in read(written(*found))] == [7, "a", None, None]
    assert found[0].metadata == {"document": 7}


def test_numbers_that_are_not_finite_become_null():
    sentences = read(
        '{"tokens": ["a"], "tags": ["O"], "p": NaN, "q": {"r": [1, -Infinity]}, "s": 2}'
    )
    assert json.loads(written(*sentences)) == {
        "tokens": ["a"],
        "tags": ["O"],
        "metadata": {"p": None, "q": {"r": [1, None]}, "s": 2},
    }
    said: list[str] = []
    assert list(name_nulls(sentences * 2, said.append)) == sentences * 2
    assert said == [
        "NaN or an infinite number under 'p' is written as null: JSON has no such numbers",
        "NaN or an infinite number under 'q' is written as null: JSON has no such numbers",
    ]
    clean = read('{"tokens": ["a"], "tags": ["O"], "p": [1.5, "nan"]}')
    assert list(name_nulls(clean, said.append)) == clean
    assert len(said) == 2


def test_raw_text_has_no_tags():
    with pytest.raises(CorpusError) as caught:
        read('{"text": "Ada sailed."}')
    assert str(caught.value) == (
        "x.jsonl:1: there is no key 'tokens'; this is raw text, without tokens and tags: "
        '\'{"text": "Ada sailed."}\''
    )
