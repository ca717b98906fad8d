"""The settings that a run was trained with, read back from its directory; needs no keras."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seqlab.corpus.chosen_columns import is_index
from seqlab.corpus.reading import Format, format_of, parse_format
from seqlab.machine.files import is_directory
from seqlab.settings.features import column_places
from seqlab.settings.training import TrainSettings, make_settings, read_settings


def run_settings(run: str | Path) -> TrainSettings:
    """The settings that a run was trained with."""
    return make_settings(**read_settings(str(Path(run) / "config.toml")))


def feature_places(trained: TrainSettings, names: Iterable[str]) -> dict[str, str]:
    """Where each of a tagger's features stood in training; under its own name where the settings do not tell."""
    places = column_places(trained.feature_columns)
    return {name: places.get(name, name) for name in names}


def columns_for(trained: TrainSettings, path: str | Path, format: str | None) -> dict[str, Any]:
    """token_column and tag_column of a file: those of training, where files of its format can have them.

    format: of the file, None where it is to be found by looking.
    Raises CorpusError for what can't be read.
    """
    named = {"token_column": trained.token_column, "tag_column": trained.tag_column}
    once = not format and not (Path(path).is_file() or is_directory(Path(path)))  # a pipe, say
    if once or not any(named.values()):
        return named
    known = parse_format(format) if format else format_of(path)
    return {name: column if fits(column, known) else None for name, column in named.items()}


def fits(column: str | None, format: Format) -> bool:
    """Whether a format has such a column: conll by index, JSON lines by key, CoNLL-U by both.

    >>> fits("1", Format.CONLL), fits("1", Format.JSONL), fits("xpos", Format.CONLLU)
    (True, False, True)
    """
    if column is None or format is Format.PARALLEL:
        return False
    return format is Format.CONLLU or is_index(column) == (format is Format.CONLL)
