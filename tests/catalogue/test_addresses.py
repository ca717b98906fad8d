"""Vectors at an address: downloaded once, unpacked, checked, and each mistake in one line."""

import hashlib
import io
import zipfile

import pytest

import seqlab
from seqlab import download
from seqlab.catalogue.addresses import fetch_vectors
from seqlab.errors import UserError
from seqlab.experiment.identity import identity
from seqlab.settings.training import make_settings
from tests.catalogue.local_server import served

ROWS = b"the 1 2 3\nParis 4 5 6\n"


def packed(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.txt", text)
    return content.getvalue()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQLAB_DATA", str(tmp_path))
    files = {"words.vec": ROWS, "all.zip": packed(small=ROWS, large=b"a 1 2\n")}
    with served(files) as state:
        yield state


def refusal(value, **options):
    with pytest.raises(UserError) as caught:
        seqlab.load_vectors(value, **options)
    return str(caught.value)


def test_vectors_are_downloaded_once(server):
    address = f"{server.base}/words.vec"
    assert seqlab.load_vectors(address).vector("Paris").tolist() == [4, 5, 6]
    assert seqlab.load_vectors(address, limit=1, offline=True).rows == {"the": 0}
    assert len(server.asked) == 1


def test_a_file_of_a_zip_is_unpacked_once(server, tmp_path):
    address = f"{server.base}/all.zip#file=small.txt"
    assert seqlab.load_vectors(address).dim == 3
    assert seqlab.load_vectors(f"{server.base}/all.zip#file=large.txt").dim == 2
    path = fetch_vectors(address)
    assert path.read_bytes() == ROWS
    assert (path.parent.parent, path.name) == (tmp_path / "vectors", "all.zip.small.txt")
    assert len(server.asked) == 1


def test_a_checksum_is_compared(server):
    address, right = f"{server.base}/words.vec", hashlib.sha256(ROWS).hexdigest()
    assert seqlab.load_vectors(f"{address}#sha256={right.upper()}").dim == 3
    assert refusal(f"{server.base}/all.zip#sha256={right}") == (
        f"vectors: {server.base}/all.zip: its sha256 is not the expected one, so the file was not kept; "
        "run the command again"
    )


def test_without_a_checksum_a_broken_download_starts_again(server):
    server.broken_after = 5
    address = f"{server.base}/words.vec"
    expected = f"vectors: {address}: broke off after 0 bytes; run the command again to start again"
    assert refusal(address) == expected
    server.broken_after = None
    assert seqlab.load_vectors(address).dim == 3
    assert [wanted for _, wanted in server.asked] == [None, None]


def test_mistakes_are_one_line(server):
    base = server.base
    assert refusal(f"{base}/all.zip#file=smal.txt").endswith(
        "all.zip: has no file 'smal.txt': expected one of small.txt, large.txt; nearest: 'small.txt'"
    )
    assert refusal(f"{base}/words.vec#file=a.txt").endswith(
        "words.vec: is no zip: leave file=a.txt out"
    )
    assert refusal(f"{base}/words.vec#sha=1") == (
        f"{base}/words.vec#sha=1: unknown part 'sha' after #: expected file=NAME or sha256=HEX; nearest: 'sha256'"
    )
    assert refusal(f"{base}/words.vec#sha256=12") == (
        f"{base}/words.vec#sha256=12: sha256 is '12': expected 64 hexadecimal digits"
    )
    assert "--offline forbids downloading it" in refusal(f"{base}/other.vec", offline=True)


def test_the_content_is_part_of_the_identity_of_a_training(server, tmp_path):
    settings = make_settings(vectors=f"{server.base}/words.vec")
    facts = identity(settings, {})
    assert facts["sha256"]["vectors"] == hashlib.sha256(ROWS).hexdigest()


def test_the_command_downloads_an_address(server, capsys):
    address = f"{server.base}/words.vec"
    assert download.main([address]) == 0
    assert capsys.readouterr().out == f"{address} vectors: {fetch_vectors(address)}\n"
