"""Read arrays from `.npz` and `.npy` files that a stranger may have made.

Names, types and shapes are compared with those that the caller expects before memory is taken. No file is
unpickled or unpacked: members of an archive must be stored, so no array is larger than its file.
"""

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.errors import RunError, nearest, one_line, shorten
from seqlab.machine.regular_files import open_regular, size_of, unreadable

MAGIC = b"\x93NUMPY\x01\x00"  # version 1.0, which numpy writes for all arrays without named fields
HEADER = re.compile(
    rb"\{'descr': '([<>|][a-z]\d{1,2})', 'fortran_order': (False|True), "
    rb"'shape': \(((?:\d{1,15}, )*\d{1,15},?)?\), \} *\n"
)
ENCRYPTED = 0x1  # bit of a member's flags
BLOCK = 1 << 20  # bytes read at a time; also bounds an archive's list of members, to 22,000
READ_ERRORS = (
    *(ValueError, EOFError, OverflowError, MemoryError, RuntimeError),  # of damaged headers
    *(zipfile.BadZipFile, zlib.error, struct.error, LookupError),
)


class ArraySpec(NamedTuple):
    """The shape and the type that an array must have.

    shape: sizes of the axes; None allows any size. dtype: such as 'float32', in either byte order.
    """

    shape: tuple[int | None, ...]
    dtype: str = "float32"

    @property
    def nbytes(self) -> int:
        """The size of the numbers in bytes; an axis of any size counts as empty."""
        return math.prod(size or 0 for size in self.shape) * np.dtype(self.dtype).itemsize

    def __str__(self) -> str:
        return f"{self.dtype} {shape_text(self.shape)}"


class ArrayHeader(NamedTuple):
    """What the header of a `.npy` file says of the numbers behind it. offset: their first byte in the file."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    offset: int

    @property
    def nbytes(self) -> int:
        """The size of the numbers in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype.newbyteorder('=')} {shape_text(self.shape)}"

    def check(self, spec: ArraySpec, size: int) -> None:
        """Raise ValueError unless the array is as expected, and its file has exactly `size` bytes."""
        fits = len(self.shape) == len(spec.shape) and all(
            wanted is None or found == wanted
            for found, wanted in zip(self.shape, spec.shape, strict=True)
        )
        if not fits or self.dtype.newbyteorder("=") != np.dtype(spec.dtype):
            raise ValueError(f"holds {self}, expected {spec}")
        if self.offset + self.nbytes != size:
            raise ValueError(
                f"its header promises {self.nbytes} bytes of numbers, but it holds {size - self.offset}"
            )


