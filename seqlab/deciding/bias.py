"""Which tag is said: a bias for each class, added to log-probabilities after training.

The bias of a class is shared by all prefixes of its type; that of `O` stays 0, for only differences
count. It is tuned on labelled sentences by moving one class at a time, and all together, until no move
betters the objective: no randomness, and no figure but those of the given sentences.
What mistakes cost is read in `costs`; how sure a tag is, in `calibration`.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise

import numpy as np

from seqlab.arrays import AnyFloatArray, BoolArray, DoubleArray, Int32Array
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.deciding.costs import Cost, total_cost
from seqlab.deciding.transitions import LegalTransitions
from seqlab.deciding.viterbi import decode
from seqlab.scoring.figures import Sums, summarise
from seqlab.scoring.pairs import TagPairs, TagSequences
from seqlab.scoring.score import token_sums
from seqlab.scoring.span_counts import span_sums
from seqlab.scoring.tags import class_of

Value = tuple[float, ...]
Objective = Callable[[Mapping[str, Sums]], Value]
"""From the sums of every class to a value that is greater for the better decision."""

LIMIT = 8.0  # a bias of 8 nats lifts a probability of 0.0003 over one of 0.9
COARSE = tuple(np.arange(-LIMIT, LIMIT + 0.25, 0.5).tolist())
FINE = tuple((np.arange(-5, 6) / 10).tolist())
FULL_GRID = tuple((np.arange(-80, 81) / 10).tolist())
TAUS = tuple((np.arange(0, 41) / 20).tolist())
ROUNDS = 6


@dataclass(frozen=True, kw_only=True)
class DecisionRule:
    """What was tuned after training, as a run keeps it.

    temperature: what scores are divided by to become calibrated probabilities. bias: what is added to
    the log-probability of each tag, by tag, before the greatest is said; empty leaves the tags alone.
    """

    temperature: float = 1.0
    bias: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = (self.temperature, *self.bias.values())
        if not (all(map(math.isfinite, numbers)) and self.temperature > 0):
            raise ValueError(
                f"temperature {self.temperature!r} or bias {self.bias!r}: no such number"
            )


@dataclass(frozen=True, kw_only=True)
class LabelledScores:
    """Sentences with gold tags and what a model thinks of each token, laid end to end.

    log_probabilities: float64 (M, C). tags: the C tags. scheme: how they are written.
    names: `tags`, then gold tags that the model does not know. gold: int32 (M,), index into `names`.
    first: bool (M,), True on the first token of a sentence. legal: the paths that may be said of a
    sentence; None allows all.
    """

    log_probabilities: DoubleArray
    tags: tuple[str, ...]
    scheme: Scheme
    names: tuple[str, ...]
    gold: Int32Array
    first: BoolArray
    legal: LegalTransitions | None = None

    @property
    def labels(self) -> Int32Array:
        """int32 (M,), index into `tags`; -1 where gold is none of them."""
        return np.where(self.gold < len(self.tags), self.gold, -1).astype(np.int32)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class of each of the C tags."""
        return tuple(class_of(tag, self.scheme) for tag in self.tags)

    def part(self, chosen: BoolArray) -> "LabelledScores":
        """Only the tokens that are chosen, bool (M,); they must be whole sentences."""
        return replace(
            self,
            log_probabilities=self.log_probabilities[chosen],
            gold=self.gold[chosen],
            first=self.first[chosen],
        )

    def decide(self, bias: AnyFloatArray) -> Int32Array:
        """int32 (M,), the tag of each token under a bias (C,)."""
        best: Int32Array = (self.log_probabilities + bias).argmax(axis=-1).astype(np.int32)
        return best

    def decide_legally(self, bias: AnyFloatArray) -> Int32Array:
        """The same where only legal paths may be said: what a tagger really says, int32 (M,).

        The search for a bias looks at each token alone, which is quicker by far.
        """
        decided = self.decide(bias)
        if self.legal is not None:
            bounds = [*np.flatnonzero(self.first).tolist(), len(self.first)]
            for start, stop in pairwise(bounds):
                scores = self.log_probabilities[None, start:stop] + bias
                decided[start:stop] = decode(scores, np.array([stop - start]), self.legal)[0]
        return decided

    def sums(self, decided: Int32Array) -> dict[str, Sums]:
        """Correct, predicted and gold items of every class."""
        pairs = TagPairs(names=self.names, gold=self.gold, predicted=decided, first=self.first)
        if self.scheme is Scheme.PLAIN:
            return token_sums(pairs)
        return span_sums(pairs, self.scheme)


def labelled_scores(
    log_probabilities: Sequence[AnyFloatArray],
    gold: TagSequences,
    tags: Iterable[str],
    scheme: Scheme,
    *,
    legal: LegalTransitions | None = None,
) -> LabelledScores:
    """log_probabilities: float (T, C) for each of N sentences. gold: N sentences of tags."""
    known = tuple(tags)
    names = tuple(dict.fromkeys([*known, *chain.from_iterable(gold)]))
    number = {name: index for index, name in enumerate(names)}
    lengths = [len(sentence) for sentence in gold if len(sentence)]
    first = np.zeros(sum(lengths), np.bool_)
    first[np.cumsum([0, *lengths])[:-1][: len(lengths)]] = True
    empty = np.zeros((0, len(known)))
    return LabelledScores(
        log_probabilities=np.concatenate([empty, *log_probabilities]).astype(np.float64),
        tags=known,
        scheme=scheme,
        names=names,
        gold=np.fromiter((number[tag] for tag in chain.from_iterable(gold)), np.int32),
        first=first,
        legal=legal,
    )


