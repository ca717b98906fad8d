"""Where the repository's own code lies, for this process and for those that are measured."""

import os
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
ROOT = SCRIPTS.parent


def environment() -> dict[str, str]:
    """The environment of a measured process: this repository's code, and no start-up notes."""
    paths = [str(ROOT), str(SCRIPTS), os.environ.get("PYTHONPATH", "")]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return {**os.environ, **quiet}
