import io

import pytest

from seqlab.corpus.text_input import guess_format, open_lines, read_lines, text_sentences
from seqlab.text.token_rules import learn_token_rules

TAGS = ["B-LOC", "I-LOC", "O", "NOUN"]


@pytest.mark.parametrize(
    ("first", "name", "format"),
    [
        ('{"tokens": ["a"]}', "x", "jsonl"),
        ("{not json}", "x", "text"),
        ("1" + "\t_" * 9, "x", "conllu"),
        ("Paris B-LOC", "x.txt", "conll"),
        ("Paris NNP B-LOC", "standard input", "conll"),
        ("Paris\tNNP", "x", "conll"),
        ("Paris is big.", "x.txt", "text"),
        ("Paris", "x.txt", "text"),
        ("O", "x", "text"),
        ("Paris", "x.conll", "conll"),
        ("Paris X", "x.TSV", "conll"),
        ("", "x", "text"),
    ],
)
def test_guess_format(first, name, format):
    assert guess_format([first] if first else [], name=name, tags=TAGS) == format


@pytest.mark.parametrize(
    ("raw", "first", "count"),
    [
        (b"", [], 0),
        (b"\n\n", [], 2),
        (b"\n \nParis\nx", ["Paris"], 4),
        (b"# id = 3\nParis B-LOC\n", ["Paris B-LOC"], 2),
        (b"# only\n", [], 1),
        (b"#hashtag first\nx\n", ["#hashtag first"], 2),
    ],
)
def test_open_lines_gives_the_first_line_of_content_and_loses_none(raw, first, count):
    found, lines = open_lines(io.BytesIO(raw), name="in")
    assert found == first
    assert [number for number, _ in lines] == list(range(1, count + 1))


def test_open_lines_reads_no_further_than_the_first_line_of_content():
    class Pipe(io.BytesIO):
        """A pipe without a writer: reading on would block for ever."""

        def readline(self, size=-1):
            assert self.tell() == 0, "waited for a second line"
            return super().readline(size)

    assert open_lines(Pipe(b"Paris is big.\nand"), name="in")[0] == ["Paris is big."]


@pytest.mark.parametrize(
    ("format", "text", "tokens"),
    [
        ("text", "Ada saw.\n\nx\n", [("Ada", "saw", "."), (), ("x",)]),
        ("conll", "Ada O\nsaw O\n\nx O\n", [("Ada", "saw"), ("x",)]),
        ("jsonl", '{"tokens": ["Ada"]}\n\n{"tokens": ["x"]}\n', [("Ada",), ("x",)]),
        ("conllu", "1\tAda" + "\t_" * 8 + "\n\n", [("Ada",)]),
    ],
)
def test_read_lines(format, text, tokens):
    _, lines = open_lines(io.BytesIO(text.encode()), name="in")
    found = list(read_lines(lines, name="in", format=format))
    assert [sentence.tokens for sentence in found] == tokens
    assert all(sentence.tags is None for sentence in found)


def test_text_by_the_block_and_by_the_line_is_cut_alike():
    class ByLine:
        """A stream that delivers one line at a time."""

        def __init__(self, raw):
            self.readline = io.BytesIO(raw).readline

    token_rules = learn_token_rules(["l'", "qu'", "'s", "n't", "mr."])
    raw = "L’eau qu'il boit.\n\nMr. Hall doesn't say it's Ada’s.\r\n".encode() * 3000
    found = [
        [
            sentence.tokens
            for sentence in read_lines(lines, name="in", format="text", token_rules=token_rules)
        ]
        for lines in (open_lines(stream, name="in")[1] for stream in (io.BytesIO(raw), ByLine(raw)))
    ]
    assert found[0] == found[1]
    assert found[0][:2] == [("L’", "eau", "qu'", "il", "boit", "."), ()]
    assert " ".join(found[0][-1]) == "Mr. Hall does n't say it 's Ada ’s ."


SEC = ["-DOCSTART- -X- -X- O", "LOAN NN - O", "AGREEMENT NN - O"]
NEWS = ["It rains in Paris .", "Nobody said so .", "A cat sat .", "It is late ."] * 3


@pytest.mark.parametrize(
    ("first", "format"),
    [
        (SEC, "conll"),
        (["French NNP"] * 8, "conll"),
        (["French NNP"] * 7, "text"),
        (NEWS, "text"),
        (["Blood type O"], "text"),
        (["Name\tEmma Woodhouse"], "conll"),
        (["Name\tEmma Woodhouse", "Mr. Knightley was rich."], "text"),
    ],
)
def test_a_file_is_told_by_its_first_lines(first, format):
    assert guess_format(first, name="x.txt", tags=TAGS) == format


def test_of_a_pipe_no_more_than_one_line_is_read_before_the_answer(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\none\n\ntwo\n", encoding="utf-8")
    with path.open("rb") as pipe:
        assert open_lines(pipe, name="pipe")[0] == ["one"]
    content, lines = open_lines(path, name="file")
    assert content == ["one", "two"]
    assert [line for _, line in lines] == ["", "one", "", "two"]


@pytest.mark.parametrize("tokenized", [False, True])
def test_every_line_is_a_sentence_with_its_place(tokenized):
    lines = [(1, "Ada's  cat."), (2, ""), (3, " x ")]
    found = list(text_sentences(lines, name="in.txt", tokenized=tokenized))
    first = ("Ada's", "cat.") if tokenized else ("Ada's", "cat", ".")
    assert [sentence.tokens for sentence in found] == [first, (), ("x",)]
    assert [sentence.source for sentence in found] == ["in.txt:1", "in.txt:2", "in.txt:3"]
    assert all(sentence.tags is None for sentence in found)
