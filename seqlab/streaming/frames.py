"""What travels between `tag` and its worker processes: values of plain types, each behind its length.

`marshal` packs a token in a third of the time that pickle or JSON take, and what it reads runs no code. Both
ends are the same Python, which is all that it asks for.
"""

import marshal
import struct
from collections.abc import Iterable
from io import FileIO
from typing import Any

from seqlab.corpus.sentence import NOTHING, Sentence

HEAD = struct.Struct("<Q")


def packed_sentences(sentences: Iterable[Sentence]) -> bytes:
    """Sentences without their tags. Raises ValueError for metadata that is nested too deeply for it."""
    return marshal.dumps([fields_of(sentence) for sentence in sentences])


def fields_of(sentence: Sentence) -> tuple[Any, ...]:
    """What is written of a sentence, or said of a mistake in it."""
    return (
        sentence.tokens,
        sentence.weight,
        sentence.token_weights,
        dict(sentence.features) or None,
        dict(sentence.metadata) or None,
        sentence.source,
    )


def unpacked_sentences(packed: bytes) -> list[Sentence]:
    """The sentences again."""
    return [
        Sentence(
            tokens=tokens,
            weight=weight,
            token_weights=token_weights,
            features=features or NOTHING,
            metadata=metadata or NOTHING,
            source=source,
        )
        for tokens, weight, token_weights, features, metadata, source in marshal.loads(packed)  # noqa: S302
    ]


def send(stream: FileIO, body: bytes) -> None:
    """Write a frame. Raises OSError where nobody reads any more."""
    for part in (HEAD.pack(len(body)), body):
        rest = memoryview(part)
        while rest:
            rest = rest[stream.write(rest) :]


def receive(stream: FileIO) -> bytearray | None:
    """The next frame; None where the other end has gone, be it in the middle of one."""
    head = exactly(stream, HEAD.size)
    return None if head is None else exactly(stream, HEAD.unpack(head)[0])


def exactly(stream: FileIO, size: int) -> bytearray | None:
    """So many bytes, or None where the stream ends before."""
    found = bytearray(size)
    rest = memoryview(found)
    while rest:
        count = stream.readinto(rest)
        if not count:
            return None
        rest = rest[count:]
    return found


def send_value(stream: FileIO, value: Any) -> None:
    """Write a value of plain types."""
    send(stream, marshal.dumps(value))


def receive_value(stream: FileIO) -> Any:
    """A value of plain types. Raises EOFError where the other end has gone."""
    found = receive(stream)
    if found is None:
        raise EOFError
    return marshal.loads(found)  # noqa: S302
