"""Reading and writing in every format: detection, columns, pipes, and files that appear whole."""

import gzip
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format, detect_format
from seqlab.corpus.reading import format_of, read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, SettingsError, UserError
from tests import strategies
from tests.corpus.streams import read_stream

CONLLU = "1\tEU\teu\tPROPN\tNNP\tNumber=Sing\t0\troot\t_\t_"
SENTENCE = Sentence(tokens=("EU", "says"), tags=("B-ORG", "O"))


@pytest.mark.parametrize(
    ("lines", "name", "expected"),
    [
        (["", "# text = EU", CONLLU], "x.txt", Format.CONLLU),
        (['{"words": ["EU"], '], "x.conll", Format.JSONL),
        (["{}"], "", Format.JSONL),
        (["{ O", "} O"], "", Format.CONLL),
        (['{ " O'], "", Format.CONLL),
        (["EU O"], "", Format.CONLL),
        (["-DOCSTART- -X- O", "", "EU O"], "", Format.CONLL),
        (["EU rejects"], "seq.in", Format.PARALLEL),
        (["EU rejects"], "seq.in.gz", Format.PARALLEL),
        (["1\tEU"], "cut.conllu", Format.CONLLU),
        (['{"tok'], "cut.jsonl", Format.JSONL),
        ([], "", Format.CONLL),
        (["#tag\tO", CONLLU], "", Format.CONLL),
        (["Sentence #,Word,POS,Tag"], "x", Format.CSV),
        (["", "token\tlabel"], "x.conll", Format.CSV),
        (["a,b"], "x.csv", Format.CSV),
        (['{"tokens": ["a"], "ner_tags": [0]}'], "", Format.HF),
        (['{"tokens": ["a"], "chunk_tags": [12, 0]}'], "", Format.HF),
        (['{"tokens": ["a"], "ner_tags": ["O"]}'], "", Format.HF),
        (['{"tokens": ["a"], "tags": ["O"], "ner_tags": ["O"]}'], "", Format.JSONL),
        (["word tag"], "", Format.CONLL),
        (["word\tO"], "", Format.CONLL),
    ],
)
def test_content_decides_then_the_extension(lines, name, expected):
    assert detect_format(lines, name=name) is expected


def test_the_format_of_a_path(tmp_path: Path):
    assert format_of(tmp_path) is Format.PARALLEL
    (tmp_path / "x.txt").write_bytes(gzip.compress(CONLLU.encode()))
    assert format_of(tmp_path / "x.txt") is Format.CONLLU


@pytest.mark.parametrize("format", [one for one in Format if one is not Format.TEXT])
def test_every_format_is_written_found_and_read(tmp_path: Path, format: Format):
    path = tmp_path / ("pair" if format is Format.PARALLEL else "file")
    write_corpus([SENTENCE, SENTENCE], path, format=format)
    corpus = read_corpus(path)
    assert corpus.format is format
    assert (len(corpus), len(list(corpus)), len(corpus[:1])) == (2, 2, 1)
    assert (corpus[1].tokens, corpus[1].tags) == (SENTENCE.tokens, SENTENCE.tags)
    assert corpus.path == str(path)
    assert read_corpus(path, format=format.value.upper(), tagged=False)[0].tags is None


def test_columns_per_format(tmp_path: Path):
    conllu, conll, jsonl = tmp_path / "u", tmp_path / "c", tmp_path / "j"
    conllu.write_text(CONLLU)
    conll.write_text("EU NNP B\n")
    jsonl.write_text('{"words": ["EU"], "pos": ["NNP"]}\n')
    assert read_corpus(conllu, tag_column="xpos")[0].tags == ("NNP",)
    assert read_corpus(conllu, tag_column="4", token_column=2)[0].tokens == ("eu",)
    assert read_corpus(conll, tag_column="1")[0].tags == ("NNP",)
    other = read_corpus(jsonl, token_column="words", tag_column="pos")
    assert other[0].tags == ("NNP",)
    with pytest.raises(SettingsError, match="tag_column 'ner'; expected an index"):
        read_corpus(conll, tag_column="ner")
    with pytest.raises(SettingsError, match="column 1; expected a key of the JSON objects"):
        read_corpus(jsonl, tag_column="1")
    with pytest.raises(SettingsError, match="parallel files have no columns"):
        read_corpus(tmp_path, tag_column=1)


