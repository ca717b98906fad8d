"""Parallel files: pairing, reading line by line, and errors with both locations."""

import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from seqlab.corpus.parallel import read_parallel, write_parallel
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, UserError
from tests import strategies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seq.in").write_text("to  Paris\n\nnow\u00a0on\n")
    (tmp_path / "seq.out").write_text("O B-to\n\nO\n")
    return tmp_path


def fault(path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        list(read_parallel(path))
    return str(caught.value)


def test_by_directory_and_by_file(folder: Path):
    notes: Counter[str] = Counter()
    first, second = read_parallel(folder, notes=notes)
    assert (first.tokens, first.tags) == (("to", "Paris"), ("O", "B-to"))
    assert first.source == f"{folder}/seq.in:1"
    assert second.tokens == ("now\u00a0on",)
    assert notes == {"empty lines skipped": 1}
    assert list(read_parallel(folder / "seq.in")) == [first, second]
    (folder / "seq.out").unlink()
    assert [s.tags for s in read_parallel(folder, tagged=False)] == [None, None]


def test_labels(folder: Path):
    (folder / "label").write_text("flight\n-\ntime\n")
    assert [s.metadata["label"] for s in read_parallel(folder)] == ["flight", "time"]
    (folder / "label").write_text("flight\n-\n")
    assert fault(folder) == (
        f"{folder}/label: there is no line 3, for {folder}/seq.in:3; expected one label per sentence"
    )
    (folder / "label").write_text("flight\n-\ntime\nmore\n")
    assert fault(folder).startswith(f"{folder}/label:4: this label has no line in ")


def test_counts_that_differ_name_both_places(folder: Path):
    (folder / "seq.out").write_text("O\n\nO\n")
    assert fault(folder) == (
        f"{folder}/seq.in:1: 2 tokens, but 1 tag at {folder}/seq.out:1: 'to  Paris'"
    )
    (folder / "seq.out").write_text("O B-to\n")
    assert fault(folder) == (
        f"{folder}/seq.in:3: there is no line 3 in {folder}/seq.out; "
        "expected as many lines in both files: 'now\\xa0on'"
    )
    (folder / "seq.out").write_text("O B-to\n\nO\nO\n")
    assert fault(folder).startswith(f"{folder}/seq.out:4: there is no line 4 in {folder}/seq.in")


def test_files_that_are_not_there(folder: Path):
    (folder / "seq.out").rename(folder / "seq.outt")
    assert fault(folder) == f"{folder}/seq.out: no such file; nearest: 'seq.outt'"
    assert "expected a file of tokens with a name that ends in '.in'" in fault(folder / "seq.outt")
    (folder / "seq.in").rename(folder / "dev.in")
    assert fault(folder).startswith(f"{folder}/dev.out: no such file")
    (folder / "test.in").touch()
    assert "found 2 files '*.in' in this directory; expected seq.in" in fault(folder)


def parallel_token(token: str) -> bool:
    return " " not in token and not token.startswith("\ufeff")


@given(strategies.corpora(tokens=strategies.tokens.filter(parallel_token)))
def test_written_sentences_are_read_again(tmp_path_factory, corpus):
    folder = tmp_path_factory.mktemp("pair")
    tokens, tags = io.StringIO(), io.StringIO()
    write_parallel(corpus, tokens, tags)
    (folder / "seq.in").write_text(tokens.getvalue(), encoding="utf-8", newline="\n")
    (folder / "seq.out").write_text(tags.getvalue(), encoding="utf-8", newline="\n")
    again = list(read_parallel(folder))
    assert [(s.tokens, s.tags) for s in again] == [(s.tokens, s.tags) for s in corpus]


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"weight": 2.0}, "can't hold weights; write jsonl"),
        ({"tags": None}, "a sentence without tags can't fill seq.out"),
        ({"tokens": ("New York",)}, "'New York' is empty or holds white space"),
        ({"tokens": ("a\n",)}, "'a\\\\n' is empty or holds white space"),
        ({"tokens": ("\ufeffa",)}, "would be read as a byte order mark"),
        ({"metadata": {"label": 3}}, "label 3; expected one line of text"),
    ],
)
def test_what_they_cannot_hold_is_refused(fields, fact):
    whole = {"tokens": ("a",), "tags": ("O",), "metadata": {"label": "x"}, "source": "y:3"}
    sentence = Sentence(**(whole | fields))
    with pytest.raises(UserError, match=f"^y:3: .*{fact}"):
        write_parallel([sentence], io.StringIO(), io.StringIO(), io.StringIO())
