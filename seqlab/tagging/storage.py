"""A tagger as files: plain JSON and HDF5, nothing that runs code when it is loaded."""

import json
from dataclasses import asdict
from pathlib import Path

from seqlab.corpus.schemes import Scheme
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.outside_words import open_outside_words, write_outside_words
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import RunError
from seqlab.modeling.architecture import Architecture
from seqlab.modeling.network import build_network
from seqlab.scoring.decisions import Decision
from seqlab.tagging.run_directory import write_json
from seqlab.tagging.tagger import Tagger

DESCRIPTION = "tagger.json"
VOCABULARIES = "vocabularies.json"
WEIGHTS = "network.weights.h5"
TAGGER_FILES = (DESCRIPTION, VOCABULARIES, WEIGHTS)
OUTSIDE = "vectors"  # directory of the second table of words, where there is one


def save_tagger(tagger: Tagger, directory: Path) -> None:
    """Write the three files of a tagger, and its second table of words, into an existing directory."""
    write_json(
        directory / DESCRIPTION,
        {
            "scheme": tagger.scheme.value,
            "architecture": asdict(tagger.architecture),
            "decision": asdict(tagger.decision),
            "constrained": tagger.constrained,
        },
    )
    names = ("words", "characters", "tags")
    write_json(
        directory / VOCABULARIES, {name: getattr(tagger.encoder, name).symbols for name in names}
    )
    tagger.network.save_weights(directory / WEIGHTS)
    if tagger.encoder.outside is not None:
        write_outside_words(tagger.encoder.outside, directory / OUTSIDE)


def load_tagger(directory: Path) -> Tagger:
    """The tagger of a directory.

    Raises RunError when a file is missing, or does not fit the others.
    """
    try:
        description = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
        symbols = json.loads((directory / VOCABULARIES).read_text(encoding="utf-8"))
        architecture = Architecture(**description["architecture"])
        encoder = Encoder(
            words=Vocabulary(tuple(symbols["words"])),
            characters=Vocabulary(tuple(symbols["characters"])),
            tags=Vocabulary(tuple(symbols["tags"]), has_unknown=False),
            outside=open_outside_words(directory / OUTSIDE)
            if architecture.outside_vectors
            else None,
        )
        check_sizes(encoder, architecture)
        tagger = Tagger(
            network=build_network(architecture),
            architecture=architecture,
            encoder=encoder,
            scheme=Scheme(description["scheme"]),
            # Runs from before there were decisions and constraints have none.
            decision=Decision(**description.get("decision", {})),
            constrained=bool(description.get("constrained", False)),
        )
        tagger.network.load_weights(directory / WEIGHTS)
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RunError(f"{directory}: not readable as a tagger: {reason}") from error
    return tagger


def check_sizes(encoder: Encoder, architecture: Architecture) -> None:
    """Refuse vocabularies of other sizes than the network's: every symbol would mean another one."""
    found = (len(encoder.words), len(encoder.characters), len(encoder.tags.symbols))
    expected = (architecture.words, architecture.characters, architecture.classes)
    if found != expected:
        raise ValueError(f"{found} words, characters and tags for a network of {expected}")
    if encoder.outside is not None and encoder.outside.dim != architecture.word_dim:
        dim = encoder.outside.dim
        raise ValueError(f"vectors of {dim} dimensions for a network of {architecture.word_dim}")
