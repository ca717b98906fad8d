"""'The accuracy that fit prints is not that of my predictions, and the class weight made it worse. Why?'

One token in 17 has the class that matters. The printed accuracy counts padding. The real accuracy is close to that of
never predicting the class. The tail of a file that is sorted by topic has another share of the class than the rest.
And a class weight of 17 moves the decision threshold: a tuned threshold does the same without training again.

In seqlab: `load_splits` and `seqlab.corpus.stratify` cut splits by class; figures are per class, on real
tokens only, at every epoch; `--decide` tunes the threshold on validation and shows it on test; the audit
shows the accuracy of always predicting the most frequent class.

    python scripts/questions/fit_is_not_predict.py [--sentences N] [--epochs N] [--seed N]
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from options import parse
from synthetic_tagging import (
    OUTSIDE,
    encode,
    make_sentence,
    plain_network,
    sentence_lengths,
)

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.deciding.bias import search_bias
from seqlab.deciding.labelled_scores import LabelledScores, labelled_scores
from seqlab.encoding.encoded_corpus import Padded
from seqlab.encoding.encoder import Encoder
from seqlab.reporting.table import figure, text_table
from seqlab.scoring.figures import ClassFigures, ItemCounts, class_figures
from seqlab.weighting.temporal import temporal_weights

RARE = "LAW"
ODDS = 17  # one token in so many is RARE, and so much it weighs
HELD_OUT = 0.2
EVENTFUL = 0.4  # the share of RARE's forms in the few sentences that have any
CERTAINTIES = (0.95, 0.5, 0.15, 0.15)  # how often a form of RARE is RARE, in turn from form to form

Sentences = tuple[Sentence, ...]
Probabilities = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The figures of one training.

    printed: the validation accuracy that the last epoch of `fit` prints. real: the same, recomputed from
    predictions on real tokens. majority: the accuracy of never predicting RARE on these tokens.
    threshold: tuned on validation. half, tuned: figures of RARE on test, predicted above 0.5 and above the threshold.
    """

    weight: float
    printed: float
    real: float
    majority: float
    threshold: float
    half: ClassFigures
    tuned: ClassFigures


def make_corpus(count: int, *, seed: int) -> Sentences:
    """Sentences sorted by topic: those with RARE become fewer towards the end."""
    random = np.random.default_rng(seed)
    eventful = 2 / (ODDS * EVENTFUL * float(np.mean(CERTAINTIES)))  # at the head; at the tail none
    out = []
    for number, length in enumerate(sentence_lengths(random, count)):
        share = EVENTFUL if random.random() < eventful * (1 - number / count) else 0.0
        shares = {OUTSIDE: 1 - share, RARE: share}
        out.append(make_sentence(random, length, shares, CERTAINTIES))
    return tuple(out)


def cut(sentences: Sentences, how: str, *, seed: int) -> tuple[Sentences, Sentences]:
    """(rest, part). how: 'tail' as Keras' validation_split, 'random tail' after a shuffle, 'stratified'."""
    if how == "stratified":
        return stratified_split(sentences, HELD_OUT, scheme=Scheme.PLAIN, seed=seed)
    order = np.arange(len(sentences))
    if how == "random tail":
        order = np.random.default_rng(seed).permutation(order)
    border = len(sentences) - round(HELD_OUT * len(sentences))
    rest, part = order[:border].tolist(), order[border:].tolist()
    return tuple(sentences[i] for i in rest), tuple(sentences[i] for i in part)


def rare_share(sentences: Sequence[Sentence]) -> float:
    """The share of the tokens that are RARE."""
    tags = [tag for sentence in sentences for tag in sentence.tags or ()]
    return tags.count(RARE) / len(tags)


