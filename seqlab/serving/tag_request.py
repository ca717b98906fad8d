"""What a client asks of POST /tag: the JSON of a body, checked by hand.

A model of pydantic would check the same in several times the time; see docs/benchmarks.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, get_args

from seqlab.errors import nearest
from seqlab.machine.json_text import refuse_constant
from seqlab.machine.numbers import is_number
from seqlab.machine.wording import plural
from seqlab.serving.refusal import BAD_JSON, Refusal, invalid
from seqlab.text.offset_units import OffsetUnit

INPUTS = ("text", "tokens", "texts", "sentences")
KEYS = (*INPUTS, "tagger", "features", "numbers", "thresholds", "offsets", "details")
UNITS = get_args(OffsetUnit)
UNIT_MEANINGS = "codepoints (Python), utf16 (JavaScript, Java, C#), bytes (UTF-8: Go, Rust)"

Columns = Mapping[str, Sequence[Any]]
"""By name of a column, one value per token."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TagRequest:
    """A request to tag texts, or tokenised sentences.

    texts: None if sentences are given. many: whether the answer is a list.
    features, numbers: columns of each sentence; empty if none are given.
    thresholds: by label, the smallest score of its spans.
    """

    texts: list[str] | None
    sentences: list[list[str]] = field(default_factory=list)
    many: bool = False
    tagger: str | None = None
    features: Sequence[Columns] = ()
    numbers: Sequence[Columns] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    offsets: OffsetUnit = "codepoints"
    details: bool = False

    @property
    def size(self) -> int:
        """About how many characters are to be tagged."""
        if self.texts is not None:
            return sum(map(len, self.texts)) + len(self.texts)
        return 5 * sum(map(len, self.sentences)) + len(self.sentences)


def parse_request(body: bytes) -> TagRequest:
    """The request in a body. Raises Refusal if it is not JSON, or not what /tag takes."""
    value = parse_body(body)
    if type(value) is not dict:
        raise invalid(f'the body is {kind_of(value)}: expected an object, such as {{"text": "…"}}')
    given = [key for key in INPUTS if key in value]
    for key in value:
        if key not in KEYS:
            raise invalid(f"unknown key {key!r}: expected {', '.join(KEYS)}{nearest(key, KEYS)}")
    if len(given) != 1:
        found = f"{' and '.join(given)} are given" if given else "no input is given"
        raise invalid(f"{found}: expected exactly one of {', '.join(INPUTS)}")
    name = given[0]
    texts, sentences = read_input(name, value[name])
    many = name in ("texts", "sentences")
    if len(value) == 1:  # nearly all requests
        return TagRequest(texts=texts, sentences=sentences, many=many)
    return TagRequest(
        texts=texts,
        sentences=sentences,
        many=many,
        tagger=read_tagger(value),
        features=read_columns("features", name, sentences, value, read_strings),
        numbers=read_columns("numbers", name, sentences, value, read_numbers),
        thresholds=read_thresholds(value),
        offsets=read_offsets(name, value),
        details=read_details(value),
    )


def parse_body(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises Refusal for anything else."""
    try:
        return DECODER.decode(body.decode())
    except UnicodeDecodeError as error:
        fact = f"byte {error.start + 1} is not UTF-8"
    except RecursionError:
        fact = "it is nested too deeply"
    except ValueError as error:  # also for numbers with thousands of digits
        fact = str(error)
    raise Refusal(400, BAD_JSON, f"the body is not JSON: {fact}")


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises ValueError for a key that is given twice: programs differ in the value that they take."""
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"key {key[:80]!r} is given twice")
            seen.add(key)
    return value


DECODER = json.JSONDecoder(parse_constant=refuse_constant, object_pairs_hook=unique_keys)


def read_input(name: str, value: Any) -> tuple[list[str] | None, list[list[str]]]:
    """The texts, or None and the sentences."""
    if name == "text":
        if type(value) is not str:
            raise invalid(f"text is {kind_of(value)}: expected a string")
        return [value], []
    if name == "texts":
        return read_strings(value, "texts"), []
    if name == "tokens":
        return None, [read_tokens(value, "tokens")]
    if type(value) is not list:
        raise invalid(f"sentences is {kind_of(value)}: expected a list of lists of tokens")
    return None, [read_tokens(one, f"sentences[{n}]") for n, one in enumerate(value)]


def read_tokens(value: Any, place: str) -> list[str]:
    """A list of tokens, none of them empty."""
    tokens = read_strings(value, place)
    if "" in tokens:
        raise invalid(f"{place}[{tokens.index('')}] is empty: leave out empty tokens")
    return tokens


