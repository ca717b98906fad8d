"""The search for biases against brute force on small random data."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme, repair
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.deciding.transitions import legal_transitions
from seqlab.scoring.figures import ItemCounts
from seqlab.scoring.score import score
from seqlab.tuning.bias import (
    COARSE,
    FINE,
    FULL_GRID,
    LIMIT,
    TAUS,
    logit_adjustment,
    search_bias,
    search_tau,
)
from seqlab.tuning.costs import Cost, total_cost
from seqlab.tuning.labelled_scores import bias_by_tag, labelled_scores
from seqlab.tuning.objectives import (
    maximise_macro_f1,
    maximise_min_f1,
    minimise_cost,
    reach_recall,
)

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
GRID = np.arange(-4, 5) / 1.0


def toy(seed, *, sentences=30, scheme=Scheme.IOB2, tags=TAGS, lean=2.0):
    """Gold tags, and the scores of a model that is partly right but biased towards the first tag."""
    dice = np.random.default_rng(seed)
    gold, scores = [], []
    for _ in range(sentences):
        length = int(dice.integers(1, 7))
        ids = dice.choice(
            len(tags), size=length, p=[0.6] + [0.4 / (len(tags) - 1)] * (len(tags) - 1)
        )
        logits = dice.normal(size=(length, len(tags)))
        logits[np.arange(length), ids] += 2.0
        logits[:, 0] += lean
        scores.append(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)))
        gold.append([tags[number] for number in ids])
    return labelled_scores(scores, gold, tags, scheme), scores, gold


def value_of(data, objective, bias):
    return objective(data.counts(data.decide(bias_by_tag(data, bias))))


def brute_force(data, objective, names):
    """The best value on the whole grid, the product of all biases."""
    biases = (dict(zip(names, row, strict=True)) for row in product(GRID, repeat=len(names)))
    return max(value_of(data, objective, bias) for bias in biases)


def small_search(data, objective, **options):
    """The same grid: offsets of 1, biases within 4."""
    tuned = search_bias(data, objective, stages=(GRID.tolist(),), **options)
    assert all(abs(value) <= LIMIT for value in tuned.values())
    return tuned


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("strict", [True, False])
def test_counts_equal_those_of_score(seed, strict):
    data, scores, gold = toy(seed)
    bias = {"PER": 1.5, "LOC": -0.5}
    decided = [
        [TAGS[number] for number in (row + bias_by_tag(data, bias)).argmax(axis=-1)]
        for row in scores
    ]
    figures = score(gold, decided, Scheme.IOB2, strict=strict)
    assert maximise_macro_f1(data.counts(data.decide(bias_by_tag(data, bias)))) == (
        pytest.approx(figures.macro_f1),
        pytest.approx(figures.micro_f1),
    )


@pytest.mark.parametrize(
    "objective", [maximise_macro_f1, maximise_min_f1, minimise_cost({"PER": Cost(miss=5.0)})]
)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["PER", "LOC"])
def test_one_class_is_tuned_as_well_as_by_brute_force(objective, seed, name):
    data, _, _ = toy(seed)
    tuned = small_search(data, objective, movable=[name])
    assert value_of(data, objective, tuned) == brute_force(data, objective, [name])


@pytest.mark.parametrize(
    "objective", [maximise_macro_f1, maximise_min_f1, minimise_cost({"PER": Cost(miss=5.0)})]
)
@pytest.mark.parametrize("seed", range(5))
def test_two_classes_are_tuned_as_well_as_by_brute_force(objective, seed):
    """Greedy moves need not find the best pair, but they must come close on this data."""
    data, _, _ = toy(seed)
    tuned = small_search(data, objective)
    reached, best = (value_of(data, objective, tuned), brute_force(data, objective, ["PER", "LOC"]))
    start = value_of(data, objective, {})
    assert reached >= start
    assert reached[0] - start[0] >= 0.9 * (best[0] - start[0])
    for name, value in product(("PER", "LOC"), GRID):  # no single move is better
        assert value_of(data, objective, tuned | {name: value}) <= reached


def test_tags_of_a_type_share_a_bias_and_the_outside_tag_has_none():
    data, _, _ = toy(1)
    tuned = search_bias(data, maximise_macro_f1)
    assert set(tuned) == {"PER", "LOC"}
    bias = bias_by_tag(data, tuned)
    assert bias[0] == 0
    assert (bias[1], bias[3]) == (bias[2], bias[4])


def test_without_a_gain_the_bias_stays_zero():
    gold = [["B-PER", "O"]]
    data = labelled_scores([np.log([[0.1, 0.9], [0.9, 0.1]])], gold, ("O", "B-PER"), Scheme.IOB2)
    assert search_bias(data, maximise_macro_f1) == {"PER": 0.0}


def test_plain_tags_are_all_movable():
    tags = ("X", "Y", "Z")
    data, _, _ = toy(3, scheme=Scheme.PLAIN, tags=tags)
    tuned = small_search(data, maximise_macro_f1)
    assert set(tuned) == set(tags)
    assert value_of(data, maximise_macro_f1, tuned) > value_of(data, maximise_macro_f1, {})


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("wanted", [0.3, 0.6, 0.85])
def test_a_wanted_recall_is_reached_with_the_fewest_false_alarms(seed, wanted):
    data, _, _ = toy(seed)
    tuned = search_bias(data, reach_recall({"PER": wanted}), movable=["PER"], stages=(FULL_GRID,))
    reached = data.counts(data.decide(bias_by_tag(data, tuned)))["PER"]
    rows = [
        data.counts(data.decide(bias_by_tag(data, {"PER": value}))).get("PER")
        for value in FULL_GRID
    ]
    enough = [row for row in rows if row.correct >= wanted * row.support]
    if not enough:  # spans overlap, so no bias reaches it; take the nearest
        assert reached.correct == max(row.correct for row in rows)
        return
    assert reached.correct >= wanted * reached.support
    fewest = min(row.predicted - row.correct for row in enough)
    assert reached.predicted - reached.correct == fewest


def test_an_unknown_gold_tag_counts_as_missed():
    data = labelled_scores(
        [np.log([[0.9, 0.1]] * 2)], [["B-LAW", "O"]], ("O", "B-PER"), Scheme.IOB2
    )
    assert (data.labels.tolist(), data.labels.dtype) == ([-1, 0], np.int32)
    assert data.counts(data.decide(np.zeros(2)))["LAW"] == ItemCounts(
        correct=0, predicted=0, support=1
    )


def test_the_legal_path_of_biased_scores_by_hand():
    """Without a bias B-X I-X lacks 1.5 to O O, with 1.0 for each X it has 0.5 more. I-X alone is illegal."""
    tags = ("O", "B-X", "I-X")
    legal = legal_transitions(tags, Scheme.IOB2)
    rows = [np.array([[0.0, -1.0, -0.5], [0.0, -9.0, -0.5]]), np.array([[0.0, -9.0, -0.1]])]
    data = labelled_scores(rows, [["O", "O"], ["O"]], tags, Scheme.IOB2, legal=legal)
    assert data.legal is legal
    assert data.decide_legally(np.zeros(3)).tolist() == [0, 0, 0]
    assert data.decide_legally(np.array([0.0, 1.0, 1.0])).tolist() == [1, 2, 0]
    assert data.decide(np.array([0.0, 1.0, 1.0])).tolist() == [2, 2, 2]


def test_empty_sentences_and_an_empty_corpus():
    data = labelled_scores(
        [np.zeros((0, 2)), np.log([[0.9, 0.1]])], [[], ["O"]], ("O", "B-PER"), Scheme.IOB2
    )
    assert data.first.tolist() == [True]
    nothing = labelled_scores([], [], ("O", "B-PER"), Scheme.IOB2)
    assert search_bias(nothing, maximise_macro_f1) == {"PER": 0.0}


def test_cost_by_hand():
    sums = {"PER": ItemCounts(2, 5, 4), "LOC": ItemCounts(1, 1, 2)}
    assert total_cost(sums, {"PER": Cost(miss=10, false_alarm=0.5)}) == 2 * 10 + 3 * 0.5 + 1


@pytest.mark.bits("copied")
def test_logit_adjustment_is_bayes_rule_for_balanced_classes():
    """Without the priors, the chosen class has the greatest likelihood p(x | class)."""
    dice = np.random.default_rng(1)
    likelihood, priors = dice.random((50, 3)), np.array([90, 9, 1])
    posterior = likelihood * priors
    posterior /= posterior.sum(axis=-1, keepdims=True)
    tags = ("X", "Y", "Z")
    data = labelled_scores([np.log(posterior)], [["X"] * 50], tags, Scheme.PLAIN)
    bias = logit_adjustment(dict(zip(tags, priors.tolist(), strict=True)), 1.0)
    np.testing.assert_array_equal(data.decide(bias_by_tag(data, bias)), likelihood.argmax(axis=-1))


def test_tau_is_the_best_of_its_grid_and_zero_without_a_gain():
    data, _, _ = toy(2, lean=3.0)
    counts = {"O": 600, "PER": 50, "LOC": 50}
    taus = [0.0, 0.5, 1.0, 1.5]
    values = [value_of(data, maximise_macro_f1, logit_adjustment(counts, tau)) for tau in taus]
    assert values[taus.index(search_tau(data, counts, taus=taus))] == max(values)
    perfect = labelled_scores([np.log([[0.1, 0.9]])], [["B-PER"]], ("O", "B-PER"), Scheme.IOB2)
    assert search_tau(perfect, {"O": 9, "PER": 1}) == 0


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        ({"temperature": 0.0}, "temperature is 0.0 and bias is {}"),
        ({"temperature": -1.0}, "temperature is -1.0 and bias is {}"),
        ({"temperature": np.inf}, "temperature is inf and bias is {}"),
        ({"bias": {"O": np.nan, "X": 1.0}}, "temperature is 1.0 and bias is {'O': nan, 'X': 1.0}"),
    ],
)
def test_a_decision_rule_needs_finite_numbers(options, fact):
    with pytest.raises(ValueError, match=r"^temperature is") as caught:
        DecisionRule(**options)
    assert str(caught.value) == f"{fact}; give finite numbers and a temperature above 0"


def test_a_decision_rule_changes_nothing_by_default():
    assert (DecisionRule().temperature, DecisionRule().bias) == (1.0, {})


def test_the_grids_of_the_search():
    assert tuple(number / 2 for number in range(-16, 17)) == COARSE
    assert FINE == (-0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
    assert tuple(number / 10 for number in range(-80, 81)) == FULL_GRID
    assert tuple(number / 20 for number in range(41)) == TAUS


def gap(nats, *, tags=("O", "B-PER")):
    """One gold PER, whose tag scores this much below the outside tag, and one clear outside tag."""
    scores = np.array([[0.0, -nats], [0.0, -100.0]])
    return labelled_scores([scores], [["B-PER", "O"]], tags, Scheme.IOB2)


@pytest.mark.parametrize(
    ("nats", "bias"),
    [
        (1.23, 1.3),  # coarse 1.5, then fine 1.5 - 0.2
        (1.53, 1.6),  # coarse 2.0, then 2.0 - 0.4
        (7.93, 8.0),
        (8.03, 0.0),  # out of reach
    ],
)
def test_the_smallest_bias_that_wins_is_taken(nats, bias):
    assert search_bias(gap(nats), maximise_macro_f1) == {"PER": bias}
    assert search_bias(gap(nats), maximise_macro_f1, movable=["PER", "O"]) == {"PER": bias}
    assert search_bias(gap(nats), maximise_macro_f1, movable=[]) == {}


def test_no_second_move_exceeds_the_limit():
    """The first PER needs 6.0, within reach. The second needs 9.5."""
    rows = [np.array([[0.0, -nats], [0.0, -100.0]]) for nats in (5.93, 9.23)]
    data = labelled_scores(rows, [["B-PER", "O"]] * 2, ("O", "B-PER"), Scheme.IOB2)
    assert search_bias(data, maximise_macro_f1) == {"PER": 6.0}


def test_on_equal_scores_the_smaller_tag_wins():
    """A bias of 1 makes both tags equal: then O, with the smaller id, is chosen, and B-PER in the other order."""
    grid = ([0.0, 1.0, 2.0],)
    assert search_bias(gap(1.0), maximise_macro_f1, stages=grid) == {"PER": 2.0}
    scores = np.array([[-1.0, 0.0], [-100.0, 0.0]])
    turned = labelled_scores([scores], [["B-PER", "O"]], ("B-PER", "O"), Scheme.IOB2)
    assert search_bias(turned, maximise_macro_f1, stages=grid) == {"PER": 1.0}


def test_a_plain_tag_o_is_movable():
    scores = np.array([[0.0, -1.2], [0.0, -9.0]])
    data = labelled_scores([scores], [["X", "O"]], ("O", "X"), Scheme.PLAIN)
    tuned = search_bias(data, maximise_macro_f1, stages=([-2.0, 2.0],))
    assert tuned == {"O": -2.0, "X": 0.0}  # O is moved first


def test_a_bias_that_only_helps_illegal_tags_is_dropped():
    """The bias chooses I-X for a gold B-X, which no legal path begins with; B-X itself is out of reach."""
    tags, scores = ("O", "B-X", "I-X"), np.array([[0.0, -20.0, -1.0]])
    free = labelled_scores([scores], [["B-X"]], tags, Scheme.IOB2)
    assert search_bias(free, maximise_macro_f1) == {"X": 1.1}
    bound = replace(free, legal=legal_transitions(tags, Scheme.IOB2))
    assert search_bias(bound, maximise_macro_f1) == {"X": 0.0}


def test_logit_adjustment_by_hand():
    bias = logit_adjustment({"X": 90, "Y": 9, "Z": 1}, 0.5)
    assert bias == pytest.approx({"X": 0.0, "Y": np.log(10) / 2, "Z": np.log(90) / 2})


def test_the_smallest_of_equal_taus_is_taken():
    """PER lacks 2.3 nats, and its prior is 10 times as small: tau 1.05 gives 2.42 nats."""
    assert search_tau(gap(2.35), {"O": 10, "PER": 1}) == 1.05
    assert search_tau(gap(2.35), {"O": 10, "PER": 1}, taus=[2.0, 1.5, 0.0]) == 1.5


@pytest.mark.bits("copied")
@pytest.mark.parametrize("seed", range(4))
def test_decided_paths_are_legal_and_a_bias_never_makes_them_worse(seed):
    free, _, _ = toy(seed)
    data = replace(free, legal=legal_transitions(TAGS, Scheme.IOB2))
    bias = small_search(data, maximise_macro_f1)
    said = data.decide_legally(bias_by_tag(data, bias))
    bounds = [*np.flatnonzero(data.first), len(data.first)]
    for start, stop in pairwise(bounds):
        assert repair([TAGS[number] for number in said[start:stop]], Scheme.IOB2)[1] == 0
    assert (said != data.decide(bias_by_tag(data, bias))).any()
    without = data.decide_legally(np.zeros(len(TAGS)))
    assert maximise_macro_f1(data.counts(said)) >= maximise_macro_f1(data.counts(without))
    np.testing.assert_array_equal(free.decide_legally(np.zeros(5)), free.decide(np.zeros(5)))
