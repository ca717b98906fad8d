"""The library of each tool reads what is written here, and what it writes is read here."""

import json
import warnings
from collections import Counter

import pytest

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.files import annotation_module
from seqlab.annotations.span_report import SpanReport
from seqlab.text.cutting import TokenOffsets

TEXT = "Ada \U0001f600 left\nLondon. She was back."
SPANS = (LabelledSpan(0, 3, "PER"), LabelledSpan(11, 17, "LOC"))
DOCUMENT = AnnotatedText(text=TEXT, spans=SPANS, name="a1", source="in:1")


def write(format, path, document=DOCUMENT):
    annotation_module(format).write([document], path, report=SpanReport())
    return path


def read(format, path):
    notes = Counter()
    (document,) = annotation_module(format).read(path, encoding="utf-8", notes=notes)
    return document, dict(+notes)


@pytest.fixture
def label_studio():
    """The SDK's page of labels and its converter of exports."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the SDK's own imports
        sdk = pytest.importorskip("label_studio_sdk", reason="label-studio-sdk is not installed")
        from label_studio_sdk.converter import Converter
        from label_studio_sdk.label_interface import LabelInterface

    assert sdk
    config = (
        '<View><Labels name="label" toName="text"><Label value="PER"/><Label value="LOC"/></Labels>'
        '<Text name="text" value="$text"/></View>'
    )
    return LabelInterface(config), Converter(config, "")


def test_label_studio_accepts_the_annotations(label_studio, tmp_path):
    page, _ = label_studio
    (task,) = json.loads(write("label-studio", tmp_path / "a.json").read_text("utf-8"))
    (annotation,) = task["annotations"]
    assert page.validate_annotation(annotation) is True
    annotation["result"][0]["value"]["labels"] = ["NO SUCH LABEL"]
    assert page.validate_annotation(annotation) is False


def test_json_min_of_label_studio(label_studio, tmp_path):
    _, converter = label_studio
    path = write("label-studio", tmp_path / "a.json")
    converter.convert(str(path), str(tmp_path / "min"), "JSON_MIN", is_dir=False)
    (exported,) = (tmp_path / "min").iterdir()
    document, notes = read("label-studio", exported)
    assert (document.text, document.spans, notes) == (TEXT, SPANS, {})


def test_spacy_reads_the_doc_bin(tmp_path):
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    from spacy.tokens import DocBin

    path = write("spacy", tmp_path / "a.spacy")
    (doc,) = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert doc.text == TEXT
    assert [(one.start_char, one.end_char, one.label_, one.text) for one in doc.ents] == [
        (0, 3, "PER", "Ada"),
        (11, 17, "LOC", "London"),
    ]


def test_spacy_trains_on_the_json(tmp_path):
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    from spacy.training import Example

    (pair,) = json.loads(write("spacy", tmp_path / "a.json").read_text("utf-8"))
    nlp = spacy.blank("en")
    example = Example.from_dict(nlp.make_doc(pair[0]), pair[1])
    assert [(one.start_char, one.end_char, one.label_) for one in example.reference.ents] == [
        *SPANS
    ]


@pytest.mark.parametrize(
    ("file", "form", "options"),
    [
        ("a.xml", "bioc_xml", {"byte_offsets": False}),
        ("a.json", "bioc_json", {"byte_offsets": False}),
        ("a.txt", "pubtator", {}),
    ],
)
def test_bconv_reads_and_writes(file, form, options, tmp_path):
    bconv = pytest.importorskip("bconv", reason="bconv is not installed")
    path = write("bioc", tmp_path / file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own
        collection = bconv.load(str(path), fmt=form, **options)
        (document,) = collection
        entities = [
            (one.start, one.end, one.metadata["type"], one.text) for one in document.iter_entities()
        ]
        assert entities == [(0, 3, "PER", "Ada"), (11, 17, "LOC", "London")]
        bconv.dump(collection, str(tmp_path / f"back-{file}"), fmt=form, **options)
        bconv.dump(collection, str(tmp_path / "bytes.xml"), fmt="bioc_xml")
    back, notes = read("bioc", tmp_path / f"back-{file}")
    assert (back.text.rstrip(), back.spans, notes) == (TEXT, SPANS, {})
    in_bytes, _ = read("bioc", tmp_path / "bytes.xml")
    assert (in_bytes.text.rstrip(), in_bytes.spans) == (TEXT, SPANS)


def test_cassis_reads_the_xmi(tmp_path):
    cassis = pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    tokens = (TokenOffsets((0, 4, 6), (3, 5, 10)), TokenOffsets((11,), (17,)))
    document = AnnotatedText(text=TEXT, spans=SPANS, sentences=tokens, name="a1", source="in:1")
    folder = write("cas", tmp_path / "out", document)
    with (folder / "TypeSystem.xml").open("rb") as file:
        types = cassis.load_typesystem(file)
    with (folder / "a1.xmi").open("rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=types)
    entity = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
    found = [(one.get_covered_text(), one.value) for one in cas.select(entity)]
    assert found == [("Ada", "PER"), ("London", "LOC")]
    # XMI counts UTF-16 code units, so that the second span begins one later.
    assert 'begin="12" end="18" value="LOC"' in (folder / "a1.xmi").read_text("utf-8")
    (tmp_path / "a.json").write_text(cas.to_json(), "utf-8")
    for path in (folder, tmp_path / "a.json"):
        back, notes = read("cas", path)
        assert (back.text, back.spans, back.sentences, notes) == (TEXT, SPANS, tokens, {})
