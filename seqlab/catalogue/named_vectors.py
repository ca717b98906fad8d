"""Word vectors by name, by address, or from a file."""

from pathlib import Path

from seqlab.catalogue.addresses import fetch_vectors, is_address
from seqlab.catalogue.glove_package import package_directory, read_package
from seqlab.encoding import vector_file
from seqlab.encoding.vectors import WordVectors
from seqlab.errors import VectorsError, nearest
from seqlab.machine.numbers import is_whole

GLOVE = "glove-6b-50d"
VECTOR_NAMES = {GLOVE: "400,000 lower-case English words, 50 dimensions, PDDL; extra glove"}
"""What each name stands for."""


def is_vector_name(value: str) -> bool:
    """Whether a value of --vectors is a name. A file of this name goes first."""
    return value in VECTOR_NAMES and not Path(value).exists()


def has_no_path(value: str) -> bool:
    """Whether a value of --vectors is a name or an address."""
    return is_vector_name(value) or is_address(value)


def load_vectors(
    path: str | Path, *, limit: int | None = None, offline: bool = False
) -> WordVectors:
    """Load word vectors by name, such as glove-6b-50d, from an address, or from a file.

    A file holds word2vec text or binary, GloVe text, fastText text, or a fastText model. All but fastText models may be
    gzipped. The vectors of a fastText model also cover words that the file lacks, by their n-grams.
    limit: the largest number of rows to read. Such files are usually sorted by frequency.
    offline: refuse to download; see `fetch_vectors` for addresses.
    Raises VectorsError when there is no such file or name, when it is damaged, and for a limit below 1.
    """
    name = str(path)
    if is_vector_name(name):
        if limit is not None and (not is_whole(limit) or limit < 1):
            raise VectorsError(f"{name}: limit is {limit!r}; expected a number of rows, at least 1")
        return read_package(name, limit=limit)
    if is_address(name):
        name = str(fetch_vectors(name, offline=offline))
    if looks_like_name(name):
        raise VectorsError(f"{name}: no such file or name of word vectors{nearest_vectors(name)}")
    return vector_file.load_vectors(name, limit=limit)


def looks_like_name(value: str) -> bool:
    """Whether a value that is no file was probably meant as a name."""
    return not Path(value).exists() and bool(nearest(value, VECTOR_NAMES)) and "/" not in value


def nearest_vectors(value: str) -> str:
    """A clause that names the nearest file or name."""
    siblings = {file.name for file in Path(value).parent.iterdir()}
    return nearest(value, {*siblings, *VECTOR_NAMES})


def vectors_location(value: str, *, offline: bool = False) -> str:
    """The file or directory that holds the vectors of a value of --vectors, for checksums."""
    if is_address(value):
        return str(fetch_vectors(value, offline=offline))
    return str(package_directory(value)) if is_vector_name(value) else value
