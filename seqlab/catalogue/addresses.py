"""Word vectors at an address: downloaded once, and unpacked if they are in a zip.

https://example.org/cc.fr.300.vec.gz
https://example.org/glove.6B.zip#file=glove.6B.100d.txt&sha256=617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb
"""

import shutil
from pathlib import Path
from urllib.parse import parse_qsl, urldefrag
from zipfile import BadZipFile, ZipFile

from seqlab.catalogue.downloading import data_directory, fetch
from seqlab.catalogue.entries import RemoteFile
from seqlab.errors import VectorsError, nearest, shorten
from seqlab.machine.atomic import atomic_file
from seqlab.machine.checksums import text_sha256

SCHEMES = ("https://", "http://")
PARTS = ("file", "sha256")
SHA256_LENGTH = 64


def is_address(value: str) -> bool:
    """Whether a value of --vectors is an address."""
    return value.startswith(SCHEMES)


def fetch_vectors(value: str, *, offline: bool = False) -> Path:
    """The path of vectors at an address, downloaded and unpacked if need be.

    value: the address. After # it may have sha256=HEX, and file=NAME for a file in a zip, joined by &.
    Raises VectorsError for other parts after #, and UserError as `fetch` does.
    """
    address, fragment = urldefrag(value)
    parts = read_parts(fragment, value)
    folder = data_directory() / "vectors" / text_sha256(address)[:12]
    remote = RemoteFile(address=address, sha256=parts.get("sha256"))
    path = fetch(remote, folder, title="vectors", offline=offline)
    return unpacked(path, parts["file"]) if "file" in parts else path


def read_parts(fragment: str, value: str) -> dict[str, str]:
    """The parts after # in an address, by name."""
    parts = dict(parse_qsl(fragment, keep_blank_values=True)) if fragment else {}
    for name in parts:
        if name not in PARTS:
            raise VectorsError(
                f"{shorten(value)}: unknown part {name!r} after #: expected file=NAME or sha256=HEX{nearest(name, PARTS)}"
            )
    digest = parts.get("sha256")
    if digest is not None and (
        len(digest) != SHA256_LENGTH or not set(digest.lower()) <= set("0123456789abcdef")
    ):
        raise VectorsError(
            f"{shorten(value)}: sha256 is {digest!r}: expected 64 hexadecimal digits"
        )
    return parts if digest is None else {**parts, "sha256": digest.lower()}


def unpacked(path: Path, member: str) -> Path:
    """A file of a zip, unpacked beside it. Raises VectorsError when the zip has no such file, or is none."""
    target = path.with_name(f"{path.name}.{Path(member).name}")
    if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
        return target
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if member not in names:
                raise VectorsError(
                    f"{path}: has no file {member!r}: expected one of {shorten(', '.join(names))}{nearest(member, names)}"
                )
            with (
                archive.open(member) as packed,
                atomic_file(target, overwrite=True) as pending,
                pending.temporary.open("wb") as stream,
            ):
                shutil.copyfileobj(packed, stream)
    except BadZipFile as error:
        raise VectorsError(f"{path}: is no zip: leave file={member} out") from error
    return target
