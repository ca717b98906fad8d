"""The Dockerfile: a linter finds nothing. No engine is needed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving.served import ROOT

BESIDE = Path(sys.executable).with_name("hadolint")
HADOLINT = str(BESIDE) if BESIDE.exists() else shutil.which("hadolint")


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_hadolint_finds_nothing():
    done = subprocess.run([HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
