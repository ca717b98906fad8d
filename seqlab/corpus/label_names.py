"""The names of integer tags, as Hugging Face data states them: in `features` JSON, a schema, or a list."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqlab.errors import CorpusError

# Files beside NAME.jsonl that may hold the names, the likeliest first.
FILES_BESIDE = ("{stem}.features.json", "features.json", "dataset_info.json", "dataset_infos.json")
LARGEST = 64 * 1024 * 1024  # bytes

LabelNames = tuple[str, ...]


def names_of_feature(feature: object) -> LabelNames | None:
    """Return the names in the JSON form of a `ClassLabel`, or of a list of it; None if there are none.

    >>> names_of_feature({"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "List"})
    ('O', 'B-PER')
    """
    if isinstance(feature, list) and len(feature) == 1:
        return names_of_feature(feature[0])
    if not isinstance(feature, Mapping):
        return None
    names = feature.get("names")
    if isinstance(names, Mapping):
        names = in_order(names)
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        return tuple(names)
    return names_of_feature(feature.get("feature"))


def in_order(names: Mapping[Any, Any]) -> list[Any] | None:
    """Return the names of `{"0": "O", "1": "B-PER"}` in order; None unless the keys are 0, 1, 2, …"""
    ordered = [names.get(str(number), names.get(number)) for number in range(len(names))]
    return None if None in ordered else ordered


def names_in_document(document: object, column: str) -> LabelNames | None:
    """Return the names of a column in parsed JSON; None if it states none.

    document: a list of names, `{"features": …}`, the features themselves, `{"id2label": …}`, or one of these
        under the name of each configuration.
    """
    if isinstance(document, list):
        return names_of_feature({"names": document})
    if not isinstance(document, Mapping):
        return None
    features = document.get("features", document)
    if isinstance(features, Mapping) and column in features:
        return names_of_feature(features[column])
    if isinstance(document.get("id2label"), Mapping):
        return names_of_feature({"names": document["id2label"]})
    parts = [part for part in document.values() if isinstance(part, Mapping) and "features" in part]
    found = {names_in_document(part, column) for part in parts}
    return found.pop() if len(found) == 1 else None


def names_of_file(path: Path, column: str) -> LabelNames | None:
    """Return the names of a column that a JSON file states; None if it states none.

    Raises CorpusError for a file that cannot be read or is not JSON.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CorpusError(
                f"larger than {LARGEST} bytes; expected features JSON", path=str(path)
            )
        return names_in_document(json.loads(path.read_text(encoding="utf-8-sig")), column)
    except OSError as error:
        fact = f"can't be read: {(error.strerror or str(error)).lower()}"
    except (ValueError, RecursionError) as error:
        fact = f"not JSON ({error})"
    raise CorpusError(f"{fact}; expected the names of the tags", path=str(path))


def names_beside(path: Path, column: str) -> LabelNames | None:
    """Return the names of a column from a JSON file beside a corpus, or in its folder; None without one."""
    folder = path if path.is_dir() else path.parent
    stem = path.name.split(".")[0]
    for template in FILES_BESIDE:
        file = folder / template.format(stem=stem)
        names = names_of_file(file, column) if file.is_file() else None
        if names:
            return names
    return None


def given_names(tag_names: Sequence[str], column: str) -> LabelNames:
    """Return the names that the user gave: the names themselves, or one path of a JSON file.

    Raises CorpusError for a file without names.
    """
    if len(tag_names) == 1 and tag_names[0].lower().endswith(".json"):
        names = names_of_file(Path(tag_names[0]), column)
        if not names:
            fact = f"there are no names of the tags in column {column!r}"
            raise CorpusError(f"{fact}; expected features JSON with them", path=tag_names[0])
        return names
    return tuple(tag_names)
