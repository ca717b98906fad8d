"""How a run's training read its corpora, from the run directory. Does not import keras."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqlab.corpus.chosen_columns import NO_TOKENS, ColumnRef, is_index
from seqlab.corpus.format_detection import ANNOTATION_FORMATS, Format, parse_format
from seqlab.corpus.reading import format_of
from seqlab.corpus.reading_options import ReadingKeywords, ReadingOptions, reading_options
from seqlab.encoding.encoder import Encoder
from seqlab.errors import SettingsError, nearest
from seqlab.machine.files import is_directory, parse_toml
from seqlab.settings.declaring import declared
from seqlab.settings.reading import ReadingSettings
from seqlab.settings.training import TrainSettings, make_settings, table_settings
from seqlab.storing.run_files import open_run

CONFIG = "config.toml"
CONFIG_BYTES = 1 << 20


def run_settings(run: str | Path) -> TrainSettings:
    """How a run's training read its corpora; other settings have their defaults.

    The others acted in training only. A later version may lack one of them, or its value, and still tag.
    Raises RunError when config.toml is missing or is not that of the manifest, SettingsError when it cannot be read.
    """
    files = open_run(Path(run))
    path = str(files.path(CONFIG))
    table = parse_toml(files.read(CONFIG, most=CONFIG_BYTES), path)
    names = ("train", "valid", "test", *declared(ReadingSettings))
    reading = {name: table[name] for name in names if name in table}
    return make_settings(**table_settings(reading, source=path))


def trained_columns(columns: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The column that each feature or number had in training; one that the settings lack has its own name.

    columns: a setting of the training, `feature_columns` or `numeric_columns`. names: those that the tagger reads.
    """
    return {name: columns.get(name, name) for name in names}


def other_columns(
    trained: Mapping[str, str], given: Mapping[str, ColumnRef], *, setting: str = "feature_columns"
) -> dict[str, ColumnRef]:
    """The columns of a tagger's features or numbers in another file.

    given: the columns that differ from training. setting: its name.
    Raises SettingsError for a column that the tagger does not read.
    """
    what = "numbers" if setting == "numeric_columns" else "features"
    for name in given:
        if name not in trained:
            if not trained:
                raise SettingsError(
                    f"{setting} names {name!r}, but this run reads no {what}: leave it out"
                )
            raise SettingsError(
                f"{setting} names {name!r}: expected one of {', '.join(trained)}"
                f"{nearest(name, trained)}"
            )
    return {**trained, **given}


def options_for(
    trained: TrainSettings, path: str | Path, encoder: Encoder, given: ReadingKeywords
) -> ReadingOptions:
    """How to read another file for a run: as given, and otherwise as in training, but for the encoding.

    Files of one task come in several encodings; without `encoding` a file is UTF-8. A column of training is used if the
    file's format can have it. encoder: of the tagger.
    Raises SettingsError for a feature or number that the tagger does not read, and CorpusError when the file cannot be read.
    """
    keywords: dict[str, Any] = {**reading_keywords(trained), "encoding": None, **given}
    columns = ("token_column", "tag_column")
    kept = [name for name in columns if keywords[name] is not None and name not in given]
    is_pipe = not (Path(path).is_file() or is_directory(Path(path)))  # it can be read only once
    if kept and (keywords["format"] or not is_pipe):
        known = (
            parse_format(keywords["format"])
            if keywords["format"]
            else format_of(path, encoding=keywords["encoding"])
        )
        keywords |= {name: None for name in kept if not has_column(keywords[name], known)}
    keywords["feature_columns"] = other_columns(
        trained_columns(trained.feature_columns, encoder.feature_columns),
        given.get("feature_columns") or {},
    )
    keywords["numeric_columns"] = other_columns(
        trained_columns(trained.numeric_columns, encoder.numeric_columns),
        given.get("numeric_columns") or {},
        setting="numeric_columns",
    )
    return reading_options(**{**keywords, "token_weight_column": None})


def text_options_for(trained: TrainSettings, given: ReadingKeywords) -> ReadingOptions:
    """How to read raw text for a run, which has no columns. Without `encoding` it is UTF-8; the rest is as in training."""
    keywords: dict[str, Any] = {**reading_keywords(trained), "encoding": None, **given}
    return reading_options(
        encoding=keywords["encoding"],
        sentences=keywords["sentences"],
        language=keywords["language"],
        tokenized=keywords["tokenized"],
    )


def reading_keywords(settings: TrainSettings) -> dict[str, Any]:
    """The settings that say how the corpora of a run are read, as keywords of `read_corpus`."""
    keywords = {name: getattr(settings, name) for name in declared(ReadingSettings)}
    return keywords | {
        "feature_columns": dict(settings.feature_columns),
        "numeric_columns": dict(settings.numeric_columns),
        "map_tag": dict(settings.map_tag),
        "tag_names": settings.tag_names or None,
    }


def has_column(column: str | None, format: Format) -> bool:
    """Whether a format can have the column: conll by index, JSON lines and hf by key, CoNLL-U and CSV by either.

    >>> has_column("1", Format.CONLL), has_column("1", Format.JSONL), has_column("xpos", Format.CONLLU)
    (True, False, True)
    """
    if column is None or format in (Format.PARALLEL, Format.TEXT, *ANNOTATION_FORMATS):
        return False
    if column == NO_TOKENS:
        return True
    return format in (Format.CONLLU, Format.CSV) or is_index(column) == (format is Format.CONLL)
