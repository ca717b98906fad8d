"""Read and write JSON lines: each line is one sentence, an object of tokens, tags, weights and metadata.

One array of such objects is read as well.

Only this format can hold every part of a sentence. Unknown keys become metadata. The key `document` is a
number or name that the sentences of one document share.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from sys import intern
from typing import Any, NamedTuple, TextIO, TypeVar

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.annotations.json_records import json_fault
from seqlab.corpus.chosen_columns import PLACEHOLDER, ChosenColumns, ColumnRef, is_index, json_key
from seqlab.corpus.json_array import json_objects
from seqlab.corpus.numeric_columns import number_of
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_blocks import check_weight
from seqlab.errors import CorpusError, UserError, nearest
from seqlab.machine.wording import plural

RESERVED = ("weight", "token_weights", "metadata")
DOCUMENT = "document"
TEXT = "text"
SPAN_KEYS = ("label", "labels", "entities", "spans", "annotations")  # of annotation tools
TAGGED_KEYS = (TEXT, "spans", "tokens")  # what `tag` writes of a raw text
Item = TypeVar("Item", Sentence, AnnotatedText, Sentence | AnnotatedText)
HALF_SURROGATE = re.compile("[\ud800-\udfff]")


def read_jsonl(
    lines: Iterable[tuple[int, str]], *, name: str, columns: ChosenColumns, tagged: bool
) -> Iterator[Sentence]:
    """Yield one sentence for each line that is not blank, or for each element of one array.

    lines: (line number, line), as from `numbered_lines`.
    columns: the keys of the lists; by default 'tokens' and 'tags'. The list of a feature is in the object or in
        its metadata, and stays there, so that it is written again. An index stands for the feature's own name.
        The same holds for lists of numbers; null is a missing number.
    tagged: False yields sentences without tags; then no tags are needed.
    Raises CorpusError for a line that is not a JSON object, lacks a key, or holds a wrong type, lists of
    different lengths, or a weight that is not a number from 0 to 1e9. Raises SettingsError for an index.
    """
    return _sentences(lines, _keys(columns, tagged=tagged), name)


def read_jsonl_or_text(
    lines: Iterable[tuple[int, str]], *, name: str, columns: ChosenColumns
) -> Iterator[Sentence | AnnotatedText]:
    """Yield one sentence without tags, or one raw text, for each line that is not blank.

    An object with a string under 'text', and without strings under the key of tokens, is raw text. Its
    other keys become metadata, but not 'spans' and 'tokens', which the tagger writes anew.
    Raises as `read_jsonl` does, and CorpusError for a text with half a surrogate pair.
    """
    keys = _keys(columns, tagged=False)
    for number, line in json_objects(lines, name):
        try:
            fields = parse_object(line)
            if keys.token is not None and _is_raw_text(fields, keys.token):
                yield _text_of_object(fields, name, number)
            else:
                yield _sentence_of_object(fields, keys, name, number)
        except ObjectFault as fault:
            raise CorpusError(str(fault), path=name, line=number, text=line) from None


def _is_raw_text(fields: Mapping[str, Any], token_key: str) -> bool:
    tokens = fields.get(token_key)
    if token_key == TEXT or not isinstance(fields.get(TEXT), str):
        return False
    return not (isinstance(tokens, list) and tokens and isinstance(tokens[0], str))


def _text_of_object(fields: Mapping[str, Any], name: str, line: int) -> AnnotatedText:
    text = fields[TEXT]
    if HALF_SURROGATE.search(text):
        raise ObjectFault(f"{TEXT!r} holds half a surrogate pair")
    metadata = {key: value for key, value in fields.items() if key not in TAGGED_KEYS}
    return AnnotatedText(text=text, metadata=metadata, source=f"{name}:{line}")


def _keys(columns: ChosenColumns, *, tagged: bool) -> "_Keys":
    token = json_key(columns.token, "tokens") if columns.has_words else None
    return _Keys(
        token=token,
        tag=json_key(columns.tag, "tags") if tagged else None,
        features=_keys_by_name(columns.features),
        numbers=_keys_by_name(columns.numbers),
    )


def _keys_by_name(columns: Mapping[str, ColumnRef]) -> dict[str, str]:
    return {
        name: name if is_index(column) else json_key(column, name)
        for name, column in columns.items()
    }


def _sentences(lines: Iterable[tuple[int, str]], keys: "_Keys", name: str) -> Iterator[Sentence]:
    for kind, inputs in (("feature", keys.features), ("numeric", keys.numbers)):
        for column, key in inputs.items():
            if key == keys.tag:
                fact = f"key {key!r} can't be both tags and {kind} {column!r}"
                raise CorpusError(fact, path=name)
    for number, line in json_objects(lines, name):
        try:
            yield _sentence_of_object(parse_object(line), keys, name, number)
        except ObjectFault as fault:
            raise CorpusError(str(fault), path=name, line=number, text=line) from None


class _Keys(NamedTuple):
    token: str | None
    tag: str | None
    features: Mapping[str, str]
    numbers: Mapping[str, str]

    @property
    def rows(self) -> str:
        """The key whose list has one value per token."""
        return self.token or next(iter((self.numbers or self.features).values()))


class ObjectFault(Exception):  # noqa: N818, no reader lets it through
    """A fault in one object. Readers turn it into a CorpusError with the line or record."""


def parse_object(line: str) -> dict[str, Any]:
    """Return a JSON object. Raises ObjectFault for anything else."""
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise ObjectFault(f"bad JSON ({json_fault(error)})") from None
    except (ValueError, RecursionError) as error:
        raise ObjectFault(f"bad JSON ({error})") from None
    if not isinstance(value, dict):
        raise ObjectFault(f"expected a JSON object, found {json_type(value)}")
    return value


def _sentence_of_object(fields: dict[str, Any], keys: _Keys, name: str, line: int) -> Sentence:
    metadata = _merged_metadata(fields, {keys.token or "tokens", keys.tag or "tags", *RESERVED})
    columns = {**metadata, **fields}
    tokens = _tokens(columns, keys)
    if not tokens:
        raise ObjectFault(f"{keys.rows!r} is empty; expected at least one token")
    tags = None if keys.tag is None else string_list(fields, keys.tag)
    if tags is not None and len(tags) != len(tokens):
        fact = f"{plural(len(tokens), 'token')} and {plural(len(tags), 'tag')}"
        raise ObjectFault(f"{fact}; expected one tag per token")
    document = metadata.get(DOCUMENT)
    return Sentence(
        tokens=tokens,
        tags=tags,
        features=_feature_lists(columns, keys.features, len(tokens)) or NOTHING,
        numbers=number_lists(columns, keys.numbers, len(tokens)) or NOTHING,
        weight=check_weight(fields.get("weight", 1.0), path=name, line=line),
        token_weights=token_weight_list(fields.get("token_weights"), len(tokens), name, line),
        metadata=metadata,
        source=f"{name}:{line}",
        document=document if isinstance(document, int | str) else None,
    )


def _tokens(fields: Mapping[str, Any], keys: _Keys) -> tuple[str, ...]:
    """Return the tokens; without words, a placeholder for each value of the first column."""
    if keys.token is not None:
        return string_list(fields, keys.token)
    return (PLACEHOLDER,) * len(value_list(fields, keys.rows))


def value_list(fields: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key. Raises ObjectFault when there is none."""
    if key not in fields:
        is_text = key == "tokens" and isinstance(fields.get("text"), str)
        advice = _text_advice(fields) if is_text else nearest(key, fields)
        raise ObjectFault(f"there is no key {key!r}{advice}")
    values = fields[key]
    if not isinstance(values, list):
        raise ObjectFault(f"{key!r} is {json_type(values)}; expected a list of strings")
    return values