def bias_by_tag(data: LabelledScores, bias: Mapping[str, float]) -> DoubleArray:
    """float64 (C,): the bias of each tag, from that of its class; 0 where not given."""
    return np.array([bias.get(name, 0.0) for name in data.classes])


def maximise_macro_f1(sums: Mapping[str, Sums]) -> Value:
    """Macro-F1, then micro-F1."""
    summary = summarise(sums)
    return summary.macro_f1 or 0.0, summary.micro_f1 or 0.0


def maximise_min_f1(sums: Mapping[str, Sums]) -> Value:
    """The smallest F1, then macro-F1, then micro-F1."""
    return summarise(sums).min_f1 or 0.0, *maximise_macro_f1(sums)


def minimise_cost(costs: Mapping[str, Cost]) -> Objective:
    """The least cost of all mistakes."""
    return lambda sums: (-total_cost(sums, costs),)


def reach_recall(wanted: Mapping[str, float]) -> Objective:
    """The wanted recall of each class, then the fewest false alarms of these classes."""

    def value(sums: Mapping[str, Sums]) -> Value:
        rows = {name: sums.get(name, Sums(0, 0, 0)) for name in wanted}
        lacking = (
            max(0.0, wanted[name] - row.correct / row.support)
            for name, row in rows.items()
            if row.support
        )
        wrong = sum(row.predicted - row.correct for row in rows.values())
        return -sum(lacking), -wrong, sum(row.correct for row in rows.values())

    return value


def search_bias(
    data: LabelledScores,
    objective: Objective,
    *,
    movable: Collection[str] | None = None,
    stages: Sequence[Sequence[float]] = (COARSE, FINE),
) -> dict[str, float]:
    """The bias of each movable class under which no single move betters the objective.

    movable: classes; by default all but `O`. stages: offsets to try, from the coarse to the fine.
    Of equal values the one with the smaller biases is taken: what tuning data do not ask for is not done.
    The search looks at tokens alone; should its bias not better the legal paths, there is none.
    """
    plain = data.scheme is Scheme.PLAIN
    outside = () if plain else (OUTSIDE_TAG,)
    names = [n for n in dict.fromkeys(data.classes) if n not in outside]
    names = [n for n in names if movable is None or n in movable]
    groups = [[name] for name in names]
    if 1 < len(names) < len(dict.fromkeys(data.classes)):
        groups.insert(0, names)
    bias = dict.fromkeys(names, 0.0)
    best = ranked(objective(data.sums(data.decide(bias_by_tag(data, bias)))), bias)
    for offsets in stages:
        for _ in range(ROUNDS):
            before = best
            for group in groups:
                bias, best = best_move(data, objective, bias, best, group, offsets)
            if best == before:
                break
    none = dict.fromkeys(names, 0.0)
    found, without = (
        objective(data.sums(data.decide_legally(bias_by_tag(data, b)))) for b in (bias, none)
    )
    return bias if found > without else none


def best_move(
    data: LabelledScores,
    objective: Objective,
    bias: dict[str, float],
    best: Value,
    group: Sequence[str],
    offsets: Sequence[float],
) -> tuple[dict[str, float], Value]:
    """The best bias when the classes of a group move together, and its value.

    Within the group and outside of it the best tag stays the same, so each is looked for once.
    """
    inside = np.array([name in group for name in data.classes])
    shifted = data.log_probabilities + bias_by_tag(data, bias)
    own, other = (np.where(part, shifted, -np.inf) for part in (inside, ~inside))
    own_tag, other_tag = (part.argmax(axis=-1).astype(np.int32) for part in (own, other))
    own_best, other_best = own.max(axis=-1), other.max(axis=-1)
    found = bias
    for offset in offsets:
        moved = bias | {name: round(bias[name] + offset, 6) for name in group}
        if offset == 0 or max(abs(value) for value in moved.values()) > LIMIT:
            continue
        raised = own_best + offset
        wins = (raised > other_best) | ((raised == other_best) & (own_tag < other_tag))
        value = ranked(objective(data.sums(np.where(wins, own_tag, other_tag))), moved)
        if value > best:
            found, best = moved, value
    return found, best


def ranked(value: Value, bias: Mapping[str, float]) -> Value:
    """A value, then the smaller biases."""
    return *value, -round(sum(map(abs, bias.values())), 6)


def logit_adjustment(counts: Mapping[str, int], tau: float) -> dict[str, float]:
    """Post-hoc logit adjustment: -tau * log prior (Menon et al. 2021, equation 9).

    counts: training tokens of each class, all its prefixes added up, above 0. The most frequent class
    gets 0.

    >>> {name: round(b, 2) for name, b in logit_adjustment({"O": 95, "PER": 5}, 1.0).items()}
    {'O': 0.0, 'PER': 2.94}
    """
    most = max(counts.values())
    return {name: float(tau * np.log(most / count)) for name, count in counts.items()}


def search_tau(
    data: LabelledScores, counts: Mapping[str, int], *, taus: Sequence[float] = TAUS
) -> float:
    """The tau of the best macro-F1; of equal ones the smallest."""

    def value(tau: float) -> Value:
        bias = bias_by_tag(data, logit_adjustment(counts, tau))
        return *maximise_macro_f1(data.sums(data.decide(bias))), -tau

    return max(taus, key=value)
