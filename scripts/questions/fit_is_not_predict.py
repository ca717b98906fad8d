"""'The accuracy that fit prints is not that of my predictions, and the class weight made it worse. Why?'

One token in 17 has the class of interest. Three things mislead here. The accuracy that `fit` prints counts padding.
On real tokens the accuracy is close to that of never predicting the class. And in a file sorted by topic, the tail has
another share of the class than the rest. A class weight of 17 moves the decision threshold. Tuning the threshold does
the same without training again.

In seqlab: `load_splits` and `seqlab.corpus.stratify` split by class. Every epoch shows each class's figures on real
tokens. `--decide` tunes the threshold on validation and shows its effect on test. The audit shows the accuracy of
always predicting the most frequent class.

    python scripts/questions/fit_is_not_predict.py [--sentences N] [--epochs N] [--seed N]
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from options import parse
from synthetic_tagging import encode, make_sentence, plain_network, sentence_lengths

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.encoding.encoded_corpus import Padded
from seqlab.encoding.encoder import Encoder
from seqlab.reporting.table import figure, text_table
from seqlab.scoring.figures import ClassFigures, ItemCounts, class_figures
from seqlab.tuning.bias import search_bias
from seqlab.tuning.labelled_scores import LabelledScores, labelled_scores
from seqlab.weighting.temporal import temporal_weights

RARE = "LAW"
RARITY = 17  # one token in 17 is RARE; its class weight is also 17
HELD_OUT = 0.2
RARE_WORDS = 0.4  # share of RARE's words in the few sentences that have any
CERTAINTIES = (
    0.95,
    0.5,
    0.15,
    0.15,
)  # probability that a word of RARE is tagged RARE, cycled over the words

Sentences = tuple[Sentence, ...]
Probabilities = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The figures of one training.

    printed: validation accuracy that `fit` prints in the last epoch.
    real: validation accuracy on real tokens. majority: the same if RARE is never predicted.
    threshold: tuned on validation.
    half, tuned: figures of RARE on test with threshold 0.5 and with the tuned threshold.
    """

    weight: float
    printed: float
    real: float
    majority: float
    threshold: float
    half: ClassFigures
    tuned: ClassFigures


def make_corpus(count: int, *, seed: int) -> Sentences:
    """Make sentences sorted by topic: fewer and fewer contain RARE."""
    random = np.random.default_rng(seed)
    # The share of sentences with RARE falls from `start` at the head to 0 at the tail.
    start = 2 / (RARITY * RARE_WORDS * float(np.mean(CERTAINTIES)))
    out = []
    for number, length in enumerate(sentence_lengths(random, count)):
        share = RARE_WORDS if random.random() < start * (1 - number / count) else 0.0
        shares = {OUTSIDE_TAG: 1 - share, RARE: share}
        out.append(make_sentence(random, length, shares, CERTAINTIES))
    return tuple(out)


def split(sentences: Sentences, method: str, *, seed: int) -> tuple[Sentences, Sentences]:
    """Hold out a part. Returns (rest, part).

    method: 'tail' like Keras' validation_split, 'random tail' (the tail after shuffling) or 'stratified'.
    """
    if method == "stratified":
        return stratified_split(sentences, HELD_OUT, scheme=Scheme.PLAIN, seed=seed)
    order = np.arange(len(sentences))
    if method == "random tail":
        order = np.random.default_rng(seed).permutation(order)
    border = len(sentences) - round(HELD_OUT * len(sentences))
    rest, part = order[:border].tolist(), order[border:].tolist()
    return tuple(sentences[i] for i in rest), tuple(sentences[i] for i in part)


def rare_share(sentences: Sequence[Sentence]) -> float:
    """The share of tokens tagged RARE."""
    tags = [tag for sentence in sentences for tag in sentence.tags or ()]
    return tags.count(RARE) / len(tags)


