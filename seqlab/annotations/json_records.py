"""Read JSON values one by one: a line each, or the elements of one array. Write them as lines or an array.

Memory holds one record and one block of the file.
"""

import codecs
import gzip
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

from seqlab.errors import CorpusError, UserError
from seqlab.machine.atomic import atomic_text_files
from seqlab.text.encodings import UTF8, AsUtf8, encoding_advice, parse_encoding
from seqlab.text.lines import GZIP_MAGIC, open_corpus

BLOCK = 1 << 16  # bytes to read at a time
LONGEST_RECORD = 64 * 1024 * 1024  # characters
BLANK = re.compile(r"[ \t\r\n]*")
LINE_START = re.compile(r'[ \t\r\n]*(?:[^\[ \t\r\n]|\[[ \t\r\n]*")')
INCOMPLETE = 16  # an unfinished literal, number or escape is at most this long
HALF_SURROGATE = re.compile("[\ud800-\udfff]")
DECODER = json.JSONDecoder()

Record = tuple[str, Any]
"""Where a value is, as 'path:line' or 'path: record N', and the value."""


def json_records(path: Path, encoding: str) -> Iterator[Record]:
    """Yield the values of a file: one per line, or the elements of one array over any number of lines.

    Raises CorpusError for text that is not JSON, is cut off, or cannot be decoded.
    """
    blocks = text_blocks(path, encoding)
    head = ""
    for block in blocks:
        head += block
        if BLANK.sub("", head, count=1)[:2].strip() and len(head.strip()) > 1:
            break
    if not head.strip():
        return iter(())
    if LINE_START.match(head):
        return _values_of_lines(_lines(head, _bounded(head, blocks, str(path))), str(path))
    return records_of_array(head, blocks, str(path))


def text_lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number. Only a line feed ends a line, and it is left out."""
    return enumerate(_lines("", text_blocks(path, encoding)), 1)


def text_blocks(path: Path, encoding: str) -> Iterator[str]:
    """Yield the decoded text of a file, gzip or not, in blocks; line ends stay as they are.

    Raises CorpusError, with the line, for bytes that cannot be decoded. Raises SettingsError for an unknown
    encoding.
    """
    encoding = parse_encoding(encoding)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    with closing(open_corpus(path)) as file:
        head = cast(BufferedReader, file).peek(2)[:2]
        plain = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if head == GZIP_MAGIC else file
        stream = cast(BufferedReader, plain)
        source = stream if encoding == UTF8 else AsUtf8(stream, encoding, str(path))
        while True:
            block = _read_block(source, path)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise _undecodable(error, path, line) from None
            line += text.count("\n")
            if text:
                yield text
            if not block:
                return


def _read_block(stream: BufferedReader | AsUtf8, path: Path) -> bytes:
    try:
        return stream.read1(BLOCK)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        fact = f"the gzip is truncated or corrupt ({str(error).lower()})"
        raise CorpusError(fact, path=str(path)) from None
    except OSError as error:
        fact = f"can't be read: {(error.strerror or str(error)).lower()}"
        raise CorpusError(fact, path=str(path)) from None


def _undecodable(error: UnicodeDecodeError, path: Path, line: int) -> CorpusError:
    """The error for bytes that are not UTF-8. line: of the first byte that was decoded."""
    raw, start = bytes(error.object), error.start
    line += raw[:start].count(b"\n")
    bad_line = raw[raw.rfind(b"\n", 0, start) + 1 :].partition(b"\n")[0]
    fact = f"byte 0x{raw[start]:02x} can't be decoded as utf-8; {encoding_advice(bad_line)}"
    return CorpusError(fact, path=str(path), line=line)


def _lines(head: str, blocks: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a text that comes in blocks."""
    rest = [head]
    for block in blocks:
        if "\n" in block:
            *lines, last = ("".join(rest) + block).split("\n")
            yield from lines
            rest = [last]
        else:
            rest.append(block)
    yield from "".join(rest).split("\n")


def _bounded(head: str, blocks: Iterable[str], name: str) -> Iterator[str]:
    """Yield the blocks after the head. Raises CorpusError for a line that is longer than a record may be."""
    number, size = 1 + head.count("\n"), len(head) - head.rfind("\n") - 1
    for block in blocks:
        number += block.count("\n")
        size = size + len(block) if "\n" not in block else len(block) - block.rfind("\n") - 1
        if size > LONGEST_RECORD:
            fact = f"the line is longer than {LONGEST_RECORD} characters"
            raise CorpusError(f"{fact}; expected one JSON object per line", path=name, line=number)
        yield block


def _values_of_lines(lines: Iterable[str], name: str) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            fact = f"bad JSON ({json_fault(error)}); expected one JSON object per line"
            raise CorpusError(fact, path=name, line=number, text=line) from None
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"bad JSON ({error})", path=name, line=number, text=line) from None
        yield f"{name}:{number}", value


