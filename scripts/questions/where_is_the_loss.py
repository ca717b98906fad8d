"""'My loss is 0.03 after the first epoch and nothing is found. Where is the loss?'

Mostly on padding. Sentences are padded to 150, words are masked, characters are not. Keras concatenates the two and
loses the mask, so padding is learnt as `O` and counted. The same holds for tokens that only mark the begin and the end
of a sentence. The script splits the loss by class, special tokens and padding, with and without the mask. Then it adds a
numeric feature to each word, raw and standardised.

In seqlab: `build_network` passes the mask on, `temporal_weights(..., token_weights=...)` gives padding and special
tokens weight 0, `keras_loss` divides by the sum of the weights; each epoch shows every
class's share of the loss, and `python -m seqlab.audit --run RUN` checks that padding changes nothing.

    python scripts/questions/where_is_the_loss.py [--sentences N] [--epochs N] [--tokens T] [--seed N]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray
from options import parse
from synthetic_tagging import (
    OUTSIDE,
    Data,
    encode,
    make_sentences,
    plain_network,
)

from seqlab.corpus.schemes import Scheme
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
LEVEL, SPREAD = 20_000, 4_000  # of the number beside each word, in whatever unit it comes
NOTABLE = 0.005  # nats of loss
SCALES = ("without", "raw", "standardised")

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """One split padded to T. special: bool (N, T), the tokens that mark begin and end of a sentence."""

    padded: Padded
    special: Mask

    @property
    def inputs(self) -> list[NDArray[np.int32]]:
        """The inputs of the networks."""
        return [self.padded.words, self.padded.chars]

    @property
    def counted(self) -> Mask:
        """Bool (N, T), the tokens that need a tag."""
        return self.padded.mask & ~self.special


@dataclass(frozen=True, kw_only=True)
class Account:
    """The parts of one network's validation loss.

    printed: the final value that `fit` prints. real: the mean over tokens that need a tag.
    start, end: each part's share of the training loss, before and after training.
    macro_f1: over the classes, on those tokens.
    """

    printed: float
    real: float
    start: Mapping[str, float]
    end: Mapping[str, float]
    macro_f1: float


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """A training with a numeric feature."""

    loss: float
    macro_f1: float


def marked(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Put each sentence between two special tokens, tagged `O` as usual."""
    return tuple(
        replace(s, tokens=(BEGIN, *s.tokens, END), tags=(OUTSIDE, *(s.tags or ()), OUTSIDE))
        for s in sentences
    )


def padded_to(data: Data, corpus: EncodedCorpus, tokens: int) -> Arrays:
    """A split as arrays of one width."""
    padded = corpus.padded(max_tokens=tokens)
    marks = [data.encoder.words.id(mark) for mark in (BEGIN, END)]
    return Arrays(padded=padded, special=np.isin(padded.words, marks))


def parts_of(arrays: Arrays, tags: Sequence[str]) -> dict[str, Mask]:
    """The positions of each class, of special tokens and of padding, bool (N, T) each; together they cover everything."""
    classes = arrays.padded.labels.argmax(axis=-1)
    found = {tag: arrays.counted & (classes == number) for number, tag in enumerate(tags)}
    return found | {SPECIAL: arrays.special, PADDING: ~arrays.padded.mask}


def taken_apart(losses: Floats, weights: Floats, parts: Mapping[str, Mask]) -> dict[str, float]:
    """Each part's share of sum(weight * loss). losses, weights: (N, T)."""
    weighted = (losses * weights).astype(np.float64)
    return {name: float(weighted[part].sum() / weighted.sum()) for name, part in parts.items()}


def padding_as_outside(arrays: Arrays, tags: Sequence[str]) -> Floats:
    """float32 (N, T, C): one-hot labels with padding as `O`, the only choice without a mask."""
    labels = arrays.padded.labels.copy()
    labels[~arrays.padded.mask, tags.index(OUTSIDE)] = 1
    return labels


