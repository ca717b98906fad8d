"""What all tests share: the folder of real corpora, and hypothesis without deadlines."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for `tests.strategies`, however pytest was started

# A deadline fails a test on a busy machine for nothing the test is about.
settings.register_profile("seqlab", deadline=None)
settings.load_profile("seqlab")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real corpora; tests that need it are skipped where it does not exist."""
    named = os.environ.get("SEQLAB_SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real corpora are not here: {folder} (SEQLAB_SHARED_DATA names another)")
    return folder