def split_shares(sentences: Sentences, *, draws: int) -> dict[str, list[float]]:
    """The share of RARE in the held-out part, for each method and seed."""
    return {
        method: [rare_share(split(sentences, method, seed=seed)[1]) for seed in range(1, draws + 1)]
        for method in ("tail", "random tail", "stratified")
    }


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The three splits, as sentences and as arrays padded to one length."""

    sentences: dict[str, Sentences]
    arrays: dict[str, Padded]
    encoder: Encoder

    @property
    def tags(self) -> tuple[str, ...]:
        """The two tags, in the order of the classes."""
        return tuple(self.encoder.tags)


def prepare(sentences: Sentences, *, seed: int) -> Parts:
    """Make stratified train, valid and test."""
    rest, test = split(sentences, "stratified", seed=seed)
    train, valid = split(rest, "stratified", seed=seed)
    data = encode(train, valid)
    width = max(map(len, sentences))
    splits = {"train": train, "valid": valid, "test": test}
    return Parts(
        sentences=splits,
        arrays={
            name: data.encoder.encode(part).padded(max_tokens=width)
            for name, part in splits.items()
        },
        encoder=data.encoder,
    )


def train_and_compare(parts: Parts, weight: float, *, epochs: int, seed: int) -> Outcome:
    """Train with Keras' `fit` and a class weight for RARE; score its predictions on real tokens."""
    train, valid = parts.arrays["train"], parts.arrays["valid"]
    network = plain_network(parts.encoder, seed=seed, keeps_mask=False)
    per_class = [weight if tag == RARE else 1.0 for tag in parts.tags]
    history = network.fit(
        [train.words, train.chars],
        train.labels,
        sample_weight=temporal_weights(train.labels, per_class),
        validation_data=([valid.words, valid.chars], valid.labels),
        epochs=epochs,
        batch_size=32,
        verbose=0,
    )
    scores = {
        name: network.predict([parts.arrays[name].words, parts.arrays[name].chars], verbose=0)
        for name in ("valid", "test")
    }
    return compare(parts, scores, weight=weight, printed=float(history.history["val_accuracy"][-1]))


def compare(
    parts: Parts, scores: dict[str, Probabilities], *, weight: float, printed: float
) -> Outcome:
    """The figures of one training. scores: float32 (N, T, C), probabilities on valid and on test."""
    valid, test = (with_gold(parts, scores[name], name) for name in ("valid", "test"))
    threshold = tuned_threshold(valid)
    return Outcome(
        weight=weight,
        printed=printed,
        real=float(np.mean(valid.decide(np.zeros(len(parts.tags))) == valid.gold)),
        majority=1 - rare_share(parts.sentences["valid"]),
        threshold=threshold,
        half=figures_at(test, 0.5),
        tuned=figures_at(test, threshold),
    )


def with_gold(parts: Parts, scores: Probabilities, name: str) -> LabelledScores:
    """The probabilities of the real tokens of a split, with their gold classes."""
    sentences = parts.sentences[name]
    logs = [
        np.log(np.maximum(row[: len(sentence)], 1e-9))
        for row, sentence in zip(scores, sentences, strict=True)
    ]
    return labelled_scores(logs, [s.tags or () for s in sentences], parts.tags, Scheme.PLAIN)


def tuned_threshold(data: LabelledScores) -> float:
    """The probability threshold with the best F1 of RARE.

    seqlab tunes a bias b on the log-probability: log p + b > log(1 - p) is the same as p > 1 / (1 + e^b).
    """

    def rare_f1(sums: Any) -> tuple[float, ...]:
        return (class_figures(sums[RARE]).f1 or 0.0,)

    bias = search_bias(data, rare_f1, movable=[RARE])
    return 1 / (1 + math.exp(bias[RARE]))


def figures_at(data: LabelledScores, threshold: float) -> ClassFigures:
    """RARE's figures if every token with a probability above the threshold is predicted RARE."""
    rare = data.tags.index(RARE)
    predicted = np.exp(data.log_probabilities[:, rare]) > threshold
    gold = data.gold == rare
    return class_figures(
        ItemCounts(
            correct=int((predicted & gold).sum()),
            predicted=int(predicted.sum()),
            support=int(gold.sum()),
        )
    )


