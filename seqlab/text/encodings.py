"""Character encodings other than UTF-8: their names, reading them as UTF-8, and guessing them for messages."""

import codecs
import re
from encodings.aliases import aliases
from io import BufferedReader
from typing import BinaryIO, cast

from seqlab.errors import CorpusError, SettingsError, nearest

UTF8 = "utf-8"
BLOCK = 64 * 1024  # bytes to decode at a time; a pipe may give fewer
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
UNNAMED_IN_LATIN1 = re.compile(rb"[\x80-\x9f]")  # curly quotes and the euro sign of Windows
# Words of a script other than Latin: three high bytes in a row, or two that touch no ASCII letter.
OTHER_SCRIPT = re.compile(
    rb"[\x80-\xff]{3}|(?<![A-Za-z\x80-\xff])[\x80-\xff]{2}(?![A-Za-z\x80-\xff])"
)
# Encodings in which a line that is valid UTF-8 beyond ASCII would be nonsense such as 'Ã¶'.
WESTERN = ("iso8859-1", "cp1252", "iso8859-15")
UTF8_PAIR = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")


def parse_encoding(name: str | None) -> str:
    """Return the standard name of a text encoding; 'utf-8' for None and for UTF-8 under any name.

    Raises SettingsError, with the nearest name, for a name that Python does not know.

    >>> parse_encoding("Latin-1"), parse_encoding("utf-8-sig"), parse_encoding(None)
    ('iso8859-1', 'utf-8', 'utf-8')
    """
    if name is None:
        return UTF8
    try:
        "".encode(name)  # LookupError also for codecs that are no text, such as base64
        known = codecs.lookup(name)
        codecs.getincrementaldecoder(name)
    except (LookupError, UnicodeError, ValueError, TypeError):
        names = ["utf-8", "utf-16", "latin-1", "cp1252", *aliases, *aliases.values()]
        fact = f"unknown encoding {name!r}; expected a name such as utf-8, latin-1 or cp1252"
        raise SettingsError(f"{fact}{nearest(name, names)}") from None
    return UTF8 if known.name in (UTF8, "utf-8-sig", "ascii") else known.name


def likely_encoding(raw: bytes) -> str | None:
    """Guess the encoding of a line that is not UTF-8; None if it may be one of many.

    Accented letters beside ASCII letters are Western European. Runs of high bytes are another script.

    >>> likely_encoding("Malmö".encode("latin-1")), likely_encoding("Москва".encode("cp1251"))
    ('latin-1', None)
    >>> likely_encoding("“Malmö”".encode("cp1252")), likely_encoding("Malmö".encode("utf-16"))
    ('cp1252', 'utf-16')
    """
    raw = raw.removesuffix(b"\n")  # as it may be there or not
    if raw[:2] in BYTE_ORDER_MARKS or 5 * raw.count(0) > 2 * len(raw):
        return "utf-16"
    if OTHER_SCRIPT.search(raw):
        return None
    return "cp1252" if UNNAMED_IN_LATIN1.search(raw) else "latin-1"


def encoding_advice(raw: bytes) -> str:
    """Return the clause of an error that names the likely encoding of a line and the option."""
    likely = likely_encoding(raw)
    if likely is None:
        return "it may be cp1251 (Cyrillic), gb18030 or shift_jis: give --encoding NAME"
    return f"the likely one is {likely}: give --encoding {likely}"


class AsUtf8:
    """A binary stream in another encoding, read as UTF-8 bytes.

    Only `readline` and `read1` are there. Both raise CorpusError, with the line, for bytes that the encoding
    does not have, and for a line of UTF-8 in a file of a Western encoding.
    """

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        self.stream, self.encoding, self.name = stream, encoding, name
        self.decoder = codecs.getincrementaldecoder(encoding)("strict")
        self.western = encoding in WESTERN
        self.line = 1  # of the first character not yet decoded
        self.ready = bytearray()
        self.cut = (
            b""  # the start of a line whose end has not been read; only for a Western encoding
        )
        self.ended = False

    def read1(self, size: int = -1) -> bytes:
        """Return at least one byte, and no more than `size`; b"" at the end."""
        while not self.ready and not self.ended:
            self._decode_block()
        end = len(self.ready) if size < 0 else size
        data = bytes(self.ready[:end])
        del self.ready[:end]
        return data

    def readline(self, limit: int = -1) -> bytes:
        """Return the bytes up to a line feed, or `limit` bytes."""
        searched = 0
        while True:
            end = self.ready.find(b"\n", searched) + 1
            if end or self.ended or 0 <= limit <= len(self.ready):
                end = end or len(self.ready)
                return self.read1(min(end, limit) if limit >= 0 else end) if end else b""
            searched = len(self.ready)
            self._decode_block()

    def _decode_block(self) -> None:
        block: bytes = cast(BufferedReader, self.stream).read1(BLOCK)
        self.ended = not block
        if self.western:
            self._refuse_utf8_lines(block)
        state = self.decoder.getstate()
        try:
            text = self.decoder.decode(block, final=self.ended)
            self.ready += text.encode(UTF8)
        except UnicodeError:
            raise self._undecodable(block, state) from None
        self.line += text.count("\n")

    def _refuse_utf8_lines(self, block: bytes) -> None:
        """Raise CorpusError for a line that is UTF-8 beyond ASCII: it would turn into nonsense unseen."""
        if not UTF8_PAIR.search(self.cut + block[:1]) and not UTF8_PAIR.search(block):
            self.cut = (self.cut + block).rpartition(b"\n")[2][-BLOCK:]
            return
        lines = (self.cut + block).split(b"\n")
        whole = lines if self.ended else lines[:-1]
        for number, line in enumerate(whole, self.line):
            if UTF8_PAIR.search(line) and is_utf8(line):
                shown = line.decode(UTF8).rstrip("\r")
                fact = f"this line is UTF-8, but the encoding given is {self.encoding}"
                advice = "leave out --encoding, or bring the file into one encoding"
                raise CorpusError(f"{fact}; {advice}", path=self.name, line=number, text=shown)
        self.cut = lines[-1][-BLOCK:]

    def _undecodable(self, block: bytes, state: tuple[bytes, int]) -> CorpusError:
        """Return the error for a block, decoding it byte by byte to find the line."""
        self.decoder.setstate(state)
        line, position = self.line, 0
        try:
            for position in range(len(block)):
                line += self.decoder.decode(block[position : position + 1]).count("\n")
            self.decoder.decode(b"", final=True)
        except UnicodeError:
            pass
        byte = f"byte 0x{block[position]:02x}" if block else "the last byte"
        fact = f"{byte} can't be decoded as {self.encoding}, the encoding given"
        return CorpusError(
            f"{fact}; expected the encoding of the whole file", path=self.name, line=line
        )


def is_utf8(line: bytes) -> bool:
    """Tell whether bytes are UTF-8 text."""
    try:
        line.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True
