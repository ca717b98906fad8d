"""Where the scripts that answer questions are imported from."""

import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "questions"


def load(name):
    """A script of the folder as a module; its neighbours are found as when it is run."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return importlib.import_module(name)


def printed(script, monkeypatch, capsys, *options):
    """What the script prints at a small size, and its conclusion: the last two lines."""
    monkeypatch.setattr(sys, "argv", ["script", *options])
    script.main()
    text = capsys.readouterr().out
    return text, text.rstrip().split("\n")[-2:]
