"""Train under each Python, move the run, and load it under every other Python and locale: the tags are the same.

    python scripts/chaos/load_in_every_python.py [--trainers 3.11 3.12 3.13] [--json FILE]

Looks for Python 3.11, 3.12 and 3.13 in pyenv, in uv and on the PATH, and takes the newest of each. Each gets an
environment in a temporary folder with the wheel of this source tree and what tagging needs, which is not TensorFlow. The
--trainers get TensorFlow besides, one after the other (2.3 GB of disk while it trains), and train a small tagger on the
bundled sample. Each run is moved to a path with a space and letters beyond ASCII, and loaded by all Pythons under the
locales C (as ASCII), C.UTF-8 and those Turkish and German ones that the system has. Prints one line for each, and exits
with code 1 if tags differ. It needs nothing but the standard library, and installs packages with pip.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SUPPORTED = ("3.11", "3.12", "3.13")
TAGGING = ("cyclopts", "numpy", "regex", "sentencex", "threadpoolctl", "tomli-w")
LOCALES = {
    "C as ASCII": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "C.UTF-8": {"LC_ALL": "C.UTF-8"},
}
FOREIGN = ("tr_TR", "de_DE")
TRAIN = """
import sys
import seqlab
from seqlab.experiment.corpora import sample_paths
paths = sample_paths()
seqlab.train_tagger(train=paths["valid"], valid=paths["test"], epochs=3, hidden_units=24, out=sys.argv[1])
"""
LOAD = """
import json
import sys
import seqlab
from seqlab.experiment.corpora import sample_paths
tagger = seqlab.load(sys.argv[1])
sentences = list(seqlab.read_corpus(sample_paths()["train"]))[:1000]
predictions = list(tagger.predict(sentences))
text = tagger.tag_text("\\u0130stanbul'da \\u00dclk\\u00fc, the ferry Saint Alban and \\u5f20\\u4e09 met Dr. Vale. In 1999!")
assert "tensorflow" not in sys.modules
print(json.dumps({
    "tags": [one.tags for one in predictions],
    "spans": [[one.start, one.end, one.label] for one in text.spans],
    "scores": [float(score) for one in predictions for score in one.scores],
}))
"""


def interpreters() -> dict[str, Path]:
    """The newest interpreter of each supported version."""
    found: dict[str, Path] = {}
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    uv = Path.home() / ".local" / "share" / "uv" / "python"
    for version in SUPPORTED:
        installed = [
            *root.glob(f"versions/{version}.*/bin/python{version}"),
            *uv.glob(f"cpython-{version}.*/bin/python{version}"),
        ]
        on_path = shutil.which(f"python{version}")
        candidates = [
            *sorted(installed, key=patch, reverse=True),
            *([Path(on_path)] if on_path else []),
        ]
        for candidate in candidates:
            code = "import sys; print('%d.%d' % sys.version_info[:2])"
            done = subprocess.run([candidate, "-c", code], capture_output=True, text=True)
            if done.returncode == 0 and done.stdout.strip() == version:
                found[version] = candidate
                break
    return found


def patch(path: Path) -> int:
    """The last number of the version in an interpreter's path."""
    digits = path.parents[1].name.split("-")[1 if "cpython" in str(path) else 0].split(".")[-1]
    return int(digits) if digits.isdigit() else 0


def make_environment(python: Path, folder: Path, wheel: Path, *packages: str) -> Path:
    """Make an environment with the wheel and packages. Returns its interpreter. Without packages, with all it needs."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    made = folder / "bin" / "python"
    pip = [made, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile"]
    if packages:
        subprocess.run([*pip, *packages], check=True)
        pip.append("--no-deps")
    subprocess.run([*pip, wheel], check=True)
    return made


def make_wheel(python: Path, folder: Path) -> Path:
    """Build the wheel of this source tree."""
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True)
    return next(folder.glob("seqlab-*.whl"))


def run_code(python: Path, code: str, run: Path, environment: Mapping[str, str]) -> str:
    """Run code in an empty folder. Returns what it prints."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, "-c", code, os.fsencode(run)],
            cwd=folder,
            env=usual | environment,
            stdout=subprocess.PIPE,
            check=True,
        )
    return done.stdout.decode("ascii")


def locales() -> dict[str, dict[str, str]]:
    """The environments of all locales to load in."""
    command = ["locale", "-a"]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.split()
    foreign = [name for name in listed if name.startswith(FOREIGN)]
    return LOCALES | {name: {"LC_ALL": name} for name in foreign}


def megabytes(folder: Path) -> int:
    """The size of a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) // 10**6


def compare_all(found: Mapping[str, Path], trainers: list[str], work: Path) -> list[dict[str, Any]]:
    """Train and load everywhere. Returns one row for each trainer, loader and locale."""
    wheel = make_wheel(found[min(found)], work)
    light = {v: make_environment(p, work / f"tag-{v}", wheel, *TAGGING) for v, p in found.items()}
    for version in light:
        size = megabytes(work / f"tag-{version}")
        print(f"{version}: environment for tagging, {size} MB: {' '.join(TAGGING)}", flush=True)
    rows = []
    for trainer in trainers:
        python = make_environment(found[trainer], work / "train", wheel)
        run_code(python, TRAIN, work / "run", {})
        shutil.rmtree(work / "train")
        moved = work / f"moved from {trainer} \u00fc\u4e2d" / "run"
        moved.parent.mkdir()
        (work / "run").rename(moved)
        expected = None
        for loader, interpreter in light.items():
            for locale, environment in locales().items():
                answers = json.loads(run_code(interpreter, LOAD, moved, environment))
                expected = expected or answers
                rows.append(
                    {"trained": trainer, "loaded": loader, "locale": locale}
                    | difference(answers, expected)
                )
                print(", ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    return rows


def difference(answers: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    """How answers differ from those of the first loader."""
    pairs = [
        (one, other)
        for mine, theirs in zip(answers["tags"], expected["tags"], strict=True)
        for one, other in zip(mine, theirs, strict=True)
    ]
    scores = zip(answers["scores"], expected["scores"], strict=True)
    return {
        "tokens": len(pairs),
        "tags that differ": sum(one != other for one, other in pairs),
        "spans of text that differ": int(answers["spans"] != expected["spans"]),
        "largest difference of a score": max(abs(one - other) for one, other in scores),
        "tags": len({one for one, _ in pairs}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trainers", nargs="+", choices=SUPPORTED)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = interpreters()
    for version in SUPPORTED:
        print(f"{version}: {found.get(version, 'not found')}", flush=True)
    trainers = options.trainers or list(found)
    if not set(trainers) <= found.keys():
        sys.exit(f"no interpreter for {', '.join(sorted(set(trainers) - found.keys()))}")
    with tempfile.TemporaryDirectory() as folder:
        rows = compare_all(found, trainers, Path(folder))
    if options.json:
        about = {"versions": list(found), "missing": sorted(set(SUPPORTED) - found.keys())}
        options.json.write_text(
            json.dumps(about | {"loads": rows}, indent=1) + "\n", encoding="ascii"
        )
    wrong = sum(row["tags that differ"] + row["spans of text that differ"] for row in rows)
    print(f"{len(rows)} loads, {wrong} of them with other tags" if not wrong else f"{wrong} differ")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
