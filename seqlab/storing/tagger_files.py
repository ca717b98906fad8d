"""A tagger as files: JSON and plain numbers. Loading them runs no code from the files.

Each value is checked before memory is taken for it, because the files may come from a stranger.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.architecture import Architecture
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.encoder_files import VECTORS, VOCABULARIES, parts_as_json
from seqlab.encoding.frozen_words import write_frozen_words
from seqlab.encoding.gazetteer_files import write_gazetteers
from seqlab.errors import RunError, UserError, one_line
from seqlab.inference.forward import weight_shapes
from seqlab.inference.own_network import NetworkReading, NoWeights
from seqlab.inference.packed_weights import pack_weights, packed_shapes, unpack_weights
from seqlab.inference.weights import NetworkWeights, write_weights
from seqlab.machine.array_files import ArraySpec, read_open_arrays
from seqlab.machine.packed_arrays import NumberType
from seqlab.machine.regular_files import size_of
from seqlab.storing.description import (
    FORMAT,
    OWN_NETWORK,
    Description,
    StoredNumbers,
    describe_own_network,
    read_description,
)
from seqlab.storing.run_directory import write_json
from seqlab.storing.run_files import COPY_AGAIN, RunFiles
from seqlab.storing.vocabulary_file import read_encoder
from seqlab.tagging.combining import combine_taggers
from seqlab.tagging.keras_part import keras_part
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import CuttingChoice

DESCRIPTION = "tagger.json"
WEIGHTS = "weights.npz"
NETWORK = "network.keras"  # of the user's own, instead of weights
MEMBER = "member-{}"  # directory of one of the taggers that a tagger combines
MOST_NETWORK_BYTES = 1 << 34
ENCODER_SIZES = (
    "words",
    "characters",
    "classes",
    "features",
    "numbers",
    "reads_words",
    "outside_vectors",
    "max_chars",
)
TAGGER_FILES = (DESCRIPTION, VOCABULARIES, WEIGHTS)
RECORD_BYTES = 1000  # of an archive, for each array and at its end
LARGEST_WEIGHT = (
    1e9  # products of three, summed over 10,000 inputs, are below the largest float32, 3e38
)


def save_tagger(
    tagger: Tagger,
    directory: Path,
    *,
    weights: NumberType = "float32",
    vectors: NumberType | None = None,
) -> None:
    """Write all files of a tagger into an existing directory.

    weights: how the weights are stored. vectors: how the vectors of frozen words are stored; None leaves them as they
        are.
    Raises UserError for a number that float16 cannot hold.
    """
    if tagger.members:
        write_json(
            directory / DESCRIPTION, describe_tagger(tagger, weights=weights, vectors=vectors)
        )
        for number, member in enumerate(tagger.members, 1):
            folder = directory / MEMBER.format(number)
            folder.mkdir()
            save_tagger(member, folder, weights=weights, vectors=vectors)
        return
    save_encoder(tagger.encoder, directory, vectors=vectors)
    save_network(tagger, directory, weights=weights, vectors=vectors)


def save_network(
    tagger: Tagger,
    directory: Path,
    *,
    weights: NumberType = "float32",
    vectors: NumberType | None = None,
) -> None:
    """Write the files of a tagger that training changes: its description and its weights."""
    described = describe_tagger(tagger, weights=weights, vectors=vectors)
    write_json(directory / DESCRIPTION, described)
    if tagger.own_network is not None:
        tagger.own_network.save(directory / NETWORK)
        return
    write_weights(directory / WEIGHTS, pack_weights(tagger.weights, weights))


def vectors_of(encoder: Encoder) -> NumberType:
    """How an encoder holds the vectors of frozen words; float32 without any."""
    return "float32" if encoder.frozen_words is None else encoder.frozen_words.number_type


def describe_tagger(
    tagger: Tagger, *, weights: NumberType = "float32", vectors: NumberType | None = None
) -> dict[str, Any]:
    """The content of tagger.json. weights, vectors: how they are stored; see `save_tagger`."""
    description = {
        "format": FORMAT,
        "scheme": tagger.scheme.value,
        "architecture": describe_architecture(tagger),
        "decision": asdict(tagger.decision),
        "constrained": tagger.constrained,
    }
    if tagger.cutting != CuttingChoice():
        description["cutting"] = tagger.cutting._asdict()
    if tagger.own_network is not None:
        description[OWN_NETWORK] = describe_own_network(tagger.own_network.reading)
    if tagger.members:
        description["members"] = len(tagger.members)
    stored = StoredNumbers(weights, vectors or vectors_of(tagger.encoder))
    if stored != StoredNumbers():
        description["numbers"] = stored._asdict()
    return description


def describe_architecture(tagger: Tagger) -> dict[str, Any]:
    """The architecture in tagger.json. Of a network of the user's own it has the sizes that the encoder gives."""
    values = asdict(tagger.architecture)
    if tagger.own_network is None:
        return values
    names = (*ENCODER_SIZES, *(["word_dim"] if tagger.architecture.outside_vectors else []))
    return {name: values[name] for name in names}


def save_encoder(encoder: Encoder, directory: Path, *, vectors: NumberType | None = None) -> None:
    """Write the vocabularies of a tagger, and its frozen words, into an existing directory; see `save_tagger`."""
    write_json(directory / VOCABULARIES, parts_as_json(encoder.parts()))
    write_gazetteers(encoder.gazetteers, directory)
    if encoder.frozen_words is not None:
        write_frozen_words(encoder.frozen_words, directory / VECTORS, number_type=vectors)


