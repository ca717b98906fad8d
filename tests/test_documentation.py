"""Every code block of README, CONTRIBUTING and the documentation runs; every link has the right form."""

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import seqlab
from tests import tiny

pytestmark = [tiny.KERAS_NOISE, pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")]

ROOT = Path(__file__).resolve().parents[1]
WRITTEN_BY_SCRIPTS = {
    "accuracy",
    "benchmarks",
    "imbalance",
    "long",
    "peers",
    "raw-text",
    "suggest",
    "suspects",
    "continue",
    "null-calibration",
    "smaller",
}
GENERATED = {"commands", "settings", "python"}  # from the code, at each build
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *(
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if page.stem not in WRITTEN_BY_SCRIPTS | GENERATED
    ),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
QUICK = {"--epochs": "1", "--char-encoder": "none", "--hidden-units": "6"}
SLOW = {
    "add-features",
    "combine-and-distil",
    "compare-settings",
    "continue-a-run",
    "find-label-errors",
    "tutorial",
    "use-keras-fit",
    "use-numbers",
    "use-scikit-learn",
}  # they train several times, or longer than a few epochs
QUICK_RUN = ("--train", "train.conll", "--valid", "dev.conll", "--out", "runs/quick")
VECTORS = {"Ada": "0.5 -1.0 2.0", "sailed": "1.0 0.5 0.0", "harbour": "-0.5 0.1 0.3"}


def name_of(page):
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """The working directory of a reader, with the files that the pages name."""
    parts = (("train", "train", 150), ("dev", "valid", 60), ("test", "test", 60),
             ("new", "test", 60), ("new-dev", "valid", 60))  # fmt: skip
    for name, source, sentences in parts:
        corpus = seqlab.read_corpus(ROOT / "data" / f"{source}.conll")
        seqlab.write_corpus(islice(corpus, sentences), f"{tmp_path}/{name}.conll", format="conll")
    train = (tmp_path / "train.conll").read_text("utf-8")
    with_pos = re.sub(r"^(\S+)\t(\S+)$", r"\1\tNN\t\2", train, flags=re.MULTILINE)
    (tmp_path / "pos.conll").write_text(with_pos.replace("\tNN\tO", "\tVB\tO", 40), "utf-8")
    for name, source in (("", "train"), ("-dev", "dev")):
        words = (tmp_path / f"{source}.conll").read_text("utf-8")
        forms = re.sub(r"^(\S+)\t(\S+)$", r"\1\t9.5\tNA\t\2", words, flags=re.MULTILINE)
        forms = forms.replace("9.5\tNA", "18.5\t0.98", 40)
        (tmp_path / f"forms{name}.conll").write_text(forms, "utf-8")
        pump = re.sub(r"^\S+\t", "", forms, flags=re.MULTILINE)
        (tmp_path / f"pump{name}.conll").write_text(pump, "utf-8")
    seqlab.write_corpus(
        seqlab.read_corpus(tmp_path / "train.conll"),
        tmp_path / "export.json",
        format="label-studio",
    )
    (tmp_path / "new.txt").write_text("Ada Tolland sailed.\nIt rained.\n", "utf-8")
    (tmp_path / "text.txt").write_text("Ada Tolland sailed to Kelderby.\n", "utf-8")
    (tmp_path / "raw.txt").write_text("Ada sailed to the harbour .\n" * 20, "utf-8")
    rows = "".join(f"{word} {numbers}\n" for word, numbers in VECTORS.items())
    (tmp_path / "words.vec").write_text(rows, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.slow] if page.stem in SLOW else [])
        for page in PAGES
        if BLOCK.search(page.read_text("utf-8"))
    ],
    ids=name_of,
)
def test_every_code_block_runs(page, workspace, tmp_path_factory):
    names = {}
    for language, text in BLOCK.findall(page.read_text("utf-8")):
        if language == "python":
            exec(compile(text, name_of(page), "exec"), names)  # noqa: S102, our own pages
        elif language == "toml":
            tomllib.loads(text)
            named = re.match(r"# (\S+\.toml)\n", text)
            if named:
                Path(named[1]).write_text(text, "utf-8")
        elif language == "json":
            json.loads(text)
        elif language == "bash":
            for line in text.replace("\\\n", " ").splitlines():
                run_line(line, tmp_path_factory)
        else:
            assert language == "text", f"{name_of(page)}: a block in {language!r} is not tested"


def run_line(line, factory):
    """Run one line of a shell block as a reader would."""
    words = shlex.split(line, comments=True)
    if not words:
        return
    if "|" in words or ">" in words:
        command = line.replace("seqlab ", f"{shlex.quote(sys.executable)} -m seqlab ")
        subprocess.run(command, shell=True, check=True, capture_output=True)  # noqa: S602, our own pages
    elif words[0] == "seqlab":
        run_command(words[1], words[2:], factory)
    elif words[0].startswith("scripts/"):
        assert os.access(ROOT / words[0], os.X_OK), line
    elif words[:3] == [".venv/bin/python", "-m", "pytest"]:
        assert (ROOT / words[3]).exists(), line
    else:
        pytest.fail(f"this line is not tested: {line}")


def run_command(command, argv, factory):
    """Run a command in this process, trainings with few epochs and small networks."""
    if command == "serve":
        serve_for_a_moment(argv)
        return
    if command == "train" and "--resume" in argv:
        argv = interrupted(argv)
    elif command in ("train", "compare") and not {"--print-config", "--file"} & set(argv):
        added = [word for pair in QUICK.items() if pair[0] not in argv for word in pair]
        argv = [*argv, *added]
    elif command == "audit" and "--folds" in argv:
        argv[argv.index("--folds") + 1] = "2"
        if "--run" not in argv:  # its settings make the trainings quick
            run_command("train", [*QUICK_RUN], factory)
            argv += ["--run", QUICK_RUN[-1]]
    if command == "train" and "--out" in argv:
        out = argv[argv.index("--out") + 1]
        shutil.copytree(trained(tuple(argv), out, factory), out, dirs_exist_ok=True)
        return
    assert importlib.import_module(f"seqlab.{command}").main(argv) == 0, argv


def serve_for_a_moment(argv):
    """Start a server at a free port and end it."""
    command = [sys.executable, "-m", "seqlab.serve", *argv, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert any(line.startswith(b"serving on ") for line in server.stdout)
        server.terminate()
    assert server.returncode == 0


def interrupted(argv):
    """Make the run that a command resumes one that was killed before its end. Returns the command with few epochs."""
    manifest = Path(argv[argv.index("--resume") + 1]) / "manifest.json"
    content = json.loads(manifest.read_text("ascii"))
    content["status"] = "training"
    manifest.write_text(json.dumps(content), "ascii")
    return [
        "2" if before == "--epochs" else word
        for before, word in zip(["", *argv], argv, strict=False)
    ]


TRAINED = {}


def trained(argv, out, factory):
    """The run of a training command. Pages that train alike share it."""
    key = tuple(word for word in argv if word != out)
    if key not in TRAINED:
        assert importlib.import_module("seqlab.train").main(list(argv)) == 0, argv
        TRAINED[key] = shutil.copytree(out, factory.mktemp("trained") / "run")
    return TRAINED[key]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_has_the_right_form(page):
    for target in LINK.findall(page.read_text("utf-8")):
        url = urlsplit(target)
        if url.scheme:
            assert url.scheme == "https", target
            assert "." in url.netloc, target
        elif url.path:
            path = (page.parent / url.path).resolve()
            known = path.exists() or path.stem in GENERATED
            assert known, f"{name_of(page)} links to {target}, which does not exist"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 155
