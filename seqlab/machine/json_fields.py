"""Entries of JSON objects, read with their types and bounds: a file of a run may hold anything."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from seqlab.errors import nearest, shorten
from seqlab.machine.numbers import is_number, is_whole

LARGEST = 2**31 - 1


class Fields:
    """A JSON object whose entries are taken one by one. Every error is a ValueError that names the entry.

    >>> fields = Fields({"size": 3, "name": "x"}, "tagger")
    >>> fields.whole("size"), fields.text("name")
    (3, 'x')
    >>> fields.end()
    """

    def __init__(self, value: object, where: str = "") -> None:
        """value: the parsed JSON. where: what the object describes, for errors; empty for the whole file."""
        self.where = where
        if not isinstance(value, dict):
            raise ValueError(self.fact("", f"is {described(value)}: expected an object").strip())
        self.values: Mapping[str, Any] = value
        self.taken: set[str] = set()

    def fact(self, name: str, fact: str) -> str:
        """A fact about an entry, with its name."""
        entry = f"{self.where}.{name}" if self.where and name else self.where or name
        return f"{shorten(entry)} {fact}" if entry else f"the file {fact}"

    def has(self, name: str) -> bool:
        """Whether there is an entry of this name."""
        return name in self.values

    def take(self, name: str) -> Any:
        """The value of an entry, of any type."""
        if name not in self.values:
            raise ValueError(self.fact(name, "is missing"))
        self.taken.add(name)
        return self.values[name]

    def wrong(self, name: str, expected: str) -> ValueError:
        """The error for an entry with a wrong value."""
        return ValueError(
            self.fact(name, f"is {described(self.values[name])}: expected {expected}")
        )

    def whole(self, name: str, *, least: int = 0, most: int = LARGEST) -> int:
        """A whole number within bounds."""
        value = self.take(name)
        if not is_whole(value) or not least <= value <= most:
            raise self.wrong(name, f"a whole number from {least} to {most}")
        return int(value)

    def number(self, name: str, *, least: float, most: float) -> float:
        """A number within bounds."""
        value = self.take(name)
        if not is_number(value) or not least <= value <= most:
            raise self.wrong(name, f"a number from {least:g} to {most:g}")
        return float(value)

    def flag(self, name: str) -> bool:
        """A truth value."""
        value = self.take(name)
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def text(self, name: str, choices: Sequence[str] = ()) -> str:
        """A text. choices: the texts that are allowed; empty allows all."""
        value = self.take(name)
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        if choices and value not in choices:
            raise self.wrong(name, f"{', '.join(choices)}{nearest(value[:80], choices)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of distinct texts."""
        values = self.take(name)
        if not isinstance(values, list):
            raise self.wrong(name, "a list of texts")
        if set(map(type, values)) - {str}:
            value = next(value for value in values if not isinstance(value, str))
            raise ValueError(self.fact(name, f"holds {described(value)}: expected texts"))
        if len(set(values)) < len(values):
            seen: set[str] = set()
            value = next(v for v in values if v in seen or seen.add(v))  # type: ignore[func-returns-value]
            raise ValueError(self.fact(name, f"holds {described(value)} twice"))
        return tuple(values)

    def part(self, name: str) -> "Fields":
        """An object in this object."""
        return Fields(self.take(name), f"{self.where}.{name}" if self.where else name)

    def names(self) -> list[str]:
        """The names of all entries."""
        return list(self.values)

    def end(self) -> None:
        """Raise ValueError for an entry that was not taken: it may change the meaning of the others."""
        for name in self.values:
            if name not in self.taken:
                raise ValueError(
                    f"{self.fact(name, 'is not known here')}; a newer version of seqlab may have written it"
                )


def described(value: object) -> str:
    """A JSON value for messages; lists and objects by their type alone, as they may be nested deeply.

    >>> described("x"), described(3), described([1]), described({}), described(None), described(True)
    ("'x'", '3', 'a list', 'an object', 'null', 'true')
    """
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and not math.isfinite(value):
        return "a number too large"
    return shorten(repr(value))
