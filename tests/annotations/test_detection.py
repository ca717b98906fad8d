"""Files are told apart by what is in them, whatever their names."""

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.detection import detect
from seqlab.annotations.files import annotation_module
from seqlab.annotations.span_report import SpanReport

DOCUMENTS = [
    AnnotatedText(text="Ada left.", spans=(LabelledSpan(0, 3, "PER"),), name=1, source="in:1"),
    AnnotatedText(text="No.\nNo.", name=2, source="in:2"),
]


@pytest.mark.parametrize(
    ("format", "file"),
    [
        ("doccano", "a.jsonl"),
        ("label-studio", "a.json"),
        ("prodigy", "a.jsonl"),
        ("brat", "a"),
        ("spacy", "a.json"),
        ("spacy", "a.spacy"),
        ("bioc", "a.xml"),
        ("bioc", "a.json"),
        ("bioc", "a.txt"),
        ("cas", "a"),
    ],
)
@pytest.mark.parametrize(
    "documents", [DOCUMENTS, DOCUMENTS[::-1]], ids=["spans first", "spans last"]
)
def test_every_written_format(format, file, documents, tmp_path):
    if file.endswith(".spacy"):
        pytest.importorskip("spacy", reason="spaCy is not installed")
    if format == "cas":
        pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    path = tmp_path / file
    annotation_module(format).write(documents, path, report=SpanReport())
    assert detect(path) == format
    if path.is_dir():
        assert detect(sorted(path.rglob("*.xmi" if format == "cas" else "*.ann"))[0]) == format
    else:
        (tmp_path / "renamed").write_bytes(path.read_bytes())
        assert detect(tmp_path / "renamed") == format
        if not file.endswith(".spacy"):
            (tmp_path / "packed.gz").write_bytes(gzip.compress(path.read_bytes()))
            assert detect(tmp_path / "packed.gz") == format


OBJECTS = [
    ("doccano", {"id": 1, "text": "a", "labels": [[0, 1, "X"]]}),
    ("doccano", {"id": 1, "data": "a", "label": []}),
    ("doccano", {"text": "a", "entities": [{"start_offset": 0, "end_offset": 1, "label": "X"}]}),
    ("doccano", {"doc_id": 3, "text": "a", "entities": [[0, 1, "X"]], "username": "x"}),
    ("label-studio", {"id": 1, "data": {"text": "a"}, "annotations": []}),
    ("label-studio", {"id": 1, "data": {"text": "a"}, "completions": []}),
    ("label-studio", {"text": "a", "label": [{"start": 0, "end": 1, "labels": ["X"]}]}),
    ("label-studio", {"body": "a", "ner": [{"start": 0, "end": 1, "labels": ["X"]}]}),
    ("label-studio", {"text": "a", "id": 1, "annotator": 1, "annotation_id": 2}),
    ("prodigy", {"text": "a", "spans": [{"start": 0, "end": 1, "label": "X"}], "answer": "accept"}),
    ("prodigy", {"text": "a", "spans": [], "answer": "reject"}),
    ("prodigy", {"text": "a", "tokens": [{"text": "a"}], "_task_hash": 1}),
    ("spacy", ["a", {"entities": [[0, 1, "X"]]}]),
    ("bioc", {"id": "1", "passages": []}),
    # near misses
    (None, {"tokens": ["a"], "tags": ["O"]}),
    (None, {"text": "a", "tokens": ["a"], "labels": ["O"]}),
    (None, {"id": "0", "tokens": ["a"], "ner_tags": [0]}),
    (None, {"text": "a", "label": ["positive"]}),
    (None, {"text": "a", "label": "positive"}),
    (None, {"text": "a", "label": 3}),
    (None, {"text": "a"}),
    ("prodigy", {"text": "a", "spans": [[0, 1, "X"]]}),
    (None, {"text": "a", "spans": [[0, 1]]}),
    (None, {"text": "a", "tokens": ["a"], "tags": ["O"], "spans": [[0, 1, "X"]]}),
    ("label-studio", {"data": {"text": "a"}}),
    ("label-studio", {"id": 0, "data": {"body": "a"}, "predictions": []}),
    (None, {"data": {"text": "a"}, "tokens": ["a"], "tags": ["O"]}),
    (None, {"data": {"body": "a"}}),
    (None, {"documents": 5}),
    (None, ["a", "b"]),
    (None, 5),
]


