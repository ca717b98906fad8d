"""Sizes: what an installation takes on disk, and the files of an exported tagger.

Each environment is new. pip, setuptools and compiled files are not counted. pip downloads what it has not cached.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.child import ROOT
from bench.startup import first_output, small_run
from seqlab.exporting.export_tagger import export_tagger

PAGE = ROOT / "docs" / "how-to" / "export-a-tagger.md"
NOT_COUNTED = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth")
NAME = "bench-tagger"
FORMS: dict[str, dict[str, Any]] = {
    "wheel": {"format": "wheel"},
    "zip": {"format": "zip"},
    "zip, float16 weights": {"format": "zip", "weights": "float16"},
    "zip, int8 weights": {"format": "zip", "weights": "int8"},
}
ENVIRONMENTS = {
    "seqlab": "seqlab, training included",
    "commands": "seqlab without TensorFlow",
    "tagger": "an exported tagger",
    "serving": "an exported tagger that serves",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("install")
    group.add_argument("--install-sentences", type=int, default=3000,
                       help="training sentences of the exported tagger (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Install everything once; time the first tag in each round."""
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run = small_run(folder, options.install_sentences)
        for form, keywords in FORMS.items():
            path = export_tagger(run, name=NAME, out=folder / form, **keywords)
            figures[f"{form} bytes"] = [float(path.stat().st_size)]
            if keywords["format"] == "wheel":
                tagger = path
        for name, what in requirements(project_wheel(folder), tagger).items():
            python = environment(folder / name, what)
            figures[f"{name} bytes"] = [float(size_of(python))]
            if name == "tagger":
                command = [str(python), "-m", NAME.replace("-", "_")]
                first = [first_output(command) for _ in range(options.rounds)]
                figures["exported first tag seconds"] = first
    return {"sizes": {"sentences trained on": options.install_sentences}, "figures": figures}


def project_wheel(folder: Path) -> Path:
    """Build the wheel of seqlab."""
    pip(Path(sys.executable), "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("seqlab-*.whl"))


def requirements(seqlab: Path, tagger: Path) -> dict[str, list[list[str]]]:
    """By name of the environment, the arguments of each call of pip."""
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(r"^pip install (numpy .*)$", page, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{PAGE} no longer lists what the commands need")
    return {
        "seqlab": [[str(seqlab)]],
        "commands": [["--no-deps", str(seqlab)], found[1].split()],
        "tagger": [[str(tagger)]],
        "serving": [[f"{tagger}[serve]"]],
    }


def environment(folder: Path, what: list[list[str]]) -> Path:
    """A new environment with some packages. Returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    for arguments in what:
        pip(python, "install", "--no-compile", "--constraint", str(ROOT / "constraints.txt"), *arguments)  # fmt: skip
    return python


def pip(python: Path, *arguments: str) -> None:
    """Call pip; its messages appear only if it fails."""
    words = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pip {arguments[0]} failed: {done.stderr.strip()}")


def size_of(python: Path) -> int:
    """The bytes of the packages in an environment."""
    site = next(python.parents[1].glob("lib/python*/site-packages"))
    tops = (one for one in site.iterdir() if not one.name.startswith(NOT_COUNTED))
    files = (path for top in tops for path in (top, *top.rglob("*")) if path.is_file())
    return sum(path.stat().st_size for path in files if path.suffix != ".pyc")
