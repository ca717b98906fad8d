"""A tagger as files: JSON and plain numbers. Loading them runs no code from the files."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from seqlab.corpus.schemes import Scheme
from seqlab.deciding.bias import DecisionRule
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.frozen_words import open_frozen_words, write_frozen_words
from seqlab.encoding.number_scaling import NumberScaling
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_features import word_feature_vocabulary
from seqlab.errors import RunError
from seqlab.inference.forward import weight_shapes
from seqlab.inference.weights import NetworkWeights, read_weights, write_weights
from seqlab.modeling.architecture import Architecture
from seqlab.storing.run_directory import write_json
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import CuttingChoice
from seqlab.text.unicode_form import parse_unicode_form

FORMAT = 2  # 1 had a single word feature under other names, and its weights in HDF5
DESCRIPTION = "tagger.json"
VOCABULARIES = "vocabularies.json"
WEIGHTS = "weights.npz"
TAGGER_FILES = (DESCRIPTION, VOCABULARIES, WEIGHTS)
VECTORS = "vectors"  # directory of the frozen words, if the tagger has any


def save_tagger(tagger: Tagger, directory: Path) -> None:
    """Write the three files of a tagger, and its frozen words, into an existing directory."""
    description = {
        "format": FORMAT,
        "scheme": tagger.scheme.value,
        "architecture": asdict(tagger.architecture),
        "decision": asdict(tagger.decision),
        "constrained": tagger.constrained,
    }
    if tagger.cutting != CuttingChoice():
        description["cutting"] = tagger.cutting._asdict()
    write_json(directory / DESCRIPTION, description)
    encoder = tagger.encoder
    symbols = {name: getattr(encoder, name).symbols for name in ("words", "characters", "tags")}
    features = {
        field: {name: known.symbols for name, known in getattr(encoder, field).items()}
        for field in ("word_features", "feature_columns")
    }
    form = {"unicode_form": encoder.unicode_form} if encoder.unicode_form != "none" else {}
    scalings = {name: asdict(one) for name, one in encoder.numeric_columns.items()}
    numbers = {"numeric_columns": scalings} if scalings else {}
    write_json(directory / VOCABULARIES, symbols | features | form | numbers)
    write_weights(directory / WEIGHTS, tagger.weights)
    if encoder.frozen_words is not None:
        write_frozen_words(encoder.frozen_words, directory / VECTORS)


def load_tagger(directory: Path) -> Tagger:
    """Read a tagger from its files. Raises RunError when one is missing or does not fit the others."""
    try:
        description = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
        symbols = json.loads((directory / VOCABULARIES).read_text(encoding="utf-8"))
        check_format(description.get("format", 1))
        architecture = Architecture(**description["architecture"])
        frozen = open_frozen_words(directory / VECTORS) if architecture.outside_vectors else None
        encoder = Encoder(
            words=Vocabulary(tuple(symbols["words"])),
            characters=Vocabulary(tuple(symbols["characters"])),
            tags=Vocabulary(tuple(symbols["tags"]), has_unknown=False),
            word_features={
                name: word_feature_vocabulary(name, known)
                for name, known in symbols["word_features"].items()
            },
            feature_columns={
                name: Vocabulary(tuple(known)) for name, known in symbols["feature_columns"].items()
            },
            numeric_columns={
                name: NumberScaling(**scaling)
                for name, scaling in symbols.get("numeric_columns", {}).items()
            },
            frozen_words=frozen,
            unicode_form=parse_unicode_form(symbols.get("unicode_form", "none")),
        )
        check_sizes(encoder, architecture)
        weights = read_weights(directory / WEIGHTS)
        check_weights(weights, architecture)
        return Tagger(
            architecture=architecture,
            weights=weights,
            encoder=encoder,
            scheme=Scheme(description["scheme"]),
            decision=DecisionRule(**description["decision"]),
            constrained=bool(description["constrained"]),
            cutting=CuttingChoice(**description.get("cutting", {})),
        )
    except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RunError(f"{directory}: cannot be loaded as a tagger: {reason}") from error


def check_format(version: object) -> None:
    """Raise ValueError for files of another format version."""
    if version != FORMAT:
        raise ValueError(
            f"its files have format {version!r}, but this version reads format {FORMAT}; train it again"
        )


def check_sizes(encoder: Encoder, architecture: Architecture) -> None:
    """Raise ValueError if vocabularies and network differ in size: symbols would get wrong ids."""
    sizes = (len(encoder.words), len(encoder.characters), len(encoder.tags.symbols))
    expected = (architecture.words, architecture.characters, architecture.classes)
    if sizes != expected:
        raise ValueError(
            f"the vocabularies have {sizes} words, characters and tags, but the network has {expected}"
        )
    features = {name: len(symbols) for name, symbols in encoder.features.items()}
    if features != architecture.features:
        raise ValueError(
            f"the features have {features} symbols, but the network has {dict(architecture.features)}"
        )
    if encoder.number_inputs != architecture.numbers:
        raise ValueError(
            f"the numeric columns give {encoder.number_inputs} inputs, "
            f"but the network has {architecture.numbers}"
        )
    if encoder.frozen_words is not None and encoder.frozen_words.dim != architecture.word_dim:
        raise ValueError(
            f"the frozen words have {encoder.frozen_words.dim} dimensions, "
            f"but the network has {architecture.word_dim}"
        )


def check_weights(weights: NetworkWeights, architecture: Architecture) -> None:
    """Raise ValueError if the weights do not have the network's names, shapes and type, or are not finite."""
    expected = weight_shapes(architecture)
    shapes = {name: value.shape for name, value in weights.items()}
    for name in sorted(expected.keys() | shapes.keys()):
        if shapes.get(name) != expected.get(name):
            raise ValueError(
                f"weight {name!r} has shape {shapes.get(name)}, "
                f"but the network expects {expected.get(name)}"
            )
    for name, value in weights.items():
        if value.dtype != np.float32 or not np.isfinite(value).all():
            raise ValueError(f"weight {name!r} must hold finite float32 numbers only")
