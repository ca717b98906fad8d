"""The benchmark lies in scripts/, which is no package of the project's: its tests find it here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