def read_strings(value: Any, place: str) -> list[str]:
    """A list of strings."""
    if type(value) is not list:
        raise invalid(f"{place} is {kind_of(value)}: expected a list of strings")
    if not set(map(type, value)) <= {str}:
        number = next(n for n, one in enumerate(value) if type(one) is not str)
        raise invalid(f"{place}[{number}] is {kind_of(value[number])}: expected a string")
    return value


def read_numbers(value: Any, place: str) -> list[float | None]:
    """A list of numbers, with None where one is missing."""
    if type(value) is not list:
        raise invalid(f"{place} is {kind_of(value)}: expected a list of numbers")
    for number, one in enumerate(value):
        if one is not None and not is_finite(one):
            raise invalid(
                f"{place}[{number}] is {kind_of(one)}: expected a finite number, or null if it is missing"
            )
    return value


def is_finite(value: Any) -> bool:
    """Whether a value is a number that a float can hold."""
    try:
        return is_number(value) and isfinite(float(value))
    except OverflowError:
        return False


def read_columns(
    key: str,
    name: str,
    sentences: Sequence[Sequence[str]],
    value: Mapping[str, Any],
    read: Any,
) -> list[Columns]:
    """The columns of each sentence. Of `sentences`, each column is a list of lists."""
    if key not in value:
        return []
    if name not in ("tokens", "sentences"):
        raise invalid(f"{key} is given with {name}: it belongs to tokens or sentences")
    columns = value[key]
    if type(columns) is not dict:
        raise invalid(f"{key} is {kind_of(columns)}: expected an object by name of the column")
    lists = {column: [values] for column, values in columns.items()}
    if name == "sentences":
        for column, values in columns.items():
            check_length(values, len(sentences), f"{key}[{column!r}]", "one list per sentence")
        lists = columns
    result: list[Columns] = []
    for number, tokens in enumerate(sentences):
        row = {}
        for column, values in lists.items():
            place = f"{key}[{column!r}]" + (f"[{number}]" if name == "sentences" else "")
            row[column] = read(values[number], place)
            check_length(row[column], len(tokens), place, "one value per token")
        result.append(row)
    return result


def check_length(value: Any, length: int, place: str, wanted: str) -> None:
    """Raise Refusal unless the value is a list of this length."""
    if type(value) is not list:
        raise invalid(f"{place} is {kind_of(value)}: expected {wanted}")
    if len(value) != length:
        values = plural(len(value), "value")
        raise invalid(f"{place} has {values}: expected {wanted}, which is {length}")


def read_tagger(value: Mapping[str, Any]) -> str | None:
    """The name of a tagger; None for the first."""
    name = value.get("tagger")
    if "tagger" in value and type(name) is not str:
        raise invalid(f"tagger is {kind_of(name)}: expected the name of a tagger")
    return name


def read_thresholds(value: Mapping[str, Any]) -> dict[str, float]:
    """The smallest score of spans, by label."""
    thresholds = value.get("thresholds", {})
    if type(thresholds) is not dict:
        raise invalid(f"thresholds is {kind_of(thresholds)}: expected an object by label")
    for label, least in thresholds.items():
        if not is_finite(least) or not 0 <= least <= 1:
            raise invalid(
                f"thresholds[{label!r}] is {kind_of(least)}: expected a number from 0 to 1"
            )
    return thresholds


def read_offsets(name: str, value: Mapping[str, Any]) -> OffsetUnit:
    """The unit of offsets."""
    unit = value.get("offsets", "codepoints")
    if "offsets" in value and name not in ("text", "texts"):
        raise invalid(
            f"offsets is given with {name}, whose start and end count tokens: leave it out"
        )
    if type(unit) is not str or unit not in UNITS:
        meant = "bytes" if unit in ("utf8", "utf-8", "UTF-8") else unit
        close = nearest(meant, UNITS) if type(meant) is str else ""
        raise invalid(f"offsets is {kind_of(unit)}: expected one of {UNIT_MEANINGS}{close}")
    return unit  # type: ignore[return-value]


def read_details(value: Mapping[str, Any]) -> bool:
    """Whether the answer lists tokens."""
    details = value.get("details", False)
    if type(details) is not bool:
        raise invalid(f"details is {kind_of(details)}: expected true or false")
    return details


NAMES_OF_TYPES: Mapping[type, str] = {dict: "an object", list: "a list", str: "a string"}


def kind_of(value: Any) -> str:
    """What a value of JSON is, for messages: its type if it may be long, else the value.

    >>> kind_of([1]), kind_of(None), kind_of(2), kind_of("x")
    ('a list', 'null', '2', "'x'")
    """
    if value is None or type(value) is bool:
        return json.dumps(value)
    if type(value) is str and len(value) <= 20:  # a longer one may be a text
        return repr(value)
    if type(value) in NAMES_OF_TYPES:
        return NAMES_OF_TYPES[type(value)]
    try:
        return repr(value)[:40]
    except ValueError:  # a whole number with thousands of digits
        return "a number"
