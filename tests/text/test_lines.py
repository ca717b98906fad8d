"""Bytes to numbered lines: line ends, text, and the wording of errors."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqlab.errors import CorpusError
from seqlab.text import lines
from seqlab.text.lines import numbered_lines


def read(data: bytes) -> list[tuple[int, str]]:
    return list(numbered_lines(io.BytesIO(data), name="x.conll"))


def fault(data: bytes) -> str:
    with pytest.raises(CorpusError) as caught:
        read(data)
    return str(caught.value)


def test_line_ends_mark_and_missing_final_newline():
    assert read(b"\xef\xbb\xbfEU O\r\n\r\nParis O") == [(1, "EU O"), (2, ""), (3, "Paris O")]
    assert read(b"\xef\xbb\xbf\nEU") == [(1, "\n".strip()), (2, "EU")]
    assert read(b"") == []
    assert read(b"\xef\xbb\xbf") == [(1, "")]


def test_only_the_newline_ends_a_line():
    text = "a\u2028b\x0bc\x85d\x0ce\x1cf"
    assert read(text.encode()) == [(1, text)]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\x00"))))
def test_lines_come_back_from_plain_and_packed_bytes(texts: list[str]):
    data = "".join(text + "\n" for text in texts).encode()
    expected = [(number, text) for number, text in enumerate(texts, start=1)]
    if texts and texts[0].startswith("\ufeff"):
        expected[0] = (1, texts[0][1:])
    assert read(data) == expected
    assert read(gzip.compress(data)) == expected


def test_gzip_is_known_by_content_not_by_name(tmp_path: Path):
    path = tmp_path / "train.conll"
    path.write_bytes(gzip.compress(b"EU O\n" * 3))
    assert [line for _, line in numbered_lines(path)] == ["EU O"] * 3


def test_broken_gzip():
    packed = gzip.compress("".join(f"{n * n} O\n" for n in range(9000)).encode())
    assert "x.conll:" in fault(packed[:-900])
    assert "the gzip is truncated or corrupt (" in fault(packed[:-900])
    assert "the gzip is truncated or corrupt (" in fault(packed[:3000] + b"\0" * 50 + packed[3050:])


def test_refused_bytes():
    assert fault(b"EU O\ncaf\xe9 O\n") == (
        "x.conll:2: byte 0xe9 at position 4 of the line can't be decoded; "
        "the encoding tried is utf-8, the likely one is latin-1: give --encoding latin-1: 'caf\\xe9 O'"
    )
    assert fault("EU O\n".encode("utf-16")) == (
        "x.conll:1: byte 0xff at position 1 of the line can't be decoded; the encoding tried is utf-8, the "
        "likely one is utf-16: give --encoding utf-16: '\\xff\\xfeE\\x00U\\x00 \\x00O\\x00'"
    )
    assert "utf-8, the likely one is utf-16: give --encoding utf-16" in fault(
        "EU O\n".encode("utf-16-le")
    )
    assert "a NUL byte; expected utf-8 text, which this may not be" in fault(b"EU\0 rejects O\n")
    assert "it may be cp1251 (Cyrillic), gb18030 or shift_jis: give --encoding NAME: '" in fault(
        "Москва O".encode("cp1251")
    )
    assert fault(b"EU O\rParis O\r") == (
        "x.conll:1: a carriage return inside the line; expected lines that end in LF or CRLF: "
        "'EU O\\rParis O'"
    )


def test_missing_file_names_the_nearest(tmp_path: Path):
    (tmp_path / "train.conll").touch()
    with pytest.raises(CorpusError) as caught:
        list(numbered_lines(tmp_path / "trian.conll"))
    assert str(caught.value) == f"{tmp_path}/trian.conll: no such file; nearest: 'train.conll'"
    with pytest.raises(CorpusError, match="there is no directory"):
        list(numbered_lines(tmp_path / "nowhere" / "x"))
    with pytest.raises(CorpusError, match="is a directory; expected a file"):
        list(numbered_lines(tmp_path))
    with pytest.raises(CorpusError, match="can't be opened"):
        list(numbered_lines(tmp_path / "train.conll" / "x"))
    with pytest.raises(CorpusError, match="can't be opened"):
        list(numbered_lines("a\0b"))


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 100)
    assert fault(b"x" * 101) == "x.conll:1: the line is longer than 100 bytes; expected text"


def test_a_failing_disk_is_one_line():
    class Failing(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(CorpusError, match="x:1: can't be read: input/output error"):
        list(numbered_lines(Failing(), name="x"))


def test_lines_are_read_one_by_one():
    stream = io.BytesIO(b"a\nb\nc\n")
    found = numbered_lines(stream)
    assert next(found) == (1, "a")
    assert stream.tell() == 2


class Pieces(io.BytesIO):
    """A pipe that delivers a few bytes at a time."""

    size = 7

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(self.size)


class Lines:
    """The same bytes, in a stream that can only be read line by line."""

    def __init__(self, data: bytes) -> None:
        self.readline = io.BytesIO(data).readline


def outcome(stream: object) -> tuple[list[tuple[int, str]], str | None]:
    """The lines read, and the error in the line after them."""
    found: list[tuple[int, str]] = []
    try:
        found.extend(numbered_lines(stream, name="x"))  # type: ignore[arg-type]
    except CorpusError as error:
        return found, str(error)
    return found, None


ODD = [
    b"a\tO",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff",
    "\u2028é".encode(),
    b"\xef\xbb\xbf",
    b" ",
]


@given(st.lists(st.sampled_from(ODD), max_size=20).map(b"".join), st.integers(1, 9))
@example(b"a\nb\r\r\nc\n", 3)
@example(b"a\n\xc3\nb", 2)
@settings(max_examples=400)
def test_blocks_of_lines_are_read_as_lines_are(data: bytes, size: int):
    pieces = Pieces(data)
    pieces.size = size
    expected = outcome(Lines(data))
    assert outcome(io.BytesIO(data)) == outcome(pieces) == expected


@pytest.mark.parametrize("size", [1, 40, 10_000])
@pytest.mark.parametrize("length", [98, 99, 100, 101, 250])
@pytest.mark.parametrize("end", [b"", b"\n", b"\nlast"])
def test_the_longest_line_is_the_same_in_blocks(
    monkeypatch: pytest.MonkeyPatch, size: int, length: int, end: bytes
):
    monkeypatch.setattr(lines, "LONGEST_LINE", 100)
    data = b"first\nsecond\n" + b"x" * length + end
    pieces = Pieces(data)
    pieces.size = size
    assert outcome(pieces) == outcome(Lines(data))


def test_a_disk_that_fails_later_names_the_line_it_was_at():
    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            found = super().read1(5)
            if not found:
                raise OSError(5, "Input/output error")
            return found

    assert outcome(Failing(b"a\nb\nc\nd")) == (
        [(1, "a"), (2, "b"), (3, "c")],
        "x:4: can't be read: input/output error",
    )
