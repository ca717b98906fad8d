"""Downloads against a server on localhost: whole, checked, resumed, and each failure in one line."""

import hashlib
import sys

import pytest

from seqlab.catalogue.downloading import data_directory, fetch
from seqlab.catalogue.entries import RemoteFile
from seqlab.errors import UserError
from tests.catalogue.local_server import served

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def server():
    with served({"a.conll": CONTENT, "bad.conll": CONTENT[::-1]}) as state:
        yield state


def remote(server, name="a.conll"):
    return RemoteFile(
        address=f"{server.base}/{name}",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )


def refusal(*arguments, **options):
    with pytest.raises(UserError) as caught:
        fetch(*arguments, title="tiny", **options)
    return str(caught.value)


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_file_is_downloaded_once(server, tmp_path):
    path = fetch(remote(server), tmp_path / "new", title="tiny")
    assert path.read_bytes() == CONTENT
    assert fetch(remote(server), tmp_path / "new", title="tiny", offline=True) == path
    assert len(server.asked) == 1
    assert names(tmp_path / "new") == ["a.conll"]


def test_a_broken_download_is_resumed_where_it_ended(server, tmp_path):
    server.broken_after = 100_000  # the last chunk is lost
    file = remote(server)
    expected = (
        f"tiny: {file.address}: broke off after 65,536 bytes; run the command again to resume"
    )
    assert refusal(file, tmp_path) == expected
    assert names(tmp_path) == ["a.conll.part"]
    server.broken_after = None
    assert fetch(file, tmp_path, title="tiny").read_bytes() == CONTENT
    assert server.asked[1] == ("a.conll", "bytes=65536-")
    assert names(tmp_path) == ["a.conll"]


def test_a_server_without_ranges_sends_it_again(server, tmp_path):
    (tmp_path / "a.conll.part").write_bytes(CONTENT[:5000])
    server.ranges = False
    assert fetch(remote(server), tmp_path, title="tiny").read_bytes() == CONTENT


def test_a_complete_partial_file_needs_no_request(server, tmp_path):
    (tmp_path / "a.conll.part").write_bytes(CONTENT)
    assert fetch(remote(server), tmp_path, title="tiny").read_bytes() == CONTENT
    assert server.asked == []


def test_other_content_is_not_kept(server, tmp_path):
    file = remote(server, "bad.conll")
    assert refusal(file, tmp_path) == (
        f"tiny: {file.address}: its sha256 is not the expected one, so the file was not kept; run the command again"
    )
    assert names(tmp_path) == []


def test_a_damaged_file_is_downloaded_again(server, tmp_path):
    (tmp_path / "a.conll").write_bytes(CONTENT[::-1])
    offline = refusal(remote(server), tmp_path, offline=True)
    assert offline.startswith(f"tiny: {tmp_path}/a.conll is damaged, and --offline forbids")
    assert fetch(remote(server), tmp_path, title="tiny").read_bytes() == CONTENT


def test_offline_nothing_is_downloaded(server, tmp_path):
    assert refusal(remote(server), tmp_path, offline=True) == (
        f"tiny: {tmp_path}/a.conll is missing, and --offline forbids downloading it; "
        "leave --offline out, or set SEQLAB_DATA to the directory that has it"
    )
    assert server.asked == []


def test_what_a_server_refuses_is_one_line(server, tmp_path):
    file = remote(server, "none.conll")
    assert refusal(file, tmp_path) == (
        f"tiny: {file.address}: the server answered 404 Not Found; try again, or save the file as {tmp_path}/none.conll"
    )
    gone = RemoteFile(address="http://127.0.0.1:1/a.conll")
    assert refusal(gone, tmp_path) == (
        f"tiny: {gone.address}: the server cannot be reached; try again, or save the file as {tmp_path}/a.conll"
    )
    assert names(tmp_path) == []


def test_a_directory_that_cannot_be_written_is_one_line(server, tmp_path):
    (tmp_path / "file").touch()
    assert refusal(remote(server), tmp_path / "file" / "new") == (
        f"tiny: {tmp_path}/file/new cannot be written: Not a directory; set SEQLAB_DATA to another directory"
    )


def test_without_pooch_one_line_says_what_to_install(server, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.delenv("SEQLAB_DATA", raising=False)
    install = "needs the package pooch, which is not installed: pip install 'seqlab[download]'"
    assert refusal(remote(server), tmp_path) == f"tiny: {install}"
    with pytest.raises(UserError) as caught:
        data_directory()
    assert str(caught.value) == f"data that are downloaded: {install}"


def test_the_directory_is_that_of_the_variable_or_of_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv("SEQLAB_DATA", str(tmp_path))
    assert data_directory() == tmp_path
    monkeypatch.delenv("SEQLAB_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data_directory().name == "seqlab"
