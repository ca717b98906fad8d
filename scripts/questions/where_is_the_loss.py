"""'My loss is 0.03 after the first epoch, but the network finds nothing. Where is the loss?'

Mostly on padding. Sentences are padded to 150 tokens. Words are masked, characters are not. Keras concatenates the two
and loses the mask, so padding is learnt as `O` and counted. The same holds for tokens that only mark the start and the
end of a sentence. The script splits the loss by class, special tokens and padding, with and without the mask. Then it
adds a numeric feature to each word, raw and standardised.

In seqlab: `build_network` passes the mask on. `temporal_weights(..., token_weights=...)` gives padding and special
tokens weight 0. `keras_loss` divides by the sum of the weights. Each epoch shows every class's share of the loss.
`python -m seqlab.audit --run RUN` checks that padding changes nothing.

    python scripts/questions/where_is_the_loss.py [--sentences N] [--epochs N] [--tokens T] [--seed N]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray
from options import parse
from synthetic_tagging import Data, encode, make_sentences, plain_network

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.encoding.encoded_corpus import EncodedCorpus, Padded
from seqlab.modeling.bilstm import ReadableMask
from seqlab.modeling.keras_loss import keras_loss
from seqlab.reporting.table import figure, text_table
from seqlab.scoring.score import score
from seqlab.weighting.temporal import temporal_weights

BEGIN, END = "<s>", "</s>"
SPECIAL, PADDING = "special tokens", "padding"
HELD_OUT = 0.3
LEVEL, DEVIATION = (
    20_000,
    4_000,
)  # mean outside entities and standard deviation of the numeric feature
NOTABLE = 0.005  # a smaller change of the loss, in nats, counts as none
SCALES = ("without", "raw", "standardised")

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """One split padded to T tokens. special: bool (N, T), the tokens that mark start and end of a sentence."""

    padded: Padded
    special: Mask

    @property
    def inputs(self) -> list[NDArray[np.int32]]:
        """The network's inputs: int32 (N, T) words and int32 (N, T, W) characters."""
        return [self.padded.words, self.padded.chars]

    @property
    def counted(self) -> Mask:
        """Bool (N, T): the tokens to tag, without special tokens and padding."""
        return self.padded.mask & ~self.special


@dataclass(frozen=True, kw_only=True)
class LossParts:
    """The parts of one network's validation loss.

    printed: the value that `fit` prints in the last epoch. real: the mean over tokens to tag.
    start, end: each part's share of the validation loss, before and after training.
    macro_f1: over the classes, on tokens to tag.
    """

    printed: float
    real: float
    start: Mapping[str, float]
    end: Mapping[str, float]
    macro_f1: float


@dataclass(frozen=True, kw_only=True)
class FeatureResult:
    """Validation loss and macro F1 of a training with a numeric feature."""

    loss: float
    macro_f1: float


