"""Checksums of files and texts, and hashes of words. This is the only module that imports hashlib."""

import hashlib
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path


def file_sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return stream_sha256(stream)


def stream_sha256(stream: BufferedReader) -> str:
    """The sha256 of the rest of a stream, in hexadecimal."""
    return hashlib.file_digest(stream, "sha256").hexdigest()


def text_sha256(text: str) -> str:
    """The sha256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def word_hashes(words: Iterable[bytes]) -> bytes:
    """The BLAKE2b hash of each word, 8 bytes per word; the same in every process."""
    return b"".join(hashlib.blake2b(word, digest_size=8).digest() for word in words)
