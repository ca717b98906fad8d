"""What each reader takes, what it counts, and what it says of bad files."""
# ruff: noqa: E501, a table of messages

import gzip
import json
from collections import Counter

import pytest

from seqlab.annotations.annotated_text import LabelledSpan
from seqlab.annotations.files import annotation_module
from seqlab.errors import CorpusError, SettingsError
from seqlab.text.cutting import TokenOffsets


def read(format, path, content=None, encoding="utf-8"):
    """The documents of a file and the notes that are not zero."""
    if isinstance(content, str):
        path.write_text(content, encoding=encoding, newline="")
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.write_text(json.dumps(content), "utf-8")
    notes = Counter()
    documents = list(annotation_module(format).read(path, encoding=encoding, notes=notes))
    return documents, dict(+notes)


def lines(*values):
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def error_of(format, path, content=None, **options):
    with pytest.raises(CorpusError) as error:
        read(format, path, content, **options)
    return str(error.value).replace(f"{path.parent}/", "")


# doccano


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "Ada left", "labels": [[0, 3, "PER"]]},
        {"text": "Ada left", "label": [[0, 3, "PER"]]},
        {"data": "Ada left", "label": [[0, 3, "PER"]]},
        {"text": "Ada left", "entities": [[0, 3, "PER"]]},
        {
            "text": "Ada left",
            "entities": [{"id": 1, "start_offset": 0, "end_offset": 3, "label": "PER"}],
        },
        {"text": "Ada left", "annotations": [{"start_offset": 0, "end_offset": 3, "label": "PER"}]},
    ],
)
def test_doccano_of_all_generations(fields, tmp_path):
    documents, notes = read(
        "doccano", tmp_path / "a.jsonl", lines({"id": 5, **fields, "meta": {"u": 1}})
    )
    (document,) = documents
    assert (document.text, document.name) == ("Ada left", 5)
    assert document.spans == (LabelledSpan(0, 3, "PER"),)
    assert document.metadata == {"meta": {"u": 1}}
    assert document.source == f"{tmp_path}/a.jsonl:1"
    assert notes == {}


def test_doccano_relations_are_counted(tmp_path):
    fields = {"text": "a", "entities": [], "relations": [{"id": 1}, {"id": 2}], "Comments": ["x"]}
    documents, notes = read("doccano", tmp_path / "a.jsonl", lines(fields))
    assert documents[0].spans == ()
    assert notes == {"relations, not read": 2, "comments, not read": 1}


def test_doccano_offsets_of_browsers(tmp_path):
    # doccano issue 2290: "firetrucks" is at 22 to 32 in doccano, and at 19 to 29 in Python.
    text = "\U0001f468\U0001f3fb\U0001f692 firemen drive firetrucks at work"
    start = text.index("firetrucks")
    documents, notes = read(
        "doccano",
        tmp_path / "a.jsonl",
        lines({"text": text, "label": [[start + 3, start + 13, "X"]]}),
    )
    assert documents[0].spans == ((start, start + 10, "X"),)
    assert notes == {"documents with offsets in UTF-16 code units": 1}


def test_doccano_offsets_in_code_points_stay(tmp_path):
    text = "\U0001f692 Ada left"
    documents, notes = read(
        "doccano", tmp_path / "a.jsonl", lines({"text": text, "label": [[2, 5, "X"]]})
    )
    assert (documents[0].spans, notes) == (((2, 5, "X"),), {})


# Label Studio


def region(start, end, label, **more):
    value = {"start": start, "end": end, "labels": [label], **more}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


def task(*annotations, text="Ada left", **more):
    return {"id": 3, "data": {"text": text, "page": 9}, "annotations": list(annotations), **more}


def test_label_studio_tasks(tmp_path):
    done = {"result": [region(0, 3, "PER", text="Ada")], "was_cancelled": False}
    other = {"result": [{"type": "choices", "value": {"choices": ["a"]}}]}
    content = [
        task({"result": [], "was_cancelled": True}, done, other, predictions=[{"result": []}]),
        {**task(), "id": 4},
        {**task(other), "id": 5},
    ]
    documents, notes = read("label-studio", tmp_path / "a.json", content)
    assert [one.spans for one in documents] == [((0, 3, "PER"),), (), ()]
    assert [(one.name, one.annotated) for one in documents] == [(3, True), (4, False), (5, True)]
    assert documents[0].metadata == {"page": 9}
    assert documents[2].source == f"{tmp_path}/a.json: record 3"
    assert notes == {
        "cancelled annotations": 1,
        "further annotations of a task": 1,
        "predictions, not read": 1,
        "results of type 'choices', not read": 1,
    }


