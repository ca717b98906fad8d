"""Checksums of files and texts, and hashes of words. This is the only module that imports hashlib."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path

SAMPLES, SAMPLE_BYTES = 64, 4096


def file_sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return stream_sha256(stream)


def stream_sha256(stream: BufferedReader) -> str:
    """The sha256 of the rest of a stream, in hexadecimal."""
    return hashlib.file_digest(stream, "sha256").hexdigest()


def sampled_sha256(path: Path) -> str:
    """The sha256 of a file's size and of samples of its bytes, which are the same distance apart, in hexadecimal.

    It tells files of other contents apart in milliseconds, however large they are. It does not find a damaged byte.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as stream:
        for number in range(SAMPLES):
            stream.seek(
                (size - SAMPLE_BYTES) * number // (SAMPLES - 1) if size > SAMPLE_BYTES else 0
            )
            digest.update(stream.read(SAMPLE_BYTES))
    return digest.hexdigest()


def bytes_sha256(content: bytes) -> str:
    """The sha256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def text_sha256(text: str) -> str:
    """The sha256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def policy_source(text: str) -> str:
    """The source of a content security policy that allows an inline script or style sheet with just this text.

    >>> policy_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def word_hashes(words: Iterable[bytes]) -> bytes:
    """The BLAKE2b hash of each word, 8 bytes per word; the same in every process."""
    return b"".join(hashlib.blake2b(word, digest_size=8).digest() for word in words)