def with_boundaries(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Put each sentence between a start and an end token, both tagged `O`."""
    return tuple(
        replace(s, tokens=(BEGIN, *s.tokens, END), tags=(OUTSIDE_TAG, *(s.tags or ()), OUTSIDE_TAG))
        for s in sentences
    )


def padded_to(data: Data, corpus: EncodedCorpus, tokens: int) -> Arrays:
    """A split padded to `tokens` tokens per sentence."""
    padded = corpus.padded(max_tokens=tokens)
    marks = [data.encoder.words.id(mark) for mark in (BEGIN, END)]
    return Arrays(padded=padded, special=np.isin(padded.words, marks))


def parts_of(arrays: Arrays, tags: Sequence[str]) -> dict[str, Mask]:
    """The positions of each class, of special tokens and of padding: bool (N, T) each. Each position is in one part."""
    classes = arrays.padded.labels.argmax(axis=-1)
    parts = {tag: arrays.counted & (classes == number) for number, tag in enumerate(tags)}
    return parts | {SPECIAL: arrays.special, PADDING: ~arrays.padded.mask}


def shares_by_part(losses: Floats, weights: Floats, parts: Mapping[str, Mask]) -> dict[str, float]:
    """Each part's share of sum(weight * loss). losses, weights: (N, T)."""
    weighted = (losses * weights).astype(np.float64)
    return {name: float(weighted[part].sum() / weighted.sum()) for name, part in parts.items()}


def padding_as_outside(arrays: Arrays, tags: Sequence[str]) -> Floats:
    """Returns float32 (N, T, C), one-hot labels with padding as `O`: without a mask, padding needs a label."""
    labels = arrays.padded.labels.copy()
    labels[~arrays.padded.mask, tags.index(OUTSIDE_TAG)] = 1
    return labels


def train_and_split_loss(
    network: keras.Model,
    train: tuple[Arrays, Floats, Floats],
    valid: tuple[Arrays, Floats, Floats],
    tags: Sequence[str],
    *,
    epochs: int,
) -> LossParts:
    """Train with Keras' `fit` and split the validation loss into its parts.

    train, valid: (arrays, labels, weights) with one-hot labels (N, T, C) and weights (N, T).
    """
    (arrays, labels, weights), (held_out, valid_labels, valid_weights) = train, valid
    parts = parts_of(held_out, tags)
    before = token_losses(network, held_out, valid_labels)
    history = network.fit(
        arrays.inputs,
        labels,
        sample_weight=weights,
        validation_data=(held_out.inputs, valid_labels, valid_weights),
        epochs=epochs,
        batch_size=32,
        verbose=0,
    )
    after = token_losses(network, held_out, valid_labels)
    scores = network.predict(held_out.inputs, verbose=0)
    return LossParts(
        printed=float(history.history["val_loss"][-1]),
        real=float(after[held_out.counted].mean()),
        start=shares_by_part(before, valid_weights, parts),
        end=shares_by_part(after, valid_weights, parts),
        macro_f1=macro_f1(held_out, scores, tags),
    )


def token_losses(network: keras.Model, arrays: Arrays, labels: Floats) -> Floats:
    """Returns float (N, T), the cross entropy of each position in nats; 0 where the label is all zeros."""
    scores = network.predict(arrays.inputs, verbose=0)
    return np.asarray(-(labels * np.log(np.maximum(scores, 1e-7))).sum(axis=-1))


def macro_f1(arrays: Arrays, scores: Floats, tags: Sequence[str]) -> float:
    """Mean F1 of the classes on tokens to tag. scores: (N, T, C)."""
    gold, predicted = (
        [
            [tags[number] for number in row[real]]
            for row, real in zip(array.argmax(axis=-1), arrays.counted, strict=True)
        ]
        for array in (arrays.padded.labels, scores)
    )
    return score(gold, predicted, Scheme.PLAIN).macro_f1 or 0.0


def compare_masks(data: Data, *, tokens: int, epochs: int, seed: int) -> dict[str, LossParts]:
    """Train a network that loses the mask, and one with the mask and weights of 0."""
    splits = [padded_to(data, corpus, tokens) for corpus in (data.arrays, data.valid_arrays)]
    lost, kept = [], []
    for arrays in splits:
        ones = np.ones(arrays.special.shape, np.float32)
        lost.append((arrays, padding_as_outside(arrays, data.tags), ones))
        labels = arrays.padded.labels
        weights = temporal_weights(
            labels, np.ones(len(data.tags)), token_weights=arrays.counted.astype(float)
        )
        kept.append((arrays, labels, weights))
    plain, masked = (plain_network(data.encoder, seed=seed, keeps_mask=k) for k in (False, True))
    return {
        "mask lost": train_and_split_loss(plain, lost[0], lost[1], data.tags, epochs=epochs),
        "mask kept": train_and_split_loss(masked, kept[0], kept[1], data.tags, epochs=epochs),
    }


def numeric_feature(arrays: Arrays, tags: Sequence[str], *, seed: int) -> Floats:
    """Returns float32 (N, T, 1), higher by two standard deviations where the gold tag is not `O`."""
    random = np.random.default_rng(seed)
    inside = parts_of(arrays, tags)[OUTSIDE_TAG] ^ arrays.counted
    drawn = LEVEL + DEVIATION * (random.normal(size=inside.shape) + 2 * inside)
    return np.asarray((drawn * arrays.padded.mask)[..., None], np.float32)


def standardised(values: Floats, mask: Mask, *, by: Floats, by_mask: Mask) -> Floats:
    """Scale by mean and standard deviation of `by` over real tokens; padding becomes 0.

    values, by: (N, T, 1), a split and train. mask, by_mask: bool (N, T), their real tokens.
    """
    reference = by[by_mask]
    return np.asarray((values - reference.mean()) / reference.std() * mask[..., None], np.float32)


def compare_scales(data: Data, *, epochs: int, seed: int) -> dict[str, FeatureResult]:
    """Train without the feature, with the raw feature, and with the standardised feature."""
    width = max(len(s) for s in (*data.train, *data.valid))
    train, valid = (padded_to(data, c, width) for c in (data.arrays, data.valid_arrays))
    raw = [numeric_feature(a, data.tags, seed=seed + i) for i, a in enumerate((train, valid))]
    mask = train.padded.mask
    features = {
        "without": [0 * values for values in raw],
        "raw": raw,
        "standardised": [
            standardised(values, arrays.padded.mask, by=raw[0], by_mask=mask)
            for values, arrays in zip(raw, (train, valid), strict=True)
        ],
    }
    return {
        name: train_with_feature(data, (train, valid), pair, epochs=epochs, seed=seed)
        for name, pair in features.items()
    }


def train_with_feature(
    data: Data, splits: tuple[Arrays, Arrays], feature: Sequence[Floats], *, epochs: int, seed: int
) -> FeatureResult:
    """Train on words and the feature, with an explicit mask. feature: float32 (N, T, 1) of train and of valid."""
    keras.utils.set_random_seed(seed)
    words, number = keras.Input((None,), dtype="int32"), keras.Input((None, 1))
    hidden = keras.layers.Embedding(data.encoder.words.id_count, 16)(words)
    hidden = keras.layers.Concatenate()([hidden, number])
    recurrent = keras.layers.LSTM(16, return_sequences=True)
    hidden = keras.layers.Bidirectional(recurrent)(hidden, mask=ReadableMask()(words))
    scores = keras.layers.Dense(len(data.tags), activation="softmax")(hidden)
    network = keras.Model([words, number], scores)
    network.compile(keras.optimizers.Adam(0.005), loss=keras_loss())
    weights = [arrays.counted.astype(np.float32) for arrays in splits]
    inputs = [[arrays.padded.words, values] for arrays, values in zip(splits, feature, strict=True)]
    train, valid = splits
    history = network.fit(
        inputs[0],
        train.padded.labels,
        sample_weight=weights[0],
        validation_data=(inputs[1], valid.padded.labels, weights[1]),
        epochs=epochs,
        batch_size=32,
        verbose=0,
    )
    predicted = network.predict(inputs[1], verbose=0)
    return FeatureResult(
        loss=float(history.history["val_loss"][-1]),
        macro_f1=macro_f1(valid, predicted, data.tags),
    )


def conclusion(
    networks: Mapping[str, LossParts], results: Mapping[str, FeatureResult]
) -> list[str]:
    """Two lines computed from the figures."""
    sentences = []
    for name, loss in networks.items():
        uncounted = loss.start[SPECIAL] + loss.start[PADDING]
        ratio = loss.real / loss.printed
        same = abs(ratio - 1) < 0.02
        size = "equal to" if same else f"{ratio:.1f} times less than" if ratio > 1 else "more than"
        sentences.append(
            f"With the {name}, padding and special tokens start with {uncounted:.0%} of the loss, "
            f"and fit prints {loss.printed:.4f}, {size} the loss per real token."
        )
    lost, kept = (networks[name].macro_f1 for name in ("mask lost", "mask kept"))
    verb = "lowers" if kept - lost > 0.01 else "does not lower"
    first = (
        f"{' '.join(sentences)} Losing the mask {verb} macro F1 ({lost:.3f} against {kept:.3f})."
    )
    without, raw, standard = (results[name].loss for name in SCALES)
    effects = ["helps" if loss < without - NOTABLE else "does not help" for loss in (raw, standard)]
    advice = "The scale is not the problem here."
    if standard < raw - NOTABLE:
        advice = "Standardise it by the mean and standard deviation of train."
    second = (
        f"A raw feature of scale {LEVEL:,} {effects[0]} (loss {without:.3f} without it, {raw:.3f} "
        f"with it). Standardised, it {effects[1]} ({standard:.3f}). {advice}"
    )
    return [first, second]


def tables(data: Data, networks: Mapping[str, LossParts], positions: Mapping[str, float]) -> str:
    """The parts of the loss; the printed and the real loss. positions: each part's share of positions."""
    header = ["share of", "positions"]
    header += [f"{name}, {when}" for name in networks for when in ("start", "end")]
    rows = [
        [
            part,
            f"{positions[part]:.1%}",
            *(
                f"{shares[part]:.1%}"
                for loss in networks.values()
                for shares in (loss.start, loss.end)
            ),
        ]
        for part in (*data.tags, SPECIAL, PADDING)
    ]
    rest = [
        [name, f"{loss.printed:.4f}", f"{loss.real:.4f}", figure(loss.macro_f1)]
        for name, loss in networks.items()
    ]
    return "\n\n".join(
        [
            text_table(header, rows, indent=0),
            text_table(["", "fit prints", "loss per real token", "macro F1"], rest, indent=0),
        ]
    )


def prepare(sentences: int, seed: int) -> Data:
    """Make sentences with start and end tokens; hold out a part, stratified by class."""
    corpus = with_boundaries(make_sentences(sentences, seed=seed))
    return encode(*stratified_split(corpus, HELD_OUT, scheme=Scheme.PLAIN, seed=seed))


def main() -> None:
    options = parse(__doc__, sentences=500, epochs=5, tokens=150, seed=1)
    data = prepare(options.sentences, options.seed)
    networks = compare_masks(data, tokens=options.tokens, epochs=options.epochs, seed=options.seed)
    valid = parts_of(padded_to(data, data.valid_arrays, options.tokens), data.tags)
    positions = {name: float(part.mean()) for name, part in valid.items()}
    print(tables(data, networks, positions), end="\n\n")
    results = compare_scales(data, epochs=options.epochs, seed=options.seed)
    rows = [[n, f"{f.loss:.4f}", figure(f.macro_f1)] for n, f in results.items()]
    print(text_table(["numeric feature", "loss", "macro F1"], rows, indent=0), end="\n\n")
    print(*conclusion(networks, results), sep="\n")


if __name__ == "__main__":
    main()
