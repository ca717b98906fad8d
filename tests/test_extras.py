"""Each extra, from the built wheel: without it one line says what to install, with it the work is done.

The wheel and its dependencies are installed once. Each extra is installed in an environment of its own that sees them.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
PAGE = (ROOT / "docs" / "how-to" / "export-a-tagger.md").read_text("utf-8")
TRAIN = ("-m", "seqlab", "train", "--train", "train.conll", "--valid", "valid.conll", "--epochs", "1",
         "--hidden-units", "8", "--char-encoder", "none", "--resample", "none", "--out")  # fmt: skip
CONVERT = ("-m", "seqlab", "convert", "valid.conll")
FRAME = """
import pandas, seqlab
frame = pandas.DataFrame({"text": ["Ada Stone saw Oslo."]})
assert len(seqlab.load("run").tag_frame(frame, text="text").columns) > 1
"""
TUNE = """
train = "train.conll"
valid = "valid.conll"
epochs = 1
char_encoder = "none"
resample = "none"

[search]
hidden_units = [4, 8]
"""
SERVE = """
import signal, subprocess, sys, urllib.request
words = [sys.executable, "-m", "seqlab", "serve", "run", "--port", "0"]
with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
    address = next(line for line in server.stdout if line.startswith("serving on ")).split()[-1]
    assert urllib.request.urlopen(f"{address}/health").status == 200
    server.send_signal(signal.SIGTERM)
