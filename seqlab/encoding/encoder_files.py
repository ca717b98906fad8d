"""An encoder as files: its vocabularies as JSON, and the vectors of frozen words. Loading them runs no code.

Each value is checked before it is used, because the files may come from a stranger.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seqlab.encoding.frozen_words import VECTORS as VECTOR_ARRAY
from seqlab.encoding.frozen_words import open_frozen_words, write_frozen_words
from seqlab.encoding.gazetteer import MOST_LISTS, Gazetteers
from seqlab.encoding.gazetteer_files import open_gazetteers, write_gazetteers
from seqlab.encoding.number_scaling import NumberScaling
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_clusters import clusters_from_json
from seqlab.encoding.word_features import word_feature_vocabulary
from seqlab.errors import UserError, one_line
from seqlab.machine.atomic import atomic_directory
from seqlab.machine.files import as_path
from seqlab.machine.json_fields import Fields
from seqlab.machine.json_text import json_text, parse_json
from seqlab.machine.regular_files import open_regular, size_of
from seqlab.settings.by_name import FEATURE_NAME
from seqlab.text.unicode_form import parse_unicode_form

VOCABULARIES = "vocabularies.json"
VECTORS = "vectors"  # directory of the frozen words, if there are any
MANIFEST = "manifest.json"  # of a run directory
MOST_BYTES = 1 << 30  # of vocabularies.json

Parts = Mapping[str, Any]
"""The fields of an Encoder."""


def parts_as_json(parts: Parts) -> dict[str, Any]:
    """The content of vocabularies.json."""
    values: dict[str, Any] = {name: parts[name].symbols for name in ("words", "characters", "tags")}
    for name in ("word_features", "feature_columns"):
        values[name] = {key: known.symbols for key, known in parts[name].items()}
    if parts["unicode_form"] != "none":
        values["unicode_form"] = parts["unicode_form"]
    if parts["numeric_columns"]:
        values["numeric_columns"] = {
            name: asdict(one) for name, one in parts["numeric_columns"].items()
        }
    if parts["clusters"] is not None:
        values["word_clusters"] = parts["clusters"].to_json()
    if len(parts["gazetteers"]):
        values["gazetteers"] = list(parts["gazetteers"].names)
    return values


def parts_from_json(
    content: Any, open_lists: Callable[[Sequence[str]], Gazetteers]
) -> dict[str, Any]:
    """The fields of an Encoder, without frozen words. Raises ValueError if the content is damaged.

    open_lists: opens the files of gazetteers by their names.
    """
    fields = Fields(content)
    words, characters, tags = (fields.texts(name) for name in ("words", "characters", "tags"))
    features, columns = fields.part("word_features"), fields.part("feature_columns")
    numbers = fields.part("numeric_columns") if fields.has("numeric_columns") else Fields({})
    lists = fields.texts("gazetteers") if fields.has("gazetteers") else ()
    clusters = (
        clusters_from_json(fields.part("word_clusters")) if fields.has("word_clusters") else None
    )
    form = fields.text("unicode_form") if fields.has("unicode_form") else "none"
    fields.end()
    if max(map(len, characters), default=1) != 1:
        raise ValueError("characters holds a text that is not one character")
    if len(lists) > MOST_LISTS:
        raise ValueError(f"gazetteers holds {len(lists)} names, expected at most {MOST_LISTS}")
    for name in lists:
        if not FEATURE_NAME.fullmatch(name):
            raise ValueError(f"gazetteers holds {name!r}, which is no name of a list")
    return {
        "words": Vocabulary(words),
        "characters": Vocabulary(characters),
        "tags": Vocabulary(tags, has_unknown=False),
        "word_features": {
            name: word_feature_vocabulary(name, features.texts(name)) for name in features.names()
        },
        "feature_columns": {name: Vocabulary(columns.texts(name)) for name in columns.names()},
        "numeric_columns": {name: read_scaling(numbers.part(name)) for name in numbers.names()},
        "gazetteers": open_lists(lists),
        "clusters": clusters,
        "unicode_form": parse_unicode_form(form),
    }


def read_scaling(fields: Fields) -> NumberScaling:
    """The scaling of a numeric column in a vocabularies.json. Raises ValueError for absurd numbers."""
    largest = sys.float_info.max
    scaling = NumberScaling(
        mean=fields.number("mean", least=-largest, most=largest),
        deviation=fields.number("deviation", least=sys.float_info.min, most=largest),
        missing=fields.flag("missing"),
    )
    fields.end()
    return scaling


def save_parts(parts: Parts, out: str | Path, *, overwrite: bool) -> Path:
    """Write an encoder as a directory, whole or not at all. Returns its path.

    Raises UserError if `out` exists (unless it holds an encoder and `overwrite` is True) or cannot be written.
    """
    path = as_path(out, "the directory of an encoder")

    def may_replace(path: Path) -> bool:
        return overwrite and is_encoder(path)

    with errors_of(path):
        if path.exists() and not may_replace(path):
            remedy = "give overwrite=True" if is_encoder(path) else "choose another path"
            raise UserError(f"{path}: exists; {remedy}")
        with atomic_directory(path, may_replace=may_replace) as pending:
            text = json_text(parts_as_json(parts))
            (pending.temporary / VOCABULARIES).write_text(text, encoding="ascii")
            write_gazetteers(parts["gazetteers"], pending.temporary)
            if parts["frozen_words"] is not None:
                write_frozen_words(parts["frozen_words"], pending.temporary / VECTORS)
    return pending.path


def load_parts(path: str | Path) -> dict[str, Any]:
    """The fields of the encoder in a directory. Raises UserError if there is none, or it is damaged."""
    directory = as_path(path, "the directory of an encoder")
    if (directory / MANIFEST).exists():
        raise UserError(
            f"{directory}: is a run; seqlab.load({str(directory)!r}).encoder is its encoder"
        )
    if not is_encoder(directory):
        raise UserError(f"{directory}: no encoder here; expected a directory with {VOCABULARIES}")
    file = directory / VOCABULARIES
    with errors_of(file):
        with open_regular(file, inside=directory) as stream:
            if size_of(stream) > MOST_BYTES:
                raise UserError(f"{file}: has more than {MOST_BYTES} bytes")
            content = stream.read(MOST_BYTES)
        parts = parts_from_json(
            parse_json(content), lambda names: open_gazetteers(names, directory)
        )
    vectors = directory / VECTORS
    has_vectors = (vectors / VECTOR_ARRAY).exists()
    return {**parts, "frozen_words": open_frozen_words(vectors) if has_vectors else None}


def is_encoder(path: Path) -> bool:
    """Whether a directory holds an encoder that `save_parts` wrote."""
    return (path / VOCABULARIES).is_file() and not (path / MANIFEST).exists()


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """Within the block, errors of the system and of damaged values become a UserError that names the path."""
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise UserError(f"{path}: damaged: {one_line(str(error))}") from error
