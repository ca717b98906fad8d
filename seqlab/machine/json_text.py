"""Write JSON, and parse it from files of strangers: nested deeply, with endless numbers, or no JSON at all."""

import json
from typing import Any, NoReturn


def parse_json(content: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises ValueError, with one line, for anything else. NaN and infinity are no JSON.

    >>> parse_json(b'{"a": [1, "x"]}')
    {'a': [1, 'x']}
    """
    try:
        return json.loads(content.decode("utf-8"), parse_constant=refuse_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"not JSON: byte {error.start + 1} is not UTF-8") from error
    except RecursionError as error:
        raise ValueError("not JSON that can be read: nested too deeply") from error
    except ValueError as error:  # also for numbers with thousands of digits
        raise ValueError(f"not JSON: {error}") from error


def json_text(value: Any) -> str:
    """A value as JSON in ASCII, which every encoding reads correctly. Raises ValueError for NaN."""
    return json.dumps(value, indent=1, allow_nan=False) + "\n"


def refuse_constant(name: str) -> NoReturn:
    """Raise ValueError for NaN, Infinity and -Infinity, which Python's parser would take."""
    raise ValueError(f"{name} is no number of JSON")