def json_fault(error: json.JSONDecodeError) -> str:
    """What is wrong with a line of JSON, and at which position from 1."""
    what = error.msg.lower().removesuffix(" starting at")
    return f"{what} at position {error.pos + 1}"


class _Buffer:
    """Text that comes in blocks, of which a part has been used."""

    def __init__(self, head: str, blocks: Iterator[str]) -> None:
        self.text = head
        self.position = 0
        self.blocks = blocks
        self.is_complete = False

    def grow(self) -> None:
        """Drop what has been used, and at least double the rest, so that reading takes linear time."""
        parts = [self.text[self.position :]]
        wanted = max(2 * len(parts[0]), BLOCK)
        size = len(parts[0])
        while size < wanted and not self.is_complete:
            block = next(self.blocks, "")
            self.is_complete = not block
            parts.append(block)
            size += len(block)
        self.text, self.position = "".join(parts), 0

    def next_character(self) -> str:
        """The next character that is not blank, without using it; '' at the end."""
        while True:
            match = BLANK.match(self.text, self.position)
            self.position = match.end() if match else self.position
            if self.position < len(self.text):
                return self.text[self.position]
            if self.is_complete:
                return ""
            self.grow()


def records_of_array(
    head: str, blocks: Iterator[str], name: str, *, is_whole_file: bool = True
) -> Iterator[Record]:
    """Yield the elements of an array.

    head: text that begins with the bracket of the array. blocks: the text behind it.
    is_whole_file: False if the array is part of an object, of which the rest is not read.
    Raises CorpusError for text that is not JSON or is cut off.
    """
    buffer = _Buffer(head, blocks)
    buffer.next_character()
    buffer.position += 1  # the opening bracket
    number = 0
    character = buffer.next_character()
    while character and (character != "]" or number):
        number += 1
        yield f"{name}: record {number}", _decode_value(buffer, f"{name}: record {number}")
        character = buffer.next_character()
        if character != ",":
            break
        buffer.position += 1
        character = buffer.next_character()
    if not character:
        fact = f"the array never closes; the file ends after record {number}: export it again"
        raise CorpusError(fact, path=name)
    if character != "]":
        fact = f"bad JSON after this record: expected ',' or ']', found {character!r}"
        raise CorpusError(fact, path=f"{name}: record {number}")
    buffer.position += 1  # the closing bracket
    if is_whole_file and (rest := buffer.next_character()):
        fact = f"bad JSON after the array: found {rest!r}; expected the end of the file"
        raise CorpusError(fact, path=name)


def _decode_value(buffer: _Buffer, source: str) -> Any:
    while True:
        try:
            value, end = DECODER.raw_decode(buffer.text, buffer.position)
        except json.JSONDecodeError as error:
            near_end = error.pos >= len(buffer.text) - INCOMPLETE
            if buffer.is_complete and (near_end or error.msg.startswith("Unterminated")):
                fact = "the file ends inside this record; it is cut off: export it again"
                raise CorpusError(fact, path=source) from None
            if not near_end and not error.msg.startswith("Unterminated"):
                text = buffer.text[buffer.position :][: error.pos - buffer.position + 1][-60:]
                fact = f"bad JSON ({error.msg.lower()})"
                raise CorpusError(fact, path=source, text=text) from None
            if len(buffer.text) - buffer.position > LONGEST_RECORD:
                fact = f"the record is longer than {LONGEST_RECORD} characters"
                raise CorpusError(fact, path=source) from None
            buffer.grow()
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"bad JSON ({error})", path=source) from None
        else:
            if end < len(buffer.text) or buffer.is_complete or isinstance(value, dict | list | str):
                buffer.position = end
                return value
            buffer.grow()  # a number may go on in the next block


def dump_json(value: Any, source: str) -> str:
    """One value as a line of JSON; NaN and infinity become null, since JSON has no such numbers.

    Raises UserError for a value that JSON or UTF-8 cannot hold.
    """
    try:
        try:
            line = json.dumps(value, ensure_ascii=False, allow_nan=False)
        except ValueError:
            line = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"{source}: JSON can't hold this document: {error}") from None
    if HALF_SURROGATE.search(line):
        raise UserError(f"{source}: half a surrogate pair; utf-8 can't hold this document")
    return line


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def write_json_lines(records: Iterable[Record], path: Path) -> None:
    """Write one value per line; the file appears when it is complete."""
    with atomic_text_files() as open_text:
        stream = open_text(path)
        stream.writelines(dump_json(value, source) + "\n" for source, value in records)


def write_json_array(records: Iterable[Record], path: Path) -> None:
    """Write one array with an element per line; the file appears when it is complete."""
    with atomic_text_files() as open_text:
        stream = open_text(path)
        before = "["
        for source, value in records:
            stream.write(before + "\n" + dump_json(value, source))
            before = ","
        stream.write("[]\n" if before == "[" else "\n]\n")