def account(
    network: keras.Model,
    train: tuple[Arrays, Floats, Floats],
    valid: tuple[Arrays, Floats, Floats],
    tags: Sequence[str],
    *,
    epochs: int,
) -> Account:
    """Train with Keras' own `fit` and split the validation loss into its parts.

    train, valid: arrays, one-hot labels (N, T, C) and weights (N, T).
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
    return Account(
        printed=float(history.history["val_loss"][-1]),
        real=float(after[held_out.counted].mean()),
        start=taken_apart(before, valid_weights, parts),
        end=taken_apart(after, valid_weights, parts),
        macro_f1=macro_f1(held_out, scores, tags),
    )


def token_losses(network: keras.Model, arrays: Arrays, labels: Floats) -> Floats:
    """Float (N, T), cross entropy of every position, in nats; 0 where there is no label."""
    scores = network.predict(arrays.inputs, verbose=0)
    return np.asarray(-(labels * np.log(np.maximum(scores, 1e-7))).sum(axis=-1))


def macro_f1(arrays: Arrays, scores: Floats, tags: Sequence[str]) -> float:
    """Mean F1 of the classes on the tokens that need a tag."""
    gold, predicted = (
        [
            [tags[number] for number in row[real]]
            for row, real in zip(array.argmax(axis=-1), arrays.counted, strict=True)
        ]
        for array in (arrays.padded.labels, scores)
    )
    return score(gold, predicted, Scheme.PLAIN).macro_f1 or 0.0


def lost_and_kept(data: Data, *, tokens: int, epochs: int, seed: int) -> dict[str, Account]:
    """The same task for a network that lost its mask, and for one with the mask and weights of 0."""
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
        "mask lost": account(plain, lost[0], lost[1], data.tags, epochs=epochs),
        "mask kept": account(masked, kept[0], kept[1], data.tags, epochs=epochs),
    }


def number_beside(arrays: Arrays, tags: Sequence[str], *, seed: int) -> Floats:
    """float32 (N, T, 1): a number that is higher by two standard deviations where the gold class is not `O`."""
    random = np.random.default_rng(seed)
    inside = parts_of(arrays, tags)[OUTSIDE] ^ arrays.counted
    drawn = LEVEL + SPREAD * (random.normal(size=inside.shape) + 2 * inside)
    return np.asarray((drawn * arrays.padded.mask)[..., None], np.float32)


def standardised(values: Floats, mask: Mask, *, by: Floats, by_mask: Mask) -> Floats:
    """Scale to mean 0 and standard deviation 1 over the real tokens of train (`by`); padding is 0. values: (N, T, 1)."""
    known = by[by_mask]
    return np.asarray((values - known.mean()) / known.std() * mask[..., None], np.float32)


def scales(data: Data, *, epochs: int, seed: int) -> dict[str, Scaled]:
    """The same training without the feature, with the raw feature, and with the standardised feature."""
    width = max(len(s) for s in (*data.train, *data.valid))
    train, valid = (padded_to(data, c, width) for c in (data.arrays, data.valid_arrays))
    raw = [number_beside(a, data.tags, seed=seed + i) for i, a in enumerate((train, valid))]
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
        name: train_beside(data, (train, valid), pair, epochs=epochs, seed=seed)
        for name, pair in features.items()
    }


def train_beside(
    data: Data, splits: tuple[Arrays, Arrays], beside: Sequence[Floats], *, epochs: int, seed: int
) -> Scaled:
    """Train on words and the feature, with an explicit mask. beside: float32 (N, T, 1) of train and valid."""
    keras.utils.set_random_seed(seed)
    words, number = keras.Input((None,), dtype="int32"), keras.Input((None, 1))
    hidden = keras.layers.Embedding(len(data.encoder.words), 16)(words)
    hidden = keras.layers.Concatenate()([hidden, number])
    recurrent = keras.layers.LSTM(16, return_sequences=True)
    hidden = keras.layers.Bidirectional(recurrent)(hidden, mask=ReadableMask()(words))
    scores = keras.layers.Dense(len(data.tags), activation="softmax")(hidden)
    network = keras.Model([words, number], scores)
    network.compile(keras.optimizers.Adam(0.005), loss=keras_loss())
    weights = [arrays.counted.astype(np.float32) for arrays in splits]
    inputs = [[arrays.padded.words, values] for arrays, values in zip(splits, beside, strict=True)]
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
    return Scaled(
        loss=float(history.history["val_loss"][-1]),
        macro_f1=macro_f1(valid, predicted, data.tags),
    )


def conclusion(accounts: Mapping[str, Account], scaled: Mapping[str, Scaled]) -> list[str]:
    """Two lines computed from the figures."""
    lost, kept = accounts["mask lost"], accounts["mask kept"]
    idle = [sum(shares[name] for name in (SPECIAL, PADDING)) for shares in (lost.start, kept.start)]
    printed = []
    for found in (lost, kept):
        ratio = found.real / found.printed
        same = abs(ratio - 1) < 0.02
        looks = "what" if same else f"{ratio:.1f} times less than" if ratio > 1 else "more than"
        printed.append(f"{found.printed:.4f}, {looks} a real token loses")
    gain = kept.macro_f1 - lost.macro_f1
    price = "costs" if gain > 0.01 else "does not cost"
    first = (
        f"Padding and special tokens start with {idle[0]:.0%} of the loss where the mask is lost "
        f"(fit prints {printed[0]}) and {idle[1]:.0%} where it is kept ({printed[1]}); losing it "
        f"{price} macro F1 ({lost.macro_f1:.3f} against {kept.macro_f1:.3f})."
    )
    without, raw, standard = (scaled[name] for name in SCALES)
    effects = [
        "helps" if found.loss < without.loss - NOTABLE else "does not help"
        for found in (raw, standard)
    ]
    advice = "its scale is not the trouble here"
    if standard.loss < raw.loss - NOTABLE:
        advice = "standardise it, by the mean and spread of train"
    second = (
        f"A number of scale {LEVEL:,} {effects[0]} as it is (loss {without.loss:.3f} without, "
        f"{raw.loss:.3f} with it) and {effects[1]} standardised ({standard.loss:.3f}): {advice}."
    )
    return [first, second]


def tables(data: Data, accounts: Mapping[str, Account], positions: Mapping[str, float]) -> str:
    """The parts of the loss; the printed and the real loss."""
    header = ["share of", "positions"]
    header += [f"{name}, {when}" for name in accounts for when in ("start", "end")]
    rows = [
        [
            part,
            f"{positions[part]:.1%}",
            *(f"{shares[part]:.1%}" for a in accounts.values() for shares in (a.start, a.end)),
        ]
        for part in (*data.tags, SPECIAL, PADDING)
    ]
    rest = [
        [name, f"{a.printed:.4f}", f"{a.real:.4f}", figure(a.macro_f1)]
        for name, a in accounts.items()
    ]
    return "\n\n".join(
        [
            text_table(header, rows, indent=0),
            text_table(["", "fit prints", "loss of real tokens", "macro F1"], rest, indent=0),
        ]
    )


def prepare(sentences: int, seed: int) -> Data:
    """Make sentences between special tokens and hold out a part."""
    corpus = marked(make_sentences(sentences, seed=seed))
    return encode(*stratified_split(corpus, HELD_OUT, scheme=Scheme.PLAIN, seed=seed))


def main() -> None:
    options = parse(__doc__, sentences=500, epochs=5, tokens=150, seed=1)
    data = prepare(options.sentences, options.seed)
    accounts = lost_and_kept(data, tokens=options.tokens, epochs=options.epochs, seed=options.seed)
    valid = parts_of(padded_to(data, data.valid_arrays, options.tokens), data.tags)
    positions = {name: float(part.mean()) for name, part in valid.items()}
    print(tables(data, accounts, positions), end="\n\n")
    scaled = scales(data, epochs=options.epochs, seed=options.seed)
    rows = [[n, f"{f.loss:.4f}", figure(f.macro_f1)] for n, f in scaled.items()]
    print(text_table(["a number beside each word", "loss", "macro F1"], rows, indent=0), end="\n\n")
    print(*conclusion(accounts, scaled), sep="\n")


if __name__ == "__main__":
    main()