@pytest.mark.parametrize(("format", "value"), OBJECTS)
@pytest.mark.parametrize("form", ["line", "array", "indented array"])
def test_first_objects(format, value, form, tmp_path):
    content = {
        "line": json.dumps(value) + "\n" + json.dumps(value),
        "array": json.dumps([value, value]),
        "indented array": "\ufeff" + json.dumps([value, value], indent=2),
    }[form]
    (tmp_path / "x").write_text(content, "utf-8")
    assert detect(tmp_path / "x") == format


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("bioc", "12|t|A title\n12|a|An abstract\n"),
        ("bioc", "12|t|A title\n12\t0\t1\tA\tX\n"),
        (
            "bioc",
            "<?xml version='1.0'?>\n<!DOCTYPE collection SYSTEM 'BioC.dtd'>\n<collection></collection>",
        ),
        ("bioc", '{"source": "x", "infons": {"a": "b"}, "documents": [{"id": "1"}]}'),
        ("bioc", '{"PubTator3": [{"id": "1"}]}'),
        ("cas", '{"%TYPES": {}, "%FEATURE_STRUCTURES": []}'),
        ("cas", '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI">'),
        (None, "<html></html>"),
        (None, "Ada B-PER\nleft O\n"),
        (None, "1\tAda\tada\tPROPN\t_\t_\t0\troot\t_\t_\n"),
        (None, "Sentence #,Word,POS,Tag\nSentence: 1,Ada,NNP,B-per\n"),
        (None, "a|t|b c\n"[:0]),
        (None, "|t| O\n"),
        (None, "Ada left London."),
        (None, "[LOC London] is big"),
        (None, "{braces} in a text"),
    ],
)
def test_other_files(format, content, tmp_path):
    (tmp_path / "x").write_text(content, "utf-8")
    assert detect(tmp_path / "x") == format


SPANS = {"text": "a", "spans": [{"start": 0, "end": 1, "label": "X"}]}


@pytest.mark.parametrize("as_array", [False, True])
@pytest.mark.parametrize(
    ("format", "values"),
    [
        ("prodigy", [{"text": "b"}, {"text": "c", "meta": {}}, SPANS]),
        (None, [{"text": "b"}] * 200 + [SPANS]),
        (None, [{"text": "b"}, {"tokens": ["a"], "tags": ["O"]}, SPANS]),
        (None, [{"tokens": ["a"], "tags": ["O"]}, SPANS]),
        ("doccano", [{"text": "b", "label": []}, SPANS]),
    ],
)
def test_first_texts_may_have_no_spans(format, values, as_array, tmp_path):
    lines = "\n".join(map(json.dumps, values))
    (tmp_path / "x").write_text(json.dumps(values) if as_array else lines)
    assert detect(tmp_path / "x") == format


@pytest.mark.parametrize("opening", ["", "["])
def test_a_first_record_longer_than_a_look(opening, tmp_path):
    record = {"text": "a " * 300_000, "label": [[0, 1, "X"]]}
    (tmp_path / "x").write_text(opening + json.dumps(record), "utf-8")
    assert detect(tmp_path / "x") == "doccano"


def test_folders_and_missing_files(tmp_path):
    assert detect(tmp_path / "missing") is None
    assert detect(tmp_path) is None
    (tmp_path / "seq.in").write_text("Ada left\n")
    (tmp_path / "a.txt").write_text("Ada left\n")
    assert detect(tmp_path) is None
    assert detect(tmp_path / "a.txt") is None
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.ann").write_text("")
    assert detect(tmp_path) == "brat"


def test_zip_of_inception(tmp_path):
    pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    annotation_module("cas").write(DOCUMENTS, tmp_path / "out", report=SpanReport())
    packed = shutil.make_archive(str(tmp_path / "export"), "zip", tmp_path / "out")
    assert detect(tmp_path / "export.zip") == "cas"
    read = annotation_module("cas").read(Path(packed), encoding="utf-8", notes=Counter())
    assert [(one.text, one.spans) for one in read] == [(one.text, one.spans) for one in DOCUMENTS]
    (tmp_path / "seq").mkdir()
    (tmp_path / "seq" / "seq.in").write_text("a\n")
    shutil.make_archive(str(tmp_path / "other"), "zip", tmp_path / "seq")
    assert detect(tmp_path / "other.zip") is None


def test_the_corpora_of_others_are_none(shared_data):
    files = [path for path in shared_data.rglob("*") if path.is_file() and path.suffix != ".rst"]
    assert len(files) > 30
    assert {path.name: detect(path) for path in files if detect(path)} == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=40),
    start=st.sampled_from([b"", b"[{", b"PK\x03\x04", b"\x1f\x8b", b"x\x9c", b"<"]),
)
def test_any_bytes_are_looked_at_without_error(tmp_path, content, start):
    (tmp_path / "x").write_bytes(start + content)
    assert detect(tmp_path / "x") in (None, "bioc", "spacy", "doccano", "prodigy", "label-studio")
