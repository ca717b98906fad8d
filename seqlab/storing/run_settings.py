"""How a run's training read its corpora, from the run directory. Does not import keras."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from seqlab.corpus.chosen_columns import DEFAULT_COLUMNS, ChosenColumns, is_index
from seqlab.corpus.format_detection import Format, parse_format
from seqlab.corpus.reading import format_of
from seqlab.errors import SettingsError, nearest
from seqlab.machine.files import is_directory, read_toml
from seqlab.settings.training import TrainSettings, make_settings, table_settings

READING_SETTINGS = (
    "train", "valid", "test", "format", "token_column", "tag_column", "feature_columns",
)  # fmt: skip


def run_settings(run: str | Path) -> TrainSettings:
    """How a run's training read its corpora; other settings have their defaults.

    The others acted in training only. A later version may lack one of them, or its value, and still tag.
    Raises SettingsError when config.toml cannot be read.
    """
    path = str(Path(run) / "config.toml")
    table = read_toml(path)
    reading = {name: table[name] for name in READING_SETTINGS if name in table}
    return make_settings(**table_settings(reading, source=path))


def trained_feature_columns(trained: TrainSettings, names: Iterable[str]) -> dict[str, str]:
    """The column that each feature had in training; a feature that the settings lack has its own name."""
    return {name: trained.feature_columns.get(name, name) for name in names}


def other_columns(trained: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The columns of a tagger's features in another file. given: the columns that differ from training.

    Raises SettingsError for a feature that the tagger does not read.
    """
    for name in given:
        if name not in trained:
            known = ", ".join(trained) or "none"
            raise SettingsError(
                f"feature_columns is {name!r}: expected one that this run reads: {known}"
                f"{nearest(name, trained)}"
            )
    return {**trained, **given}


def columns_for(
    trained: TrainSettings,
    path: str | Path,
    format: str | None,
    *,
    given: ChosenColumns = DEFAULT_COLUMNS,
) -> ChosenColumns:
    """The given columns, and for others those of training, if the file's format can have them.

    format: the file's format; None detects it.
    Raises CorpusError when the file cannot be read.
    """
    token, tag = trained.token_column, trained.tag_column
    is_pipe = not (Path(path).is_file() or is_directory(Path(path)))  # it can be read only once
    if (token or tag) and (format or not is_pipe):
        known = parse_format(format) if format else format_of(path)
        token, tag = (column if has_column(column, known) else None for column in (token, tag))
    return replace(
        given,
        token=token if given.token is None else given.token,
        tag=tag if given.tag is None else given.tag,
    )


def has_column(column: str | None, format: Format) -> bool:
    """Whether a format can have the column: conll by index, JSON lines by key, CoNLL-U by either.

    >>> has_column("1", Format.CONLL), has_column("1", Format.JSONL), has_column("xpos", Format.CONLLU)
    (True, False, True)
    """
    if column is None or format is Format.PARALLEL:
        return False
    return format is Format.CONLLU or is_index(column) == (format is Format.CONLL)
