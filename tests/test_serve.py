"""`seqlab serve` as a process: its lines, its log, its end; and its mistakes."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.serve import main
from seqlab.serving.run_server import check_installed
from tests.exporting.random_taggers import random_tagger
from tests.serving.asking import TEXT
from tests.serving.served import address
from tests.serving.test_connections import answer, read_to_end, request

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return seqlab.save(random_tagger(columns=False), tmp_path_factory.mktemp("runs") / "news")


def test_a_server_finishes_what_it_has_begun_and_logs_no_text(run, tmp_path):
    large = json.dumps({"texts": [TEXT] * 500, "details": True}).encode()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "seqlab.serve", str(run), f"old={run}", "--port", "0"]
    log = tmp_path / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        url = address(process)
        assert urllib.request.urlopen(f"{url}/health").status == 200  # noqa: S310, our own
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(request(large, b""))
            while "seqlab_active_requests 1" not in metrics(url):
                pass
            process.send_signal(signal.SIGTERM)
            status, value = answer(read_to_end(connection))
        assert (status, len(value["results"])) == (200, 500)
        assert process.wait(30) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    version = value["version"]
    assert lines[0] | {"time": ""} == {
        "time": "", "event": "start", "taggers": {"news": version, "old": version},
    }  # fmt: skip
    assert lines[-1]["event"] == "stop"
    tagged = [line for line in lines if line.get("path") == "/tag"]
    assert [(line["status"], line["tagger"]) for line in tagged] == [(200, "news")]
    assert tagged[0]["client"] == "127.0.0.1"
    assert "Ada" not in log.read_text()


def metrics(url):
    return urllib.request.urlopen(f"{url}/metrics").read().decode()  # noqa: S310, our own


def error(capsys, *words):
    """The line with which the command ends."""
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.removeprefix("error: ").rstrip()


def test_mistakes_are_one_line(capsys, run, tmp_path):
    assert error(capsys) == "no run is given: give at least one run directory"
    empty = tmp_path / "empty"  # the nearest runs are looked for beside it
    empty.mkdir()
    assert error(capsys, str(empty), "--port", "0") == f"{empty}: no run of seqlab here"
    assert (
        error(capsys, str(run), "--port", "99999")
        == "port is 99999: expected a number from 0 to 65,535"
    )
    assert error(capsys, str(run), "--host", "no.such.invalid") == (
        "host 'no.such.invalid' is unknown; give an address of this machine"
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert error(capsys, str(run), "--port", str(port)) == (
            f"127.0.0.1:{port}: the port is taken; give another --port, or --port 0 for a free one"
        )
    missing = tmp_path / "token"
    assert error(capsys, str(run), "--token-file", str(missing)) == (
        f"{missing}: cannot be read: no such file or directory"
    )


@pytest.mark.parametrize("name", ["fastapi", "uvicorn", "httptools"])
def test_a_missing_extra_is_one_line(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UserError) as caught:
        check_installed("seqlab[serve]")
    wanted = f"serving needs {name}, which is not installed; pip install 'seqlab[serve]'"
    assert str(caught.value) == wanted
