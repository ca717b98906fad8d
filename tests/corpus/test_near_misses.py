"""Files that are almost a corpus: they are read as what they are, or one line says what they are."""

import json
import shutil

import pytest

from seqlab.annotations import json_records
from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading import read_corpus
from seqlab.errors import CorpusError

DOCCANO = '{"text": "Ada saw Oslo", "label": [[0, 3, "PER"]]}\n'
LABEL_STUDIO = '[{"data": {"text": "Ada saw Oslo"}, "annotations": [{"result": []}]}]'


def fault(path, **options):
    with pytest.raises(CorpusError) as error:
        read_corpus(path, **options)
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.txt", DOCCANO, Format.DOCCANO),
        ("a.parquet", DOCCANO, Format.DOCCANO),
        ("a.jsonl", LABEL_STUDIO, Format.LABEL_STUDIO),
        ("a.csv", "word\ttag\nAda\tB-PER\n", Format.CSV),
        ("a.parquet", "Ada B-PER\nran O\n", Format.CONLL),
    ],
)
def test_the_content_shows_the_format_whatever_the_name(tmp_path, name, content, format):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    corpus = read_corpus(path)
    assert (corpus.format, corpus[0].tokens[0]) == (format, "Ada")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(
            (f"a{end}", text)
            for end in (".csv", ".json", ".txt", ".conllu")
            for text in ("", "\n\n")
        ),
        ("a.json", "[]"),
        ("a.json", " [ ] \n"),
        ("a.json", "[\n]\n"),
    ],
)
def test_a_file_without_content(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert fault(path) == ": there is no sentence in this corpus"


@pytest.mark.parametrize(
    ("delimiter", "advice"),
    [
        (",", "add a first line such as Word,Tag"),
        ("\t", "give --format conll, or add a first line with names"),
    ],
)
def test_a_table_without_header(tmp_path, delimiter, advice):
    path = tmp_path / "a.csv"
    path.write_text(f"Ada{delimiter}B-PER\nran{delimiter}O\n", encoding="utf-8")
    fact = "expected a header with the names of the columns, found a tag, 'B-PER'"
    assert fault(path) == f":1: {fact}; {advice}: {f'Ada{delimiter}B-PER'!r}"
    if "conll" in advice:
        assert read_corpus(path, format="conll")[0].tags == ("B-PER", "O")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"PK\x03\x04\x14\0\x06\0", "a zip archive, which .docx and .xlsx are too"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "a pointer of Git LFS; run git lfs pull to get the file",
        ),
    ],
)
def test_a_file_that_is_no_text(tmp_path, content, what):
    path = tmp_path / "a.conll"
    path.write_bytes(content)
    assert fault(path) == f": this is not text, but {what}; expected a corpus"


def test_unknown_binary_data_is_not_shown(tmp_path):
    path = tmp_path / "a.conll"
    fact = "this is not text: the line holds many control characters; expected a corpus"
    path.write_bytes(b"Ada B-PER\n" + bytes(range(11, 256)))
    assert fault(path) == f":2: {fact}"
    path.write_bytes(b"Ada B-PER\n" + bytes(range(128)).replace(b"\n", b"").replace(b"\r", b""))
    assert fault(path) == f":2: {fact}"


def test_one_odd_byte_does_not_make_a_file_binary(tmp_path):
    path = tmp_path / "a.conll"
    path.write_bytes(b"Ada B-PER\nran\0 O\n")
    assert fault(path).startswith(":2: a NUL byte; expected utf-8 text")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Ada Stone saw Oslo .\nShe left early in the morning .\n",
            ":2: expected 5 columns, found 7; is this plain text? "
            "expected a token and its tag on each line: 'She left early in the morning .'",
        ),
        (
            "Ada NNP x y B-PER\nran O\n",
            ":2: expected 5 columns, found 2: 'ran O'",
        ),
    ],
)
def test_plain_text_is_named_but_columns_that_lack_cells_are_not(tmp_path, text, message):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert fault(path) == message


def test_a_corpus_of_which_everything_is_left_out(tmp_path):
    path = tmp_path / "a.jsonl"
    row = '{"text": "Ada ran", "spans": [], "answer": "reject"}\n'
    path.write_text(row * 2, encoding="utf-8")
    left_out = "2 examples with answer 'reject'"
    assert fault(path) == f": there is no sentence in this corpus; left out: {left_out}"


