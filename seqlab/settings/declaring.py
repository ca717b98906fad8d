"""How a setting is declared, and the checks that follow from its declaration.

A settings class derives from `Settings`. Each of its fields is one setting, and the string below it is its help:

    focal_gamma: float = setting(2.0, at_least=0, needs=("loss", "focal"))
    "Focusing parameter gamma; …"
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from functools import cache
from itertools import pairwise
from typing import Any, ClassVar, TypeVar, get_type_hints

from seqlab.errors import SettingsError
from seqlab.machine.numbers import is_number, is_whole
from seqlab.settings.by_name import ByName
from seqlab.settings.values import BOUNDS, check_bounds, plain, read_value

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Which values a setting takes, and which other settings it depends on.

    at_least, above, at_most, below: bounds of a number, or of each number in a mapping.
    needs: another setting, then the values of it with which this setting has an effect (none given: any value).
    needed: with these values, the other setting requires this one.
    excludes: a setting that cannot be given together with this one.
    path: whether the text names a file or directory.
    column: whether the text names a column of a corpus, which may be given by number.
    affects_results: whether the setting changes any number that a run computes.
    """

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    needs: tuple[str, ...] = ()
    needed: bool = False
    excludes: str | None = None
    path: bool = False
    column: bool = False
    affects_results: bool = True

    @property
    def limits(self) -> dict[str, float]:
        """The declared bounds, by the names of `BOUNDS`."""
        return {name: limit for name in BOUNDS if (limit := getattr(self, name)) is not None}

    def has_effect_with(self, value: Any) -> bool:
        """Whether the setting has an effect when the setting that it needs has this value."""
        wanted = self.needs[1:]
        if isinstance(value, tuple | list):
            return any(word in value for word in wanted)
        if isinstance(value, ByName):
            return bool(value)
        return value in wanted if wanted else value is not None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One declared setting. heading: the group in which options are listed."""

    name: str
    hint: Any
    default: Any
    help: str
    heading: str
    rules: Rules

    def read(self, value: Any) -> Any:
        """A value in the type of this setting; SettingsError when it is of another type."""
        return read_value(self.name, value, self.hint, column=self.rules.column)

    def check(self, value: Any) -> None:
        """Raise SettingsError for a number out of bounds, and for a text that cannot be a path."""
        if self.rules.path and value is not None and (not value or "\0" in value):
            raise SettingsError(f"{self.name} is {value!r}: expected a path")
        if isinstance(value, ByName):
            for name, each in value.items():
                if is_number(each):
                    check_bounds(f"{self.name} of {name!r}", each, self.rules.limits)
        elif is_number(value) or is_whole(value):  # some integers have no float
            check_bounds(self.name, value, self.rules.limits)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Base of the settings classes: converts each value to its type and checks it.

    Raises SettingsError, which names the setting, its value and what was expected.
    """

    heading: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Put the help of each setting into its metadata, where cyclopts looks for it."""
        for name, text in help_texts(cls).items():
            default: Any = vars(cls)[name]
            entry: Any = default if isinstance(default, Field) else field(default=default)
            entry.metadata = {**entry.metadata, "help": text}
            setattr(cls, name, entry)

    def __post_init__(self) -> None:
        settings = declared(type(self)).values()
        for entry in settings:
            value = entry.read(getattr(self, entry.name))
            entry.check(value)
            object.__setattr__(self, entry.name, value)
        for entry in settings:
            self._check_other(entry)

    def _check_other(self, entry: Setting) -> None:
        """Refuse a setting given together with its rival, a setting without effect, and a missing setting.

        The default is never refused: a TOML file may state it.
        """
        rules, value = entry.rules, getattr(self, entry.name)
        if rules.excludes and None not in (value, getattr(self, rules.excludes)):
            raise SettingsError(f"{rules.excludes} and {entry.name} are both given: choose one")
        if not rules.needs:
            return
        other, *wanted = rules.needs
        other_value = getattr(self, other)
        fact = f"{other} is {other_value!r}" if other_value else f"{other} is not given"
        if value != entry.default and not rules.has_effect_with(other_value):
            expected = f": expected {' or '.join(map(repr, wanted))}" if wanted else ""
            raise SettingsError(f"{entry.name} is given, but {fact}{expected}")
        if rules.needed and value == entry.default and rules.has_effect_with(other_value):
            raise SettingsError(f"{fact}, but {entry.name} is not given")

    def items(self) -> Iterator[tuple[str, Any]]:
        """Every setting that has a value, by name, in types that TOML and JSON have."""
        for name in declared(type(self)):
            value = getattr(self, name)
            if value is not None:
                yield name, plain(value)


def setting(default: T, **rules: Any) -> T:
    """Declare a setting that has rules, as the right side of a field of a settings class. rules: fields of `Rules`."""
    declaration: T = field(default=default, metadata={"rules": Rules(**rules)})
    return declaration


def help_texts(settings: type) -> dict[str, str]:
    """The string below each field in the source of a class, as one line; empty if its source is not installed."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[settings.__module__]))
    except OSError:
        return {}
    texts = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == settings.__name__:
            for pair in pairwise(node.body):
                match pair:
                    case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                        texts[name] = " ".join(text.split())
    return texts


def declared(settings: type[Settings]) -> dict[str, Setting]:
    """The settings of a class by name, in the order of their declaration."""
    hashable: Any = settings  # mypy confuses the hash of the class with the hash of an instance
    return _declared(hashable)


@cache
def _declared(settings: type[Settings]) -> dict[str, Setting]:
    hints = get_type_hints(settings)
    headings = {
        name: group.heading
        for group in settings.__mro__
        if issubclass(group, Settings) and group is not Settings
        for name in group.__annotations__
    }
    return {
        entry.name: Setting(
            name=entry.name,
            hint=hints[entry.name],
            default=entry.default,
            help=entry.metadata.get("help", ""),
            heading=headings[entry.name],
            rules=entry.metadata.get("rules", Rules()),
        )
        for entry in fields(settings)
    }


def rivals(settings: type[Settings], name: str) -> set[str]:
    """The settings that cannot be given together with this one."""
    pairs = [(e.name, e.rules.excludes) for e in declared(settings).values() if e.rules.excludes]
    return {other for pair in pairs for one, other in (pair, pair[::-1]) if one == name}
