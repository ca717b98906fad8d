"""The commands of docs/how-to/serve-a-tagger.md that ask a server, each run against one."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.serving.served import ROOT, server

PAGE = (ROOT / "docs" / "how-to" / "serve-a-tagger.md").read_text("utf-8")
LINES = [
    line
    for block in re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.startswith(("curl", "python"))
]
TOKEN = "s3cret"  # noqa: S105, of no server but the test's


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_request_of_the_page_is_answered(span_run, tmp_path):
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n", "ascii")
    (tmp_path / "texts.txt").write_text("Ada Stone left Oslo.\nIt rained.\n", "utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "python").symlink_to(sys.executable)
    environment = {**os.environ, "SEQLAB_TOKEN": TOKEN, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert len(LINES) == 4
    with server(str(span_run.path), token=TOKEN) as address:
        for line in LINES:
            words = re.sub(r"http://[\w.]+:8000", address, line)
            words = words.replace(".py ", f".py --url {address} ")
            words = words.replace("/tag -d", f"/tag -H 'Authorization: Bearer {TOKEN}' -d")
            done = subprocess.run(  # noqa: S602, our own page
                words, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
            )
            assert (done.returncode, done.stderr) == (0, ""), line
            if line.startswith("curl"):
                assert json.loads(done.stdout)["tagger"] == span_run.path.name, line
            else:
                assert "\tPER\t" in done.stdout, line
