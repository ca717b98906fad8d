"""The architecture of a network of `build_network` that Keras has saved and loaded, or cloned: it has lost its own."""

import json
from collections.abc import Mapping
from typing import Any

import keras

from seqlab.architecture import Architecture
from seqlab.encoding.encoded_corpus import FROZEN_INPUT, NUMBERS_INPUT
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.gazetteer_features import is_gazetteer

MASK = "seqlab>ReadableMask"  # every network of `build_network` has one, called `mask`
MAY_DIFFER = ("trainable", "dtype")  # a user may freeze layers, or have another precision
NO_FEATURES = ("words", "chars", FROZEN_INPUT, NUMBERS_INPUT)


def built_architecture(network: Any, encoder: Encoder) -> Architecture | None:
    """The architecture for which `build_network` gives this very network; None for any other network.

    encoder: gives the sizes of vocabularies that the network does not read.
    """
    layers = {layer.name: layer for layer in getattr(network, "layers", ())}
    mask = layers.get("mask")
    if mask is None or keras.saving.get_registered_name(type(mask)) != MASK:
        return None
    from seqlab.modeling.network import build_network  # imports TensorFlow

    try:
        architecture = Architecture(**sizes(network, layers, encoder))
        same = graph(network) == graph(build_network(architecture))
    except (AttributeError, KeyError, TypeError, ValueError):  # a layer is missing, or another one
        return None
    return architecture if same else None


def sizes(network: Any, layers: Mapping[str, Any], encoder: Encoder) -> dict[str, Any]:
    """The fields of the architecture, read from the layers. Raises KeyError or AttributeError for another network."""
    inputs = {tensor.name: tuple(tensor.shape) for tensor in network.inputs}
    words, characters = layers.get("word_embedding"), layers.get("characters")
    found: dict[str, Any] = {
        "words": encoder.words.id_count,
        "characters": encoder.characters.id_count,
        "classes": network.outputs[0].shape[-1],
        "features": {
            name: layers[f"{name}_embedding"].input_dim
            for name in inputs
            if name not in NO_FEATURES
        },
        "numbers": inputs.get(NUMBERS_INPUT, (0,))[-1],
        "reads_words": words is not None,
        "outside_vectors": FROZEN_INPUT in inputs,
        "hidden_units": layers["bilstm_1"].units,
        "layers": sum(name.startswith("bilstm_") for name in layers),
        "dropout": layers["dropout_1"].rate,
        "head": "crf" if "emissions" in layers else "softmax",
    }
    lists = [layers[f"{name}_dropout"].rate for name in inputs if is_gazetteer(name)]
    if lists:
        found["gazetteer_dropout"] = lists[0]
    if words is not None:
        found |= {
            "words": words.input_dim,
            "char_encoder": "none",
            "word_dim": words.output_dim,
            "trainable_words": words.trainable,
            "word_dropout": layers["word_dropout"].rate,
        }
    if characters is not None:
        found |= {
            "characters": characters.characters,
            "max_chars": inputs["chars"][-1],
            "char_encoder": characters.kind,
            "char_dim": characters.dim,
            "char_units": characters.units,
        }
    return found


def graph(network: Any) -> str:
    """The layers of a network and how they are connected, as JSON."""
    config = network.get_config()
    parts = {key: config[key] for key in ("layers", "input_layers", "output_layers")}
    return json.dumps(without_differences(parts), sort_keys=True, default=str)


def without_differences(value: Any) -> Any:
    """A configuration without the entries that may differ."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key not in MAY_DIFFER}
        return {key: without_differences(one) for key, one in kept.items()}
    return [*map(without_differences, value)] if isinstance(value, list | tuple) else value
