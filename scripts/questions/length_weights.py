"""'I want long sentences to count more. My weights depend on the order of the file. What is wrong?'

A sentence's weight is its share of the longest sentence's length. The longest length is known only
after all sentences have been read. A division inside the loop that collects the lengths uses the longest *so far*, or
divides earlier weights again. The script compares two such loops with the right one, and shows what each does to the
loss.

In seqlab: `--sentence-weights length`, `seqlab.weighting.sentence_weights.length_weights`; they go into
the temporal matrix by `seqlab.temporal_weights(..., sentence_weights=...)`.

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

BORDERS = (8, 16)  # tokens: short sentences are below the first, long ones from the second on
GROUPS = (f"under {BORDERS[0]}", f"{BORDERS[0]} to {BORDERS[1] - 1}", f"{BORDERS[1]} and more")
SHOWN = 8  # sentences whose weights are printed one by one
NOTABLE = 0.005  # of the loss

Floats = NDArray[np.float64]


def right(lengths: Sequence[int]) -> Floats:
    """The weights of seqlab: one division by the longest length, after the loop."""
    return length_weights(lengths)


def longest_so_far(lengths: Sequence[int]) -> Floats:
    """The mistake: the division is inside the loop, by the longest sentence seen until then."""
    weights, longest = [], 0
    for length in lengths:
        longest = max(longest, length)
        weights.append(length / longest)
    return np.array(weights)


def again_and_again(lengths: Sequence[int]) -> Floats:
    """The mistake with a list: each new length divides all weights once more."""
    weights: Floats = np.zeros(0)
    for length in lengths:
        weights = np.append(weights, length)
        weights = weights / weights.max()
    return weights


WAYS: Mapping[str, Callable[[Sequence[int]], Floats]] = {
    "none": lambda lengths: np.ones(len(lengths)),
    "right": right,
    "longest so far": longest_so_far,
    "again and again": again_and_again,
}
WRONG = ("longest so far", "again and again")


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The effect of each kind of weights.

    weights: float64 (N,) for each kind, in file order. shares: for each kind, the share of the loss of each of
    GROUPS. order: for each kind, the largest change of a weight when the file is shuffled.
    """

    weights: Mapping[str, Floats]
    shares: Mapping[str, Floats]
    order: Mapping[str, float]


def find_out(lengths: Sequence[int], losses: Sequence[Floats], *, seed: int) -> Findings:
    """Compute all kinds of weights for these sentences. losses: float64 (T,) for each sentence's tokens."""
    weights = {name: way(lengths) for name, way in WAYS.items()}
    return Findings(
        weights=weights,
        shares={name: loss_shares(found, losses) for name, found in weights.items()},
        order={name: dependence(way, lengths, seed=seed) for name, way in WAYS.items()},
    )


def loss_shares(weights: Floats, losses: Sequence[Floats]) -> Floats:
    """float64 (3,): each group's share of sum(weight * loss), with the temporal matrix."""
    lengths = np.array([len(part) for part in losses])
    mask = np.arange(lengths.max()) < lengths[:, None]
    padded = np.zeros(mask.shape)
    padded[mask] = np.concatenate(losses)
    matrix = temporal_weights(mask.astype(int), [0, 1], mask=mask, sentence_weights=weights)
    by_sentence = (matrix.astype(np.float64) * padded).sum(axis=1)
    groups = np.digitize(lengths, BORDERS)
    sums = np.bincount(groups, weights=by_sentence, minlength=len(GROUPS))
    return np.asarray(sums / sums.sum())


def dependence(
    way: Callable[[Sequence[int]], Floats], lengths: Sequence[int], *, seed: int
) -> float:
    """The largest change of a sentence's weight when the sentences come in another order."""
    order = np.random.default_rng(seed).permutation(len(lengths))
    shuffled = way([lengths[place] for place in order])
    return float(np.abs(way(lengths)[order] - shuffled).max())


def token_losses(data: Data, *, epochs: int, seed: int) -> list[Floats]:
    """The cross entropy of every validation token after a short training, in nats."""
    network, _ = train_small(data, dict.fromkeys(data.tags, 1.0), epochs=epochs, seed=seed)
    number = {tag: index for index, tag in enumerate(data.tags)}
    return [
        -np.log(scores[np.arange(len(scores)), [number[tag] for tag in sentence.tags or ()]])
        for sentence, scores in zip(
            data.valid, token_probabilities(network, data.valid_arrays), strict=True
        )
    ]


def conclusion(found: Findings) -> list[str]:
    """Two lines computed from the figures."""
    long = {name: float(shares[-1]) for name, shares in found.shares.items()}
    gain = long["right"] - long["none"]
    change = "raise" if gain > NOTABLE else "lower" if gain < -NOTABLE else "leave"
    first = (
        f"Right length weights {change} the share of the loss that sentences of {GROUPS[-1]} tokens "
        f"carry ({long['none']:.1%} to {long['right']:.1%}), and "
        f"{'do not depend' if found.order['right'] < 1e-9 else 'depend'} on the order of the file."
    )
    parts = []
    for name in WRONG:
        wrong = float((np.abs(found.weights[name] - found.weights["right"]) > 1e-9).mean())
        moved = found.order[name]
        fate = (
            f"a shuffle moves a weight by up to {moved:.2f}"
            if moved > 1e-9
            else "no shuffle matters"
        )
        parts.append(
            f"{name!r} gets {wrong:.0%} of the weights wrong ({long[name]:.1%} of the loss; {fate})"
        )
    bad = any(found.order[name] > 1e-9 for name in WRONG)
    moral = "divide after the loop" if bad else "here it makes no difference"
    return [first, f"Divided inside the loop: {'; '.join(parts)}: {moral}."]


def tables(lengths: Sequence[int], found: Findings) -> str:
    """The weights of the first sentences, then the shares of the loss."""
    first = [
        [str(place + 1), str(length), *(f"{found.weights[name][place]:.3g}" for name in WAYS)]
        for place, length in enumerate(lengths[:SHOWN])
    ]
    rows = [
        [group, *(f"{found.shares[name][row]:.1%}" for name in WAYS)]
        for row, group in enumerate(GROUPS)
    ]
    rows.append(["a shuffle moves a weight by", *(f"{found.order[name]:.2g}" for name in WAYS)])
    return "\n\n".join(
        [
            text_table(["sentence", "tokens", *WAYS], first, indent=0),
            text_table(["share of the loss, by tokens", *WAYS], rows, indent=0),
        ]
    )


def main() -> None:
    options = parse(__doc__, sentences=1500, epochs=3, seed=1)
    corpus = make_sentences(options.sentences, seed=options.seed)
    data = encode(*stratified_split(corpus, 0.5, scheme=Scheme.PLAIN, seed=options.seed))
    lengths = [len(sentence) for sentence in data.valid]
    losses = token_losses(data, epochs=options.epochs, seed=options.seed)
    found = find_out(lengths, losses, seed=options.seed)
    print(tables(lengths, found), end="\n\n")
    print(*conclusion(found), sep="\n")


if __name__ == "__main__":
    main()
