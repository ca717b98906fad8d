"""Files of annotation tools become sentences, splits and cached corpora; faulty spans are counted."""

import json
from collections import Counter
from pathlib import Path

import pytest

from seqlab.annotations.span_report import SpanFault, SpanReport
from seqlab.corpus.annotation_reading import span_figures, span_notes, span_report_of
from seqlab.corpus.cache import Cache
from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import load_splits
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, SettingsError

TEXT = "Ada Lovelace saw Malmö. She left Oslo."
RECORD = {
    "id": "a",
    "text": TEXT,
    "label": [[0, 12, "PER"], [0, 3, "PER"], [17, 22, "LOC"], [33, 35, "LOC"], [90, 95, "LOC"]],
    "from": "log",
}


def write_lines(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def doccano(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "a.jsonl", RECORD, {"text": "No.", "label": []})


def test_a_document_becomes_sentences_with_tags_text_and_offsets(doccano: Path):
    corpus = read_corpus(doccano)
    assert corpus.format is Format.DOCCANO
    first, second, third = corpus
    assert first.tokens == ("Ada", "Lovelace", "saw", "Malmö", ".")
    assert first.tags == ("B-PER", "I-PER", "O", "B-LOC", "O")
    assert second.tokens == ("She", "left", "Os", "lo", ".")
    assert second.tags == ("O", "O", "B-LOC", "O", "O")
    assert (first.document, second.document, third.document) == ("a", "a", 2)
    assert first.metadata == {"from": "log"}
    assert first.source == f"{doccano}:1"
    for sentence in corpus:
        assert sentence.text is not None
        assert sentence.offsets is not None
        pairs = zip(*sentence.offsets, strict=True)
        assert tuple(sentence.text[i:j] for i, j in pairs) == sentence.tokens


def test_every_span_is_counted(doccano: Path):
    corpus = read_corpus(doccano)
    assert corpus.spans is not None
    assert (corpus.spans.spans, corpus.spans.kept) == (5, 3)
    assert corpus.spans.dropped == {
        (SpanFault.NESTED, "PER"): 1,
        (SpanFault.OUTSIDE_TEXT, "LOC"): 1,
    }
    assert corpus.spans.mended == {(SpanFault.CUTS_WORD, "LOC"): 1}
    assert corpus.notes == {
        "span of PER dropped, which lies within another span": 1,
        "span of LOC dropped, which lies outside the text": 1,
        "span of LOC kept, which cuts a token: token split": 1,
    }


def test_spans_that_cut_tokens_are_dropped_on_request(doccano: Path):
    corpus = read_corpus(doccano, misaligned="refuse")
    assert corpus[1].tokens == ("She", "left", "Oslo", ".")
    assert corpus[1].tags == ("O",) * 4
    assert corpus.notes["span of LOC dropped, which cuts a token"] == 1


def test_tokens_alone(doccano: Path):
    corpus = read_corpus(doccano, tagged=False)
    assert [sentence.tags for sentence in corpus] == [None] * 3
    assert corpus.notes == {}


def test_files_of_tokens_have_no_report(tmp_path: Path):
    (tmp_path / "x.conll").write_text("Ada B-PER\n")
    assert read_corpus(tmp_path / "x.conll").spans is None


def test_many_classes_are_summed_up():
    report = SpanReport(joined_sentences=2)
    for number, label in enumerate("abcde", start=1):
        report.dropped[SpanFault.EMPTY, label] = number
    assert span_notes(report) == {
        "spans of e dropped, each of which is empty": 5,
        "spans of d dropped, each of which is empty": 4,
        "spans of c dropped, each of which is empty": 3,
        "spans of 2 other classes dropped, each of which is empty": 3,
        "sentence ends within a span removed": 2,
    }


def test_a_report_survives_json(doccano: Path):
    report = read_corpus(doccano).spans
    assert report is not None
    assert span_report_of(json.loads(json.dumps(span_figures(report)))) == report


def test_columns_are_refused(doccano: Path):
    with pytest.raises(SettingsError, match=r"^doccano files have no columns; leave out"):
        read_corpus(doccano, tag_column="x")
    with pytest.raises(SettingsError, match="leave out feature_columns"):
        read_corpus(doccano, feature_columns={"pos": 1})


def test_text_has_no_tags(tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("Ada left.\n\nNo.\n")
    with pytest.raises(CorpusError) as error:
        read_corpus(file, format="text")
    fact = "plain text has no tags; expected a labelled corpus (--format says how to read it)"
    assert str(error.value) == f"{file}: {fact}"
    first, second = read_corpus(file, format="text", tagged=False)
    assert (first.tokens, second.tokens) == (("Ada", "left", "."), ("No", "."))
    assert (second.document, second.text) == (None, "Ada left.\n\nNo.\n")
    assert second.offsets is not None
    assert second.offsets.starts == (11, 13)


def test_splits_keep_the_reports(doccano: Path, tmp_path: Path):
    valid = tmp_path / "valid.conll"
    write_corpus(read_corpus(doccano), valid, format="conll")
    splits = load_splits(doccano, valid, accept=["same-files"])
    assert set(splits.spans) == {"train"}
    assert splits.spans["train"].spans == 5
    assert "train: 1 span of LOC kept, which cuts a token: token split" in splits.notes


def sentences(count: int) -> list[Sentence]:
    words = [("Ada", "B-PER"), ("saw", "O"), (f"Oslo{count}", "B-LOC")]
    tokens, tags = zip(*words, strict=True)
    return [Sentence(tokens=tokens, tags=tags, document=number) for number in range(count)]


@pytest.mark.parametrize("format", [one.value for one in ANNOTATION_FORMATS])
def test_a_cached_corpus_is_the_corpus(tmp_path: Path, format: str):
    path, valid = tmp_path / "train", tmp_path / "valid.conll"
    write_corpus(sentences(4), path, format=format)
    write_corpus(sentences(2), valid, format="conll")
    lines: list[str] = []
    cache = Cache(folder=tmp_path / "cache", say=lines.append)
    plain = load_splits(path, valid)
    for _ in range(2):
        cached = load_splits(path, valid, cache=cache)
        assert [(s.tokens, s.tags) for s in cached.train] == [
            (s.tokens, s.tags) for s in plain.train
        ]
        assert cached.spans == plain.spans
        assert cached.notes == plain.notes
    assert "was read into" in lines[0]
    assert "was found at" in lines[1]
    expected = [s.source for s in plain.train]
    if format in ("brat", "cas"):  # several files
        expected = [f"{path}: sentence {number}" for number in range(1, 5)]
    assert [s.source for s in cached.train] == expected


def test_a_changed_file_of_a_folder_is_read_again(tmp_path: Path):
    folder, valid = tmp_path / "brat", tmp_path / "valid.conll"
    write_corpus(sentences(3), folder, format="brat")
    write_corpus(sentences(2), valid, format="conll")
    cache = tmp_path / "cache"
    assert load_splits(folder, valid, cache=cache).spans["train"].spans == 6
    annotations = sorted(folder.rglob("*.ann"))[1]
    lines = annotations.read_text().splitlines(keepends=True)
    annotations.write_text(lines[0])
    assert load_splits(folder, valid, cache=cache).spans["train"].spans == 5


@pytest.mark.parametrize("name", ["wikigold/CONLL-format/data/wikigold.conll.txt"])
@pytest.mark.parametrize("format", [one.value for one in ANNOTATION_FORMATS])
def test_a_real_corpus_keeps_its_spans(shared_data: Path, tmp_path: Path, name: str, format: str):
    corpus = read_corpus(shared_data / name)
    write_corpus(corpus, tmp_path / "out", format=format)
    again = read_corpus(tmp_path / "out")
    assert again.format is Format(format)
    assert again.spans is not None
    assert again.spans.spans == again.spans.kept == len(spans_of(corpus))
    assert spans_of(again) == spans_of(corpus)


def spans_of(corpus: object) -> list[tuple[str, str]]:
    """Class and text of each span, without white space."""
    from seqlab.corpus.schemes import decode_spans, detect_scheme

    scheme = detect_scheme(s.tags for s in corpus)
    return [
        (label, "".join(s.tokens[start:stop]))
        for s in corpus
        for start, stop, label in decode_spans(s.tags, scheme)
    ]


def test_tasks_without_annotation_give_tokens_but_no_tags(tmp_path: Path):
    path = tmp_path / "a.json"
    done = {"data": {"text": "Ada left ."}, "annotations": [{"result": []}]}
    path.write_text(json.dumps([done, {"data": {"text": "New ."}, "predictions": []}]))
    corpus = read_corpus(path)
    assert [s.tokens for s in corpus] == [("Ada", "left", ".")]
    assert corpus.notes == {"tasks without annotation": 1}
    corpus = read_corpus(path, tagged=False)
    assert [s.tokens for s in corpus] == [("Ada", "left", "."), ("New", ".")]
    assert corpus.notes == {}
    path.write_text(json.dumps([{"data": {"text": "New ."}}]))
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    fact = "there is no sentence in this corpus; left out: 1 tasks without annotation"
    assert str(caught.value) == f"{path}: {fact}"


def test_notes_do_not_hold_zeros(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    write_lines(path, {"text": "Ada", "spans": [{"start": 0, "end": 3, "label": "PER"}]},
                {"text": "No", "answer": "reject"})  # fmt: skip
    assert read_corpus(path).notes == Counter({"examples with answer 'reject'": 1})
