"""Convert the value of a setting to its type, and check it."""

import math
import operator
import os
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from seqlab.errors import SettingsError, nearest, shorten
from seqlab.machine.numbers import is_number, is_whole
from seqlab.settings.by_name import ByName

NONE = "none"
LARGEST = 2**31 - 1
BOUNDS = {
    "at_least": ("{} or more", operator.ge),
    "above": ("more than {}", operator.gt),
    "at_most": ("{} or less", operator.le),
    "below": ("less than {}", operator.lt),
}


def read_value(name: str, value: Any, hint: Any, *, column: bool = False) -> Any:
    """A value in the type of its setting: paths as text, lists as tuples, numpy's numbers as Python's.

    hint: the annotation of the setting. column: the setting names a column, which may be given by number.
    Raises SettingsError when the value is of another type.
    """
    origin = get_origin(hint) or hint
    if isinstance(origin, type) and issubclass(origin, ByName):
        return origin.read(name, value)
    if origin is tuple and isinstance(value, str | list | tuple):
        value = (value,) if isinstance(value, str) else value
        value = tuple(value) if isinstance(value, list) else value
        value = (NONE,) if value == () and NONE in word_choices(hint) else value
    elif isinstance(value, os.PathLike):
        value = os.fspath(value)
    elif is_whole(value):
        value = str(value) if column else int(value)
    elif is_number(value):
        value = float(value)
    check_type(name, value, hint)
    return value


def check_type(name: str, value: Any, hint: Any) -> None:
    """Raise SettingsError when a value is not of the annotated type."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    for option in options:
        origin = get_origin(option)
        if origin is Literal and isinstance(value, str) and value in get_args(option):
            return
        if origin is tuple and isinstance(value, tuple) and all(type(w) is str for w in value):
            check_words(name, value, word_choices(option))
            return
        if type(value) is option or (option is float and type(value) is int):
            return
    choices = [word for option in options for word in get_args(option) if isinstance(word, str)]
    near = nearest(value, choices) if isinstance(value, str) else ""
    expected = " or ".join(in_words(option) for option in options if option is not type(None))
    raise SettingsError(f"{name} is {shorten(repr(value))}: expected {expected}{near}")


def word_choices(hint: Any) -> tuple[str, ...]:
    """The words that a tuple of this type may contain."""
    return get_args(get_args(hint)[0])


def in_words(option: Any) -> str:
    """The name of a type in messages."""
    if get_origin(option) is Literal:
        return "one of " + ", ".join(get_args(option))
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return words.get(option, "a list of texts")


def check_words(name: str, words: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Raise SettingsError for a word that is unknown or given twice, and for 'none' beside another word.

    known: the words that are allowed; () allows all.
    """
    for position, word in enumerate(words):
        if known and word not in known:
            expected = f"one of {', '.join(known)}{nearest(word, known)}"
            raise SettingsError(f"{name} is {word!r}: expected {expected}")
        if word in words[:position]:
            raise SettingsError(f"{name} is {word!r} twice: give it once")
    if NONE in words and len(words) > 1:
        raise SettingsError(f"{name} is {words!r}: expected {NONE!r} alone")


def check_bounds(title: str, value: Any, limits: dict[str, float]) -> None:
    """Raise SettingsError for a number out of bounds. limits: by the names of `BOUNDS`."""
    for bound, limit in limits.items():
        words, holds = BOUNDS[bound]
        if not holds(value, limit):
            raise SettingsError(
                f"{title} is {shorten(repr(value))}: expected {words.format(limit)}"
            )
    if type(value) is not int and not math.isfinite(value):  # some integers have no float
        raise SettingsError(f"{title} is {shorten(repr(value))}: expected a finite number")
    if type(value) is int and value > LARGEST and "at_most" not in limits:
        raise SettingsError(f"{title} is {shorten(repr(value))}: expected {LARGEST} or less")


def plain(value: Any) -> Any:
    """A value in types that TOML and JSON have."""
    if isinstance(value, ByName):
        return value.texts()
    return list(value) if isinstance(value, tuple) else value
