import argparse
from pathlib import Path

from bench.inputs import PUBLISHED, add_options, corpus_files, title, write_two_columns

from seqlab import read_corpus
from seqlab.corpus.sentence import Sentence


def options(*words):
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(words)


def test_generated_splits_differ_and_have_the_sizes_asked_for(tmp_path):
    chosen = options("--generated-sentences", "30", "--vocabulary", "50", "--length", "4")
    files = corpus_files("generated", chosen, tmp_path)
    corpora = {split: read_corpus(path) for split, path in files.items()}
    assert {split: len(corpus) for split, corpus in corpora.items()} == {
        "train": 30, "valid": 3, "test": 3,
    }  # fmt: skip
    assert corpora["valid"][0].tokens != corpora["test"][0].tokens


def test_a_cut_corpus_holds_the_first_sentences(tmp_path):
    chosen = options("--generated-sentences", "30", "--vocabulary", "50")
    whole = corpus_files("generated", chosen, tmp_path)
    chosen.sentences = 2
    short = corpus_files("generated", chosen, tmp_path)
    first = [s.tokens for s in read_corpus(whole["train"])[:2]]
    assert [s.tokens for s in read_corpus(short["train"])] == first


def test_the_published_files_are_there(shared_data):
    for place, names in PUBLISHED.values():
        assert all((shared_data / place / name).is_file() for name in names)


def test_two_columns_part_at_one_space(tmp_path):
    sentences = [
        Sentence(tokens=("a b", "c"), tags=("X", "Y")),
        Sentence(tokens=("d",), tags=("X",)),
    ]
    path = Path(write_two_columns(sentences, tmp_path / "out"))
    assert path.read_text(encoding="utf-8") == "a_b X\nc Y\n\nd X\n\n"


def test_a_title_tells_what_was_cut_or_made():
    assert title("ewt", options()) == "UD English EWT, UPOS"
    assert title("ewt", options("--sentences", "2000")).endswith("UPOS, first 2,000 sentences")
    assert title("generated", options("--length", "9.5")) == (
        "generated (12,000 sentences of 9.5 tokens, 50,000 words)"
    )
