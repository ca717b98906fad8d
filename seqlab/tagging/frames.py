"""What travels between `tag` and its worker processes: values of plain types, each behind its length.

`marshal` packs a token in a third of the time that pickle or JSON take, and what it reads runs no code. Both
ends are the same Python, which is all that it asks for.
"""

import marshal
import struct
from collections.abc import Sequence
from io import FileIO
from itertools import islice
from typing import Any

from seqlab.corpus.sentence import NOTHING, Sentence

HEAD = struct.Struct("<Q")


def packed_sentences(sentences: Sequence[Sentence]) -> bytes:
    """Sentences without their tags. Raises ValueError for metadata that is nested too deeply for it.

    Where they are tokens and nothing else, all tokens are one text: it is packed and unpacked in half the time.
    """
    if all(map(bare, sentences)):
        text = "\n".join([token for s in sentences for token in s.tokens])
        lengths = [len(s.tokens) for s in sentences]
        if text.count("\n") == sum(lengths) - 1:
            return marshal.dumps((text, lengths, [s.source for s in sentences]))
    return marshal.dumps([fields_of(sentence) for sentence in sentences])


def bare(sentence: Sentence) -> bool:
    """Whether there is nothing to be said of a sentence but its tokens and its source."""
    return not (
        sentence.metadata
        or sentence.features
        or sentence.weight != 1.0
        or sentence.token_weights is not None
    )


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
    found = marshal.loads(packed)  # noqa: S302
    if isinstance(found, tuple):
        text, lengths, sources = found
        tokens = iter(text.split("\n"))
        return [
            Sentence(tokens=tuple(islice(tokens, length)), source=source)
            for length, source in zip(lengths, sources, strict=True)
        ]
    return [
        Sentence(
            tokens=tokens,
            weight=weight,
            token_weights=token_weights,
            features=features or NOTHING,
            metadata=metadata or NOTHING,
            source=source,
        )
        for tokens, weight, token_weights, features, metadata, source in found
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
