"""One array of objects: the same objects as one per line, read one by one."""

import json
from itertools import chain, islice, repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus import json_array
from seqlab.corpus.format_detection import Format
from seqlab.corpus.json_array import json_objects
from seqlab.corpus.reading import read_corpus
from seqlab.errors import CorpusError

ROWS = [
    {"tokens": ["Anna", "flew", "]", "{", '"', ","], "tags": ["B-PER", "O", "O", "O", "O", "O"]},
    {"tokens": ["Oslo"], "tags": ["B-LOC"]},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3)
    ),
    max_leaves=8,
)


def objects(text: str) -> list[tuple[int, str]]:
    return list(json_objects(enumerate(text.split("\n"), start=1), "x.json"))


def fault(text: str) -> str:
    with pytest.raises(CorpusError) as caught:
        objects(text)
    return str(caught.value)


@pytest.mark.parametrize("indent", [None, 0, 1])
def test_an_array_gives_what_lines_give(tmp_path: Path, indent: int | None):
    array, lines = tmp_path / "x.json", tmp_path / "x.jsonl"
    array.write_text(json.dumps(ROWS, indent=indent) + "\n")
    lines.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    corpus = read_corpus(array)
    assert corpus.format is Format.JSONL
    assert [(s.tokens, s.tags) for s in corpus] == [(s.tokens, s.tags) for s in read_corpus(lines)]


@given(st.lists(st.dictionaries(st.text(max_size=3), JSON, max_size=3), min_size=1), st.booleans())
def test_any_objects_come_back(values, ascii_only: bool):
    for indent in (None, 0, 3):
        text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
        assert [json.loads(element) for _, element in objects(text)] == values


def test_elements_have_the_number_of_their_first_line():
    assert [number for number, _ in objects('[\n\n{"a":\n1},\n {"b": 2}, {"c": 3}\n]')] == [3, 5, 5]
    assert objects('\n{"a": 1}\n\n[{"b": 2}]') == [(2, '{"a": 1}'), (4, '[{"b": 2}]')]
    assert objects("[\n]") == []


def test_elements_are_read_before_the_end_of_the_file():
    endless = zip(range(1, 10**9), ["["], strict=False)
    rows = ((number, '{"a": 1},') for number in range(2, 10**9))
    found = json_objects((line for part in (endless, rows) for line in part), "x")
    assert list(islice(found, 3)) == [(2, '{"a": 1}'), (3, '{"a": 1}'), (4, '{"a": 1}')]


def test_faults():
    cut = "the array of the file does not end: a bracket is missing, or the file was cut"
    assert fault('[\n{"a": 1},\n') == f"x.json:2: {cut}"
    assert fault('[\n{"a": "1}]') == f"x.json:2: {cut}"
    assert fault('[{"a": 1}]\n{"a": 2}') == (
        "x.json:2: text follows the array of the file; expected one array, or one object per line: "
        "'{\"a\": 2}'"
    )
    assert fault('[{"a": 1}]]').startswith("x.json:1: text follows the array")


def test_an_element_without_end_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_array, "LONGEST_LINE", 100)
    texts = chain(["[", "{"], repeat("x" * 30))
    lines = zip(range(1, 10**9), texts, strict=False)
    with pytest.raises(CorpusError) as caught:
        list(json_objects(lines, "x"))
    assert str(caught.value) == (
        "x:2: an element of the array is longer than 100 characters; is a bracket missing?"
    )


def test_faults_within_an_element(tmp_path: Path):
    path = tmp_path / "x.json"
    for text, message in (
        ('[\n{"tokens": ["a"],\n "tags": ["O" "O"]}\n]', "bad JSON (expecting ',' delimiter at position 33)"),
        ('[\n{"tokens": ["a"], "tags": ["O"]}, ,\n]', "bad JSON (expecting value at position 1)"),
        ("[\n7\n]", "expected a JSON object, found the number 7"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(CorpusError, match=r"x\.json:2: ") as caught:
            read_corpus(path)
        assert message in str(caught.value)
