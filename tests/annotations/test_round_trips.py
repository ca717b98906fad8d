"""What is written in each format is read again with equal texts, spans and names."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlab.annotations.align import align
from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.files import annotation_module
from seqlab.annotations.from_tags import TaggedTokens, annotated_text
from seqlab.annotations.span_report import SpanFault, SpanReport
from seqlab.text.cutting import TextRules

FORMATS = [
    ("doccano", "out.jsonl"),
    ("label-studio", "out.json"),
    ("prodigy", "out.jsonl"),
    ("brat", "out"),
    ("spacy", "out.json"),
    ("spacy", "out.spacy"),
    ("bioc", "out.xml"),
    ("bioc", "documents.json"),
    ("bioc", "out.pubtator"),
    ("cas", "out.cas"),
]
LIBRARIES = {"out.spacy": "spacy", "out.cas": "cassis"}
each_format = pytest.mark.parametrize(
    ("format", "file"), FORMATS, ids=[" ".join(pair) for pair in FORMATS]
)
DOCUMENTS = (
    AnnotatedText(
        text="Ada Lovelace\nleft  \U0001f600 London.\n",
        spans=(LabelledSpan(0, 12, "PER"), LabelledSpan(21, 27, "LOC")),
        name="a/1",
        source="in:1",
    ),
    AnnotatedText(text="No.", name="b", source="in:2"),
    AnnotatedText(text="Anne\nMarie", spans=(LabelledSpan(0, 10, "PER"),), name="c", source="in:3"),
)


def write_and_read(documents, format, path):
    if library := LIBRARIES.get(path.name):
        pytest.importorskip(library, reason=f"{library} is not installed")
    module = annotation_module(format)
    report, notes = SpanReport(), Counter()
    module.write(documents, path, report=report)
    return list(module.read(path, encoding="utf-8", notes=notes)), report, +notes


@each_format
def test_texts_spans_and_names(format, file, tmp_path):
    documents, report, _ = write_and_read(DOCUMENTS, format, tmp_path / file)
    assert [one.text for one in documents] == [stored_text(one, file) for one in DOCUMENTS]
    assert [one.spans for one in documents] == [one.spans for one in DOCUMENTS]
    assert (report.spans, report.kept, report.counts) == (3, 3, {})
    named = file != "out.json" or format == "label-studio"
    assert [one.name for one in documents] == (["a/1", "b", "c"] if named else [None] * 3)


@each_format
def test_spans_with_gaps_are_counted_when_they_are_written(format, file, tmp_path):
    document = AnnotatedText(text="a b c", discontinuous=(LabelledSpan(0, 5, "X"),), source="in:1")
    documents, report, _ = write_and_read([document], format, tmp_path / file)
    assert documents[0].spans == ()
    assert report.dropped == {(SpanFault.DISCONTINUOUS, "X"): 1}
    assert (report.spans, report.kept) == (1, 0)


@each_format
def test_no_documents(format, file, tmp_path):
    if format in ("brat", "cas"):
        pytest.skip("a folder without documents has no format")
    assert write_and_read([], format, tmp_path / file)[0] == []


@st.composite
def tagged_documents(draw):
    """Documents of sentences with words, some of them wide characters, and IOB2 tags."""
    word = st.text(alphabet="aé.\U0001f600漢", min_size=1, max_size=4)
    sentence = st.lists(
        st.tuples(word, st.sampled_from(["O", "B-X", "I-X", "B-Y"])), min_size=1, max_size=6
    )
    document = st.lists(sentence, min_size=1, max_size=3)
    drawn = draw(st.lists(document, min_size=1, max_size=3))
    return [
        annotated_text(
            [TaggedTokens(*zip(*pairs, strict=True)) for pairs in sentences],
            name=f"d{index}",
            source=f"in:{index}",
        )
        for index, sentences in enumerate(drawn)
    ]


@each_format
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(documents=tagged_documents())
def test_generated_documents(format, file, tmp_path_factory, documents):
    path = tmp_path_factory.mktemp("generated") / file
    read, report, notes = write_and_read(documents, format, path)
    assert [one.text for one in read] == [stored_text(one, file) for one in documents]
    assert [one.spans for one in read] == [one.spans for one in documents]
    assert report.counts == {}
    assert set(notes) <= {"tokens of white space"}


@each_format
def test_real_corpora_keep_their_spans(format, file, tmp_path, shared_data):
    for name, folder in (
        ("gum", "gum_ner/CONLL-format/data/train/gum-train.conll"),
        ("wikigold", "wikigold/CONLL-format/data/wikigold.conll.txt"),
    ):
        documents = corpus_documents(shared_data / folder)
        (tmp_path / name).mkdir()
        read, report, _ = write_and_read(documents, format, tmp_path / name / file)
        assert [one.text for one in read] == [stored_text(one, file) for one in documents]
        assert [shown(one) for one in read] == [shown(one) for one in documents]
        assert report.kept == report.spans == sum(len(one.spans) for one in documents)
        assert report.dropped == {}
        # What was read becomes the tags that the corpus has.
        if file != "out.pubtator":  # which has no line breaks in an abstract
            assert [tags_of(one) for one in read] == [tags_of(one) for one in documents]


def stored_text(document, file):
    """The text as the format has it: PubTator keeps only the first line break."""
    if file != "out.pubtator":
        return document.text
    title, line_break, abstract = document.text.partition("\n")
    return title + (line_break + abstract.replace("\n", " ") if abstract else "")


def shown(document):
    """(offset, label, text) of each span."""
    return [(start, label, document.text[start:end]) for start, end, label in document.spans]


def tags_of(document):
    return align(document, rules=TextRules(sentences="line", tokenized=True), report=SpanReport())


def corpus_documents(path):
    """Documents of twenty sentences each, read from the columns of a file without seqlab's readers."""
    sentences, pairs = [], []
    for line in [*path.read_text("utf-8").split("\n"), ""]:
        cells = line.split()
        if len(cells) >= 2 and cells[0] != "-DOCSTART-":
            pairs.append((cells[0], cells[-1]))
        elif pairs:
            sentences.append(TaggedTokens(*zip(*pairs, strict=True)))
            pairs = []
    assert len(sentences) > 1000
    return [
        annotated_text(
            sentences[first : first + 20], name=f"{first:05}", source=f"{path.name}:{first}"
        )
        for first in range(0, len(sentences), 20)
    ]


def test_task_numbers_of_label_studio_are_unique(tmp_path):
    names = [None, 1, "x", 3, 2, 2]
    documents = [AnnotatedText(text=str(name), name=name, source="in:1") for name in names]
    annotation_module("label-studio").write(documents, tmp_path / "a.json", report=SpanReport())
    tasks = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [task["id"] for task in tasks] == [1, 2, 3, 4, 5, 6]
    notes = Counter()
    read = annotation_module("label-studio").read(
        tmp_path / "a.json", encoding="utf-8", notes=notes
    )
    assert [one.name for one in read] == [1, 1, "x", 3, 2, 2]


def test_metadata_never_takes_the_place_of_the_labels(tmp_path):
    document = AnnotatedText(
        text="Ada", spans=(LabelledSpan(0, 3, "PER"),), metadata={"label": "intent", "text": "x"}
    )
    for name, file in FORMATS:
        folder = tmp_path / f"{name}-{file}"
        folder.mkdir()
        (found,), _, _ = write_and_read([document], name, folder / file)
        assert (found.text.strip(), found.spans) == ("Ada", document.spans)
