"""'I want long sentences to count more. My weights depend on the order of the file. What is wrong?'

A sentence's weight is its length divided by the longest length, which is known only after all sentences have been
read. A loop that divides while it collects the lengths uses the longest length *so far*, or divides earlier weights
again. The script compares two such loops with correct weights, and shows the effect of each on the loss.

In seqlab: `--sentence-weights length`, `seqlab.weighting.sentence_weights.length_weights`. They enter the temporal
weight matrix through `seqlab.temporal_weights(..., sentence_weights=...)`.

    python scripts/questions/length_weights.py [--sentences N] [--epochs N] [--seed N]
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from options import parse
from synthetic_tagging import Data, encode, make_sentences, token_probabilities, train_small

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.stratify import stratified_split
from seqlab.reporting.table import text_table
from seqlab.weighting.sentence_weights import length_weights
from seqlab.weighting.temporal import temporal_weights

BORDERS = (
    8,
    16,
)  # tokens: short sentences have fewer than the first, long ones at least the second
GROUPS = (f"under {BORDERS[0]}", f"{BORDERS[0]} to {BORDERS[1] - 1}", f"{BORDERS[1]} or more")
SHOWN = 8  # number of sentences whose weights are printed
NOTABLE = 0.005  # a smaller change in the share of the loss counts as none

Floats = NDArray[np.float64]


def longest_so_far(lengths: Sequence[int]) -> Floats:
    """The first mistake: divide inside the loop, by the longest length so far."""
    weights, longest = [], 0
    for length in lengths:
        longest = max(longest, length)
        weights.append(length / longest)
    return np.array(weights)


def repeated_division(lengths: Sequence[int]) -> Floats:
    """The second mistake: divide all weights again after each new length."""
    weights: Floats = np.zeros(0)
    for length in lengths:
        weights = np.append(weights, length)
        weights = weights / weights.max()
    return weights


WRONG = {"longest so far": longest_so_far, "repeated division": repeated_division}
METHODS: Mapping[str, Callable[[Sequence[int]], Floats]] = {
    "none": lambda lengths: np.ones(len(lengths)),
    "correct": length_weights,
    **WRONG,
}


@dataclass(frozen=True, kw_only=True)
class MethodEffects:
    """The effect of each method in METHODS.

    weights: float64 (N,), in file order. shares: float64 (3,), each group's share of the loss.
    shuffle_change: the largest change of a weight when the file is shuffled.
    """

    weights: Mapping[str, Floats]
    shares: Mapping[str, Floats]
    shuffle_change: Mapping[str, float]


def compare_methods(
    lengths: Sequence[int], losses: Sequence[Floats], *, seed: int
) -> MethodEffects:
    """Weigh the sentences by every method. losses: float64 (T,) for each sentence, one per token."""
    weights = {name: method(lengths) for name, method in METHODS.items()}
    return MethodEffects(
        weights=weights,
        shares={name: loss_shares(values, losses) for name, values in weights.items()},
        shuffle_change={
            name: shuffle_change(method, lengths, seed=seed) for name, method in METHODS.items()
        },
    )


def loss_shares(weights: Floats, losses: Sequence[Floats]) -> Floats:
    """Returns float64 (3,), each group's share of sum(weight * loss) with the temporal weight matrix."""
    lengths = np.array([len(part) for part in losses])
    mask = np.arange(lengths.max()) < lengths[:, None]
    padded = np.zeros(mask.shape)
    padded[mask] = np.concatenate(losses)
    matrix = temporal_weights(mask.astype(int), [0, 1], mask=mask, sentence_weights=weights)
    by_sentence = (matrix.astype(np.float64) * padded).sum(axis=1)
    groups = np.digitize(lengths, BORDERS)
    sums = np.bincount(groups, weights=by_sentence, minlength=len(GROUPS))
    return np.asarray(sums / sums.sum())


def shuffle_change(
    method: Callable[[Sequence[int]], Floats], lengths: Sequence[int], *, seed: int
) -> float:
    """The largest change of a sentence's weight when the sentences are shuffled."""
    order = np.random.default_rng(seed).permutation(len(lengths))
    shuffled = method([lengths[index] for index in order])
    return float(np.abs(method(lengths)[order] - shuffled).max())


def token_losses(data: Data, *, epochs: int, seed: int) -> list[Floats]:
    """Train briefly. Returns float64 (T,) for each validation sentence, the tokens' cross entropy in nats."""
    network, _ = train_small(data, dict.fromkeys(data.tags, 1.0), epochs=epochs, seed=seed)
    number = {tag: index for index, tag in enumerate(data.tags)}
    return [
        -np.log(scores[np.arange(len(scores)), [number[tag] for tag in sentence.tags or ()]])
        for sentence, scores in zip(
            data.valid, token_probabilities(network, data.valid_arrays), strict=True
        )
    ]


def conclusion(effects: MethodEffects) -> list[str]:
    """Two lines computed from the figures."""
    long = {name: float(shares[-1]) for name, shares in effects.shares.items()}
    gain = long["correct"] - long["none"]
    change = "raise" if gain > NOTABLE else "lower" if gain < -NOTABLE else "hardly change"
    first = (
        f"Correct length weights {change} the share of the loss from sentences of {GROUPS[-1]} "
        f"tokens ({long['none']:.1%} to {long['correct']:.1%}). They "
        f"{'do not depend' if effects.shuffle_change['correct'] < 1e-9 else 'depend'} on the order "
        "of the file."
    )
    parts = []
    for name in WRONG:
        wrong = float((np.abs(effects.weights[name] - effects.weights["correct"]) > 1e-9).mean())
        change = effects.shuffle_change[name]
        shuffled = (
            f"shuffling changes a weight by up to {change:.2f}"
            if change > 1e-9
            else "shuffling changes nothing"
        )
        parts.append(
            f"{name!r} gets {wrong:.0%} of the weights wrong (long sentences have {long[name]:.1%} of "
            f"the loss; {shuffled})"
        )
    bad = any(effects.shuffle_change[name] > 1e-9 for name in WRONG)
    advice = "Divide after the loop" if bad else "The order of this file makes no difference"
    return [first, f"Division inside the loop: {'; '.join(parts)}. {advice}."]


def tables(lengths: Sequence[int], effects: MethodEffects) -> str:
    """The weights of the first sentences, and the shares of the loss."""
    first = [
        [str(row + 1), str(length), *(f"{effects.weights[name][row]:.3g}" for name in METHODS)]
        for row, length in enumerate(lengths[:SHOWN])
    ]
    rows = [
        [group, *(f"{effects.shares[name][row]:.1%}" for name in METHODS)]
        for row, group in enumerate(GROUPS)
    ]
    changes = (f"{effects.shuffle_change[name]:.2g}" for name in METHODS)
    rows.append(["largest change of a weight by shuffling", *changes])
    return "\n\n".join(
        [
            text_table(["sentence", "tokens", *METHODS], first, indent=0),
            text_table(["share of the loss, by tokens", *METHODS], rows, indent=0),
        ]
    )


def main() -> None:
    options = parse(__doc__, sentences=1500, epochs=3, seed=1)
    corpus = make_sentences(options.sentences, seed=options.seed)
    data = encode(*stratified_split(corpus, 0.5, scheme=Scheme.PLAIN, seed=options.seed))
    lengths = [len(sentence) for sentence in data.valid]
    losses = token_losses(data, epochs=options.epochs, seed=options.seed)
    effects = compare_methods(lengths, losses, seed=options.seed)
    print(tables(lengths, effects), end="\n\n")
    print(*conclusion(effects), sep="\n")


if __name__ == "__main__":
    main()
