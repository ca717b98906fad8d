"""Work on the backend that KERAS_BACKEND names, and print what came out as JSON: for `test_backends.py`.

Arguments: a folder to write into, and a run directory to load.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

import seqlab

TRAIN = [
    seqlab.Sentence(tokens=("Ada", "saw", "Rome"), tags=("B-PER", "O", "B-LOC")),
    seqlab.Sentence(tokens=("Ada", "Lee", "ran"), tags=("B-PER", "I-PER", "O")),
]
COUNTS = np.array([900, 90, 10, 5])
LOSSES = {
    "cross-entropy": {},
    "label-smoothing": {"smoothing": 0.2},
    "focal": {"gamma": 1.5},
    "logit-adjusted": {"counts": COUNTS, "tau": 0.7},
    "ldam": {"counts": COUNTS, "margin": 0.6},
}
TOKENS = 5


def own_network(encoder: seqlab.Encoder) -> keras.Model:
    """A network of layers of Keras alone."""
    keras.utils.set_random_seed(1)
    words = keras.Input((None,), dtype="int32", name="words")
    hidden = layers.Embedding(encoder.words.id_count, 16, mask_zero=True)(words)
    hidden = layers.Bidirectional(layers.LSTM(8, return_sequences=True))(hidden)
    return keras.Model(words, layers.Dense(len(encoder.tags), activation="softmax")(hidden))


def losses() -> dict[str, float]:
    """Each loss of fixed probabilities, labels and weights."""
    dice = np.random.default_rng(3)
    scores = dice.normal(size=(2, 3, 4))
    probabilities = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    labels = np.eye(5, dtype=np.float32)[[[1, 2, 0], [3, 4, 1]]][:, :, 1:]
    weights = seqlab.temporal_weights(labels, [1.0, 2.0, 3.0, 5.0])
    found = {}
    for name, options in LOSSES.items():
        loss = seqlab.keras_loss(name, **options)
        value = loss(labels, probabilities.astype(np.float32), sample_weight=weights)
        found[name] = float(keras.ops.convert_to_numpy(value))
    return found


def trained(encoder: seqlab.Encoder) -> tuple[keras.Model, seqlab.TrackClasses]:
    """A network that has learnt `TRAIN` by heart, with weights, a loss and tracking of seqlab."""
    padded = encoder.encode(TRAIN).padded(TOKENS)
    weights = seqlab.temporal_weights(padded.labels, [1.0, 2.0, 2.0, 2.0])
    tracker = seqlab.TrackClasses(
        padded.words,
        [sentence.tags for sentence in TRAIN],
        mask=padded.mask,
        tags=encoder.tags.symbols,
        scheme="iob2",
    )
    network = own_network(encoder)
    network.compile(keras.optimizers.Adam(0.05), loss=seqlab.keras_loss("focal", gamma=1.0))
    network.fit(
        padded.words,
        padded.labels,
        sample_weight=weights,
        epochs=30,
        callbacks=[tracker],
        verbose=0,
    )
    return network, tracker


def scores_of(tagger: seqlab.Tagger) -> list[list[list[float]]]:
    """The log-probabilities of two sentences."""
    return [scores.tolist() for scores in tagger.token_log_probabilities(TRAIN)]


def main() -> None:
    """Print the results."""
    folder, other = map(Path, sys.argv[1:])
    encoder = seqlab.fit_encoder(TRAIN)
    network, tracker = trained(encoder)
    tagger = seqlab.tagger_of_network(network, encoder=encoder, scheme="iob2")
    again = seqlab.load(seqlab.save(tagger, folder / "run"))
    result = {
        "backend": keras.config.backend(),
        "losses": losses(),
        "macro_f1": tracker.history[-1].figures.macro_f1,
        "tags": [again.tag(sentence.tokens) for sentence in TRAIN],
        "same": bool(np.allclose(scores_of(tagger)[0], scores_of(again)[0], atol=1e-5)),
        "other": scores_of(seqlab.load(other)),
        "own": scores_of(again),
    }
    print(json.dumps(result))  # noqa: T201


if __name__ == "__main__":
    main()