def _text_advice(fields: Mapping[str, Any]) -> str:
    """Say what an object with a text lacks to be read as one with spans."""
    spans = fields.get("spans")
    for index, span in enumerate(spans if isinstance(spans, list) else ()):
        missing = [
            k for k in ("start", "end", "label") if not isinstance(span, dict) or k not in span
        ]
        if missing:
            listed = ", ".join(map(repr, missing))
            return f"; this is a text with spans, but spans[{index}] has no {listed}"
    if any(isinstance(fields.get(key), list) for key in SPAN_KEYS):
        return "; for a text with spans, give --format doccano, prodigy or label-studio"
    return "; this is raw text, without tokens and tags"


def string_list(fields: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the list of strings under a key. Raises ObjectFault when it is not one, or a string is empty."""
    values = value_list(fields, key)
    for position, value in enumerate(values):
        if not isinstance(value, str):
            raise ObjectFault(f"{key}[{position}] is {json_type(value)}; expected a string")
        if not value:
            raise ObjectFault(f"{key}[{position}] is an empty string")
        if HALF_SURROGATE.search(value):
            raise ObjectFault(f"{key}[{position}] holds half a surrogate pair: {value!r}")
    return tuple(map(intern, values))


def column_values(
    fields: Mapping[str, Any], key: str, tokens: int, what: str, option: str
) -> list[Any]:
    """Return the list under a key, one value per token. what, option: for errors, the column and how it is given."""
    if key not in fields:
        fact = f"there is no key {key!r} for {what}{nearest(key, fields)}"
        raise ObjectFault(f"{fact}; add {option}")
    values = value_list(fields, key)
    if len(values) != tokens:
        fact = f"{plural(len(values), 'value')} in {key!r} for {plural(tokens, 'token')}"
        raise ObjectFault(f"{fact}; expected one per token")
    return values


def _feature_lists(
    fields: dict[str, Any], keys: Mapping[str, str], tokens: int
) -> dict[str, tuple[str, ...]]:
    """Return the values of each feature as strings; numbers and booleans as JSON writes them."""
    features = {}
    for name, key in keys.items():
        values = column_values(
            fields, key, tokens, f"feature {name!r}", f"--feature-columns {name}=KEY"
        )
        features[name] = tuple(
            _feature_value(value, f"{key}[{i}]") for i, value in enumerate(values)
        )
    return features


def number_lists(
    fields: Mapping[str, Any], keys: Mapping[str, str], tokens: int
) -> dict[str, tuple[float, ...]]:
    """Return the numbers of each numeric column. keys: by its name, its key. tokens: how many numbers it must have.

    Raises ObjectFault when a list is missing, of another length, or holds anything but finite numbers and null.
    """
    columns = {}
    for name, key in keys.items():
        values = column_values(
            fields, key, tokens, f"numeric {name!r}", f"--numeric-columns {name}=KEY"
        )
        try:
            columns[name] = tuple(number_of(value, name) for value in values)
        except ValueError as error:
            raise ObjectFault(str(error)) from None
    return columns


def _feature_value(value: object, where: str) -> str:
    if not isinstance(value, str | int | float):
        raise ObjectFault(
            f"{where} is {json_type(value)}; expected a string, a number or a boolean"
        )
    return intern(value if isinstance(value, str) else json.dumps(value))


def token_weight_list(
    values: object, tokens: int, name: str, line: int | None
) -> tuple[float, ...] | None:
    """Return one weight per token. Raises ObjectFault for another list, CorpusError for a bad weight."""
    if values is None:
        return None
    if not isinstance(values, list):
        raise ObjectFault(f"'token_weights' is {json_type(values)}; expected a list of numbers")
    if len(values) != tokens:
        fact = f"{plural(len(values), 'token weight')} for {plural(tokens, 'token')}"
        raise ObjectFault(f"{fact}; expected one per token")
    return tuple(check_weight(value, path=name, line=line) for value in values)


def _merged_metadata(fields: dict[str, Any], known: set[str]) -> Any:
    named = fields.get("metadata", {})
    if not isinstance(named, dict):
        raise ObjectFault(f"'metadata' is {json_type(named)}; expected an object")
    others = {key: value for key, value in fields.items() if key not in known}
    return {**others, **named} or NOTHING


def json_type(value: object) -> str:
    """Name the JSON type of a value, for messages."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), f"the number {value!r:.20}")


def write_jsonl(sentences: Iterable[Sentence], stream: TextIO) -> None:
    """Write one JSON object per line, without weights of 1.0 and empty metadata.

    Metadata that is NaN or infinite becomes null, since JSON has no such numbers; `name_nulls` says so.
    Raises UserError for metadata or weights that JSON cannot hold, an empty token or tag, a sentence
    without tokens, and half a surrogate pair.
    """
    for sentence in sentences:
        try:
            line = _sentence_line(sentence)
        except NotFiniteError:
            line = _sentence_line(replace(sentence, metadata=finite(sentence.metadata)))
        stream.write(line + "\n")


def name_nulls(sentences: Iterable[Item], say: Callable[[str], None]) -> Iterator[Item]:
    """Yield the sentences or raw texts; say once for each key of metadata that `write_jsonl` writes null under it."""
    named: set[str] = set()
    for sentence in sentences:
        for key, value in sentence.metadata.items():
            if (
                key not in named
                and isinstance(value, float | list | dict)
                and finite(value) != value
            ):
                named.add(key)
                fact = f"NaN or an infinite number under {key!r} is written as null"
                say(f"{fact}: JSON has no such numbers")
        yield sentence


class NotFiniteError(UserError):
    """A value is NaN or infinite."""


def finite(value: Any) -> Any:
    """Return a JSON value with None for each number in it that is NaN or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [*map(finite, value)]
    return value


def _sentence_line(sentence: Sentence) -> str:
    fields: dict[str, Any] = {"tokens": sentence.tokens}
    if sentence.tags is not None:
        fields["tags"] = sentence.tags
    if sentence.weight != 1.0:
        fields["weight"] = sentence.weight
    if sentence.token_weights is not None:
        fields["token_weights"] = sentence.token_weights
    if sentence.metadata:
        fields["metadata"] = dict(sentence.metadata)
    return json_line(fields, sentence)


def json_line(fields: Mapping[str, Any], sentence: Sentence) -> str:
    """Return the JSON of an object that holds a sentence.

    Raises UserError for a sentence without tokens, an empty token or tag, and what JSON or UTF-8 cannot hold.
    """
    if not sentence.tokens or "" in sentence.tokens or "" in (sentence.tags or ()):
        raise UserError(f"{sentence.source}: no tokens, or an empty token or tag; can't be written")
    try:
        line = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        kind = NotFiniteError if "Out of range float" in str(error) else UserError
        raise kind(f"{sentence.source}: JSON can't hold this sentence: {error}") from None
    if HALF_SURROGATE.search(line):
        raise UserError(f"{sentence.source}: half a surrogate pair; utf-8 can't hold this sentence")
    return line
