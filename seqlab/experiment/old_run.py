"""The run that a training continues: its tagger, how it read its corpora, and the settings that it fixes.

Does not import keras.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqlab.encoding.word_features import FEATURE_INPUTS
from seqlab.errors import RunError, SettingsError
from seqlab.machine.files import as_path, parse_toml
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings
from seqlab.settings.values import plain
from seqlab.storing.description import read_description
from seqlab.storing.run_directory import FINISHED
from seqlab.storing.run_files import open_run
from seqlab.storing.run_settings import CONFIG, CONFIG_BYTES, run_settings, trained_columns
from seqlab.storing.tagger_files import DESCRIPTION, load_tagger
from seqlab.tagging.tagger import Tagger

MAY_DIFFER = ("dropout", "word_dropout", "min_word_count", "gazetteer_dropout")
"""Settings that are taken from the old run by default, and may have another value in the new training."""


@dataclass(frozen=True, kw_only=True)
class OldRun:
    """A finished run. trained: how its training read its corpora; other settings have their defaults.

    min_word_count: of its training; None if unknown.
    """

    path: str
    tagger: Tagger
    trained: TrainSettings
    min_word_count: int | None

    def settings(self) -> dict[str, Any]:
        """The settings of a training that continues this run, by name, in types that TOML has.

        All but `MAY_DIFFER` are fixed by the network.
        """
        sizes, encoder = self.tagger.architecture, self.tagger.encoder
        features = {
            name: trained_columns(getattr(self.trained, name), getattr(encoder, name))
            for name in ("feature_columns", "numeric_columns")
        }
        values: dict[str, Any] = {
            "scheme": self.tagger.scheme.value,
            "head": sizes.head,
            "normalise": encoder.unicode_form,
            **{name: [f"{n}={c}" for n, c in given.items()] for name, given in features.items()},
            "hidden_units": sizes.hidden_units,
            "layers": sizes.layers,
            "dropout": sizes.dropout,
        }
        if not sizes.reads_words:
            return {**values, "token_column": "none"}
        words = ("word_dim", "max_chars", "char_encoder", "word_dropout")
        characters = ("char_dim", "char_units") if sizes.reads_characters else ()
        values |= {name: getattr(sizes, name) for name in (*words, *characters)}
        if len(encoder.gazetteers):
            values["gazetteer_dropout"] = sizes.gazetteer_dropout
        values["word_features"] = features_of(encoder.word_features) or ["none"]
        if self.min_word_count is not None:
            values["min_word_count"] = self.min_word_count
        return values


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The run that a training continues, and the classes that its network loses."""

    old: OldRun
    dropped: tuple[str, ...]


def features_of(inputs: Mapping[str, Any]) -> list[str]:
    """The values of the setting `word_features` that give these network inputs.

    >>> features_of({"case": 7, "prefix_2": 4, "prefix_3": 9})
    ['case', 'prefix']
    """
    return [
        feature for feature, names in FEATURE_INPUTS.items() if names and set(names) <= set(inputs)
    ]


def read_old_run(path: str) -> OldRun:
    """Load a finished run, after comparing its files with the manifest.

    Raises RunError when the path holds no finished run, a network that `build_network` did not make, or a file that is
    missing or damaged.
    """
    directory = as_path(path, "a run directory")
    files = open_run(directory)
    if files.status != FINISHED:
        raise RunError(
            f"{path}: the training of this run is not finished; finish it with --resume {path} first"
        )
    description = read_description(files, DESCRIPTION)
    if description.members:
        raise RunError(
            f"{path}: combines {description.members} networks; --init-from needs a run of one network"
        )
    if description.reading is not None:  # before Keras loads it
        raise RunError(
            f"{path}: has a network of your own, which Keras runs; "
            "--init-from needs a run of seqlab train, or of a network of build_network"
        )
    config = files.read(CONFIG, most=CONFIG_BYTES)
    count = parse_toml(config, str(directory / CONFIG)).get("min_word_count")
    return OldRun(
        path=str(path),
        tagger=load_tagger(directory, files),
        trained=run_settings(directory),
        min_word_count=count if type(count) is int and count >= 1 else None,
    )


def with_old_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as a user gives them, with those of the old run as defaults; unchanged without `init_from`.

    Raises RunError as `read_old_run` does.
    """
    run = values.get("init_from")
    if not isinstance(run, str | Path):
        return dict(values)
    return {**read_old_run(str(run)).settings(), **values}


def continued(settings: TrainSettings, old: OldRun) -> TrainSettings:
    """The settings with those of the old run in place of defaults.

    Raises SettingsError for a value that contradicts the old network.
    """
    fixed = {name: v for name, v in old.settings().items() if name not in MAY_DIFFER}
    names, changed = declared(TrainSettings), {}
    for name, value in fixed.items():
        given, wanted = getattr(settings, name), names[name].read(value)
        if same_network(name, given, wanted):
            continue
        if given != names[name].default:
            raise contradiction(name, given, wanted, old)
        changed[name] = wanted
    if settings.token_column == "none" and "token_column" not in fixed:  # noqa: S105, no secret
        raise SettingsError(
            f"token_column is 'none', but {old.path} reads words; name the column of the words"
        )
    return replace(settings, **changed)


def refuse_other_network(settings: TrainSettings) -> None:
    """Raise SettingsError for a value that contradicts the network of `init_from`, even if it is a default."""
    if settings.init_from is None:
        return
    old = read_old_run(settings.init_from)
    for name, value in old.settings().items():
        given, wanted = getattr(settings, name), declared(TrainSettings)[name].read(value)
        if name not in MAY_DIFFER and not same_network(name, given, wanted):
            raise contradiction(name, given, wanted, old)


def same_network(name: str, given: Any, wanted: Any) -> bool:
    """Whether two values of a setting give the same network. Columns may have moved, features may be in another order."""
    if name in ("feature_columns", "numeric_columns", "word_features"):
        return set(given) == set(wanted)
    return bool(given == wanted)


def contradiction(name: str, given: Any, wanted: Any, old: OldRun) -> SettingsError:
    """The error for a setting that contradicts the old network."""
    values = [plain(value) for value in (given, wanted)]
    texts = [", ".join(v) or "none" if isinstance(v, list) else repr(v) for v in values]
    return SettingsError(f"{name} is {texts[0]}, but {old.path} has {texts[1]}; leave it out")
