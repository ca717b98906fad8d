"""Settings with several named values: mappings, which users write as texts NAME=VALUE.

The texts are read once, when settings are made.
"""

import math
import os
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Self, TypeVar

from seqlab.errors import SettingsError, shorten
from seqlab.machine.numbers import is_number, is_whole

V = TypeVar("V")
FEATURE_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


class ByName(Mapping[str, V]):
    """An immutable, hashable mapping that can be written as texts. form, example: of one text, for messages."""

    form: ClassVar[str]
    example: ClassVar[str]

    def __init__(self, values: Mapping[str, V] | Iterable[tuple[str, V]] = ()) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> V:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return repr(self._values)

    def texts(self) -> list[str]:
        """NAME=VALUE for each value; `read` turns these texts back into the same mapping."""
        return [f"{name}={str(value).removesuffix('.0')}" for name, value in self.items()]

    @classmethod
    def read(cls, setting: str, given: object) -> Self:
        """Read a mapping, one text, or several texts.

        setting: the name of the setting, for messages.
        Raises SettingsError for another type, a malformed text or value, and a name given twice.
        """
        if isinstance(given, Mapping):
            pairs = [(str(name), value) for name, value in given.items()]
        else:
            texts = (given,) if isinstance(given, str) else given
            if not isinstance(texts, list | tuple) or not all(isinstance(t, str) for t in texts):
                raise SettingsError(
                    f"{setting} is {shorten(repr(given))}: expected texts such as {cls.example!r}, or a table"
                )
            pairs = [cls._parts(setting, text) for text in texts]
        values: dict[str, V] = {}
        for name, value in pairs:
            if cls._key(name) in map(cls._key, values):
                raise SettingsError(f"{setting} is given for {name!r} twice: give it once")
            values[name] = cls._value(setting, name, value)
        return cls(values)

    @classmethod
    def _parts(cls, setting: str, text: str) -> tuple[str, str]:
        name, equals, value = cls._split(text)
        if not (name.strip() and equals and value.strip()):
            raise SettingsError(
                f"{setting} is {text!r}: expected {cls.form}, for example {cls.example!r}"
            )
        return name.strip(), value

    @staticmethod
    def _split(text: str) -> tuple[str, str, str]:
        return text.rpartition("=")

    @staticmethod
    def _key(name: str) -> str:
        return name

    @staticmethod
    @abstractmethod
    def _value(setting: str, name: str, value: object) -> V: ...


class NumberByClass(ByName[float]):
    """A number for each named class. A class name may contain '='.

    >>> NumberByClass.read("class_weight", ["PER=4", "B-LOC=0.5"])
    {'PER': 4.0, 'B-LOC': 0.5}
    """

    form = "NAME=VALUE"
    example = "PER=4"

    @staticmethod
    def _value(setting: str, name: str, value: object) -> float:
        try:
            number = float(value) if isinstance(value, str) or is_number(value) else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise SettingsError(f"{setting} of {name!r} is {value!r}: expected a number")
        return number


class TextByInput(ByName[str]):
    """A text for each named input of the network. Names differ in more than their case."""

    @staticmethod
    def _split(text: str) -> tuple[str, str, str]:
        return text.partition("=")

    @staticmethod
    def _key(name: str) -> str:
        return name.lower()


class ColumnByFeature(TextByInput):
    """The column of each named feature.

    >>> ColumnByFeature.read("feature_columns", {"pos": 1, "number": "feats:Number"}).texts()
    ['pos=1', 'number=feats:Number']
    """

    form = "NAME=COLUMN"
    example = "pos=1"

    @staticmethod
    def _value(setting: str, name: str, value: object) -> str:
        if not FEATURE_NAME.fullmatch(name):
            raise SettingsError(
                f"{setting} names a feature {name!r}: expected letters, digits and _, beginning with a letter"
            )
        if not (is_whole(value) or isinstance(value, str)):
            raise SettingsError(f"{setting} of {name!r} is {value!r}: expected a column")
        return str(value)


class FileByList(TextByInput):
    """The file of each named list.

    >>> FileByList.read("gazetteer", ["city=lists/cities.txt", "country=geonames:countries"])
    {'city': 'lists/cities.txt', 'country': 'geonames:countries'}
    """

    form = "NAME=FILE"
    example = "city=cities.txt"

    @staticmethod
    def _value(setting: str, name: str, value: object) -> str:
        if not FEATURE_NAME.fullmatch(name):
            raise SettingsError(
                f"{setting} names a list {name!r}: expected letters, digits and _, beginning with a letter"
            )
        path = os.fspath(value) if isinstance(value, os.PathLike) else value
        if not isinstance(path, str) or not path or "\0" in path:
            raise SettingsError(f"{setting} of {name!r} is {value!r}: expected a path")
        return path


class TagByTag(ByName[str]):
    """The new name of each renamed tag.

    >>> TagByTag.read("map_tag", ["0=O", "b-=B-"])
    {'0': 'O', 'b-': 'B-'}
    """

    form = "OLD=NEW"
    example = "0=O"

    @staticmethod
    def _split(text: str) -> tuple[str, str, str]:
        return text.partition("=")

    @staticmethod
    def _value(setting: str, name: str, value: object) -> str:
        if not isinstance(value, str) or not value or value.split() != [value]:
            raise SettingsError(f"{setting} of {name!r} is {value!r}: expected a tag")
        return value
