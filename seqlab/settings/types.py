"""Whether a value is of the type that a setting has, and what is said where it is not."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from seqlab.errors import SettingsError, nearest, shorten


def check_type(name: str, value: Any, hint: Any) -> None:
    """Refuse a value of another type than the setting's."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    for option in options:
        if get_origin(option) is Literal:
            if value in get_args(option):
                return
        elif get_origin(option) is tuple:
            if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
                return
        elif type(value) is option or (option is float and type(value) is int):
            return
    raise SettingsError(
        f"{name} is {shorten(repr(value))}: expected {describe(options)}{closest(value, options)}"
    )


def describe(options: tuple[Any, ...]) -> str:
    """The types that a setting takes, in words."""
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    parts = []
    for option in options:
        if get_origin(option) is Literal:
            parts.append("one of " + ", ".join(get_args(option)))
        elif option is not type(None):
            parts.append(words.get(option, "a list of texts"))
    return " or ".join(parts)


def closest(value: Any, options: tuple[Any, ...]) -> str:
    """The nearest of the named choices to a text that is none of them."""
    choices = [word for option in options for word in get_args(option) if isinstance(word, str)]
    return nearest(value, choices) if isinstance(value, str) else ""
