"""The folder of the published corpora."""

import os
import sys
from pathlib import Path


def folder() -> Path:
    """The folder in SEQLAB_SHARED_DATA, or ../shared/data beside the clone. Exits with a reason if neither exists."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    found = Path(os.environ.get("SEQLAB_SHARED_DATA", default))
    if not found.is_dir():
        sys.exit(f"no corpora in {found}: set SEQLAB_SHARED_DATA to the folder that holds them")
    return found
