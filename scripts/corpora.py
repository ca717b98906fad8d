"""The folder of the published corpora."""

import os
import sys
from pathlib import Path


def folder() -> Path:
    """The folder that SEQLAB_SHARED_DATA names, else ../shared/data. Exits with an error if it does not exist."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("SEQLAB_SHARED_DATA", default))
    if not path.is_dir():
        sys.exit(
            f"{path} is not a folder: set SEQLAB_SHARED_DATA to the folder of the published corpora"
        )
    return path
