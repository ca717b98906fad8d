"""JSON <-> values of frozen dataclasses and named tuples, each checked against its type: a file of a run may hold anything.

A dataclass is a JSON object, a named tuple a list. The field `class_name` has the key "class".
"""

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from seqlab.machine.json_fields import Fields, described
from seqlab.machine.numbers import is_number, is_whole

Value = TypeVar("Value")
KEYS = {"class_name": "class"}


def read_typed(value: object, kind: type[Value], where: str = "") -> Value:
    """The value of a dataclass from its JSON. Raises ValueError that names the entry that does not fit.

    where: what the object describes, for errors. A field with a default may be missing. Other entries are left out.
    """
    entries = Fields(value, where)
    values = {}
    for name, hint, optional in hints_of(cast(type, kind)):
        key = KEYS.get(name, name)
        if optional and not entries.has(key):
            continue
        values[name] = checked(entries.take(key), hint, entries.fact(key, "").strip())
    return kind(**values)


def to_plain(value: Any) -> Any:
    """The JSON value of a dataclass, a named tuple, or of lists and objects of them. NaN becomes null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [to_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {name: to_plain(part) for name, part in value.items()}
    if is_dataclass(value):
        named = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {KEYS.get(name, name): to_plain(part) for name, part in named}
    return value


@cache
def hints_of(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type, and whether it has a default, of each field of a dataclass or named tuple."""
    hints = get_type_hints(kind)
    if not is_dataclass(kind):
        return tuple((name, hint, False) for name, hint in hints.items())
    return tuple(
        (one.name, hints[one.name], (one.default, one.default_factory) != (MISSING, MISSING))
        for one in fields(kind)
    )


def checked(value: Any, hint: Any, where: str) -> Any:
    """The value if it has the type of the hint. Raises ValueError otherwise."""
    if get_origin(hint) in (UnionType, Union):
        (inner,) = (kind for kind in get_args(hint) if kind is not type(None))
        return None if value is None else checked(value, inner, where)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return tuple(checked(part, inner, where) for part in list_of(value, where))
    if get_origin(hint) is not None:  # a mapping by name
        inner = get_args(hint)[1]
        entries = Fields(value, where)
        return {
            n: checked(entries.take(n), inner, entries.fact(n, "").strip()) for n in entries.names()
        }
    if is_dataclass(hint):
        return read_typed(value, cast(type, hint), where)
    if issubclass(hint, tuple):
        return checked_row(value, hint, where)
    return checked_plain(value, hint, where)


def checked_row(value: Any, kind: type, where: str) -> Any:
    """A named tuple from its list."""
    hints = hints_of(kind)
    values = list_of(value, where)
    if len(values) != len(hints):
        raise ValueError(f"{where} holds a list of {len(values)}: expected {len(hints)} values")
    return kind(*(checked(v, hint, where) for v, (_, hint, _) in zip(values, hints, strict=True)))


def list_of(value: Any, where: str) -> list[Any]:
    """The value if it is a list."""
    if not isinstance(value, list):
        raise ValueError(f"{where} is {described(value)}: expected a list")
    return value


def checked_plain(value: Any, kind: type, where: str) -> Any:
    """A text, number or truth value."""
    names = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}
    fits = {
        str: lambda: isinstance(value, str),
        bool: lambda: isinstance(value, bool),
        int: lambda: is_whole(value),
        float: lambda: is_number(value) and math.isfinite(value),
    }
    if kind is object:
        return value
    if not fits[kind]():
        raise ValueError(f"{where} is {described(value)}: expected {names[kind]}")
    return kind(value)
