"""Where the published corpora of the experiments lie."""

import os
import sys
from pathlib import Path


def folder() -> Path:
    """The folder of SEQLAB_SHARED_DATA, else ../shared/data beside the clone; or the end, with a reason."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    found = Path(os.environ.get("SEQLAB_SHARED_DATA", default))
    if not found.is_dir():
        sys.exit(f"no corpora in {found}: set SEQLAB_SHARED_DATA to the folder that holds them")
    return found