def test_spans_of_an_unknown_form_are_not_called_raw_text(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Ada ran", "label": [[0, 3, 1, "PER"]]}\n', encoding="utf-8")
    advice = "for a text with spans, give --format doccano, prodigy or label-studio"
    assert fault(path).startswith(f":1: there is no key 'tokens'; {advice}: ")


def test_a_line_of_an_annotation_tool_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(json_records, "LONGEST_RECORD", 300_000)
    path, row = tmp_path / "a.jsonl", '{"text": "Ada ran", "label": []}\n'
    path.write_text(row * 20_000, encoding="utf-8")
    assert len(read_corpus(path)) == 20_000
    path.write_text(row + '{"text": "' + "word " * 100_000 + '", "label": []}\n', encoding="utf-8")
    fact = "the line is longer than 300000 characters; expected one JSON object per line"
    assert fault(path) == f":2: {fact}"


def test_a_string_that_does_not_end(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"tokens": ["Ada', encoding="utf-8")
    assert fault(path) == (
        ':1: bad JSON (unterminated string at position 13): \'{"tokens": ["Ada\''
    )


def test_a_run_as_corpus(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    assert fault(tmp_path) == ": this is the directory of a trained run; expected a corpus"


def test_a_folder_without_corpus(tmp_path):
    known = "seq.in and seq.out, .txt and .ann of brat, .xmi of UIMA, or .parquet"
    assert fault(tmp_path) == f": found no corpus in this folder; expected {known}"
    (tmp_path / "seq.ni").write_text("Ada\n")
    example = f"or give one of its files, such as {tmp_path / 'seq.ni'}; nearest: 'seq.ni'"
    assert fault(tmp_path) == f": found no corpus in this folder; expected {known}; {example}"


def test_a_folder_with_two_corpora(tmp_path):
    (tmp_path / "seq.in").write_text("Ada ran\n")
    (tmp_path / "seq.out").write_text("B-PER O\n")
    (tmp_path / "1.txt").write_text("Bo ran")
    (tmp_path / "1.ann").write_text("T1\tPER 0 2\tBo\n")
    fact = "this folder holds seq.in and files of brat; give --format parallel or --format brat"
    assert fault(tmp_path) == f": {fact}"
    assert read_corpus(tmp_path, format="brat")[0].tokens == ("Bo", "ran")
    assert read_corpus(tmp_path, format="parallel")[0].tokens == ("Ada", "ran")


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize(
    ("key", "tags", "format"),
    [
        ("ner_tags", [1, 0], Format.HF),
        ("ner_tags", ["B-PER", "O"], Format.HF),
        ("tags", ["B-PER", "O"], Format.JSONL),
    ],
)
def test_an_array_over_several_lines_is_looked_into(tmp_path, indent, key, tags, format):
    path = tmp_path / "a.json"
    rows = [{"id": 1, "tokens": ["Ada", "ran"], key: tags}] * 2
    path.write_text(json.dumps(rows, indent=indent), encoding="utf-8")
    names = {"ner_tags": {"feature": {"names": ["O", "B-PER"]}}}
    (tmp_path / "a.features.json").write_text(json.dumps(names))
    corpus = read_corpus(path)
    assert (corpus.format, len(corpus), corpus[1].tags) == (format, 2, ("B-PER", "O"))


@pytest.fixture
def shards(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = tmp_path / "corpus" / "data"
    folder.mkdir(parents=True)
    for number, token in enumerate(("Ada", "Bo")):
        table = pyarrow.table({"tokens": [[token, "ran"]], "ner_tags": [["B-PER", "O"]]})
        parquet.write_table(table, folder / f"train-0000{number}-of-00002.parquet")
    return folder


def test_shards_of_one_split_are_one_corpus(shards):
    for path in (shards, shards.parent, shards / "train-*.parquet"):
        corpus = read_corpus(path)
        assert [one.tokens[0] for one in corpus] == ["Ada", "Bo"]
        assert corpus.format is Format.HF
        assert corpus[1].source == f"{path}: record 2"


def test_shards_of_several_splits(shards):
    shutil.copy(shards / "train-00000-of-00002.parquet", shards / "test.parquet")
    options = f"{shards / 'test.parquet'}, {shards / 'train-*.parquet'}"
    assert fault(shards) == f": this folder holds the splits 'test', 'train'; give one: {options}"
    assert len(read_corpus(shards / "train-*.parquet")) == 2
    assert fault(shards / "dev-*.parquet") == ": no file has a name like this"
