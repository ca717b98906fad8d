"""A network that a script trained with Keras' own `fit`, as a tagger; what does not fit together is refused."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqlab.corpus.schemes import OUTSIDE, Scheme, entity_type, split_tag
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError, named
from seqlab.inference.weights import weights_of
from seqlab.modeling.architecture import Architecture
from seqlab.tagging.storage import check_sizes, check_weights
from seqlab.tagging.tagger import Tagger


def tagger_of(
    network: Any,
    *,
    architecture: Architecture,
    encoder: Encoder,
    scheme: Scheme,
    constrained: bool,
) -> Tagger:
    """The tagger; see `Tagger.of_network`. Its weights are a copy."""
    for value, kind in ((architecture, Architecture), (encoder, Encoder)):
        if not isinstance(value, kind):
            raise UserError(f"expected {kind.__name__}(...), found {named(value)}")
    check_network(network, architecture)
    check_tag_set(encoder.tags.symbols, scheme)
    weights = weights_of(network, lambda variable: np.array(variable, np.float32))
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
        raise UserError(f"expected a keras.Model that build_network made, found {named(network)}")
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
    kinds = {entity_type(tag, scheme) for tag in tags} - {OUTSIDE}
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
