"""Where the bundled sample corpus lies: beside the package in a clone, inside it when installed."""

from pathlib import Path

INSTALLED = Path(__file__).parent / "data"
CLONE = Path(__file__).parent.parent / "data"


def sample_paths() -> dict[str, str]:
    """The files of the sample corpus, as the settings train, valid and test."""
    folder = INSTALLED if INSTALLED.is_dir() else CLONE
    return {part: str(folder / f"{part}.conll") for part in ("train", "valid", "test")}