def test_label_studio_regions_of_several_labels_and_of_none(tmp_path):
    value = {"start": 0, "end": 3, "labels": ["PER", "ART"]}
    empty = {"start": 0, "end": 3, "labels": []}
    result = [{"type": "labels", "value": value}, {"type": "labels", "value": empty}]
    documents, notes = read("label-studio", tmp_path / "a.json", [task({"result": result})])
    assert documents[0].spans == ((0, 3, "PER"), (0, 3, "ART"))
    assert notes == {"regions without a label": 1}


def test_label_studio_offsets_of_old_versions(tmp_path):
    # label-studio issue 1347: the export of version 1.1 has 13 to 23, Python 12 to 22.
    text = "\U0001f4a9This is an annotation."
    result = [region(13, 23, "A", text="annotation"), region(12, 22, "B", text="annotation")]
    documents, notes = read(
        "label-studio", tmp_path / "a.json", [task({"result": result}, text=text)]
    )
    assert documents[0].spans == ((12, 22, "A"), (12, 22, "B"))
    assert notes == {"spans with offsets in UTF-16 code units": 1}


def test_label_studio_texts_that_are_elsewhere_are_counted(tmp_path):
    result = [region(0, 3, "A", text="Bob")]
    documents, notes = read("label-studio", tmp_path / "a.json", [task({"result": result})])
    assert documents[0].spans == ((0, 3, "A"),)
    assert notes == {"spans whose stated text is not at their offsets": 1}


