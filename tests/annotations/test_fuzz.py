"""Damaged files give documents or a CorpusError, and nothing else."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlab.annotations.align import align
from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.files import annotation_module
from seqlab.annotations.span_report import SpanReport
from seqlab.errors import CorpusError
from seqlab.text.cutting import TextRules, TokenOffsets

TEXT = "Ada \U0001f600 left\nLondon."
DOCUMENTS = [
    AnnotatedText(
        text=TEXT,
        spans=(LabelledSpan(0, 3, "PER"), LabelledSpan(11, 17, "LOC")),
        sentences=(TokenOffsets((0, 4, 6), (3, 5, 10)), TokenOffsets((11, 17), (17, 18))),
        name=1,
        source="in:1",
    ),
    AnnotatedText(text="No.", name=2, source="in:2"),
]
FILES = [
    ("doccano", "a.jsonl"),
    ("label-studio", "a.json"),
    ("prodigy", "a.jsonl"),
    ("spacy", "a.json"),
    ("spacy", "a.spacy"),
    ("brat", "a/1.ann"),
    ("brat", "a/1.txt"),
    ("bioc", "a.xml"),
    ("bioc", "a.json"),
    ("bioc", "a.txt"),
    ("cas", "a/1.xmi"),
    ("cas", "a/TypeSystem.xml"),
]
each_file = pytest.mark.parametrize(("format", "file"), FILES, ids=[" ".join(one) for one in FILES])
fuzzed = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=40,
)


def written(format, file, folder):
    """Write the documents once; return the path that is read, and the file that is damaged."""
    if format == "cas":
        pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    if file.endswith(".spacy"):
        pytest.importorskip("spacy", reason="spaCy is not installed")
    path = folder / file.partition("/")[0]
    if not path.exists():
        annotation_module(format).write(DOCUMENTS, path, report=SpanReport())
    return path, folder / file


def read_damaged(format, path, target, content):
    """Read and align; all that may be raised is CorpusError."""
    whole = target.read_bytes()
    target.write_bytes(content)
    try:
        for document in annotation_module(format).read(path, encoding="utf-8", notes=Counter()):
            report = SpanReport()
            align(document, rules=TextRules(), report=report)
            assert report.spans == report.kept + report.dropped.total()
    except CorpusError as error:
        assert "\n" not in str(error)  # noqa: PT017, no error is right too
        assert str(path) in str(error)  # noqa: PT017
    finally:
        target.write_bytes(whole)


@each_file
@fuzzed
@given(data=st.data())
def test_damaged_bytes(format, file, tmp_path, data):
    path, target = written(format, file, tmp_path)
    content = bytearray(target.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = data.draw(
            st.binary(max_size=4)
            | st.sampled_from([b'"', b"]", b"\n", b"\t", b"-1", b"99", b"null", b"<", b"|"])
        )
    read_damaged(format, path, target, bytes(content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 50) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)


def with_replaced_part(value, choose, replacement):
    """A copy in which one part, chosen on the way down, is another value."""
    if isinstance(value, dict | list) and value and choose(4):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        chosen = keys[choose(len(keys) - 1)]
        copy = dict(value) if isinstance(value, dict) else list(value)
        copy[chosen] = with_replaced_part(value[chosen], choose, replacement)
        return copy
    return replacement


@pytest.mark.parametrize(
    ("format", "file"),
    [pair for pair in FILES if "json" in pair[1]],
    ids=[pair[0] for pair in FILES if "json" in pair[1]],
)
@fuzzed
@given(data=st.data(), replacement=JSON)
def test_wrong_types(format, file, tmp_path, data, replacement):
    path, target = written(format, file, tmp_path)
    whole = target.read_text("utf-8")
    is_lines = file.endswith("jsonl")
    value = [json.loads(line) for line in whole.splitlines()] if is_lines else json.loads(whole)
    damaged = with_replaced_part(value, lambda most: data.draw(st.integers(0, most)), replacement)
    parts = damaged if is_lines and isinstance(damaged, list) else [damaged]
    content = "\n".join(map(json.dumps, parts))
    read_damaged(format, path, target, content.encode())


@each_file
def test_every_cut_of_a_file(format, file, tmp_path):
    path, target = written(format, file, tmp_path)
    content = target.read_bytes()
    for end in range(0, len(content), max(1, len(content) // 60)):
        read_damaged(format, path, target, content[:end])


@fuzzed
@given(
    content=st.binary(max_size=60),
    format=st.sampled_from(["doccano", "label-studio", "prodigy", "spacy", "bioc"]),
)
def test_any_bytes(format, content, tmp_path):
    path = tmp_path / "any"
    path.write_bytes(b"")
    read_damaged(format, path, path, content)