def conclusion(
    shares: dict[str, list[float]], whole: float, outcomes: Sequence[Outcome]
) -> list[str]:
    """Two lines computed from the figures. outcomes: without and with the class weight."""
    off = {name: max(abs(share - whole) for share in parts) for name, parts in shares.items()}
    best, worst = min(off, key=lambda name: off[name]), max(off, key=lambda name: off[name])
    plain, weighted = outcomes
    gap = plain.printed - plain.real
    direction = "above" if gap > 0 else "below"
    claim = f"{100 * abs(gap):.1f} points {direction}" if abs(gap) > 0.001 else "the same as"
    gain = plain.real - plain.majority
    useful = f"{100 * gain:.1f} points above" if gain > 0.001 else "not above"
    first = (
        f"fit prints an accuracy of {plain.printed:.1%}, {claim} the {plain.real:.1%} on real tokens. "
        f"The latter is {useful} the accuracy of never predicting {RARE}. The {best} split keeps "
        f"the share of {RARE} best; the {worst} split is off by up to {100 * off[worst]:.1f} points."
    )
    f1 = [[figures.f1 or 0.0 for figures in (o.half, o.tuned)] for o in outcomes]
    (plain_half, plain_tuned), (heavy_half, heavy_tuned) = f1
    effect = "raises" if heavy_half > plain_half + 0.01 else "lowers"
    effect = effect if abs(heavy_half - plain_half) > 0.01 else "hardly changes"
    tuning = "raises it to" if heavy_tuned - heavy_half > 0.01 else "does not raise it:"
    rest = "no better than" if heavy_tuned <= plain_tuned + 0.01 else "better than"
    second = (
        f"A class weight of {weighted.weight:g} {effect} the test F1 at threshold 0.5 ({plain_half:.3f} "
        f"to {heavy_half:.3f}). Tuning the threshold on validation ({weighted.threshold:.2f}) {tuning} "
        f"{heavy_tuned:.3f}, {rest} tuning without a weight ({plain_tuned:.3f})."
    )
    return [first, second]


def split_table(shares: dict[str, list[float]], whole: float) -> str:
    """The lowest and highest share of RARE in the held-out part, for each method."""
    rows = [
        [method, f"{min(parts):.2%}", f"{max(parts):.2%}", str(len(parts))]
        for method, parts in shares.items()
    ]
    header = [f"share of {RARE} held out ({whole:.2%} overall)", "lowest", "highest", "seeds"]
    return text_table(header, rows, indent=0)


def outcome_table(outcomes: Sequence[Outcome]) -> str:
    """One row per training."""
    header = ["weight", "fit prints", "real tokens", "majority", "threshold"]
    header += [f"{what} at {where}" for where in ("0.5", "threshold") for what in ("P", "R", "F1")]
    rows = [
        [
            f"{o.weight:g}",
            *(f"{share:.2%}" for share in (o.printed, o.real, o.majority)),
            f"{o.threshold:.3f}",
            *(figure(v) for f in (o.half, o.tuned) for v in (f.precision, f.recall, f.f1)),
        ]
        for o in outcomes
    ]
    return text_table(header, rows, indent=0)


def main() -> None:
    options = parse(__doc__, sentences=1500, epochs=6, seed=1)
    sentences = make_corpus(options.sentences, seed=options.seed)
    whole = rare_share(sentences)
    shares = split_shares(sentences, draws=10)
    print(split_table(shares, whole), end="\n\n")
    parts = prepare(sentences, seed=options.seed)
    outcomes = [
        train_and_compare(parts, weight, epochs=options.epochs, seed=options.seed)
        for weight in (1, RARITY)
    ]
    print(outcome_table(outcomes), end="\n\n")
    print(*conclusion(shares, whole, outcomes), sep="\n")


if __name__ == "__main__":
    main()
