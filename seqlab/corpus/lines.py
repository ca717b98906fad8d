"""Bytes of a file or a pipe -> numbered lines of text, whatever the machine that wrote them.

Does not know about columns, JSON or sentences. Never holds more than what has arrived at once, and one line.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from seqlab.errors import CorpusError
from seqlab.machine.files import nearest_sibling

ENCODING = "utf-8"
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_LINE = 64 * 1024 * 1024
BLOCK = 64 * 1024  # bytes that are asked for at once; of a pipe those that are there

NumberedLine = tuple[int, str]
NumberedLines = Iterator[NumberedLine]


def numbered_lines(source: str | Path | BinaryIO, *, name: str | None = None) -> NumberedLines:
    """Yield (line number from 1, line without its end) of UTF-8 text, gzip or not.

    source: a path, or an open binary stream (which stays open).
    name: what errors call it; the path unless told.
    Lines end in LF or CRLF and nowhere else: U+2028, U+0085 and the vertical tab are text.
    Raises CorpusError when the file is missing or no file, is not UTF-8, holds a NUL or a lone
    carriage return (UTF-16, old Macintosh text), or is a gzip that ends early.
    """
    if not isinstance(source, str | Path):
        yield from _lines(source, name or str(getattr(source, "name", "stream")))
        return
    with closing(open_corpus(source)) as stream:
        yield from _lines(stream, name or str(source))


TOKENS = "seq.in"  # of a corpus of two parallel files


def open_corpus(path: str | Path) -> BinaryIO:
    """Open a file for reading bytes, or raise a CorpusError that names the nearest file there is."""
    place = Path(path)
    try:
        return place.open("rb")
    except FileNotFoundError:
        raise CorpusError(f"no such file{nearest_sibling(place)}", path=str(path)) from None
    except IsADirectoryError:
        inside = f"; its {TOKENS} perhaps" if (place / TOKENS).is_file() else ""
        raise CorpusError(f"is a directory; expected a file{inside}", path=str(path)) from None
    except (OSError, ValueError) as error:
        raise CorpusError(f"can't be opened: {_reason(error)}", path=str(path)) from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _lines(stream: BinaryIO, name: str) -> NumberedLines:
    first = _read_line(stream, name, 1)
    by_line = not hasattr(stream, "read1")
    if first.startswith(GZIP_MAGIC):
        # GzipFile asks for nothing but `read` of what it unpacks. By line: what it says of a damaged one
        # depends on how it is read.
        packed = cast(BinaryIO, _Rejoined(first, stream))
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=packed, mode="rb"))
        first, by_line = _read_line(stream, name, 1), True
    if not first:
        return
    yield 1, _decode(first.removeprefix(BYTE_ORDER_MARK), name, 1)
    yield from _lines_one_by_one(stream, name) if by_line else _lines_by_block(stream, name)


def _lines_one_by_one(stream: BinaryIO, name: str) -> NumberedLines:
    """The lines from the second on."""
    number = 2
    while raw := _read_line(stream, name, number):
        yield number, _decode(raw, name, number)
        number += 1


def _lines_by_block(stream: BinaryIO, name: str) -> NumberedLines:
    """The same, of whatever has arrived together at once."""
    number, rest = 2, bytearray()
    while block := _read_block(stream, name, number):
        end = block.rfind(b"\n") + 1
        if end:
            yield from _decode_lines(bytes(rest) + block[:end], name, number)
            number, rest = number + block.count(b"\n"), bytearray()
        rest += block[end:]
        if len(rest) > LONGEST_LINE:
            raise _too_long(name, number)
    if rest:
        yield number, _decode(bytes(rest), name, number)


def _decode_lines(block: bytes, name: str, number: int) -> Iterable[tuple[int, str]]:
    """Whole lines with their numbers; one by one where one may be wrong."""
    carriages = block.count(b"\r")
    if b"\0" not in block and carriages == block.count(b"\r\n") and len(block) <= LONGEST_LINE:
        with suppress(UnicodeDecodeError):
            text = (block.replace(b"\r\n", b"\n") if carriages else block).decode(ENCODING)
            return enumerate(text[:-1].split("\n"), number)
    return _decode_each(block, name, number)


def _decode_each(block: bytes, name: str, number: int) -> NumberedLines:
    for place, raw in enumerate(block[:-1].split(b"\n"), number):
        if len(raw) >= LONGEST_LINE:
            raise _too_long(name, place)
        yield place, _decode(raw, name, place)


class _Rejoined:
    """A stream whose first bytes have been looked at already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self.head = head
        self.rest = rest

    def read(self, size: int = -1) -> bytes:
        if not self.head:
            return self.rest.read(size)
        end = len(self.head) if size < 0 else size
        head, self.head = self.head[:end], self.head[end:]
        return head


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
    """Says what goes wrong in reading as an error in a line."""
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


def _decode(raw: bytes, name: str, number: int) -> str:
    try:
        text = raw.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise CorpusError(_undecodable(raw, error), path=name, line=number) from None
    text = text.removesuffix("\n").rstrip("\r")
    if "\x00" in text:
        fact = "a NUL byte; expected utf-8 text, which this may not be (UTF-16?)"
        raise CorpusError(fact, path=name, line=number, text=text)
    if "\r" in text:
        fact = "a carriage return inside the line; expected lines that end in LF or CRLF"
        raise CorpusError(fact, path=name, line=number, text=text)
    return text


def _undecodable(raw: bytes, error: UnicodeDecodeError) -> str:
    start = max(0, error.start - 30)
    around = raw[start : error.start + 30].decode(ENCODING, "backslashreplace").strip()
    hint = " (UTF-16?)" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    return (
        f"byte 0x{raw[error.start]:02x} at position {error.start + 1} of the line can't be "
        f"decoded; the encoding tried is {ENCODING}{hint}: '{around}'"
    )
