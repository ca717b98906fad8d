"""Published corpora: the counts of their README, schemes, repeated sentences, odd tokens."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading import Corpus, read_corpus
from seqlab.corpus.schemes import Scheme, class_of_tag, convert, detect_scheme, repair
from seqlab.corpus.splits import load_splits
from seqlab.corpus.writing import write_corpus

WIKIGOLD = "wikigold/CONLL-format/data/wikigold.conll.txt"
SEC_TRAIN = "sec_filings/CONLL-format/data/train/FIN5.txt"
SEC_TEST = "sec_filings/CONLL-format/data/test/FIN3.txt"

# File, sentences, scheme, classes beside O.
CORPORA = [
    ("wnut17/wnut17train.conll", 3394, Scheme.IOB2, 6),
    ("wnut17/emerging.dev.conll", 1009, Scheme.IOB2, 6),
    ("wnut17/emerging.test.annotated", 1287, Scheme.IOB2, 6),
    ("ud_english_ewt/en_ewt-ud-train.conllu", 12544, Scheme.PLAIN, 17),
    ("ud_english_ewt/en_ewt-ud-dev.conllu", 2001, Scheme.PLAIN, 17),
    ("ud_english_ewt/en_ewt-ud-test.conllu", 2077, Scheme.PLAIN, 17),
    ("ud_french_sequoia/fr_sequoia-ud-train.conllu", 2231, Scheme.PLAIN, 16),
    ("ud_french_sequoia/fr_sequoia-ud-dev.conllu", 412, Scheme.PLAIN, 15),
    ("ud_french_sequoia/fr_sequoia-ud-test.conllu", 456, Scheme.PLAIN, 15),
    ("ncbi_disease_iob/train.tsv", 5424, Scheme.IOB2, 1),
    ("ncbi_disease_iob/devel.tsv", 923, Scheme.IOB2, 1),
    ("ncbi_disease_iob/test.tsv", 940, Scheme.IOB2, 1),
    ("ncbi_disease_iobes/train.tsv", 5424, Scheme.IOBES, 1),
    ("ncbi_disease_iobes/devel.tsv", 923, Scheme.IOBES, 1),
    ("ncbi_disease_iobes/test.tsv", 940, Scheme.IOBES, 1),
    ("crossner_science/train.txt", 200, Scheme.IOB2, 17),
    ("crossner_science/dev.txt", 450, Scheme.IOB2, 17),
    ("crossner_science/test.txt", 543, Scheme.IOB2, 17),
    ("gum_ner/CONLL-format/data/train/gum-train.conll", 2495, Scheme.IOB2, 11),
    ("gum_ner/CONLL-format/data/test/gum-test.conll", 1000, Scheme.IOB2, 11),
    (SEC_TRAIN, 1164, Scheme.IOB1, 4),
    (SEC_TEST, 303, Scheme.IOB1, 4),
    (WIKIGOLD, 1696, Scheme.IOB1, 4),
    ("anem/CONLL-format/data/AnEM.train", 2815, Scheme.IOB2, 11),
    ("anem/CONLL-format/data/AnEM.test", 1882, Scheme.IOB2, 11),
]


@cache
def read(path: Path) -> Corpus:
    return read_corpus(path)


@pytest.mark.parametrize(("file", "sentences", "scheme", "classes"), CORPORA)
def test_counts_and_schemes(shared_data, file, sentences, scheme, classes):
    corpus = read(shared_data / file)
    assert len(corpus) == sentences
    assert corpus.format is (Format.CONLLU if file.endswith(".conllu") else Format.CONLL)
    assert detect_scheme(s.tags for s in corpus) is scheme
    kinds = {class_of_tag(tag, scheme) for s in corpus for tag in s.tags}
    assert len(kinds if scheme is Scheme.PLAIN else kinds - {"O"}) == classes
    assert sum(repair(s.tags, scheme)[1] for s in corpus) == 0


def test_what_was_skipped(shared_data):
    def notes(file: str) -> dict[str, int]:
        return dict(read(shared_data / file).notes)

    assert notes("ud_english_ewt/en_ewt-ud-train.conllu") == {
        "multiword ranges skipped": 2614,
        "empty nodes skipped": 37,
    }
    assert notes("ud_french_sequoia/fr_sequoia-ud-train.conllu") == {
        "multiword ranges skipped": 1360
    }
    assert notes(WIKIGOLD) == {"document markers skipped": 145}
    assert notes("wnut17/wnut17train.conll") == {}


def test_tokens_survive(shared_data):
    def tokens(file: str) -> list[str]:
        return [token for s in read(shared_data / file) for token in s.tokens]

    dev = Counter(c for t in tokens("wnut17/emerging.dev.conll") for c in t)
    assert dev["\u200b"]
    assert dev["\ufeff"]
    assert max(map(len, tokens("wnut17/emerging.test.annotated"))) == 195
    assert max(map(len, tokens("ud_english_ewt/en_ewt-ud-test.conllu"))) == 473
    assert max(map(len, tokens("anem/CONLL-format/data/AnEM.train"))) == 505
    assert sum(" " in t for t in tokens("ud_french_sequoia/fr_sequoia-ud-train.conllu")) > 0
    assert tokens(WIKIGOLD).count("#") > 0
    assert max(map(len, read(shared_data / SEC_TEST))) == 641


@pytest.mark.parametrize("part", ["train", "devel", "test"])
def test_ncbi_in_iobes_is_its_published_twin(shared_data, part):
    iob2 = read(shared_data / f"ncbi_disease_iob/{part}.tsv")
    iobes = read(shared_data / f"ncbi_disease_iobes/{part}.tsv")
    for one, other in zip(iob2, iobes, strict=True):
        assert one.tokens == other.tokens
        assert convert(one.tags, Scheme.IOB2, Scheme.IOBES) == other.tags
        assert convert(other.tags, Scheme.IOBES, Scheme.IOB2) == one.tags


@pytest.mark.parametrize("format", [Format.CONLL, Format.CONLLU, Format.JSONL, Format.PARALLEL])
@pytest.mark.parametrize("file", ["wnut17/emerging.dev.conll", WIKIGOLD])
def test_they_are_written_and_read_again(shared_data, tmp_path, file, format):
    corpus = read(shared_data / file)
    write_corpus(corpus, tmp_path / "x", format=format)
    again = read_corpus(tmp_path / "x", format=format)
    assert [(s.tokens, s.tags) for s in again] == [(s.tokens, s.tags) for s in corpus]


def test_any_column_and_feature(shared_data):
    path = shared_data / "ud_english_ewt/en_ewt-ud-train.conllu"
    xpos = {tag for s in read_corpus(path, tag_column="xpos") for tag in s.tags}
    assert len(xpos) == 49
    number = Counter(tag for s in read_corpus(path, tag_column="Number") for tag in s.tags)
    assert {"_", "Sing", "Plur"} <= set(number)


def test_splits_of_three_files(shared_data):
    folder = shared_data / "crossner_science"
    splits = load_splits(folder / "train.txt", folder / "dev.txt", folder / "test.txt")
    assert (len(splits.train), len(splits.valid), len(splits.test)) == (200, 450, 543)
    assert splits.notes[0] == (
        "valid: tag 'I-chemicalelement' (7 tokens) is not one of the 34 training tags; "
        "nearest: 'B-chemicalelement'; it will be scored as missed"
    )


def test_every_class_is_in_every_split(shared_data):
    splits = load_splits(shared_data / WIKIGOLD, test_share=0.2, scheme="iobes")
    kinds = [
        {class_of_tag(tag, splits.scheme) for s in part for tag in s.tags}
        for part in (splits.train, splits.valid, splits.test)
    ]
    assert kinds[0] == kinds[1] == kinds[2] == {"O", "PER", "LOC", "ORG", "MISC"}
    documents = [{s.document for s in part} for part in (splits.train, splits.valid, splits.test)]
    assert sum(map(len, documents)) == len(set.union(*documents)) == 145
    assert abs(len(splits.valid) / 1696 - 0.15) < 0.015
    assert abs(len(splits.test) / 1696 - 0.2) < 0.015