def test_token_weights_have_a_column_in_conll_alone(tmp_path: Path):
    path = tmp_path / "x.conll"
    path.write_text("EU B-ORG 0.5\nno O 1\n", encoding="utf-8")
    (sentence,) = read_corpus(path, tag_column=1, token_weight_column=-1)
    assert sentence.token_weights == (0.5, 1.0)
    lines = tmp_path / "x.jsonl"
    lines.write_text('{"tokens": ["a"], "tags": ["O"], "token_weights": [2]}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="token_weight_column 1: only conll files have one"):
        read_corpus(lines, token_weight_column=1)
    write_corpus([Sentence(tokens=("a",), tags=("O",))], tmp_path / "pair", format="parallel")
    with pytest.raises(SettingsError, match="leave out token_weight_column"):
        read_corpus(tmp_path / "pair", token_weight_column=1)


def test_notes_are_counts(tmp_path: Path):
    (tmp_path / "x").write_text("-DOCSTART- O\n\nEU O\n")
    assert read_corpus(tmp_path / "x").notes == {"document markers skipped": 1}


def test_equal_words_are_one_object(tmp_path: Path):
    for kind in (one for one in Format if one is not Format.TEXT):
        write_corpus([SENTENCE, SENTENCE], tmp_path / kind.value, format=kind)
        first, second = read_corpus(tmp_path / kind.value)
        assert first.tokens[0] is second.tokens[0]
        assert first.tags[0] is second.tags[0]


def test_a_corpus_without_sentences_and_unknown_formats(tmp_path: Path):
    for text in ("", "\n \n", "-DOCSTART- O\n", "# a = b\n"):
        (tmp_path / "x").write_text(text)
        with pytest.raises(CorpusError) as caught:
            read_corpus(tmp_path / "x")
        assert str(caught.value) == f"{tmp_path}/x: there is no sentence in this corpus"
    with pytest.raises(SettingsError) as wrong:
        read_corpus(tmp_path / "x", format="conl")
    assert str(wrong.value) == (
        f"unknown format 'conl'; expected {', '.join(Format)}; nearest: 'conll'"
    )


@pytest.mark.parametrize(
    ("format", "first", "second"),
    [
        (None, b"\n# a remark\nEU\tO\n\n", b"no\tO\n\n"),
        ("conll", b"EU\nno\n\n", b"no\n\n"),
        (None, b'{"tokens": ["EU"]}\n', b'{"tokens": ["no"]}\n'),
        (None, CONLLU.encode() + b"\n\n", CONLLU.encode() + b"\n\n"),
        ("parallel", b"EU says\n", b"no\n"),
    ],
)
def test_a_pipe_gives_each_sentence_as_soon_as_its_end_is_written(format, first, second):
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb", buffering=0) as sink:
        sink.write(first)
        sentences = read_stream(source, format=format)
        assert next(sentences).tokens[0] == "EU"
        sink.write(second)
        assert next(sentences).tokens[0] in ("no", "EU")


TOKEN_FORMATS = [one for one in Format if one not in (*ANNOTATION_FORMATS, Format.TEXT)]


@given(strategies.corpora(tokens=strategies.tokens, weighted=True), st.sampled_from(TOKEN_FORMATS))
def test_files_hold_a_corpus_or_it_is_refused(tmp_path_factory, corpus, format):
    path = tmp_path_factory.mktemp("out") / "corpus"
    try:
        write_corpus(corpus, path, format=format)
    except UserError:
        assert not path.is_file()
        return
    again = read_corpus(path, format=format)
    assert [(s.tokens, s.tags, s.weight, s.token_weights) for s in again] == [
        (s.tokens, s.tags, s.weight, s.token_weights) for s in corpus
    ]


def test_what_stood_there_stays_when_writing_fails(tmp_path: Path):
    path = tmp_path / "x.conll"
    path.write_text("old O\n")
    with pytest.raises(UserError):
        write_corpus([SENTENCE, Sentence(tokens=("a\tb",), tags=("O", "O"))], path, format="conll")
    assert path.read_text() == "old O\n"
    assert [file.name for file in tmp_path.iterdir()] == ["x.conll"]
    with pytest.raises(CorpusError, match="can't be written: no such file or directory"):
        write_corpus([SENTENCE], tmp_path / "nowhere" / "x", format="conll")


def test_packed_files_and_pairs_with_labels(tmp_path: Path):
    write_corpus([SENTENCE], tmp_path / "x.gz", format="jsonl")
    assert (tmp_path / "x.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert read_corpus(tmp_path / "x.gz")[0].tokens == SENTENCE.tokens
    labelled = Sentence(tokens=("a",), tags=("O",), metadata={"label": "time"})
    write_corpus([labelled], tmp_path / "dev.in", format="parallel")
    assert (tmp_path / "dev.out").read_text() == "O\n"
    assert read_corpus(tmp_path / "dev.in")[0].metadata == {"label": "time"}
    with pytest.raises(UserError, match="there is no sentence to write"):
        write_corpus([], tmp_path / "empty", format="parallel")


def test_feature_columns_of_every_format(tmp_path):
    texts = {
        "conll": "EU NNP B-ORG\n",
        "conllu": "1\tEU\teu\tB-ORG\tNNP" + "\t_" * 5 + "\n",
        "jsonl": '{"tokens": ["EU"], "tags": ["B-ORG"], "xpos": ["NNP"]}\n',
    }
    for kind, column in {"conll": 1, "conllu": "xpos", "jsonl": "xpos"}.items():
        path = tmp_path / f"x.{kind}"
        path.write_text(texts[kind])
        (found,) = read_corpus(path, feature_columns={"pos": column})
        stream = io.BytesIO(texts[kind].encode())
        (streamed,) = read_stream(stream, format=kind, tagged=True, features={"pos": column})
        assert streamed.features == found.features
        assert (found.features, found.tags) == ({"pos": ("NNP",)}, ("B-ORG",))


def test_a_feature_column_that_the_format_has_not(tmp_path):
    (tmp_path / "x").write_text("EU NNP O\n")
    with pytest.raises(SettingsError) as caught:
        read_corpus(tmp_path / "x", feature_columns={"pos": "xpos"})
    fact = "feature 'pos' has column 'xpos'; expected an index, because columns of"
    assert str(caught.value).startswith(fact)


@pytest.mark.parametrize("column", [1, "1", "-2", "pos"])
def test_an_index_is_in_json_lines_the_features_own_name(tmp_path, column):
    (tmp_path / "x").write_text('{"tokens": ["EU"], "tags": ["O"], "pos": ["NNP"]}')
    (found,) = read_corpus(tmp_path / "x", feature_columns={"pos": column})
    assert found.features == {"pos": ("NNP",)}


def test_parallel_files_have_no_feature_columns(tmp_path):
    write_corpus([SENTENCE_WITHOUT_WEIGHTS], tmp_path / "pair", format="parallel")
    with pytest.raises(SettingsError) as caught:
        read_corpus(tmp_path / "pair", feature_columns={"pos": 1})
    assert str(caught.value) == "parallel files have no columns; leave out feature_columns"


SENTENCE_WITHOUT_WEIGHTS = Sentence(tokens=("EU",), tags=("O",))


@pytest.mark.parametrize(
    ("span", "missing"),
    [
        ({"start": 0, "end": 3}, "'label'"),
        ({"start": 0, "end": 3, "tag": "PER"}, "'label'"),
        ([0, 3], "'start', 'end', 'label'"),
    ],
)
def test_a_span_without_a_label_is_named(tmp_path, span, missing):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": "Ada", "spans": [span]}))
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    fact = f"there is no key 'tokens'; this is a text with spans, but spans[0] has no {missing}"
    assert str(caught.value).startswith(f"{path}:1: {fact}: ")
