"""The OpenAPI description of /tag and of the errors, written by hand as the checks of requests are."""

from collections.abc import Callable, Sequence
from typing import Any

from seqlab.serving.served_taggers import ServedTagger
from seqlab.serving.tag_request import UNIT_MEANINGS

TOKENS = {"type": "array", "items": {"type": "string", "minLength": 1}}
UNIT = {"type": "string", "enum": ["codepoints", "utf16", "bytes"], "default": "codepoints"}
THRESHOLD = {"type": "number", "minimum": 0, "maximum": 1}
NUMBER = {"type": ["number", "null"]}
SCORE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
LARGEST = 2**53


def request_schema(taggers: Sequence[ServedTagger]) -> dict[str, Any]:
    """The schema of a request to a server of some taggers, with their names, labels and columns."""
    labels = sorted({label for one in taggers if not one.plain for label in one.labels})
    options = {
        "tagger": {
            "type": "string",
            "enum": [one.name for one in taggers],
            "description": "Name of a tagger; default: the first.",
        },
        "thresholds": {
            "type": "object",
            "properties": dict.fromkeys(labels, THRESHOLD),
            "additionalProperties": False,
            "description": "By label, the smallest score; spans below it are left out. Not for plain tags.",
        },
        "details": {"type": "boolean", "default": False, "description": "List the tokens too."},
    }
    of_text = options | {
        "offsets": {**UNIT, "description": f"Unit of start and end: {UNIT_MEANINGS}."}
    }
    of_tokens = options | columns_schema(taggers, lambda items: items, "per token")
    of_sentences = options | columns_schema(taggers, list_of, "per token, a list per sentence")
    return {
        "oneOf": [
            input_schema("text", {"type": "string"}, of_text),
            input_schema("tokens", TOKENS, of_tokens),
            input_schema("texts", list_of({"type": "string"}), of_text),
            input_schema("sentences", list_of(TOKENS), of_sentences),
        ]
    }


def columns_schema(
    taggers: Sequence[ServedTagger], within: Callable[[Any], Any], meaning: str
) -> dict[str, Any]:
    """The schemas of the columns that taggers read. within: makes the schema of a column of that of its values."""
    return {
        key: {
            "type": "object",
            "properties": dict.fromkeys(sorted(names), list_of(within(items))),
            "additionalProperties": False,
            "description": f"Columns that the tagger reads: one value {meaning}.",
        }
        for key, items, names in (
            ("features", {"type": "string"}, {name for one in taggers for name in one.features}),
            ("numbers", NUMBER, {name for one in taggers for name in one.numbers}),
        )
    }


def list_of(items: Any) -> dict[str, Any]:
    """The schema of a list."""
    return {"type": "array", "items": items}


def input_schema(name: str, value: Any, more: dict[str, Any]) -> dict[str, Any]:
    """The schema of a request with one of the four inputs."""
    return {
        "title": f"Tag {name}",
        "type": "object",
        "required": [name],
        "properties": {name: value, **more},
        "additionalProperties": False,
    }


def object_schema(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    """The schema of an object whose keys are all there, but for optional ones."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


OFFSET = {"type": "integer", "minimum": 0, "maximum": LARGEST}
PLACE = {"start": OFFSET, "end": OFFSET}
SPAN = object_schema(
    {**PLACE, "label": {"type": "string"}, "text": {"type": "string"}, "score": SCORE}
)
TOKEN = object_schema(
    {**PLACE, "text": {"type": "string"}, "tag": {"type": "string"}, "score": SCORE}
)
FOUND = {
    "spans": {"type": "array", "items": SPAN},
    "tokens": {"type": "array", "items": TOKEN},
}
WHO = {"tagger": {"type": "string"}, "version": {"type": "string"}}
ONE = object_schema({**FOUND, **WHO}, "tokens")
MANY = object_schema({"results": {"type": "array", "items": object_schema(FOUND, "tokens")}, **WHO})
ERROR = object_schema(
    {"error": object_schema({"code": {"type": "string"}, "message": {"type": "string"}})}
)

TEXT = "Ada Stone saw the old Oslo."
REQUEST_EXAMPLES = {
    "text": {"summary": "One text", "value": {"text": TEXT}},
    "tokens": {"summary": "One tokenised sentence", "value": {"tokens": TEXT[:-1].split()}},
    "texts": {
        "summary": "Texts, with offsets for JavaScript",
        "value": {"texts": [TEXT, "Boris left Lima."], "offsets": "utf16"},
    },
    "sentences": {"summary": "Tokenised sentences", "value": {"sentences": [["Ada", "Stone"]]}},
    "details": {"summary": "Tokens too", "value": {"text": TEXT, "details": True}},
}
FOUND_SPAN = {"start": 0, "end": 9, "label": "PER", "text": "Ada Stone", "score": 0.9731}
WHICH = {"tagger": "news", "version": "85a7d498edf5"}
ANSWER_EXAMPLES = {
    "one": {"summary": "To one", "value": {"spans": [FOUND_SPAN], **WHICH}},
    "many": {
        "summary": "To many",
        "value": {"results": [{"spans": [FOUND_SPAN]}, {"spans": []}], **WHICH},
    },
}
REFUSALS = {
    400: "The body is not JSON in UTF-8.",
    401: "The token is missing or wrong.",
    408: "The body did not arrive in time.",
    413: "The request has too many bytes or tokens.",
    422: "The JSON is not what /tag takes.",
    500: "The server has a defect, which its log describes.",
    503: "The server has too much to do; Retry-After says when to try again.",
}


def json_content(schema: Any, examples: Any = None) -> dict[str, Any]:
    """The content of a body in JSON."""
    content = {"schema": schema, **({"examples": examples} if examples else {})}
    return {"application/json": content}


def error_response(code: str, meaning: str) -> dict[str, Any]:
    """An answer that is an error. code: that of its example."""
    value = {"error": {"code": code, "message": meaning}}
    example = {"error": {"summary": "An error", "value": value}}
    return {"description": meaning, "content": json_content(ERROR, example)}


CODES = {
    400: "bad_json", 401: "unauthorized", 408: "too_slow", 413: "too_large", 422: "invalid",
    500: "internal", 503: "busy",
}  # fmt: skip
TAG_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What the tagger finds.",
        "content": json_content({"oneOf": [ONE, MANY]}, ANSWER_EXAMPLES),
    },
    **{status: error_response(CODES[status], meaning) for status, meaning in REFUSALS.items()},
}
LABELS = object_schema(
    {
        "taggers": {
            "type": "array",
            "items": object_schema(
                {
                    "name": {"type": "string"},
                    "version": {"type": "string"},
                    "labels": list_of({"type": "string"}),
                    "plain": {"type": "boolean"},
                    "features": list_of({"type": "string"}),
                    "numbers": list_of({"type": "string"}),
                }
            ),
        }
    }
)
STATUS = object_schema({"status": {"type": "string"}})
SECURITY = {"token": {"type": "http", "scheme": "bearer"}}


def tag_request(taggers: Sequence[ServedTagger]) -> dict[str, Any]:
    """What the description of /tag says of its body."""
    return {"required": True, "content": json_content(request_schema(taggers), REQUEST_EXAMPLES)}
