"""The Dockerfile: a linter finds nothing, and its commands make a server that answers. No engine is needed."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.serving.served import ROOT

BESIDE = Path(sys.executable).with_name("hadolint")
HADOLINT = str(BESIDE) if BESIDE.exists() else shutil.which("hadolint")
DOCKERFILE = ROOT / "Dockerfile"


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_hadolint_finds_nothing():
    done = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def instructions():
    """The instructions of the Dockerfile: name and rest."""
    text = DOCKERFILE.read_text("utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def test_the_process_has_no_root_rights():
    names = [name for name, _ in instructions()]
    final = instructions()[len(names) - names[::-1].index("FROM") :]
    assert ("USER", "10001:10001") in final
    assert [name for name, _ in final if name in ("RUN", "ADD")] == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_two_wheels_are_one_sentence(tmp_path):
    for name in ("a-1-py3-none-any.whl", "b-1-py3-none-any.whl"):
        (tmp_path / name).touch()
    rest = dict(reversed(instructions()))
    run = rest["RUN"].replace("/wheels/", f"{tmp_path}/")
    done = subprocess.run([*json.loads(rest["SHELL"]), run], capture_output=True, text=True)
    sentence = "the folder must hold one wheel; found 2\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_its_commands_make_a_server_of_a_wheel(span_run, tmp_path):
    """The commands run here, with another root and another port; only an engine makes an image of them."""
    wheels = tmp_path / "wheels"
    export = [sys.executable, "-m", "seqlab.export", str(span_run.path), "--format", "wheel"]
    subprocess.run([*export, "--name", "invoice-tagger", "--out", wheels], check=True, cwd=ROOT)
    rest = dict(reversed(instructions()))  # of each instruction, the first
    shell = json.loads(rest["SHELL"])
    run = rest["RUN"].replace("python -m venv", f"{sys.executable} -m venv")
    run = run.replace("/opt/tagger", f"{tmp_path}/tagger").replace("/wheels/", f"{wheels}/")
    subprocess.run([*shell, run], check=True)
    entry = json.loads(rest["ENTRYPOINT"])[0].replace("/opt/tagger", f"{tmp_path}/tagger")
    process = subprocess.Popen(
        [entry, "--host", "127.0.0.1", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONUNBUFFERED": "1"},
    )
    try:
        lines = iter(process.stdout.readline, "")
        address = next(match[1] for line in lines if (match := re.match(r"serving on (\S+)", line)))
        question = b'{"text": "Ada Stone saw Oslo."}'
        with urllib.request.urlopen(f"{address}/tag", question) as answer:  # noqa: S310, our server
            spans = json.load(answer)["spans"]
        with urllib.request.urlopen(address) as answer:  # noqa: S310
            assert b"Thresholds" in answer.read()
        expected = span_run.tagger.tag_text("Ada Stone saw Oslo.").spans
        assert [(s["start"], s["end"], s["label"]) for s in spans] == [s[:3] for s in expected]
        check = json.loads(rest["HEALTHCHECK"].partition("CMD ")[2])
        check = [word.replace("/opt/tagger", f"{tmp_path}/tagger") for word in check]
        check[-1] = check[-1].replace("http://127.0.0.1:8000", address)
        assert subprocess.run(check).returncode == 0
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()
    assert subprocess.run(check, stderr=subprocess.DEVNULL).returncode != 0
