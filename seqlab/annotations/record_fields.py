"""Checked parts of the objects in JSON files: each wrong type raises one line that says where and what."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from seqlab.annotations.annotated_text import LabelledSpan
from seqlab.annotations.json_records import HALF_SURROGATE
from seqlab.errors import CorpusError, nearest
from seqlab.text.cutting import TokenOffsets


def json_type(value: object) -> str:
    """A JSON value's type, with its article, for messages."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), f"the number {value!r:.20}")


def object_of(value: object, what: str, source: str) -> dict[str, Any]:
    """Return an object of a file. Raises CorpusError if it is something else."""
    if not isinstance(value, dict):
        raise CorpusError(f"{what} is {json_type(value)}; expected an object", path=source)
    return value


def list_of(value: object, what: str, source: str) -> list[Any]:
    """Return a list of a file; null is an empty list. Raises CorpusError if it is something else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise CorpusError(f"{what} is {json_type(value)}; expected a list", path=source)
    return value


def text_of(value: object, what: str, source: str) -> str:
    """Return a text of a file. Raises CorpusError for another type and for half a surrogate pair."""
    if not isinstance(value, str):
        raise CorpusError(f"{what} is {json_type(value)}; expected a string", path=source)
    if half := HALF_SURROGATE.search(value):
        fact = f"{what} holds half a surrogate pair at character {half.start()}; export it as UTF-8"
        raise CorpusError(fact, path=source)
    return value


def keyed(fields: dict[str, Any], key: str, what: str, source: str) -> Any:
    """Return the value of a key. Raises CorpusError, with the nearest key, if it is missing."""
    if key not in fields:
        fact = f"{what} has no key {key!r}{nearest(key, fields)}"
        raise CorpusError(fact, path=source)
    return fields[key]


def offset_of(value: object, what: str, source: str) -> int:
    """Return an offset. A number such as 3.0 is accepted; pandas writes those."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise CorpusError(f"{what} is {json_type(value)}; expected a whole number", path=source)
    return value


def label_of(value: object, what: str, source: str) -> str:
    """Return the class of a span. Raises CorpusError for an empty one."""
    label = text_of(value, what, source)
    if not label.strip():
        raise CorpusError(f"{what} is empty; expected the class of the span", path=source)
    return label


def span_of_object(
    fields: dict[str, Any], what: str, source: str, *, start: str = "start", end: str = "end"
) -> LabelledSpan:
    """Return a span that is an object with two offsets and a 'label'."""
    return LabelledSpan(
        offset_of(keyed(fields, start, what, source), f"{what}.{start}", source),
        offset_of(keyed(fields, end, what, source), f"{what}.{end}", source),
        label_of(keyed(fields, "label", what, source), f"{what}.label", source),
    )


def span_of_list(value: object, what: str, source: str) -> LabelledSpan:
    """Return a span that is a list [start, end, label]."""
    if not isinstance(value, list) or len(value) != 3:
        raise CorpusError(f"{what} is not [start, end, label]", path=source, text=str(value))
    start, end, label = value
    return LabelledSpan(
        offset_of(start, f"{what}[0]", source),
        offset_of(end, f"{what}[1]", source),
        label_of(label, f"{what}[2]", source),
    )


def sentences_of_tokens(
    text: str,
    tokens: Sequence[tuple[int, int]],
    source: str,
    notes: Counter[str],
    ends: Iterable[int] = (),
) -> tuple[TokenOffsets, ...] | None:
    """Cut the tokens of a file into sentences: at line breaks between tokens, and at `ends`.

    tokens: start and end of each. ends: indices of tokens at which a sentence ends, themselves not in it.
    Tokens of white space alone are left out and counted. Returns None if there are no tokens.
    Raises CorpusError for tokens that are empty, outside the text, or not in order.
    """
    stops = set(ends)
    sentences: list[list[tuple[int, int]]] = [[]]
    last = 0
    for index, (start, end) in enumerate(tokens):
        if not last <= start < end <= len(text):
            fact = f"token {index} goes from {start} to {end}; expected tokens in order within the text"
            raise CorpusError(fact, path=source)
        if index in stops or "\n" in text[last:start] or "\r" in text[last:start]:
            sentences.append([])
        last = end
        if text[start:end].isspace():
            notes["tokens of white space"] += 1
            last = start  # so that a line break in it ends the sentence
        else:
            sentences[-1].append((start, end))
    if not tokens:
        return None
    return tuple(TokenOffsets(*zip(*one, strict=True)) for one in sentences if one)


class SeenIds:
    """The ids of the documents of a file, of which none may stand twice."""

    def __init__(self) -> None:
        self.sources: dict[object, str] = {}

    def add(self, name: int | str | None, source: str) -> None:
        """Raise CorpusError if the id has been seen. None is no id."""
        if name is None:
            return
        if name in self.sources:
            fact = f"id {name!r} stands in {self.sources[name]} too; keep one of the two documents"
            raise CorpusError(fact, path=source)
        self.sources[name] = source


def name_of(value: object) -> int | str | None:
    """Return an id if it is a number or a text that can name a document."""
    is_name = isinstance(value, int | str) and not isinstance(value, bool) and value != ""
    return value if is_name else None  # type: ignore[return-value]
