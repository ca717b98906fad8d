"""A tagger from a `keras.Model` that a script has built and trained. Does not import keras."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqlab.architecture import Architecture
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag, parse_scheme, split_tag
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError, with_type
from seqlab.inference.weights import network_weights
from seqlab.storing.tagger_files import check_sizes, check_weights
from seqlab.tagging.tagger import Tagger


def tagger_of_network(
    network: Any,
    *,
    architecture: Architecture,
    encoder: Encoder,
    scheme: Scheme | str,
    constrained: bool = True,
) -> Tagger:
    """Make a tagger from a network that `build_network(architecture)` built and a script trained.

    The tagger copies the weights, so training the network further does not change it.
    Raises UserError when network, encoder and architecture do not fit each other.
    """
    scheme = parse_scheme(scheme)
    for value, expected in ((architecture, Architecture), (encoder, Encoder)):
        if not isinstance(value, expected):
            raise UserError(f"expected {expected.__name__}(...), found {with_type(value)}")
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
    """Raise UserError for a value that is no network, or a network that reads words of another length."""
    if not hasattr(network, "layers") or not hasattr(network, "inputs"):
        raise UserError(
            f"expected a keras.Model that build_network made, found {with_type(network)}"
        )
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
