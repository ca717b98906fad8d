"""Read numbered lines of text from the bytes of a file or a pipe, gzip or not.

Columns, JSON and sentences come later. Memory never holds more than one block and one line.
"""

import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypedDict, cast

from seqlab.errors import CorpusError
from seqlab.machine.files import nearest_sibling
from seqlab.machine.progress import watched
from seqlab.text.encodings import UTF8, AsUtf8, encoding_advice, likely_encoding, parse_encoding

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NOT_TEXT = {
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a zip archive, which .docx and .xlsx are too",
    b"PAR1": "a Parquet file",
    b"ARROW1\0": "an Arrow file",
    b"\x7fELF": "a program",
    b"SQLite format 3\0": "a SQLite database",
    b"\x89HDF\r\n": "an HDF5 file",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ\0": "compressed by xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"version https://git-lfs.github.com/": "a pointer of Git LFS; run git lfs pull to get the file",
}
"""What a file is that begins with these bytes."""
CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b"})
LONGEST_LINE = 64 * 1024 * 1024
BLOCK = 64 * 1024  # bytes to read at a time; a pipe may give fewer

NumberedLine = tuple[int, str]
NumberedLines = Iterator[NumberedLine]


def numbered_lines(
    source: str | Path | BinaryIO,
    *,
    name: str | None = None,
    encoding: str | None = None,
    ends: bool = False,
) -> NumberedLines:
    """Yield (line number from 1, line without its end) of text, gzip or not.

    source: a path, or an open binary stream (which stays open).
    name: the file name for errors; by default the path.
    encoding: any text encoding of Python; None is UTF-8. A byte order mark is skipped.
    ends: True keeps the end of each line.
    Only LF and CRLF end a line: U+2028, U+0085 and the vertical tab are text.
    Raises CorpusError when the path is missing or not a file, and when the text is not in the encoding, holds
    a NUL or a lone carriage return (UTF-16, old Macintosh text), or comes from a gzip file that ends early.
    Raises SettingsError for an unknown encoding.
    """
    known = parse_encoding(encoding)
    if not isinstance(source, str | Path):
        file = _LineFile(name or str(getattr(source, "name", "stream")), ends)
        yield from _lines_of_stream(source, file, known)
        return
    with closing(open_corpus(source)) as stream:
        lines = _lines_of_stream(stream, _LineFile(name or str(source), ends), known)
        yield from watched(lines, f"reading {Path(source).name}", **_progress_of(stream))


class _Progress(TypedDict, total=False):
    """How far a file is read, in bytes."""

    total: int
    position: Callable[[], int]


def _progress_of(stream: BinaryIO) -> _Progress:
    """How far a file is read; nothing for a pipe, whose length nobody knows."""
    facts = os.fstat(stream.fileno())
    return {"total": facts.st_size, "position": stream.tell} if stat.S_ISREG(facts.st_mode) else {}


class _LineFile(NamedTuple):
    """A file of lines. name: for errors. ends: whether lines keep their ends."""

    name: str
    ends: bool


TOKENS = "seq.in"  # the file of tokens of a parallel corpus


def open_corpus(path: str | Path) -> BinaryIO:
    """Open a file for reading bytes.

    Raises CorpusError, with the nearest existing name, when that is not possible.
    """
    file = Path(path)
    try:
        return file.open("rb")
    except FileNotFoundError:
        raise CorpusError(f"no such file{nearest_sibling(file)}", path=str(path)) from None
    except IsADirectoryError:
        inside = f"; did you mean its {TOKENS}?" if (file / TOKENS).is_file() else ""
        raise CorpusError(f"is a directory; expected a file{inside}", path=str(path)) from None
    except (OSError, ValueError) as error:
        raise CorpusError(f"can't be opened: {_reason(error)}", path=str(path)) from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _lines_of_stream(stream: BinaryIO, file: _LineFile, encoding: str) -> NumberedLines:
    first = _read_line(stream, file.name, 1)
    by_line = not hasattr(stream, "read1")
    if first.startswith(GZIP_MAGIC):
        # GzipFile only calls `read` on the compressed stream. Read line by line: the error for a damaged
        # file depends on how it is read.
        packed = cast(BinaryIO, _Rejoined(first, stream))
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=packed, mode="rb"))
        first, by_line = _read_line(stream, file.name, 1), True
    if encoding != UTF8:
        # Its bytes may hold 0x0A within a character, so the first "line" is given back undecoded.
        undecoded = cast(BinaryIO, _Rejoined(first, stream))
        stream = cast(BinaryIO, AsUtf8(undecoded, encoding, file.name))
        first = _read_line(stream, file.name, 1)
    if not first:
        return
    what = next((what for magic, what in NOT_TEXT.items() if first.startswith(magic)), None)
    if what is not None:
        raise CorpusError(f"this is not text, but {what}; expected a corpus", path=file.name)
    yield 1, _decode(first.removeprefix(BYTE_ORDER_MARK), file, 1)
    yield from _lines_one_by_one(stream, file) if by_line else _lines_by_block(stream, file)


def _lines_one_by_one(stream: BinaryIO, file: _LineFile) -> NumberedLines:
    """Yield the lines from the second on."""
    number = 2
    while raw := _read_line(stream, file.name, number):
        yield number, _decode(raw, file, number)
        number += 1


