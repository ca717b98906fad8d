"""The settings that a run was trained with, read back from its directory; needs no keras."""

from pathlib import Path

from seqlab.config import TrainSettings, make_settings, read_settings


def run_settings(run: str | Path) -> TrainSettings:
    """The settings that a run was trained with."""
    return make_settings(**read_settings(str(Path(run) / "config.toml")))
