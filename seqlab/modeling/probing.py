"""Try a network on two short sentences: can it read them, and does it give each token one score per tag?"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoded_corpus import FROZEN_INPUT
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError
from seqlab.inference.own_network import NetworkReading
from seqlab.modeling.keras_network import KerasNetwork, errors_about, network_of_bytes
from seqlab.modeling.keras_scorer import Arrays
from seqlab.modeling.network_inputs import check_names

LONG, SHORT, PADDED = 7, 5, 8  # tokens
TOLERANCE = 1e-3  # of a score, when padding is added; of the sum of probabilities


def probe(network: KerasNetwork, encoder: Encoder) -> FloatArray:
    """The outputs for two sentences, float32 (tokens, C), without padding.

    Raises UserError if the network cannot read them or the largest ids, if its outputs are not one score per tag, and if
    the padding behind a sentence changes its scores.
    """
    size = network.reading.max_tokens
    lengths = [min(length, size or length) for length in (LONG, SHORT)]
    batcher = Batcher(
        encoder.encode([probe_sentence(encoder, length) for length in lengths]),
        size=2,
        max_chars=network.reading.max_chars,
    )
    scorer, tokens = network.scorer(encoder), size or PADDED
    arrays = scorer.arrays(batcher, np.arange(2), tokens)
    check_largest_ids(network, encoder, arrays)
    both = checked_outputs(network, encoder, arrays)
    if size is None:
        alone = checked_outputs(network, encoder, scorer.arrays(batcher, np.array([1]), SHORT))
        if not np.allclose(alone[0], both[1, :SHORT], rtol=TOLERANCE, atol=TOLERANCE):
            raise UserError(
                "the padding behind a sentence changes the network's scores: mask it, as Embedding(…, mask_zero=True) "
                "does, or give max_tokens= to pad every sentence as in training"
            )
    return np.concatenate([rows[:length] for rows, length in zip(both, lengths, strict=True)])


def probed_network(
    content: bytes,
    reading: NetworkReading,
    encoder: Encoder,
    *,
    custom_objects: Mapping[str, Any],
    name: str,
) -> KerasNetwork:
    """The network in the content of a run's file. name: the subject of errors. Raises UserError as `probe` does."""
    network = network_of_bytes(content, reading, custom_objects, name=name)
    try:
        check_names(reading.names, encoder)
        probe(network, encoder)
    except UserError as error:
        raise UserError(f"{name}: {error}") from error
    return network


def probe_sentence(encoder: Encoder, tokens: int) -> Sentence:
    """A sentence of words and values of training."""
    words = encoder.words.symbols or ("a",)
    return Sentence(
        tokens=tuple(words[number % len(words)] for number in range(tokens)),
        features={
            name: tuple((values.symbols or ("a",))[0] for _ in range(tokens))
            for name, values in encoder.feature_columns.items()
        },
        numbers={
            name: (scaling.mean,) * tokens for name, scaling in encoder.numeric_columns.items()
        },
    )


def check_largest_ids(network: KerasNetwork, encoder: Encoder, arrays: Arrays) -> None:
    """Raise UserError for a network whose embeddings have fewer rows than the encoder has ids.

    Raises the UserError of `checked_outputs` if the smallest ids fail too.
    """
    frozen = (
        FROZEN_INPUT in arrays
    )  # frozen words have an id of their own, behind those of the vocabulary
    counts = {"words": encoder.words.id_count + frozen, "chars": encoder.characters.id_count}
    counts |= {name: values.id_count for name, values in encoder.features.items()}
    largest = {name: counts[name] - 1 for name in arrays if name in counts}
    real = {name: np.minimum(arrays[name], 1) for name in largest}
    try:
        ids = {name: real[name] * one for name, one in largest.items()}
        checked_outputs(network, encoder, arrays | ids)
    except UserError as error:
        checked_outputs(network, encoder, arrays | real)
        named = " and ".join(f"{name} {one}" for name, one in largest.items())
        raise UserError(
            f"the network fails on the encoder's largest ids ({named}); give each Embedding as many rows as there are "
            f"ids, such as encoder.words.id_count{' + 1' * frozen}: {error}"
        ) from error


def checked_outputs(network: KerasNetwork, encoder: Encoder, arrays: Arrays) -> FloatArray:
    """float32 (B, T, C): the network's outputs for some arrays. Raises UserError if they are of another shape."""
    with errors_about(arrays):
        outputs = network.outputs(arrays)
    classes = len(encoder.tags)
    expected = (*next(iter(arrays.values())).shape[:2], classes)
    if outputs.shape != expected:
        raise UserError(
            f"the network's scores have shape {outputs.shape}; expected {expected}, one score for each of the "
            f"{classes} tags, in their order and without padding"
        )
    if not np.isfinite(outputs).all():
        raise UserError(
            "the network's scores are not finite: its weights hold NaN, or numbers that are too large; train it again"
        )
    return outputs.astype(np.float32)


def are_logits(network: Any, scores: FloatArray) -> bool:
    """Whether scores (tokens, C) are logits; False for probabilities. Raises UserError for those of a sigmoid."""
    sums = scores.sum(axis=1)
    if (scores >= 0).all() and np.allclose(sums, 1, atol=TOLERANCE):
        return False
    last = getattr(network, "layers", None) or [None]
    if getattr(last[-1], "activation", None) is keras.activations.sigmoid:
        raise UserError(
            "the network ends with a sigmoid, whose scores of a token do not sum to 1; expected a softmax or logits"
        )
    return True