assert server.returncode == 0
"""


DOWNLOAD = """
import functools, http.server, os, pathlib, threading
from seqlab.catalogue.downloading import fetch
from seqlab.catalogue.entries import RemoteFile
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=os.getcwd())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
file = RemoteFile(address=f"http://127.0.0.1:{server.server_port}/valid.conll")
path = fetch(file, pathlib.Path("cache"), title="tiny")
assert path.read_bytes() == pathlib.Path("valid.conll").read_bytes()
"""


class Use(NamedTuple):
    """What an extra is for: the arguments of Python, and those that fail without the extra if they are others."""

    words: tuple[str, ...]
    without: tuple[str, ...] | None = None


USES = {
    "hf": Use((*CONVERT, "valid.parquet", "--to", "hf")),
    "spacy": Use((*CONVERT, "valid.spacy", "--to", "spacy")),
    "cas": Use((*CONVERT, "valid-cas", "--to", "cas")),
    "tensorboard": Use((*TRAIN, "tb", "--tensorboard", "board")),
    "mlflow": Use((*TRAIN, "ml", "--mlflow", "mlruns")),
    "wandb": Use((*TRAIN, "wb", "--wandb", "project")),
    "plot": Use(("-c", "import seqlab; seqlab.plot.class_f1('run').save('f1.png')")),
    "download": Use(("-c", DOWNLOAD), ("-m", "seqlab", "audit", "--corpus", "wnut17")),
    "glove": Use(
        ("-m", "seqlab", "vectors", "--vectors", "glove-6b-50d", "--cover", "train.conll")
    ),
    "onnx": Use(
        ("-m", "seqlab", "export", "run", "--format", "onnx", "--name", "tiny", "--out", "dist")
    ),
    "lists": Use((*TRAIN, "ls", "--gazetteer", "country=geonames:countries")),
    "serve": Use(("-c", SERVE), ("-m", "seqlab", "serve", "run")),
    "sklearn": Use(("-c", "from seqlab.sklearn import SequenceTagger; SequenceTagger()"), ()),
    "pandas": Use(("-c", FRAME), ()),
    "tune": Use(
        (str(ROOT / "scripts" / "tune.py"), "tune.toml", "--out", "tuned", "--trials", "1")
    ),
}
"""scikit-learn comes with seqeval. Whoever has a frame has pandas."""


def test_every_extra_has_a_use():
    assert USES.keys() == EXTRAS.keys() - {"dev"}


def variables():
    """Those of this process, without the path to the source tree. wandb sends nothing."""
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return usual | {"WANDB_MODE": "offline", "TF_CPP_MIN_LOG_LEVEL": "3"}


def ask(python, *words, folder, code=0):
    done = subprocess.run(
        [python, *words], cwd=folder, env=variables(), capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done


def environment(folder, *what, below=None):
    """A new environment with some packages. below: the Python of another one, whose packages it sees. Returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    if below is not None:
        script = "import sysconfig; print(sysconfig.get_path('purelib'))"
        sites = [ask(one, "-c", script, folder=folder).stdout.strip() for one in (below, python)]
        (Path(sites[1]) / "below.pth").write_text(f"{sites[0]}\n", "utf-8")
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    if what:
        ask(python, *install, "--constraint", ROOT / "constraints.txt", *what, folder=folder)
    return python


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps")
    ask(sys.executable, *build, "--wheel-dir", folder, ROOT, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The directory in which commands run."""
    folder = tmp_path_factory.mktemp("work")
    for name in ("train", "valid", "test"):
        (folder / f"{name}.conll").write_bytes((ROOT / "data" / f"{name}.conll").read_bytes())
    (folder / "tune.toml").write_text(TUNE, "utf-8")
    (folder / "text.txt").write_text("Ada Tolland sailed to Kelderby.\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def installed(wheel, work, tmp_path_factory):
    """The Python of an environment with the wheel alone, which has trained a run."""
    python = environment(tmp_path_factory.mktemp("installed") / "env", wheel)
    ask(python, *TRAIN, "run", folder=work)
    return python


def test_the_guide_to_installing_lists_every_extra_and_its_packages():
    page = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE)
    packages = {
        extra: [re.match(r"[\w.-]+", one)[0] for one in needed] for extra, needed in EXTRAS.items()
    }
    packages["dev"] = ["see `pyproject.toml`"]
    assert [(extra, listed.split(", ")) for extra, listed in rows] == [
        (extra, packages[extra]) for extra, _ in rows
    ]
    assert {extra for extra, _ in rows} == EXTRAS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("extra", [name for name, use in USES.items() if use.without != ()])
def test_without_an_extra_one_line_says_what_to_install(extra, installed, work):
    use = USES[extra]
    code = 1 if use.words[0] == "-c" and use.without is None else 2  # an error of a Python program
    done = ask(installed, *(use.without or use.words), folder=work, code=code)
    *_, line = done.stderr.strip().splitlines()
    assert line.endswith(f"pip install 'seqlab[{extra}]'") or f"'seqlab[{extra}]'; " in line
    assert code == 1 or done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("extra", USES)
def test_with_an_extra_the_work_is_done(extra, wheel, installed, work, tmp_path):
    python = environment(tmp_path / "env", f"{wheel}[{extra}]", below=installed)
    ask(python, *USES[extra].words, folder=work)


@pytest.mark.slow
def test_tagging_and_evaluating_need_no_tensorflow(wheel, installed, work, tmp_path):
    """In the environment that docs/how-to/export-a-tagger.md describes."""
    python = environment(tmp_path / "env", "--no-deps", wheel)
    packages = re.search(r"^pip install (numpy .*)$", PAGE, re.MULTILINE)[1].split()
    for more in (packages[:-1], packages[-1:]):
        words = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *more)
        ask(python, *words, folder=work)
        tagged = ask(python, "-m", "seqlab", "tag", "run", "text.txt", folder=work)
        assert (
            tagged.stdout
            == ask(installed, "-m", "seqlab", "tag", "run", "text.txt", folder=work).stdout
        )
        code = 2 if "seqeval" not in more else 0
        scored = ask(
            python,
            "-m",
            "seqlab",
            "evaluate",
            "run",
            "test.conll",
            "--json",
            folder=work,
            code=code,
        )
        if code:
            missing = "error: seqlab evaluate needs seqeval, which is not installed: pip install seqeval\n"
            assert scored.stderr == missing
    assert json.loads(scored.stdout)["token_accuracy"] > 0.5
    ask(
        python,
        "-m",
        "seqlab",
        "audit",
        "--train",
        "train.conll",
        "--valid",
        "valid.conll",
        folder=work,
    )
    ask(python, "-m", "seqlab", "export", "run", "--format", "wheel", "--name", "tiny", folder=work)
    trained = ask(python, *TRAIN, "again", folder=work, code=2)
    assert trained.stderr.count("\n") == 1
    assert "pip install" in trained.stderr
