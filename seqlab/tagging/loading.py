"""A run directory back to a tagger, its files checked first."""

import json
from pathlib import Path

from seqlab.errors import RunError
from seqlab.tagging.run_directory import MANIFEST, check_run, sha256
from seqlab.tagging.storage import TAGGER_FILES, load_tagger
from seqlab.tagging.tagger import Tagger


def load_run(path: str | Path) -> Tagger:
    """The tagger of a run directory, its files checked against the manifest.

    Raises RunError when there is no run, or a file of the tagger is missing or damaged.
    """
    directory = Path(path)
    check_run(directory)
    try:
        files = json.loads((directory / MANIFEST).read_text(encoding="ascii"))["files"]
        for name in TAGGER_FILES:
            if sha256(directory / name) != files[name]["sha256"]:
                raise RunError(f"{directory / name}: damaged: its sha256 is not the manifest's")
    except (OSError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunError(f"{directory}: damaged run: {error}") from error
    return load_tagger(directory)
