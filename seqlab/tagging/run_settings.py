"""The settings that a run was trained with, read back from its directory; needs no keras."""

from collections.abc import Iterable
from pathlib import Path

from seqlab.config import TrainSettings, make_settings, read_settings
from seqlab.feature_settings import column_places


def run_settings(run: str | Path) -> TrainSettings:
    """The settings that a run was trained with."""
    return make_settings(**read_settings(str(Path(run) / "config.toml")))


def feature_places(run: str | Path, names: Iterable[str]) -> dict[str, str]:
    """Where each of a tagger's features stood in training; under its own name where the run does not tell."""
    trained = column_places(run_settings(run).feature_columns)
    return {name: trained.get(name, name) for name in names}