def load_tagger(
    directory: Path,
    files: RunFiles | None = None,
    *,
    description_name: str = DESCRIPTION,
    weights_name: str = WEIGHTS,
    custom_objects: Mapping[str, Any] | None = None,
) -> Tagger:
    """Read a tagger from its files.

    files: the same directory with its manifest; None compares the files with no manifest.
    description_name, weights_name: of a training in progress, which has other files of these.
    custom_objects: classes and functions that a network of the user's own needs besides those of Keras.
    Raises RunError when a file is missing, damaged, or does not fit the others.
    """
    files = files or RunFiles(directory=directory)
    description = read_description(files, description_name)
    if description.members:
        return load_members(files, description)
    if description.reading is not None:
        return load_own_network(files, description, description.reading, custom_objects or {})
    specs = weight_specs(description.architecture, description.numbers.weights)
    wanted = sum(spec.nbytes for spec in specs.values())
    with files.open(weights_name, most=wanted + RECORD_BYTES * (1 + len(specs))) as file:
        if wanted > size_of(file):  # before anything is built for a network of this size
            raise RunError(
                f"{files.path(weights_name)}: has {size_of(file)} bytes, but the network of {description_name} has "
                f"{wanted} bytes of weights; {COPY_AGAIN}"
            )
        encoder = read_encoder(files, description.architecture)
        weights = unpack_weights(read_open_arrays(file, files.path(weights_name), specs))
    return make_tagger(files, description, encoder, weights)


def load_members(files: RunFiles, description: Description) -> Tagger:
    """Read a tagger that combines several. Raises RunError if they do not fit each other."""
    members, names = [], [MEMBER.format(number + 1) for number in range(description.members)]
    for name in names:
        folder = files.below(name)
        own = read_description(folder, DESCRIPTION)
        if own.members or own.reading is not None:  # before anything is loaded
            fact = "is no tagger of one network of build_network"
            raise RunError(f"{folder.path(DESCRIPTION)}: damaged: {fact}; {COPY_AGAIN}")
        members.append(load_tagger(folder.directory, folder))
    try:
        combined = combine_taggers(members, names=names)
    except UserError as error:
        raise RunError(f"{files.directory}: damaged: {error}; {COPY_AGAIN}") from error
    return replace(
        combined,
        decision=description.decision,
        constrained=description.constrained,
        cutting=description.cutting,
    )


def load_own_network(
    files: RunFiles,
    description: Description,
    reading: NetworkReading,
    custom_objects: Mapping[str, Any],
) -> Tagger:
    """Read a tagger whose network `build_network` did not make. Raises UserError where Keras is not installed."""
    subject = f"{files.directory}: tagging with this network"
    keras_part("modeling.quiet_import", subject).import_keras()
    part = keras_part("modeling.probing", subject)
    encoder = read_encoder(files, description.architecture)
    content = files.read(NETWORK, most=MOST_NETWORK_BYTES)
    path = str(files.path(NETWORK))
    network = part.probed_network(
        content, reading, encoder, custom_objects=custom_objects, name=path
    )
    tagger = make_tagger(files, description, encoder, NoWeights())
    return replace(tagger, own_network=network)


def make_tagger(
    files: RunFiles, description: Description, encoder: Encoder, weights: NetworkWeights
) -> Tagger:
    """Put the parts of a tagger together. Raises RunError if they do not fit each other."""
    try:
        check_sizes(encoder, description.architecture)
        if description.reading is None:
            check_weights(weights, description.architecture)
        check_vectors(encoder, description.numbers.vectors)
        fields = description._asdict()
        del fields["numbers"], fields["reading"], fields["members"]
        return Tagger(encoder=encoder, weights=weights, **fields)
    except ValueError as error:
        raise RunError(
            f"{files.directory}: cannot be loaded as a tagger: {one_line(str(error))}; {COPY_AGAIN}"
        ) from error


def weight_specs(architecture: Architecture, number_type: NumberType) -> dict[str, ArraySpec]:
    """The shape and type of each array in the file of a network's weights, by its name there."""
    arrays = packed_shapes(weight_shapes(architecture), number_type)
    return {name: ArraySpec(shape, stored) for name, (shape, stored) in arrays.items()}


def check_vectors(encoder: Encoder, number_type: NumberType) -> None:
    """Raise ValueError if the vectors are not stored as tagger.json says."""
    if vectors_of(encoder) != number_type:
        raise ValueError(
            f"the vectors of frozen words are {vectors_of(encoder)}, but {DESCRIPTION} says {number_type}"
        )


def check_sizes(encoder: Encoder, architecture: Architecture) -> None:
    """Raise ValueError if vocabularies and network differ in size: symbols would get wrong ids."""
    sizes = (encoder.words.id_count, encoder.characters.id_count, len(encoder.tags.symbols))
    expected = (architecture.words, architecture.characters, architecture.classes)
    if sizes != expected:
        raise ValueError(
            f"the vocabularies have {sizes} words, characters and tags, but the network has {expected}"
        )
    features = {name: values.id_count for name, values in encoder.features.items()}
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
    """Raise ValueError if the weights do not have the network's names, shapes and type, or are not finite.

    Larger weights than `LARGEST_WEIGHT` would make scores overflow: no finite number stands for their products.
    """
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
        if max(float(value.max()), -float(value.min())) > LARGEST_WEIGHT:
            raise ValueError(
                f"weight {name!r} holds {float(value.flat[np.abs(value).argmax()]):.3g}, "
                f"beyond {LARGEST_WEIGHT:.0e}: the network's scores would be no numbers"
            )