def split_shares(sentences: Sentences, *, draws: int) -> dict[str, list[float]]:
    """The share of RARE in the held-out part, by the kind of split, for several seeds."""
    return {
        how: [rare_share(cut(sentences, how, seed=seed)[1]) for seed in range(1, draws + 1)]
        for how in ("tail", "random tail", "stratified")
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
    """Train, valid and test, each stratified."""
    rest, test = cut(sentences, "stratified", seed=seed)
    train, valid = cut(rest, "stratified", seed=seed)
    data = encode(train, valid)
    width = max(map(len, sentences))
    splits = {"train": train, "valid": valid, "test": test}
    return Parts(
        sentences=splits,
        arrays={
            name: data.encoder.encode(split).padded(max_tokens=width)
            for name, split in splits.items()
        },
        encoder=data.encoder,
    )


def train_and_compare(parts: Parts, weight: float, *, epochs: int, seed: int) -> Answer:
    """Train with Keras' own `fit` and a weight for RARE, and score its predictions on real tokens."""
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
) -> Answer:
    """The figures of an answer. scores: float32 (N, T, C) of valid and test."""
    valid, test = (with_gold(parts, scores[name], name) for name in ("valid", "test"))
    threshold = tuned_threshold(valid)
    return Answer(
        weight=weight,
        printed=printed,
        real=float(np.mean(valid.decide(np.zeros(len(parts.tags))) == valid.gold)),
        majority=1 - rare_share(parts.sentences["valid"]),
        threshold=threshold,
        half=said_from(test, 0.5),
        tuned=said_from(test, threshold),
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
    """The threshold on the probability that gives the best F1 of RARE.

    seqlab moves a bias b on the log-probability: log p + b > log(1 - p) where p > 1 / (1 + e^b).
    """

    def rare_f1(sums: Any) -> tuple[float, ...]:
        return (class_figures(sums[RARE]).f1 or 0.0,)

    bias = search_bias(data, rare_f1, movable=[RARE])
    return 1 / (1 + math.exp(bias[RARE]))


def said_from(data: LabelledScores, threshold: float) -> ClassFigures:
    """RARE's figures when it is predicted for every token with a probability above the threshold."""
    rare = data.tags.index(RARE)
    said = np.exp(data.log_probabilities[:, rare]) > threshold
    gold = data.gold == rare
    return class_figures(
        ItemCounts(
            correct=int((said & gold).sum()), predicted=int(said.sum()), support=int(gold.sum())
        )
    )


def conclusion(
    shares: dict[str, list[float]], whole: float, answers: Sequence[Answer]
) -> list[str]:
    """Two lines that follow the figures. answers: without a weight, and with it."""
    off = {how: max(abs(share - whole) for share in found) for how, found in shares.items()}
    best, worst = min(off, key=lambda how: off[how]), max(off, key=lambda how: off[how])
    plain, weighted = answers
    gap = plain.printed - plain.real
    direction = "above" if gap > 0 else "below"
    claim = f"{100 * abs(gap):.1f} points {direction}" if abs(gap) > 0.001 else "the same as"
    gain = plain.real - plain.majority
    told = f"{100 * gain:.1f} points more than" if gain > 0.001 else "no more than"
    first = (
        f"fit prints {plain.printed:.1%}, {claim} the {plain.real:.1%} on real tokens, which is "
        f"{told} never saying {RARE}; the {best} split keeps the class's share best, the {worst} "
        f"split is off by up to {100 * off[worst]:.1f} points."
    )
    f1 = [[found.f1 or 0.0 for found in (a.half, a.tuned)] for a in answers]
    (plain_half, plain_tuned), (heavy_half, heavy_tuned) = f1
    weight = "raises" if heavy_half > plain_half + 0.01 else "lowers"
    weight = weight if abs(heavy_half - plain_half) > 0.01 else "leaves"
    helped = heavy_tuned - heavy_half > 0.01
    tuning = "brings it to" if helped else "changes little:"
    rest = "no better than" if heavy_tuned <= plain_tuned + 0.01 else "better than"
    second = (
        f"Weight {weighted.weight:g} {weight} the test F1 at 0.5 ({plain_half:.3f} to "
        f"{heavy_half:.3f}); a threshold tuned on validation ({weighted.threshold:.2f}) {tuning} "
        f"{heavy_tuned:.3f}, {rest} no weight and a tuned one ({plain_tuned:.3f})."
    )
    return [first, second]


def split_table(shares: dict[str, list[float]], whole: float) -> str:
    """The share of RARE in the held-out part, by the kind of split."""
    rows = [
        [how, f"{min(found):.2%}", f"{max(found):.2%}", str(len(found))]
        for how, found in shares.items()
    ]
    header = [f"held out, {whole:.2%} {RARE} in all", "lowest", "highest", "seeds"]
    return text_table(header, rows, indent=0)


def answer_table(answers: Sequence[Answer]) -> str:
    """One row per training."""
    header = ["weight", "fit prints", "real tokens", "majority", "threshold"]
    header += [f"{what} at {where}" for where in ("0.5", "threshold") for what in ("P", "R", "F1")]
    rows = [
        [
            f"{a.weight:g}",
            *(f"{share:.2%}" for share in (a.printed, a.real, a.majority)),
            f"{a.threshold:.3f}",
            *(figure(v) for f in (a.half, a.tuned) for v in (f.precision, f.recall, f.f1)),
        ]
        for a in answers
    ]
    return text_table(header, rows, indent=0)


def main() -> None:
    options = parse(__doc__, sentences=1500, epochs=6, seed=1)
    sentences = make_corpus(options.sentences, seed=options.seed)
    whole = rare_share(sentences)
    shares = split_shares(sentences, draws=10)
    print(split_table(shares, whole), end="\n\n")
    parts = prepare(sentences, seed=options.seed)
    answers = [
        train_and_compare(parts, weight, epochs=options.epochs, seed=options.seed)
        for weight in (1, ODDS)
    ]
    print(answer_table(answers), end="\n\n")
    print(*conclusion(shares, whole, answers), sep="\n")


if __name__ == "__main__":
    main()
