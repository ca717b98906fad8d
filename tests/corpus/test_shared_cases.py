"""Files that were misread once, as people had them. They lie beside the published corpora."""

from pathlib import Path

import pytest

from seqlab.auditing.corpora import audit_corpora
from seqlab.auditing.odd_tokens import oddity
from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.splits import load_splits
from seqlab.errors import CorpusError


@pytest.fixture
def cases(shared_data: Path) -> Path:
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"there is no folder {folder}")
    return folder


@pytest.mark.parametrize(
    ("file", "encoding", "city"),
    [("kaggle.csv", None, "Oslo"), ("kaggle_latin1.csv", "latin-1", "Malmö")],
)
def test_kaggle_tables(cases: Path, file: str, encoding: str | None, city: str):
    corpus = read_corpus(cases / file, encoding=encoding, feature_columns={"pos": "POS"})
    assert (corpus.format, len(corpus), sum(map(len, corpus))) == (Format.CSV, 12, 60)
    assert corpus[0].tokens == ("Anna", "Berg", "flew", "to", city, ".")
    assert corpus[0].tags == ("B-PER", "I-PER", "O", "O", "B-LOC", "O")
    assert corpus[0].features == {"pos": ("NN",) * 6}


def test_the_encoding_of_a_table_is_named(cases: Path):
    path = cases / "kaggle_latin1.csv"
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    assert str(caught.value) == (
        f"{path}:6: byte 0xf6 at position 6 of the line can't be decoded; the encoding tried is utf-8, the "
        "likely one is latin-1: give --encoding latin-1: ',Malm\\xf6,NN,B-LOC'"
    )


def test_an_array_over_several_lines(cases: Path):
    corpus = read_corpus(cases / "json_array.json")
    assert (corpus.format, len(corpus), sum(map(len, corpus))) == (Format.JSONL, 12, 60)


def test_headers_of_multiconer(cases: Path):
    corpus = read_corpus(cases / "multiconer_header.conll")
    assert (len(corpus), sum(map(len, corpus))) == (36, 180)
    assert corpus.notes == {"comment lines skipped": 36}
    assert load_splits(cases / "multiconer_header.conll").scheme == "iob2"


def test_the_type_o_is_outside(cases: Path):
    audit = audit_corpora(cases / "i_o_outside.conll")
    counts = audit.splits["train"].classes
    assert {name: count.examples for name, count in counts.items() if name != "O"} == {
        "PER": 15,
        "LOC": 15,
    }
    assert "train: tag 'I-O' (90 tokens) is read as O" in audit.notes
    splits = load_splits(cases / "i_o_outside.conll")
    assert {*splits.arrays["train"].counts_by_tag()} == {"I-PER", "I-LOC", "O"}


def test_tokens_of_white_space_are_odd(cases: Path):
    audit = audit_corpora(cases / "space_tokens.tsv")
    tokens = [token for s in read_corpus(cases / "space_tokens.tsv") for token in s.tokens]
    expected = sum(token.isspace() for token in tokens)
    assert audit.odd_tokens["train"]["white space"].tokens == expected == 24
    assert oddity("\u3000") == "white space"


def test_words_in_another_unicode_form(cases: Path):
    paths = cases / "nfd_train.conll", cases / "nfd_test.conll"
    warnings = {w.rule: w for w in audit_corpora(*paths).warnings}
    assert warnings["unicode-form"].message == (
        "100.0% of the unknown words of valid are words of train in another Unicode form: "
        "give --normalise nfc"
    )
    audit = audit_corpora(*paths, normalise="nfc")
    assert audit.unknown_words["valid"].unknown == 0.0
    assert "unicode-form" not in {warning.rule for warning in audit.warnings}
