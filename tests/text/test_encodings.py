"""Text in other encodings: the same lines as in UTF-8, and errors that name the line."""

import gzip
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.errors import CorpusError, SettingsError
from seqlab.text.encodings import likely_encoding, parse_encoding
from seqlab.text.lines import numbered_lines

LATIN = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\n\r\0"))
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0"))
# Letters that no UTF-8 sequence begins with, so that no line looks like UTF-8.
WESTERN = st.text(st.sampled_from("aé,ßA\" '\t"))


class Pipe(io.BytesIO):
    """A pipe that delivers three bytes at a time."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(3)


def read(data: bytes, encoding: str | None, stream: Callable = io.BytesIO) -> list[tuple[int, str]]:
    return list(numbered_lines(stream(data), name="x.csv", encoding=encoding))


def fault(data: bytes, encoding: str | None) -> str:
    with pytest.raises(CorpusError) as caught:
        read(data, encoding)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be", "utf-8", "gb18030"])
@given(texts=st.lists(ANY))
def test_any_text_comes_back_in_any_encoding_that_has_it(encoding: str, texts: list[str]):
    data = "".join(text + "\n" for text in texts).encode(encoding)
    expected = list(enumerate(texts, start=1))
    if texts and texts[0].startswith("\ufeff"):
        expected[0] = (1, texts[0][1:])
    for stream in (io.BytesIO, Pipe):
        assert read(data, encoding, stream) == expected
    assert read(gzip.compress(data), encoding) == expected


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso-8859-15"])
@given(texts=st.lists(WESTERN))
def test_western_text_comes_back(encoding: str, texts: list[str]):
    data = "".join(text + "\r\n" for text in texts).encode(encoding)
    for stream in (io.BytesIO, Pipe):
        assert read(data, encoding, stream) == list(enumerate(texts, start=1))


def test_a_long_file_comes_back():
    texts = [f"{'Malmö' * 50} {n}" for n in range(3000)]
    assert [text for _, text in read("\n".join(texts).encode("latin-1"), "latin1")] == texts


def test_byte_order_marks_are_skipped():
    assert read("EU O".encode("utf-8-sig"), "utf-8") == [(1, "EU O")]
    assert read("\ufeffEU O".encode("utf-16-le"), "utf-16-le") == [(1, "EU O")]
    assert read("EU O\nö".encode("utf-16"), "utf-16") == [(1, "EU O"), (2, "ö")]


def test_bytes_that_the_encoding_lacks_name_the_line():
    assert fault(b"a\nb\n\x81 O\n", "cp1252") == (
        "x.csv:3: byte 0x81 can't be decoded as cp1252, the encoding given; "
        "expected the encoding of the whole file"
    )
    later = b"a\n" * 100_000 + b"\x81\n"
    assert fault(later, "cp1252").startswith("x.csv:100001: byte 0x81 can't be decoded")
    assert fault("EU O".encode("utf-16")[:-1], "utf-16").startswith("x.csv:1: the last byte can't")


def test_a_file_of_mixed_encodings_names_the_line():
    mixed = "Malmö O\n".encode() + "Malmö O\n".encode("latin-1")
    assert fault(mixed, None).startswith(
        "x.csv:2: byte 0xf6 at position 5 of the line can't be decoded"
    )
    assert fault("Malmö O\n".encode("latin-1") + "Malmö O\r\n".encode(), "latin-1") == (
        "x.csv:2: this line is UTF-8, but the encoding given is iso8859-1; leave out --encoding, or bring "
        "the file into one encoding: 'Malmö O'"
    )
    late = "Malmö O\n".encode("latin-1") * 20_000 + "Malmö O".encode()
    assert fault(late, "latin-1").startswith("x.csv:20001: this line is UTF-8")


def test_names_of_encodings():
    assert [parse_encoding(name) for name in ("UTF8", "latin1", "Windows-1252", "ascii")] == [
        "utf-8",
        "iso8859-1",
        "cp1252",
        "utf-8",
    ]
    for name, close in (("latn-1", "latin-1"), ("cp1525", "cp125"), ("utf-61", "utf-16")):
        with pytest.raises(SettingsError) as caught:
            parse_encoding(name)
        assert str(caught.value).startswith(
            f"unknown encoding {name!r}; expected a name such as utf-8, latin-1 or cp1252; nearest: '{close}"
        )
    for name in ("base64", "rot13", "", "a\0b", "undefined"):
        with pytest.raises(SettingsError, match="unknown encoding"):
            parse_encoding(name)


@pytest.mark.parametrize(
    ("text", "encoding", "likely"),
    [
        ("Größe O", "latin-1", "latin-1"),
        ("“Zürich” O", "cp1252", "cp1252"),
        ("Москва O", "cp1251", None),
        ("北京 O", "gb18030", None),
        ("EU O", "utf-16-be", "utf-16"),
    ],
)
def test_the_likely_encoding_of_a_line(text: str, encoding: str, likely: str | None):
    assert likely_encoding(text.encode(encoding)) == likely