def test_label_studio_min(tmp_path):
    spans = [{"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}]
    content = [
        {"id": 1, "text": "Ada left", "ner": spans, "annotator": 1, "created_at": "x"},
        {"id": 1, "text": "Ada left", "annotator": 2},
        {"id": 2, "body": "No", "updated_at": "x", "n": 4},
    ]
    documents, notes = read("label-studio", tmp_path / "a.json", content)
    assert [(one.text, one.name) for one in documents] == [("Ada left", 1), ("No", 2)]
    assert documents[0].spans == ((0, 3, "PER"),)
    assert documents[1].metadata == {"n": 4}
    assert notes == {"further annotations of a task": 1}


# Prodigy


def test_prodigy_spans_as_lists(tmp_path):
    content = lines({"text": "Ada left", "spans": [[0, 3, "PER"]]}, {"text": "No"})
    documents, notes = read("prodigy", tmp_path / "a.jsonl", content)
    assert [one.spans for one in documents] == [((0, 3, "PER"),), ()]
    assert notes == {}


def test_prodigy(tmp_path):
    tokens = [
        {"text": "Ada", "start": 0, "end": 3, "id": 0, "ws": False},
        {"text": "\n\n", "start": 3, "end": 5, "id": 1, "ws": False},
        {"text": "left", "start": 5, "end": 9, "id": 2, "ws": False},
    ]
    span = {"start": 0, "end": 3, "label": "PER", "token_start": 0, "token_end": 0}
    example = {"text": "Ada\n\nleft", "tokens": tokens, "spans": [span], "meta": {"source": "x"}}
    documents, notes = read(
        "prodigy",
        tmp_path / "a.jsonl",
        lines(
            {**example, "answer": "accept"},
            {**example, "answer": "reject"},
            {**example, "answer": "ignore"},
            example,
        ),
    )
    assert len(documents) == 2
    assert documents[0].spans == ((0, 3, "PER"),)
    assert documents[0].sentences == (TokenOffsets((0,), (3,)), TokenOffsets((5,), (9,)))
    assert documents[0].metadata == {"meta": {"source": "x"}}
    assert notes == {
        "examples with answer 'reject'": 1,
        "examples with answer 'ignore'": 1,
        "tokens of white space": 2,
    }


# brat


def brat_folder(folder, text, annotations, name="a"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_bytes(text.encode() if isinstance(text, str) else text)
    if annotations is not None:
        (folder / f"{name}.ann").write_text(annotations, "utf-8")
    return folder


def test_brat(tmp_path):
    text = "Ada \U0001f600\r\nLovelace left New York now"
    annotations = (
        "T1\tPER 0 3\tAda\n"
        "T2\tLOC 21 24;30 33\tNew now\n"
        "T3\tPER 0 5;7 15\tAda \U0001f600 Lovelace\n"
        "R1\tLives Arg1:T1 Arg2:T2\n"
        "E1\tX:T1\n"
        "A1\tSure T1\n"
        "#1\tAnnotatorNotes T1\tcheck\n"
        "*\tEquiv T1 T2\n"
    )
    brat_folder(tmp_path / "c", text, annotations, "sub/one")
    brat_folder(tmp_path / "c", "not annotated", None, "two")
    documents, notes = read("brat", tmp_path / "c")
    (document,) = documents
    assert document.text == text
    assert document.spans == ((0, 3, "PER"), (0, 15, "PER"))
    assert document.discontinuous == ((21, 33, "LOC"),)
    assert (document.name, document.source) == ("sub/one", f"{tmp_path}/c/sub/one.txt")
    assert notes == {
        "texts without .ann": 1,
        "relations, not read": 1,
        "events, not read": 1,
        "attributes, not read": 1,
        "comments, not read": 1,
        "equivalences, not read": 1,
    }


def test_brat_byte_order_mark(tmp_path):
    for shift in (0, 1):
        folder = brat_folder(
            tmp_path / str(shift), b"\xef\xbb\xbfAda left", f"T1\tPER {shift} {3 + shift}\tAda\n"
        )
        documents, notes = read("brat", folder)
        assert (documents[0].text, documents[0].spans, notes) == ("Ada left", ((0, 3, "PER"),), {})


def test_brat_of_one_file(tmp_path):
    brat_folder(tmp_path, "Ada", "T1\tPER 0 3\tAda\n")
    assert read("brat", tmp_path / "a.ann")[0][0].spans == ((0, 3, "PER"),)


def test_brat_writes_spans_over_lines_in_ranges(tmp_path):
    from seqlab.annotations.annotated_text import AnnotatedText
    from seqlab.annotations.span_report import SpanFault, SpanReport

    document = AnnotatedText(
        text="New\r\nYork",
        spans=tuple(LabelledSpan(*span) for span in [(0, 9, "LOC"), (2, 2, "X"), (5, 10, "Y")]),
        source="in:1",
        name="x",
    )
    report = SpanReport()
    annotation_module("brat").write([document], tmp_path / "out", report=report)
    assert (tmp_path / "out/x.ann").read_text("utf-8") == "T1\tLOC 0 3;5 9\tNew York\n"
    assert (tmp_path / "out/annotation.conf").read_text("utf-8") == (
        "[entities]\nLOC\nX\nY\n\n[relations]\n\n[events]\n\n[attributes]\n"
    )
    assert report.dropped == {(SpanFault.EMPTY, "X"): 1, (SpanFault.OUTSIDE_TEXT, "Y"): 1}
    assert (report.spans, report.kept) == (3, 1)


# spaCy


def test_spacy_json(tmp_path):
    content = [
        ["Ada left", {"entities": [[0, 3, "PER"]], "cats": {"x": 1}}],
        ["No", {"entities": []}],
    ]
    documents, notes = read("spacy", tmp_path / "a.json", content)
    assert [one.spans for one in documents] == [((0, 3, "PER"),), ()]
    assert notes == {"'cats', not read": 1}
    by_line = read("spacy", tmp_path / "a.jsonl", lines(*content))[0]
    assert [one.spans for one in by_line] == [((0, 3, "PER"),), ()]
    assert by_line[1].source == f"{tmp_path}/a.jsonl:2"


def test_spacy_doc_bin(tmp_path):
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    from spacy.tokens import DocBin

    nlp = spacy.blank("en")
    doc = nlp("Ada left.\n\nShe went to London \U0001f600 today.")
    doc.ents = [doc.char_span(0, 3, "PER"), doc.char_span(23, 29, "LOC")]
    doc.spans["sc"] = [doc[0:2]]
    unknown = nlp("nothing is known of this")
    DocBin(docs=[doc, unknown]).to_disk(tmp_path / "a.spacy")
    documents, notes = read("spacy", tmp_path / "a.spacy")
    (document,) = documents
    assert document.text == doc.text
    assert document.spans == ((0, 3, "PER"), (23, 29, "LOC"))
    assert [document.text[one.starts[0] : one.ends[-1]] for one in document.sentences] == [
        "Ada left.",
        "She went to London \U0001f600 today.",
    ]
    assert notes == {
        "documents without entity annotation": 1,
        "spans of span groups, not read": 1,
        "tokens of white space": 1,
    }


# BioC and PubTator


PUBTATOR = "1|t|Ada's BRCA1\n1|a|A gene|variant.\n1\t0\t3\tAda\tPER\tx\n1\t14\t18\tgene\tGene\n1\tCID\tD1\tD2\n\n2|t|No\n2|a|\n"


def test_pubtator(tmp_path):
    documents, notes = read("bioc", tmp_path / "a.txt", PUBTATOR)
    assert [(one.name, one.text) for one in documents] == [
        ("1", "Ada's BRCA1\nA gene|variant."),
        ("2", "No"),
    ]
    assert documents[0].spans == ((0, 3, "PER"), (14, 18, "Gene"))
    assert documents[1].source == f"{tmp_path}/a.txt:7"
    assert notes == {"relations, not read": 1}


def bioc_document(unit=len):
    """A document with a wide character whose offsets are counted by `unit`, as JSON."""
    first, second = "\U0001f600 Ada", "went to London"
    base = unit(first) + 1
    start = unit("\U0001f600 ")
    annotations = [
        {
            "infons": {"type": "PER"},
            "text": "Ada",
            "locations": [{"offset": start, "length": unit("Ada")}],
        }
    ]
    gaps = [{"offset": base, "length": 4}, {"offset": base + 8, "length": 6}]
    more = [{"infons": {"type": "GAP"}, "text": "went London", "locations": gaps}]
    return {
        "id": "7",
        "passages": [
            {"offset": 0, "text": first, "annotations": annotations},
            {"offset": base, "text": second, "annotations": more},
        ],
        "relations": [{}],
    }


@pytest.mark.parametrize(
    ("unit", "note"),
    [
        (len, {}),
        (lambda text: len(text.encode()), {"spans with offsets in bytes of UTF-8": 1}),
        (
            lambda text: len(text.encode("utf-16-le")) // 2,
            {"spans with offsets in UTF-16 code units": 1},
        ),
    ],
)
@pytest.mark.parametrize("form", ["collection", "array", "lines"])
def test_bioc_json(unit, note, form, tmp_path):
    document = bioc_document(unit)
    content = {
        "collection": json.dumps({"source": "x", "documents": [document]}, indent=1),
        "array": json.dumps([document]),
        "lines": lines(document),
    }[form]
    documents, notes = read("bioc", tmp_path / "a.json", content)
    (found,) = documents
    assert found.spans == ((2, 5, "PER"),)
    assert found.text == "\U0001f600 Ada\nwent to London"
    assert found.discontinuous == ((6, 20, "GAP"),)
    assert notes == {"relations, not read": 1, **note}


def test_bioc_xml(tmp_path):
    xml = (
        "<?xml version='1.0'?><collection><source/><document><id>1</id>"
        "<passage><offset>0</offset><sentence><offset>0</offset><text>Ada left.</text>"
        "<annotation id='1'><infon key='type'>PER</infon><location offset='0' length='3'/><text>Ada</text>"
        "</annotation></sentence><sentence><offset>10</offset><text>Bob &amp; Eve.</text>"
        "<annotation id='2'><infon key='type'>PER</infon><location offset='16' length='3'/><text>Eve</text>"
        "</annotation></sentence></passage></document></collection>"
    )
    documents, notes = read("bioc", tmp_path / "a.xml", xml)
    assert documents[0].text == "Ada left.\nBob & Eve."
    assert documents[0].spans == ((0, 3, "PER"), (16, 19, "PER"))
    assert (documents[0].name, notes) == ("1", {})


# All JSON


def test_an_array_over_several_lines_and_gzip(tmp_path):
    content = json.dumps([{"text": "a", "label": []}, {"text": "b", "label": []}], indent=2)
    documents, _ = read("doccano", tmp_path / "a.json", content)
    assert [one.text for one in documents] == ["a", "b"]
    documents, _ = read("doccano", tmp_path / "a.json.gz", gzip.compress(content.encode()))
    assert [one.text for one in documents] == ["a", "b"]


def test_records_longer_than_a_block(tmp_path):
    long = "x\U0001f600" * 200_000
    content = [
        {"text": long, "label": []},
        {"text": "b", "label": [[0, 1, "B"]]},
        {"text": long, "label": []},
    ]
    documents, _ = read("doccano", tmp_path / "a.json", content)
    assert [one.text for one in documents] == [long, "b", long]
    documents, _ = read("doccano", tmp_path / "a.jsonl", lines(*content))
    assert [one.text for one in documents] == [long, "b", long]


def test_other_encodings_and_the_byte_order_mark(tmp_path):
    content = lines({"text": "Zoë", "label": [[0, 3, "PER"]]})
    for encoding in ("latin-1", "utf-16", "cp1252", "utf-8-sig"):
        path = tmp_path / f"{encoding}.jsonl"
        assert read("doccano", path, content, encoding=encoding)[0][0].text == "Zoë"
    assert read("doccano", tmp_path / "utf-8-sig.jsonl")[0][0].text == "Zoë"


OK = {"text": "Ada", "label": []}

BAD = [
    ("doccano", lines(OK) + '{"text": "Ada", ', "a:2: bad JSON (expecting property name enclosed in double quotes at position 17); expected one JSON object per line: '{\"text\": \"Ada\", '"),
    ("doccano", [OK, 5], "a: record 2: the document is the number 5; expected an object"),
    ("doccano", lines({"txt": "x"}), "a:1: the document has no key 'text'; nearest: 'txt'"),
    ("doccano", lines({"text": "x"}), "a:1: the document has none of the keys 'label', 'labels' and 'entities'; expected doccano's sequence labelling"),
    ("doccano", lines({"text": 5, "label": []}), "a:1: text is the number 5; expected a string"),
    ("doccano", lines({"text": "x", "label": ["pos"]}), "a:1: label[0] is a string; expected [start, end, label] (is this a project of text classification?): 'pos'"),
    ("doccano", lines({"text": "x", "label": [[0, 1]]}), "a:1: label[0] is not [start, end, label]: '[0, 1]'"),
    ("doccano", lines({"text": "x", "label": [[0, "1", "A"]]}), "a:1: label[0][1] is a string; expected a whole number"),
    ("doccano", lines({"text": "x", "label": [[True, 1, "A"]]}), "a:1: label[0][0] is a boolean; expected a whole number"),
    ("doccano", lines({"text": "x", "label": [[0, 1, " "]]}), "a:1: label[0][2] is empty; expected the class of the span"),
    ("doccano", '{"text": "\\ud83d", "label": []}', "a:1: text holds half a surrogate pair at character 0; export it as UTF-8"),
    ("doccano", lines({"id": 1, **OK}, {"id": 1, **OK}), "a:2: id 1 stands in a:1 too; keep one of the two documents"),
    ("doccano", lines(OK).encode() + "Zoë".encode("latin-1"), "a:2: byte 0xeb can't be decoded as utf-8; the likely one is latin-1: give --encoding latin-1"),
    ("doccano", "[" + json.dumps(OK), "a: the array never closes; the file ends after record 1: export it again"),
    ("doccano", "[", "a: the array never closes; the file ends after record 0: export it again"),
    ("doccano", "[" + json.dumps(OK) + ',{"text": "A', "a: record 2: the file ends inside this record; it is cut off: export it again"),
    ("doccano", "[" + json.dumps(OK) * 2 + "]", "a: record 1: bad JSON after this record: expected ',' or ']', found '{'"),
    ("doccano", "[" + json.dumps(OK) + "] x", "a: bad JSON after the array: found 'x'; expected the end of the file"),
    ("doccano", '[{"text": Ada, "label": []}, {"text": "x", "label": []}]', "a: record 1: bad JSON (expecting value): '{\"text\": A'"),
    ("label-studio", [task({"result": 5})], "a: record 1: annotations[0].result is the number 5; expected a list"),
    ("label-studio", [task({"result": [{"type": "labels"}]})], "a: record 1: annotations[0].result[0] has no key 'value'"),
    ("label-studio", [task({"result": [region("0", 3, "A")]})], "a: record 1: annotations[0].result[0].value.start is a string; expected a whole number"),
    ("label-studio", [task({"result": []}), task({"result": []})], "a: record 2: id 3 stands in a: record 1 too; keep one of the two documents"),
    ("label-studio", [{"data": {"a": "x", "b": "y"}, "annotations": [{"result": []}]}], "a: record 1: data has no key 'text', and not exactly one key with a string; its keys are 'a', 'b'"),
    ("prodigy", lines({"text": "Ada", "spans": [{"start": 0, "end": 3}]}), "a:1: spans[0] has no key 'label'"),
    ("prodigy", lines({"text": "Ada", "tokens": [{"start": 0, "end": 9}]}), "a:1: token 0 goes from 0 to 9; expected tokens in order within the text"),
    ("prodigy", lines({"text": "Ada", "tokens": [{"text": "Bob", "start": 0, "end": 3}]}), "a:1: token 'Bob' is not at 0 to 3 of the text, which has 'Ada' there; export it again"),
    ("spacy", ["x"], "a:1: expected [text, {\"entities\": [[start, end, label], …]}]"),
    ("spacy", [{"paragraphs": []}], "a: record 1: expected [text, {\"entities\": [[start, end, label], …]}]; convert spaCy 2's paragraphs with `spacy convert` first"),
    ("bioc", "1|t|Ada\n2|a|x\n", "a:2: id '2' within the document '1'; put a blank line between documents: '2|a|x'"),
    ("bioc", "Ada\n", "a:1: expected 'ID|t|title', 'ID|a|abstract' or 'ID<TAB>START<TAB>END<TAB>text<TAB>LABEL': 'Ada'"),
    ("bioc", "1|t|Ada\n\n1|t|Ada\n", "a:3: id '1' stands in a:1 too; keep one of the two documents"),
    ("bioc", "<collection><document>", "a:1: bad XML (no element found); export it again"),
    ("bioc", "<html></html>", "a: the root element is <html>; expected BioC's <collection>"),
    ("bioc", "<collection><document><passage><offset>x</offset></passage></document></collection>", "a: record 1: the offset of a passage is 'x'; expected a whole number"),
    ("bioc", "<collection><document><passage><offset>0</offset><annotation/></passage></document></collection>", "a: record 1: annotation 1 has no location; expected one at least"),
    ("bioc", [{"passages": [{"offset": 0, "text": "a", "annotations": [{"locations": [{"offset": 0, "length": 1}]}]}]}], "a: record 1: passages[0].annotations[0] has no infon 'type'; expected the class of the span"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "content", "message"), BAD)
def test_bad_files(format, content, message, tmp_path):
    assert error_of(format, tmp_path / "a", content).replace(f"{tmp_path}/", "") == message


def test_errors_of_files_as_such(tmp_path):
    assert error_of("doccano", tmp_path / "b.jsonl") == "b.jsonl: no such file"
    with pytest.raises(SettingsError) as error:
        read("doccano", tmp_path / "a", b"{}", encoding="utf-9")
    assert str(error.value) == (
        "unknown encoding 'utf-9'; expected a name such as utf-8, latin-1 or cp1252; nearest: 'utf-8'"
    )
    assert error_of("brat", tmp_path / "b") == "b: no such folder"
    assert error_of("doccano", tmp_path / "c", gzip.compress(b"x" * 10**5)[:-20]) == (
        "c: the gzip is truncated or corrupt (compressed file ended before the end-of-stream marker was reached)"
    )


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        (
            "T1\tPER 0\tAda\n",
            "a.ann:1: expected 'T1<TAB>LABEL START END<TAB>text': 'T1\\tPER 0\\tAda'",
        ),
        (
            "T1 PER 0 3 Ada\n",
            "a.ann:1: expected 'T1<TAB>LABEL START END<TAB>text': 'T1 PER 0 3 Ada'",
        ),
        (
            "T1\tPER 0 3\tAda\nT1\tX 0 3\tAda\n",
            "a.ann:2: T1 stands in line 1 too; give one of them another number: 'T1\\tX 0 3\\tAda'",
        ),
    ],
)
def test_bad_annotations_of_brat(annotations, message, tmp_path):
    folder = brat_folder(tmp_path / "c", "Ada", annotations)
    assert error_of("brat", folder).removeprefix("c/") == message


def test_a_folder_of_brat_without_texts(tmp_path):
    folder = tmp_path / "c"
    folder.mkdir()
    assert (
        error_of("brat", folder)
        == "c: there is no .txt in this folder; expected brat's .txt and .ann files"
    )
    (folder / "x.ann").write_text("")
    assert error_of("brat", folder) == "c/x.ann: there is no x.txt beside it; put the text there"


def test_a_doc_bin_that_is_none(tmp_path):
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    message = error_of("spacy", tmp_path / "a.spacy", b"x\x9c no")
    assert message.startswith(
        f"a.spacy: this is no DocBin that spaCy {spacy.__version__} can read ("
    )


def test_cas_needs_its_type_system(tmp_path):
    pytest.importorskip("cassis", reason="dkpro-cassis is not installed")
    assert error_of("cas", tmp_path / "a.xmi", "<xmi/>") == (
        "a.xmi: there is no TypeSystem.xml beside it; export both"
    )
