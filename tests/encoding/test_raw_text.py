import gzip

import pytest

from seqlab.encoding.raw_text import RawText, split_at_spaces
from seqlab.errors import CorpusError


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        data = text.encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(tmp_path / name)

    return write


def test_several_files_as_tag_reads_them_in_the_words_that_the_tagger_looks_up(write):
    paths = [write("a.txt", "Ada's 42 cats.\n\nNo!\n"), write("b.txt.gz", "In 1999\n")]
    text = RawText(paths, longest=10)
    expected = [["ada's", "00", "cats", "."], ["no", "!"], ["in", "0000"]]
    assert list(text) == list(text) == expected
    assert (text.passes, text.words) == (2, 8)


def test_as_written_and_split_at_white_space(write):
    path = write("a.txt", "Ada's 42 cats.\n")
    assert list(RawText([path], normalised=False, longest=10)) == [["Ada's", "42", "cats", "."]]
    found = RawText([path], normalised=False, tokenized=True, longest=10)
    assert list(found) == [["Ada's", "42", "cats."]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.conll", "Ada B-PER\nsaw O\n\nx O\n"),
        ("a.jsonl", '{"tokens": ["Ada", "saw"]}\n{"tokens": ["x"]}\n'),
        ("a.conllu", "1\tAda saw" + "\t_" * 8 + "\n\n1\tx" + "\t_" * 8 + "\n\n"),
    ],
)
def test_corpora_are_read_without_their_tags(write, name, text):
    assert list(RawText([write(name, text)], longest=10)) == [["ada", "saw"], ["x"]]


def test_a_corpus_can_be_read_as_text(write):
    path = write("a.conll", "Ada O\n")
    assert list(RawText([path], format="text", longest=10)) == [["ada", "o"]]


def test_no_word_of_a_long_sentence_is_lost(write):
    path = write("a.txt", " ".join("abcdefg"))
    assert list(RawText([path], longest=3)) == [list("abc"), list("def"), ["g"]]


def test_words_of_a_corpus_that_no_file_of_vectors_holds():
    assert split_at_spaces(("New York", "a\ud800b")) == ["New", "York", "a?b"]


def test_reports_begin_end_and_number_the_passes(write):
    seen = []
    text = RawText([write("a.txt", "a b\nc\n")], longest=9, report=lambda *args: seen.append(args))
    list(text), list(text)
    assert seen == [(0, 2, False), (0, 3, True), (1, 2, False), (1, 3, True)]


def test_an_error_of_the_first_pass_is_raised_and_a_later_one_kept(write, tmp_path):
    path = write("a.txt", "a\nb\n")
    text = RawText([path], longest=9)
    assert len(list(text)) == 2
    (tmp_path / "a.txt").write_bytes(b"a\n\xff\n")
    assert list(text) == [["a"]]
    assert isinstance(text.error, CorpusError)
    with pytest.raises(CorpusError, match="can't be decoded"):
        list(RawText([path], longest=9))
