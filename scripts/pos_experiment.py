"""Compare class weightings on UD English EWT (17 UPOS tags), where accuracy hides the rare tags X and INTJ.

    python scripts/pos_experiment.py                    weights none and sqrt-inverse, three seeds each
    python scripts/pos_experiment.py --by-hand          one run with Keras' own fit on padded arrays

The corpus is read from the folder named by SEQLAB_SHARED_DATA, else from ../shared/data.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from corpora import folder
from weightings import compare_weightings

import seqlab

WEIGHTS = ("none", "sqrt-inverse")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--by-hand", action="store_true", help="one run with Keras' own fit")
    parser.add_argument(
        "--seeds", type=int, default=3, help="trainings of each weighting (default 3)"
    )
    parser.add_argument(
        "--epochs", type=int, default=8, help="most epochs of a training (default 8)"
    )
    parser.add_argument(
        "--sentences", type=int, default=2000, help="--by-hand: training sentences (default 2000)"
    )
    options = parser.parse_args()
    ewt = folder() / "ud_english_ewt"
    files = {
        name: str(ewt / f"en_ewt-ud-{part}.conllu")
        for name, part in (("train", "train"), ("valid", "dev"), ("test", "test"))
    }
    if options.by_hand:
        by_hand(files, epochs=options.epochs, sentences=options.sentences)
    else:
        out = Path("runs") / "weightings-ud_english_ewt"
        compare_weightings(files, WEIGHTS, out=out, seeds=options.seeds, epochs=options.epochs)


def by_hand(files: dict[str, str], *, epochs: int, sentences: int) -> None:
    """Train with Keras' own `fit` on arrays (N, 150), (N, 150, 15) and one-hot labels (N, 150, C)."""
    import keras

    splits = seqlab.load_splits(**files)
    splits = replace(splits, train=splits.train[:sentences])
    encoder = seqlab.fit_encoder(splits.train)
    corpus = encoder.encode(splits.train)
    train, held_out = corpus.padded(), splits.valid[:500]
    valid = encoder.encode(held_out).padded()
    weights = seqlab.temporal_weights(
        train.labels, seqlab.class_weights(corpus.tag_counts(), "sqrt-inverse")
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
        [sentence.tags for sentence in held_out],
        mask=valid.mask,
        tags=encoder.tags.symbols,
        scheme=splits.scheme,
        say=print,
    )
    network.fit(
        [train.words, train.chars],
        train.labels,
        sample_weight=weights,
        epochs=epochs,
        batch_size=32,
        verbose=2,
        callbacks=[tracker],
    )
    figures = tracker.history[-1].figures
    rare = [name for name, scores in figures.classes.items() if scores.support][-5:]
    print(f"accuracy {figures.token_accuracy:.3f}, macro F1 {figures.macro_f1:.3f}")
    print("rarest:", {name: round(figures.classes[name].f1 or 0, 3) for name in rare})
    print(f"mean weight per token {float(np.sum(weights) / train.mask.sum()):.3f}")


if __name__ == "__main__":
    main()
