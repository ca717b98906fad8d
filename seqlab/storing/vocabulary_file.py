"""Read vocabularies.json and the frozen words: what turns the tokens of a sentence into numbers.

Each value is checked before it is used, because the files may come from a stranger.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from io import BufferedReader

from seqlab.architecture import Architecture
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.encoder_files import VECTORS, VOCABULARIES, parts_from_json
from seqlab.encoding.frozen_words import FrozenWords, open_frozen_words
from seqlab.encoding.gazetteer import Gazetteers
from seqlab.encoding.gazetteer_files import open_gazetteers
from seqlab.encoding.word_clusters import MOST_WORDS, is_cluster
from seqlab.storing.run_files import TEXT_BYTES, RunFiles, errors_of_file

LARGE = 32 * 1024 * 1024  # bytes; the largest file of vectors whose sha256 is compared
SYMBOL_BYTES = 256  # of a symbol in vocabularies.json, on average


def read_encoder(files: RunFiles, architecture: Architecture) -> Encoder:
    """Read vocabularies.json, and map the frozen words of an architecture that has any.

    Raises RunError if a file is missing or damaged.
    """
    content = files.read_json(
        VOCABULARIES, most=TEXT_BYTES + SYMBOL_BYTES * symbol_count(architecture)
    )
    with errors_of_file(files.path(VOCABULARIES)):
        encoder = Encoder(**parts_from_json(content, lambda names: read_gazetteers(files, names)))
    if not architecture.outside_vectors:
        return encoder
    return replace(encoder, frozen_words=read_frozen_words(files))


def read_gazetteers(files: RunFiles, names: Sequence[str]) -> Gazetteers:
    """Map the gazetteers of a run; see `read_frozen_words`. Raises RunError if a file is missing or damaged."""

    def open_file(file_name: str) -> AbstractContextManager[BufferedReader]:
        return files.open(file_name, hashed=LARGE)

    return open_gazetteers(names, files.directory, open_file)


def read_frozen_words(files: RunFiles) -> FrozenWords:
    """Map the frozen words of a run.

    Of large files only the size is compared with the manifest. They are mapped, and a checksum would read them in full.
    Raises RunError if a file is missing or damaged.
    """

    def has(name: str) -> bool:
        return files.has(f"{VECTORS}/{name}")

    def open_file(name: str) -> AbstractContextManager[BufferedReader]:
        return files.open(f"{VECTORS}/{name}", hashed=LARGE)

    return open_frozen_words(files.path(VECTORS), has=has, open_file=open_file)


def symbol_count(architecture: Architecture) -> int:
    """The number of words, characters, tags and feature values of a network, and of words that may have clusters."""
    texts = (architecture.words, architecture.characters) if architecture.reads_words else ()
    clustered = MOST_WORDS if any(map(is_cluster, architecture.features)) else 0
    return sum(texts) + architecture.classes + sum(architecture.features.values()) + clustered
