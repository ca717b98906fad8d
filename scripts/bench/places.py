"""The path of the repository's code, for this process and for measured processes."""

import os
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
ROOT = SCRIPTS.parent


def environment() -> dict[str, str]:
    """The environment of a measured process: this repository's code, without TensorFlow's start-up messages."""
    paths = [str(ROOT), str(SCRIPTS), os.environ.get("PYTHONPATH", "")]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return {**os.environ, **quiet}
