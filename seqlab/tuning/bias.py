"""Tune a bias per class after training; the bias is added to log-probabilities before the best tag is chosen.

All tags of an entity type share one bias. The outside tag keeps bias 0, because only differences count.
The search moves one class at a time, and all classes together, until no move improves the objective.
It uses no random numbers and no data except the given sentences.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.tuning.labelled_scores import LabelledScores, bias_by_tag
from seqlab.tuning.objectives import ObjectiveValue, TuningObjective, maximise_macro_f1

LIMIT = 8.0  # nats, the largest bias; it lifts a probability of 0.0003 above one of 0.9
COARSE = tuple(np.arange(-LIMIT, LIMIT + 0.25, 0.5).tolist())
FINE = tuple((np.arange(-5, 6) / 10).tolist())
FULL_GRID = tuple((np.arange(-80, 81) / 10).tolist())
TAUS = tuple((np.arange(0, 41) / 20).tolist())
MAX_ROUNDS = 6


def search_bias(
    data: LabelledScores,
    objective: TuningObjective,
    *,
    movable: Collection[str] | None = None,
    stages: Sequence[Sequence[float]] = (COARSE, FINE),
) -> dict[str, float]:
    """Find the bias of each movable class from which no single move improves the objective.

    movable: classes; by default all except the outside tag. stages: offsets to try, coarse ones first.
    Among equal values the search takes the smaller biases, so it changes nothing without a gain.
    """
    fixed = () if data.scheme is Scheme.PLAIN else (OUTSIDE_TAG,)
    names = [name for name in dict.fromkeys(data.classes) if name not in fixed]
    names = [name for name in names if movable is None or name in movable]
    groups = [[name] for name in names]
    if 1 < len(names) < len(dict.fromkeys(data.classes)):
        groups.insert(0, names)  # moving every class together would change nothing
    zero = dict.fromkeys(names, 0.0)
    bias, best = zero, ranked(objective(data.counts(data.decide(bias_by_tag(data, zero)))), zero)
    for offsets in stages:
        for _ in range(MAX_ROUNDS):
            before = best
            for group in groups:
                bias, best = best_move(data, objective, bias, best, group, offsets)
            if best == before:
                break

    # The search judges each token alone. Keep its result only if it also improves the legal paths.
    legally = (data.decide_legally(bias_by_tag(data, one)) for one in (bias, zero))
    tuned, untuned = (objective(data.counts(tag_ids)) for tag_ids in legally)
    return bias if tuned > untuned else zero


def best_move(
    data: LabelledScores,
    objective: TuningObjective,
    bias: dict[str, float],
    best: ObjectiveValue,
    group: Sequence[str],
    offsets: Sequence[float],
) -> tuple[dict[str, float], ObjectiveValue]:
    """Add the best offset to the bias of all classes of a group; return the new bias and its value.

    bias, best: the present bias by class and its ranked value, returned unchanged if no offset is better.
    """
    inside = np.array([name in group for name in data.classes])
    shifted = data.log_probabilities + bias_by_tag(data, bias)
    # One offset moves the whole group, so the best tag inside the group and the best tag outside stay
    # the same. Find both once; each offset then only decides, per token, which of the two wins.
    own, other = (np.where(part, shifted, -np.inf) for part in (inside, ~inside))
    own_tag, other_tag = (part.argmax(axis=-1).astype(np.int32) for part in (own, other))
    own_score = np.take_along_axis(data.log_probabilities, own_tag[:, None], axis=-1)[:, 0]
    other_best = other.max(axis=-1)
    best_bias = bias
    for offset in offsets:
        moved = bias | {name: round(bias[name] + offset, 6) for name in group}
        if offset == 0 or max(abs(value) for value in moved.values()) > LIMIT:
            continue
        # Added up as in `decide`, to the last bit: the smallest bias that wins here must win there.
        raised = own_score + bias_by_tag(data, moved)[own_tag]
        # On equal scores the smaller tag id wins, as in argmax over all tags.
        wins = (raised > other_best) | ((raised == other_best) & (own_tag < other_tag))
        value = ranked(objective(data.counts(np.where(wins, own_tag, other_tag))), moved)
        if value > best:
            best_bias, best = moved, value
    return best_bias, best


def ranked(value: ObjectiveValue, bias: Mapping[str, float]) -> ObjectiveValue:
    """The value, followed by minus the size of the biases: smaller biases win ties."""
    return *value, -round(sum(map(abs, bias.values())), 6)


def logit_adjustment(counts: Mapping[str, int], tau: float) -> dict[str, float]:
    """The bias -tau * log prior of each class, shifted so that the most frequent class gets 0.

    Post-hoc logit adjustment (Menon et al. 2021, equation 9).
    counts: training tokens of each class, above 0.

    >>> {name: round(b, 2) for name, b in logit_adjustment({"O": 95, "PER": 5}, 1.0).items()}
    {'O': 0.0, 'PER': 2.94}
    """
    most = max(counts.values())
    return {name: float(tau * np.log(most / count)) for name, count in counts.items()}


def search_tau(
    data: LabelledScores, counts: Mapping[str, int], *, taus: Sequence[float] = TAUS
) -> float:
    """The tau with the best macro F1; the smallest among equal values. counts: as in `logit_adjustment`."""

    def value(tau: float) -> ObjectiveValue:
        bias = bias_by_tag(data, logit_adjustment(counts, tau))
        return *maximise_macro_f1(data.counts(data.decide(bias))), -tau

    return max(taus, key=value)
