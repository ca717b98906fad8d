"""Turn the bytes of a fuzzer into choices, and choices into any Python value, tag or array."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from seqlab.corpus.sentence import Sentence

T = TypeVar("T")
MARK = b"\n--\0file\0--\n"  # between the files that one case holds
DEEP = 3  # lists within lists
TAGS = (
    *("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "E-PER", "S-LOC", "L-PER", "U-LOC", "M-PER", "M-LOC"),
    *("B", "I", "E", "S", "I-O", "B-O", "NOUN", "-LRB-", "B-", "I-", "-", "", " ", "B-B-PER", "o", "0"),
    *("b-per", "B_PER", "\x1b[31mB-X", "B-\n", "B-\ud800", "B-\u202e", "*", "(PER*", "*)", "(PER*)"),
)  # fmt: skip
NAMES = (
    *TAGS,
    "PER",
    "LOC",
    "tokens",
    "tags",
    "text",
    "label",
    "spans",
    "pos",
    "=",
    "a=b",
    "x" * 700,
)
NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2, 7, 0.5, 1.0, -0.0, 1e-300, 1e300, 3.5e38, 2**31, 2**63, -(2**63), 2**64, 10**400),
    *(float("nan"), float("inf"), -float("inf"), True, False, 1j),
    *(np.int8(3), np.uint64(2**64 - 1), np.float16(2), np.float32(np.nan), np.bool_(True)),
)  # fmt: skip
DTYPES = (
    *("float32", "float64", "int64", "int8", "uint64", "bool", "float16", "object"),
    *("U3", "S2", "complex64", "M8[D]"),
)


class Choices:
    """Choices made by bytes, one after another. When the bytes are used up, each choice is the first option."""

    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def byte(self) -> int:
        """Return the next byte, or 0."""
        at, self.position = self.position, self.position + 1
        return self.data[at] if at < len(self.data) else 0

    def below(self, count: int) -> int:
        """Return a number from 0 to count - 1."""
        return (self.byte() if count <= 256 else self.byte() << 8 | self.byte()) % count

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def rarely(self, default: T, make: Callable[[], T]) -> T:
        """Return the default for 3 of 4 bytes, else what `make` returns."""
        return default if self.byte() < 192 else make()

    def rest(self) -> bytes:
        """Return the bytes that are left."""
        return self.data[self.position :]


def pack(head: bytes, files: dict[str, bytes]) -> bytes:
    """Return one case that holds files by name, after the bytes of its options."""
    parts = [part for name, content in files.items() for part in (name.encode(), content)]
    return head + MARK.join(parts)


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of a case without its head. Names outside the folder become plain names."""
    parts = data.split(MARK)
    pairs = zip(parts[::2], [*parts[1::2], b""], strict=False)
    return {name.decode("utf-8", "replace"): content for name, content in pairs}


def any_text(choices: Choices) -> str:
    """Return a text: a tag, a name, or any characters."""
    if choices.byte() < 200:
        return choices.pick(NAMES)
    return "".join(map(chr, (choices.below(0x3000) for _ in range(choices.below(6)))))


def any_value(choices: Choices, depth: int = DEEP) -> Any:
    """Return any Python value that a script could hand over by mistake."""
    kind = choices.below(24 if depth else 10)
    if kind < 3:
        return any_text(choices)
    if kind < 6:
        return choices.pick(NUMBERS)
    if kind == 6:
        return None
    if kind == 7:
        return choices.pick((b"", b"O", bytearray(b"x")))
    if kind == 8:
        return choices.pick(
            (object(), object, len, range(3), range(300), ..., Sentence(tokens=("a",)))
        )
    if kind == 9:
        return any_array(choices)
    parts = [any_value(choices, depth - 1) for _ in range(choices.below(4))]
    if kind < 16:
        return parts
    if kind < 19:
        return tuple(parts)
    if kind == 19:
        return iter(parts)
    if kind == 20:
        return {str(part): part for part in parts}
    if kind == 21:
        return {part for part in parts if type(part) in (str, int, float)}
    if kind == 22:
        return {part: 1 for part in parts if type(part) in (str, int, float, type(None))}
    loop: list[Any] = []
    loop.append(loop)
    return loop


def any_array(choices: Choices, shape: tuple[int, ...] | None = None) -> Any:
    """Return an array of small numbers, in any type. shape: None chooses one."""
    if shape is None:
        shape = tuple(choices.pick((2, 3, 1, 0, 4)) for _ in range(choices.below(5)))
    size = int(np.prod(shape))
    values = np.array([choices.pick((0, 1, 0, 1, 2, -1, 5)) for _ in range(size)], np.float64)
    kind = choices.pick(DTYPES)
    with np.errstate(all="ignore"):
        array = np.array(values.astype(np.int64) if kind[0] == "M" else values).astype(kind)
    array = array.reshape(shape)
    if size and array.dtype.kind == "f":
        array.flat[0] = choices.rarely(
            array.flat[0], lambda: choices.pick((np.nan, np.inf, -np.inf, -0.0))
        )
    return array


def tag_sequences(choices: Choices) -> list[list[str]]:
    """Return sentences of tags, most of them of a span scheme."""
    few = choices.pick((4, 8, 16, len(TAGS)))
    lengths = [choices.below(7) for _ in range(choices.below(4))]
    return [[TAGS[choices.below(few)] for _ in range(length)] for length in lengths]


def with_odd_value(choices: Choices, sentences: list[list[str]]) -> Any:
    """Return the sentences, perhaps with any value in place of all, of one sentence, or of one tag."""
    level = choices.pick((0, 0, 1, 2, 2, 3))
    if level == 0 or not sentences:
        return sentences
    if level == 1:
        return any_value(choices)
    changed: list[Any] = [*sentences]
    at = choices.below(len(changed))
    if level == 2 or not changed[at]:
        changed[at] = any_value(choices)
    else:
        changed[at] = [*changed[at]]
        changed[at][choices.below(len(changed[at]))] = any_value(choices)
    return tuple(changed) if choices.byte() > 200 else changed