def _lines_by_block(stream: BinaryIO, file: _LineFile) -> NumberedLines:
    """Yield the same lines, as many at a time as have arrived."""
    number, rest = 2, bytearray()
    while block := _read_block(stream, file.name, number):
        end = block.rfind(b"\n") + 1
        if end:
            yield from _decode_lines(bytes(rest) + block[:end], file, number)
            number, rest = number + block.count(b"\n"), bytearray()
        rest += block[end:]
        if len(rest) > LONGEST_LINE:
            raise _too_long(file.name, number)
    if rest:
        yield number, _decode(bytes(rest), file, number)


def _decode_lines(block: bytes, file: _LineFile, number: int) -> Iterable[tuple[int, str]]:
    """Decode whole lines together; one by one when a line may be bad, so that the error names it."""
    carriages = block.count(b"\r")
    if b"\0" not in block and carriages == block.count(b"\r\n") and len(block) <= LONGEST_LINE:
        with suppress(UnicodeDecodeError):
            if file.ends:
                lines = block.decode(UTF8)[:-1].split("\n")
                return enumerate([f"{line}\n" for line in lines], number)
            text = (block.replace(b"\r\n", b"\n") if carriages else block).decode(UTF8)
            return enumerate(text[:-1].split("\n"), number)
    return _decode_each(block, file, number)


def _decode_each(block: bytes, file: _LineFile, number: int) -> NumberedLines:
    for line, raw in enumerate(block[:-1].split(b"\n"), number):
        if len(raw) >= LONGEST_LINE:
            raise _too_long(file.name, line)
        yield line, _decode(raw + b"\n" if file.ends else raw, file, line)


class _Rejoined:
    """A stream whose first bytes have already been read."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self.head = head
        self.rest = rest

    def read(self, size: int = -1) -> bytes:
        if not self.head:
            return self.rest.read(size)
        end = len(self.head) if size < 0 else size
        head, self.head = self.head[:end], self.head[end:]
        return head

    def read1(self, size: int = -1) -> bytes:
        if self.head:
            return self.read(size)
        read = getattr(self.rest, "read1", self.rest.readline)
        return cast(bytes, read(size))


def _read_line(stream: BinaryIO, name: str, number: int) -> bytes:
    with _reading(name, number):
        raw = stream.readline(LONGEST_LINE + 1)
    if len(raw) > LONGEST_LINE:
        raise _too_long(name, number)
    return raw


def _read_block(stream: BinaryIO, name: str, number: int) -> bytes:
    with _reading(name, number):
        return bytes(cast(BufferedReader, stream).read1(BLOCK))


@contextmanager
def _reading(name: str, number: int) -> Iterator[None]:
    """Turn errors while reading into a CorpusError with the line number."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        fact = f"the gzip is truncated or corrupt ({_reason(error)})"
        raise CorpusError(fact, path=name, line=number) from None
    except OSError as error:
        fact = f"can't be read: {_reason(error)}"
        raise CorpusError(fact, path=name, line=number) from None


def _too_long(name: str, number: int) -> CorpusError:
    fact = f"the line is longer than {LONGEST_LINE} bytes; expected text"
    return CorpusError(fact, path=name, line=number)


def _decode(raw: bytes, file: _LineFile, number: int) -> str:
    try:
        whole = raw.decode(UTF8)
    except UnicodeDecodeError as error:
        if _is_binary(raw):
            raise _binary(file.name, number) from None
        raise CorpusError(_undecodable(raw, error), path=file.name, line=number) from None
    text = whole.removesuffix("\n").rstrip("\r")
    if "\x00" in text and _is_binary(raw):
        raise _binary(file.name, number)
    if "\x00" in text:
        fact = "a NUL byte; expected utf-8 text, which this may not be (UTF-16?)"
        if likely_encoding(raw) == "utf-16":
            fact = f"a NUL byte; the encoding tried is {UTF8}, {encoding_advice(raw)}"
        raise CorpusError(fact, path=file.name, line=number, text=text)
    if "\r" in text:
        fact = "a carriage return inside the line; expected lines that end in LF or CRLF"
        raise CorpusError(fact, path=file.name, line=number, text=text)
    return whole if file.ends else text


def _is_binary(raw: bytes) -> bool:
    """Tell whether a line that is no UTF-8 text holds many control characters. UTF-16 holds NUL in every other byte."""
    controls = len(raw) - len(raw.translate(None, CONTROLS))
    return controls > 7 and 20 * controls > len(raw) and likely_encoding(raw) != "utf-16"


def _binary(name: str, number: int) -> CorpusError:
    fact = "this is not text: the line holds many control characters; expected a corpus"
    return CorpusError(fact, path=name, line=number)


def _undecodable(raw: bytes, error: UnicodeDecodeError) -> str:
    start = max(0, error.start - 30)
    around = raw[start : error.start + 30].decode(UTF8, "backslashreplace").strip()
    return (
        f"byte 0x{raw[error.start]:02x} at position {error.start + 1} of the line can't be "
        f"decoded; the encoding tried is {UTF8}, {encoding_advice(raw)}: '{around}'"
    )
