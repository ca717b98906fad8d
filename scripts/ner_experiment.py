"""Compare class weightings on WNUT-17 (6 entity types, 95 % O) or CrossNER science (17 types, 200 training sentences).

    python scripts/ner_experiment.py                    four weightings, three seeds each
    python scripts/ner_experiment.py --corpus crossner_science
    python scripts/ner_experiment.py --by-hand          one run with Keras' own fit, step by step

The corpora are read from the folder named by SEQLAB_SHARED_DATA, else from ../shared/data.
"""

import argparse
from pathlib import Path

import numpy as np
from corpora import folder
from weightings import compare_weightings

import seqlab

CORPORA = {
    "wnut17": ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"),
    "crossner_science": ("train.txt", "dev.txt", "test.txt"),
}
WEIGHTS = ("none", "balanced", "sqrt-inverse", "effective-number")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--by-hand", action="store_true", help="one run with Keras' own fit")
    parser.add_argument(
        "--seeds", type=int, default=3, help="trainings of each weighting (default 3)"
    )
    parser.add_argument(
        "--epochs", type=int, default=50, help="most epochs of a training (default 50)"
    )
    parser.add_argument("--corpus", choices=CORPORA, default="wnut17", help="default wnut17")
    options = parser.parse_args()
    paths = (str(folder() / options.corpus / name) for name in CORPORA[options.corpus])
    files = dict(zip(("train", "valid", "test"), paths, strict=True))
    if options.by_hand:
        by_hand(files, epochs=options.epochs)
    else:
        out = Path("runs") / f"weightings-{options.corpus}"
        compare_weightings(files, WEIGHTS, out=out, seeds=options.seeds, epochs=options.epochs)


def by_hand(files: dict[str, str], *, epochs: int) -> None:
    """Train with Keras' own `fit`: read, encode, weight, build and fit, each with one function."""
    import keras

    splits = seqlab.load_splits(**files)
    encoder = seqlab.fit_encoder(splits.train)
    corpus = encoder.encode(splits.train)
    train, valid = corpus.padded(), encoder.encode(splits.valid).padded()

    counts = dict(zip(encoder.tags, corpus.tag_counts().tolist(), strict=True))
    by_tag = seqlab.tag_weights(counts, "sqrt-inverse", tag_scheme=splits.scheme)
    class_weights = np.array([by_tag[tag] for tag in encoder.tags], np.float32)
    weights = seqlab.temporal_weights(train.labels, class_weights)
    seqlab.check_sample_weight(weights, train.labels)
    print(
        f"labels {train.labels.shape}, weights {weights.shape}, sum of the weights of padding {weights[~train.mask].sum():g}"
    )

    keras.utils.set_random_seed(1)
    network = seqlab.build_network(
        seqlab.Architecture(
            words=encoder.words.id_count,
            characters=encoder.characters.id_count,
            classes=corpus.classes,
        )
    )
    network.compile(keras.optimizers.Adam(0.003), loss=seqlab.keras_loss())
    tracker = seqlab.TrackClasses(
        [valid.words, valid.chars],
        valid.labels,
        tags=encoder.tags.symbols,
        scheme=splits.scheme,
        say=print,
    )
    valid_weights = seqlab.temporal_weights(valid.labels, class_weights)
    network.fit(
        [train.words, train.chars],
        train.labels,
        sample_weight=weights,
        validation_data=([valid.words, valid.chars], valid.labels, valid_weights),
        epochs=epochs,
        batch_size=32,
        verbose=2,
        callbacks=[tracker],
    )
    for name, scores in tracker.history[-1].figures.classes.items():
        counts = f"gold {scores.support:4d}  predicted {scores.predicted:4d}"
        print(f"{name:<14} {counts}  F1 {scores.f1 or 0:.3f}")


if __name__ == "__main__":
    main()
