"""Read vocabularies.json and the frozen words: what turns the tokens of a sentence into numbers.

Each value is checked before it is used, because the files may come from a stranger.
"""

import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from io import BufferedReader

from seqlab.architecture import Architecture
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.frozen_words import FrozenWords, open_frozen_words
from seqlab.encoding.number_scaling import NumberScaling
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_features import word_feature_vocabulary
from seqlab.storing.json_fields import Fields
from seqlab.storing.run_directory import VOCABULARIES
from seqlab.storing.run_files import TEXT_BYTES, RunFiles, errors_of_file
from seqlab.text.unicode_form import parse_unicode_form

VECTORS = "vectors"  # directory of the frozen words, if the tagger has any
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
        fields = Fields(content)
        words, characters, tags = (fields.texts(name) for name in ("words", "characters", "tags"))
        features, columns = fields.part("word_features"), fields.part("feature_columns")
        numbers = fields.part("numeric_columns") if fields.has("numeric_columns") else Fields({})
        form = fields.text("unicode_form") if fields.has("unicode_form") else "none"
        fields.end()
        if max(map(len, characters), default=1) != 1:
            raise ValueError("characters holds a text that is not one character")
        encoder = Encoder(
            words=Vocabulary(words),
            characters=Vocabulary(characters),
            tags=Vocabulary(tags, has_unknown=False),
            word_features={
                name: word_feature_vocabulary(name, features.texts(name))
                for name in features.names()
            },
            feature_columns={name: Vocabulary(columns.texts(name)) for name in columns.names()},
            numeric_columns={name: read_scaling(numbers.part(name)) for name in numbers.names()},
            unicode_form=parse_unicode_form(form),
        )
    if not architecture.outside_vectors:
        return encoder
    return replace(encoder, frozen_words=read_frozen_words(files))


def read_scaling(fields: Fields) -> NumberScaling:
    """The scaling of a numeric column in a vocabularies.json. Raises ValueError for absurd numbers."""
    largest = sys.float_info.max
    scaling = NumberScaling(
        mean=fields.number("mean", least=-largest, most=largest),
        deviation=fields.number("deviation", least=sys.float_info.min, most=largest),
        missing=fields.flag("missing"),
    )
    fields.end()
    return scaling


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
    """The number of words, characters, tags and feature values of a network."""
    texts = (architecture.words, architecture.characters) if architecture.reads_words else ()
    return sum(texts) + architecture.classes + sum(architecture.features.values())
