"""A tagger as files: plain JSON and numbers, nothing that runs code when it is loaded."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag, parse_scheme, split_tag
from seqlab.deciding.bias import DecisionRule
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.frozen_words import open_frozen_words, write_frozen_words
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_features import word_feature_vocabulary
from seqlab.errors import RunError, UserError, with_type
from seqlab.inference.forward import weight_shapes
from seqlab.inference.weights import NetworkWeights, network_weights, read_weights, write_weights
from seqlab.machine.files import as_path
from seqlab.modeling.architecture import Architecture
from seqlab.storing.run_directory import cannot_be_written, new_run, write_json
from seqlab.tagging.tagger import Tagger

FORMAT = 2  # of these files; 1 had one feature of words under other names, and weights in HDF5
DESCRIPTION = "tagger.json"
VOCABULARIES = "vocabularies.json"
WEIGHTS = "weights.npz"
CONFIG, NO_SETTINGS = "config.toml", "# saved from Python: its training had no settings here\n"
TAGGER_FILES = (DESCRIPTION, VOCABULARIES, WEIGHTS)
VECTORS = "vectors"  # directory of the second table of words, where there is one


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
    if tagger.encoder.frozen_words is not None:
        write_frozen_words(tagger.encoder.frozen_words, directory / VECTORS)


def save_run(tagger: Tagger, out: str | Path, *, overwrite: bool = False) -> Path:
    """Write a run directory that holds this tagger alone, whole or not at all.

    `seqlab.load` and `python -m seqlab.tag` read it. Returns its path.
    Raises RunError when `out` exists already (unless `overwrite`) or cannot be written, UserError when `tagger`
    is no Tagger.
    """
    if not isinstance(tagger, Tagger):
        raise UserError(f"expected a Tagger, found {with_type(tagger)}")
    with new_run(as_path(out, "the run directory"), overwrite=overwrite) as pending:
        try:
            save_tagger(tagger, pending.temporary)
            (pending.temporary / CONFIG).write_text(NO_SETTINGS, encoding="ascii")
        except OSError as error:
            raise cannot_be_written(pending.path, error) from error
    return pending.path


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
            frozen_words=open_frozen_words(directory / VECTORS)
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
            decision=DecisionRule(**description["decision"]),
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
    if encoder.frozen_words is not None and encoder.frozen_words.dim != architecture.word_dim:
        dim = encoder.frozen_words.dim
        raise ValueError(f"vectors of {dim} dimensions for a network of {architecture.word_dim}")


def check_weights(weights: NetworkWeights, architecture: Architecture) -> None:
    """Refuse weights that are not those of the network."""
    expected = weight_shapes(architecture)
    found = {name: value.shape for name, value in weights.items()}
    for name in sorted(expected.keys() | found.keys()):
        if found.get(name) != expected.get(name):
            raise ValueError(
                f"weight {name!r} is of shape {found.get(name)}, the network's of {expected.get(name)}"
            )
    for name, value in weights.items():
        if value.dtype != np.float32 or not np.isfinite(value).all():
            raise ValueError(f"weight {name!r} holds other than finite float32 numbers")


def tagger_of_network(
    network: Any,
    *,
    architecture: Architecture,
    encoder: Encoder,
    scheme: Scheme | str,
    constrained: bool = True,
) -> Tagger:
    """Make a tagger from a `keras.Model` that `build_network(architecture)` made and a script trained.

    The tagger holds a copy of the weights: training the network further does not change it.
    Raises UserError when the network, the encoder and the architecture do not fit each other.
    """
    scheme = parse_scheme(scheme)
    for value, kind in ((architecture, Architecture), (encoder, Encoder)):
        if not isinstance(value, kind):
            raise UserError(f"expected {kind.__name__}(...), found {with_type(value)}")
    check_network(network, architecture)
    check_tag_set(encoder.tags.symbols, scheme)
    weights = network_weights(network, lambda variable: np.array(variable, np.float32))
    try:
        check_sizes(encoder, architecture)
        check_weights(weights, architecture)
    except ValueError as error:
        raise UserError(f"network and encoder do not fit the architecture: {error}") from error
    return Tagger(
        architecture=architecture,
        weights=weights,
        encoder=encoder,
        scheme=scheme,
        constrained=constrained,
    )


def check_network(network: Any, architecture: Architecture) -> None:
    """Refuse what is no network, and one that reads other numbers of characters."""
    if not hasattr(network, "layers") or not hasattr(network, "inputs"):
        raise UserError(
            f"expected a keras.Model that build_network made, found {with_type(network)}"
        )
    for given in network.inputs or ():
        if given.name == "chars" and given.shape[-1] != architecture.max_chars:
            read = given.shape[-1]
            raise UserError(
                f"max_chars is {architecture.max_chars} for a network that reads {read} characters of a word"
            )


def check_tag_set(tags: Sequence[str], scheme: Scheme) -> None:
    """Refuse tags that are not of a scheme: spans that nothing could end, or no spans at all."""
    if scheme is Scheme.PLAIN:
        return
    kinds = {class_of_tag(tag, scheme) for tag in tags} - {OUTSIDE_TAG}
    if scheme in (Scheme.IOBES, Scheme.BMES):
        letters = {
            kind: {part[0] for part in map(split_tag, tags) if part and part[1] == kind}
            for kind in kinds
        }
        for kind, found in letters.items():
            if "B" in found and "E" not in found:
                raise UserError(
                    f"the tags hold B-{kind} and no tag that ends it, as {scheme.value} has: "
                    "give scheme='iob2' perhaps"
                )
