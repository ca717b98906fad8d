"""A tagger from a `keras.Model` that a script has built and trained."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from seqlab.architecture import Architecture
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag, parse_scheme, split_tag
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError, with_type
from seqlab.inference.own_network import InputNames, NetworkReading, NoWeights
from seqlab.inference.weights import NetworkWeights, network_weights
from seqlab.modeling.built_architecture import built_architecture
from seqlab.modeling.keras_network import KerasNetwork
from seqlab.modeling.network_inputs import network_reading
from seqlab.modeling.probing import are_logits, probe
from seqlab.storing.tagger_files import check_sizes, check_weights
from seqlab.tagging.tagger import Tagger


def tagger_of_network(
    network: Any,
    *,
    encoder: Encoder,
    scheme: Scheme | str,
    architecture: Architecture | None = None,
    constrained: bool = True,
    inputs: InputNames | Sequence[str] | None = None,
    max_tokens: int | None = None,
    max_chars: int | None = None,
    custom_objects: Mapping[str, Any] | None = None,
) -> Tagger:
    """Make a tagger from a trained Keras network whose outputs are one score per tag, in the order of `encoder.tags`.

    A network of `build_network` is tagged in numpy, also one that Keras has saved and loaded. Any other network is tagged
    with Keras: `tagger.engine` says which. The outputs are probabilities or logits (B, T, C). The tagger has a copy, so
    training the network further does not change it.

    architecture: that of a network of `build_network`, to check it. The network itself says it otherwise.
    constrained: return the best path that the scheme allows.
    inputs: for a network of your own, the encoder's array that each input reads. One name, names in the order of the
        inputs, or a mapping by key. Default: the names of its inputs; a single input without a name of your own reads
        words. A subclassed network needs it.
    max_tokens: the length that sentences are padded to. Longer ones are tagged in overlapping windows. Default: the
        length of the network's inputs, or any length.
    max_chars: characters per word. Default: those of the network's input, or 15.
    custom_objects: classes and functions of its layers that are not part of Keras, by name.
    Raises UserError when network, encoder and architecture do not fit each other, and for a network that Keras cannot
    save and load.
    """
    scheme = parse_scheme(scheme)
    if not isinstance(encoder, Encoder):
        raise UserError(f"expected Encoder(...), found {with_type(encoder)}")
    if not isinstance(network, keras.Model):
        raise UserError(f"expected a keras.Model, found {with_type(network)}")
    check_tag_set(encoder.tags.symbols, scheme)
    weights: NetworkWeights
    known = architecture or getattr(network, "architecture", None)
    if known is None:
        known = built_architecture(network, encoder)
    if architecture is not None and not isinstance(architecture, Architecture):
        raise UserError(f"expected Architecture(...), found {with_type(architecture)}")
    if isinstance(known, Architecture):
        weights, own = numpy_weights(network, known, encoder), None
    else:
        reading = network_reading(
            network, encoder, inputs=inputs, max_tokens=max_tokens, max_chars=max_chars
        )
        own = own_network(network, reading, encoder, custom_objects or {})
        weights, known = NoWeights(), encoder.architecture(max_chars=reading.max_chars)
    return Tagger(
        architecture=known,
        weights=weights,
        encoder=encoder,
        scheme=scheme,
        constrained=constrained,
        own_network=own,
    )


def own_network(
    network: Any, reading: NetworkReading, encoder: Encoder, custom_objects: Mapping[str, Any]
) -> KerasNetwork:
    """A copy of a network of the user's own, tried on two sentences. Raises UserError if it is no tagger."""
    original = KerasNetwork(network, reading, dict(custom_objects))
    expected = probe(original, encoder)
    copy = replace(original, reading=replace(reading, logits=are_logits(network, expected))).copy()
    if not np.allclose(probe(copy, encoder), expected, rtol=1e-3, atol=1e-4):
        raise UserError(
            "Keras does not restore this network: a saved and loaded copy gives other scores; "
            "its layers must create all their weights in __init__ or build"
        )
    return copy


def numpy_weights(network: Any, architecture: Architecture, encoder: Encoder) -> NetworkWeights:
    """A copy of the weights of a network of `build_network`. Raises UserError if it is none of this architecture."""
    check_chars(network, architecture)
    weights = network_weights(network, lambda variable: np.array(variable, np.float32))
    try:
        check_sizes(encoder, architecture)
        check_weights(weights, architecture)
    except ValueError as error:
        raise UserError(
            f"network and encoder do not fit the architecture: {error}; "
            "without architecture=, a network of your own is tagged with Keras"
        ) from error
    return weights


def check_chars(network: Any, architecture: Architecture) -> None:
    """Raise UserError for a network that reads words of another length."""
    for tensor in network.inputs or ():
        if tensor.name == "chars" and tensor.shape[-1] != architecture.max_chars:
            raise UserError(
                f"max_chars is {architecture.max_chars}, "
                f"but the network reads {tensor.shape[-1]} characters per word"
            )


def check_tag_set(tags: Sequence[str], scheme: Scheme) -> None:
    """Raise UserError for IOBES or BMES tags of an entity type that can begin but not end."""
    if scheme not in (Scheme.IOBES, Scheme.BMES):
        return
    for entity_type in {class_of_tag(tag, scheme) for tag in tags} - {OUTSIDE_TAG}:
        prefixes = {part[0] for part in map(split_tag, tags) if part and part[1] == entity_type}
        if "B" in prefixes and "E" not in prefixes:
            raise UserError(
                f"the tags have B-{entity_type} but not E-{entity_type}, which scheme {scheme.value} "
                "needs to end such a span; is scheme='iob2' meant?"
            )
