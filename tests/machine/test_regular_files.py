import os
import socket
import sys
import time
from pathlib import Path

import pytest

from seqlab.errors import RunError
from seqlab.machine.regular_files import open_regular, size_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs and links")


def refusal(path, **keywords):
    with pytest.raises(RunError) as caught:
        open_regular(path, **keywords)
    return str(caught.value)


def test_a_regular_file_is_opened(tmp_path):
    (tmp_path / "a").write_bytes(b"text")
    (tmp_path / "link").symlink_to("a")
    for name in ("a", "link"):
        with open_regular(tmp_path / name, inside=tmp_path) as file:
            assert (size_of(file), file.read()) == (4, b"text")


def test_a_link_out_of_the_directory_is_refused_unless_any_place_is_allowed(tmp_path):
    outside, run = tmp_path / "outside", tmp_path / "run"
    outside.write_bytes(b"secret")
    run.mkdir()
    (run / "a").symlink_to(outside)
    message = f"{run / 'a'}: leads to '{outside}', outside its directory; put the file itself there"
    assert refusal(run / "a", inside=run) == message
    assert refusal(run / ".." / "outside", inside=run).endswith(
        f"leads to '{outside}', outside its directory; put the file itself there"
    )
    with open_regular(run / "a") as file:
        assert file.read() == b"secret"


def test_a_directory_that_is_itself_a_link_holds_its_files(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a").write_bytes(b"text")
    (tmp_path / "link").symlink_to("run")
    with open_regular(tmp_path / "link" / "a", inside=tmp_path / "link") as file:
        assert file.read() == b"text"


def test_what_is_no_regular_file_is_named_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket"))
    start = time.monotonic()
    expected = {
        "fifo": "is a FIFO; expected a regular file",
        "zero": "is a device; expected a regular file",
        "folder": "is a directory; expected a regular file",
        "socket": "is a socket; expected a regular file",
        "none": "no such file",
        "loop": "cannot be read: too many levels of symbolic links",
        "x" * 300: "cannot be read: file name too long",
        "a/b": "no such file",
        "nul\0": "cannot be read: embedded null byte",
    }
    for name, fact in expected.items():
        shown = str(tmp_path / name).replace("\0", "\\x00")
        assert refusal(tmp_path / name) == f"{shown}: {fact}"
    assert time.monotonic() - start < 5
    server.close()


def test_a_fifo_that_takes_the_place_of_a_checked_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"text")
    real = os.open

    def open_late(path, flags):
        Path(path).unlink()
        os.mkfifo(path)
        return real(path, flags)

    monkeypatch.setattr(os, "open", open_late)
    assert refusal(tmp_path / "a") == f"{tmp_path / 'a'}: is a FIFO; expected a regular file"


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read all files")
def test_a_file_without_read_permission(tmp_path):
    (tmp_path / "a").write_bytes(b"text")
    (tmp_path / "a").chmod(0)
    assert refusal(tmp_path / "a") == f"{tmp_path / 'a'}: cannot be read: permission denied"
