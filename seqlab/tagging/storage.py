"""A tagger as files: plain JSON and numbers, nothing that runs code when it is loaded."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from seqlab.corpus.schemes import Scheme
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.outside_words import open_outside_words, write_outside_words
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_features import word_feature_vocabulary
from seqlab.errors import RunError
from seqlab.inference.forward import shapes_of
from seqlab.inference.weights import Weights, read_weights, write_weights
from seqlab.modeling.architecture import Architecture
from seqlab.scoring.decisions import Decision
from seqlab.tagging.run_directory import cannot_be_written, new_run, write_json
from seqlab.tagging.tagger import Tagger

FORMAT = 2  # of these files; 1 had one feature of words under other names, and weights in HDF5
DESCRIPTION = "tagger.json"
VOCABULARIES = "vocabularies.json"
WEIGHTS = "weights.npz"
CONFIG, NO_SETTINGS = "config.toml", "# saved from Python: its training had no settings here\n"
TAGGER_FILES = (DESCRIPTION, VOCABULARIES, WEIGHTS)
OUTSIDE = "vectors"  # directory of the second table of words, where there is one


def save_tagger(tagger: Tagger, directory: Path) -> None:
    """Write the three files of a tagger, and its second table of words, into an existing directory."""
    write_json(
        directory / DESCRIPTION,
        {
            "format": FORMAT,
            "scheme": tagger.scheme.value,
            "architecture": asdict(tagger.architecture),
            "decision": asdict(tagger.decision),
            "constrained": tagger.constrained,
        },
    )
    names = ("words", "characters", "tags")
    symbols = {name: getattr(tagger.encoder, name).symbols for name in names}
    for kind in ("word_features", "feature_columns"):
        found = getattr(tagger.encoder, kind)
        symbols[kind] = {name: vocabulary.symbols for name, vocabulary in found.items()}
    write_json(directory / VOCABULARIES, symbols)
    write_weights(directory / WEIGHTS, tagger.weights)
    if tagger.encoder.outside is not None:
        write_outside_words(tagger.encoder.outside, directory / OUTSIDE)


def save_run(tagger: Tagger, out: Path, *, overwrite: bool = False) -> Path:
    """Write a run directory that has a tagger and no training. Returns its path.

    Raises RunError where something stands already, or nothing can be written.
    """
    with new_run(out, overwrite=overwrite) as new:
        try:
            save_tagger(tagger, new.directory)
            (new.directory / CONFIG).write_text(NO_SETTINGS, encoding="ascii")
        except OSError as error:
            raise cannot_be_written(new.path, error) from error
    return new.path


def load_tagger(directory: Path) -> Tagger:
    """The tagger of a directory.

    Raises RunError when a file is missing, or does not fit the others.
    """
    try:
        description = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
        symbols = json.loads((directory / VOCABULARIES).read_text(encoding="utf-8"))
        check_format(description.get("format", 1))
        architecture = Architecture(**description["architecture"])
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
            outside=open_outside_words(directory / OUTSIDE)
            if architecture.outside_vectors
            else None,
        )
        check_sizes(encoder, architecture)
        weights = read_weights(directory / WEIGHTS)
        check_weights(weights, architecture)
        return Tagger(
            architecture=architecture,
            weights=weights,
            encoder=encoder,
            scheme=Scheme(description["scheme"]),
            decision=Decision(**description["decision"]),
            constrained=bool(description["constrained"]),
        )
    except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RunError(f"{directory}: not readable as a tagger: {reason}") from error


def check_format(found: object) -> None:
    """Refuse files that another version of seqlab wrote in another form."""
    if found != FORMAT:
        raise ValueError(
            f"its files are of format {found!r}, and this version reads format {FORMAT}: train it again"
        )


def check_sizes(encoder: Encoder, architecture: Architecture) -> None:
    """Refuse vocabularies of other sizes than the network's: every symbol would mean another one."""
    found = (len(encoder.words), len(encoder.characters), len(encoder.tags.symbols))
    expected = (architecture.words, architecture.characters, architecture.classes)
    if found != expected:
        raise ValueError(f"{found} words, characters and tags for a network of {expected}")
    features = {name: len(symbols) for name, symbols in encoder.features.items()}
    if features != architecture.features:
        raise ValueError(
            f"symbols of features {features} for a network of {dict(architecture.features)}"
        )
    if encoder.outside is not None and encoder.outside.dim != architecture.word_dim:
        dim = encoder.outside.dim
        raise ValueError(f"vectors of {dim} dimensions for a network of {architecture.word_dim}")


def check_weights(weights: Weights, architecture: Architecture) -> None:
    """Refuse weights that are not those of the network."""
    expected = shapes_of(architecture)
    found = {name: value.shape for name, value in weights.items()}
    for name in sorted(expected.keys() | found.keys()):
        if found.get(name) != expected.get(name):
            raise ValueError(
                f"weight {name!r} is of shape {found.get(name)}, the network's of {expected.get(name)}"
            )
    for name, value in weights.items():
        if value.dtype != np.float32 or not np.isfinite(value).all():
            raise ValueError(f"weight {name!r} holds other than finite float32 numbers")