def shape_text(shape: Sequence[int | None]) -> str:
    """A shape for messages; a size that may be anything is '*'.

    >>> shape_text((3, None)), shape_text((4,)), shape_text(())
    ('(3, *)', '(4,)', '()')
    """
    sizes = ["*" if size is None else str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


class BoundedFile:
    """A file for `zipfile`, which reads a list of members as large as the file says in one piece."""

    def __init__(self, file: BufferedReader) -> None:
        self.seek, self.tell, self.seekable, self.file = file.seek, file.tell, file.seekable, file

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises ValueError instead of reading more than `BLOCK` at once."""
        content = self.file.read(BLOCK + 1 if size < 0 else min(size, BLOCK + 1))
        if len(content) > BLOCK:
            raise ValueError(f"its list of members is longer than {BLOCK} bytes")
        return content


def read_arrays(path: Path, expected: Mapping[str, ArraySpec]) -> dict[str, AnyArray]:
    """Read an uncompressed `.npz` file, as `numpy.savez` writes it.

    expected: each array of the file by name. The file must hold exactly these arrays, with these shapes and types.
        Where a shape has None, the size of the file bounds the array.
    Returns the arrays in the order of `expected`. Nothing is allocated before the names, shapes and types of all
    arrays fit, and never more than the size of the file.
    Raises RunError, with the path, for anything else: a missing or damaged file, missing, extra or repeated arrays,
    other shapes or types, Python objects, compressed or encrypted members.
    """
    with open_regular(path) as file:
        return read_open_arrays(file, path, expected)


def read_open_arrays(
    file: BufferedReader, path: Path, expected: Mapping[str, ArraySpec]
) -> dict[str, AnyArray]:
    """Do the work of `read_arrays` for an open file. path: its name in errors."""
    try:
        with zipfile.ZipFile(cast(IO[bytes], BoundedFile(file))) as archive:
            members = checked_members(archive, expected, size_of(file))
            headers = {}
            for name, member in members.items():
                with named_array(name), archive.open(member) as stream:
                    headers[name] = read_header(stream)
                    headers[name].check(expected[name], member.file_size)
            arrays = {}
            for name, header in headers.items():
                with named_array(name), archive.open(members[name]) as stream:
                    arrays[name] = read_numbers(stream, header)
            return arrays
    except OSError as error:
        raise unreadable(path, error) from error
    except READ_ERRORS as error:
        raise damaged_arrays(path, error) from error


def damaged_arrays(path: Path, error: Exception) -> RunError:
    """The error for a file of arrays that is damaged or holds others than expected."""
    reason = one_line(" ".join(str(error).split()) or type(error).__name__)
    return RunError(f"{path}: not readable as arrays: {reason}; copy or train the run again")


@contextmanager
def named_array(name: str) -> Iterator[None]:
    """Within the block, errors of a damaged array name it."""
    try:
        yield
    except READ_ERRORS as error:
        raise ValueError(f"array {name!r}: {error}") from error


def checked_members(
    archive: zipfile.ZipFile, expected: Mapping[str, ArraySpec], size: int
) -> dict[str, zipfile.ZipInfo]:
    """The member of each expected array, in this order. size: bytes of the file.

    Raises ValueError if the archive has other members, or compressed or encrypted ones.
    """
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        if name in members:
            raise ValueError(f"holds array {name!r} twice")
        if name not in expected:
            fact = f"holds an array {shorten(name)!r} that is not expected"
            raise ValueError(fact + nearest(name, expected))
        if member.flag_bits & ENCRYPTED:
            raise ValueError(f"array {name!r} is encrypted")
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise ValueError(f"array {name!r} is compressed; expected an uncompressed archive")
        members[name] = member
    missing = next((name for name in expected if name not in members), None)
    if missing is not None:
        raise ValueError(f"array {missing!r} is missing")
    if sum(member.file_size for member in members.values()) > size:
        raise ValueError("its arrays are larger than the file")
    return {name: members[name] for name in expected}


def read_header(stream: IO[bytes]) -> ArrayHeader:
    """Read the header of a `.npy` file of numbers. Raises ValueError for anything else.

    The header is the text of a Python dictionary. It is matched, not evaluated.
    """
    start = stream.read(len(MAGIC) + 2)
    if not start.startswith(MAGIC) or len(start) != len(MAGIC) + 2:
        raise ValueError("no .npy header of version 1.0")
    length = int.from_bytes(start[-2:], "little")
    match = HEADER.fullmatch(stream.read(length))
    if match is None:
        raise ValueError("no .npy header of an array of numbers")
    try:
        dtype = np.dtype(match[1].decode("ascii"))
    except TypeError as error:
        raise ValueError(f"unknown type {match[1].decode('ascii')!r}") from error
    sizes = tuple(int(size) for size in (match[3] or b"").replace(b",", b" ").split())
    return ArrayHeader(sizes, dtype, match[2] == b"True", len(start) + length)


def read_numbers(stream: IO[bytes], header: ArrayHeader) -> AnyArray:
    """Read the array behind its header, in this machine's byte order. Raises ValueError if the file ends early."""
    stream.read(header.offset)
    flat = np.empty(math.prod(header.shape), header.dtype)
    target, first = flat.view(np.uint8).data, 0
    while block := stream.read(BLOCK):
        if first + len(block) > len(target):
            raise ValueError("holds more numbers than its header promises")
        target[first : first + len(block)] = block
        first += len(block)
    if first != len(target):
        raise ValueError("ends early")
    shaped = flat.reshape(header.shape, order="F" if header.fortran_order else "C")
    return shaped.astype(header.dtype.newbyteorder("="), copy=False)


def peek_type(file: BufferedReader, path: Path) -> str:
    """The type of the numbers of a `.npy` file, such as 'float32'. The file is then at its beginning again.

    path: its name in errors. Raises RunError if the file is damaged.
    """
    try:
        header = read_header(file)
        file.seek(0)
    except OSError as error:
        raise unreadable(path, error) from error
    except READ_ERRORS as error:
        raise damaged_arrays(path, error) from error
    return str(header.dtype.newbyteorder("="))


def map_array(file: BufferedReader, path: Path, expected: ArraySpec) -> AnyArray:
    """Map a `.npy` file, so that its numbers are read when they are accessed. path: its name in errors.

    Raises RunError if the file is damaged, or holds an array of another shape or type.
    """
    try:
        header = read_header(file)
        header.check(expected, size_of(file))
    except OSError as error:
        raise unreadable(path, error) from error
    except READ_ERRORS as error:
        raise damaged_arrays(path, error) from error
    if not header.nbytes:
        return np.zeros(header.shape, header.dtype)
    numbers = np.memmap(
        file,
        header.dtype,
        "r",
        header.offset,
        header.shape,
        order="F" if header.fortran_order else "C",
    )
    return np.asarray(numbers)
