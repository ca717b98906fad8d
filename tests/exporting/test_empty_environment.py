"""Wheels of taggers in an environment that holds nothing else: the same tags as their run, bit for bit."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

import seqlab
from seqlab import tag
from seqlab.storing.save_and_load import load_run
from tests import tiny

pytestmark = pytest.mark.slow

TEXTS = [
    "Ada Stone saw Oslo. Boris Marsh left Paris in 1999.",
    "",
    "東京 \U0001f600 e\u0301 Lima\nElena",
]
ABSENT = ("seqlab", "tensorflow", "keras", "gensim", "sklearn", "scipy", "seqeval", "threadpoolctl")
PROGRAM = """
import importlib.util, json, sys
import span_tagger, plain_tagger

assert [name for name in sys.argv[2:] if importlib.util.find_spec(name)] == []
texts = json.loads(sys.argv[1])
spans, plain = span_tagger.load(), plain_tagger.load()
print(json.dumps({
    "spans": [[list(span) for span in one.spans] for one in map(spans.tag_text, texts)],
    "tags": [one.tag(text.split()) for one in (spans, plain) for text in texts],
    "versions": [span_tagger.__version__, plain_tagger.__version__],
}))
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return {
        "span-tagger": tiny.span_run(tmp_path_factory).run,
        "plain-tagger": tiny.plain_run(tmp_path_factory).run,
    }


@pytest.fixture(scope="module")
def python(runs, tmp_path_factory):
    """The Python of an environment with both wheels and what they need."""
    folder = tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    wheels = [
        seqlab.export_tagger(run.path, format="wheel", name=name, version=version, out=folder)
        for (name, run), version in zip(runs.items(), ("1.0.0", "2.0.0"), strict=True)
    ]
    install(python, *wheels)
    return python


def install(python, *what):
    words = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(words, check=True, env=clean())


def clean():
    """The variables of this process, without the path to the source tree."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def ask(python, *words, code=0):
    done = subprocess.run([python, *words], env=clean(), capture_output=True, cwd="/", check=False)
    assert done.returncode == code, done.stderr
    return done


def test_two_taggers_tag_as_their_runs_do(runs, python):
    found = json.loads(ask(python, "-W", "error", "-c", PROGRAM, json.dumps(TEXTS), *ABSENT).stdout)
    spans, plain = (load_run(run.path) for run in runs.values())
    expected = [[list(span) for span in one.spans] for one in map(spans.tag_text, TEXTS)]
    assert sum(map(len, expected)) > 0
    assert found == {
        "spans": expected,
        "tags": [one.tag(text.split()) for one in (spans, plain) for text in TEXTS],
        "versions": ["1.0.0", "2.0.0"],
    }


def test_only_what_the_metadata_names_is_installed(python):
    names = {
        one["name"]
        for one in json.loads(ask(python, "-m", "pip", "list", "--format", "json").stdout)
    }
    assert names - {"pip", "setuptools"} == {
        "span-tagger",
        "plain-tagger",
        "numpy",
        "regex",
        "sentencex",
    }


def test_a_file_is_tagged_as_by_the_command(runs, python, tmp_path, capfdbinary):
    file = tmp_path / "in.txt"
    file.write_text("\n".join(TEXTS), "utf-8")
    words = [str(file), "--format", "text", "--output-format", "jsonl", "--scores"]
    theirs = ask(python, "-m", "span_tagger", *words).stdout
    assert ask(python.with_name("span-tagger"), *words).stdout == theirs
    assert tag.main([str(runs["span-tagger"].path), *words]) == 0
    assert theirs == capfdbinary.readouterr().out


def test_a_mistake_is_one_line(python):
    done = ask(python, "-m", "span_tagger", "--scoers", code=2)
    assert done.stderr == b"error: unknown option '--scoers'; nearest: '--scores'\n"


def test_serving_says_what_to_install_and_then_serves(runs, python):
    done = ask(python, "-m", "span_tagger.serve", code=2)
    assert done.stderr.endswith(b"; pip install 'span-tagger[serve]'\n")
    assert done.stderr.count(b"\n") == 1
    install(python, "span-tagger[serve]")
    words = [python, "-m", "span_tagger.serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=clean(), cwd="/", text=True) as server:
        try:
            address = next(
                line for line in server.stdout if line.startswith("serving on ")
            ).split()[-1]
            body = json.dumps({"text": TEXTS[0]}).encode()
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(f"{address}/tag", body, headers)  # noqa: S310, our own
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                spans = json.load(answer)["spans"]
        finally:
            server.send_signal(signal.SIGTERM)
    assert server.returncode == 0
    expected = load_run(runs["span-tagger"].path).tag_text(TEXTS[0]).spans
    assert [(one["start"], one["end"], one["label"]) for one in spans] == [
        span[:3] for span in expected
    ]
