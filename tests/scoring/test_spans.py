"""Span counts in both modes against seqeval's report, on legal and illegal sequences."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval import scheme as seqeval_schemes
from seqeval.metrics import classification_report

from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.scoring.figures import ItemCounts, class_figures
from seqlab.scoring.pairs import pair_tags
from seqlab.scoring.span_counts import span_counts
from seqlab.scoring.spans import default_counts, strict_counts

SEQEVAL = {
    Scheme.IOB1: seqeval_schemes.IOB1,
    Scheme.IOB2: seqeval_schemes.IOB2,
    Scheme.IOBES: seqeval_schemes.IOBES,
    Scheme.BMES: seqeval_schemes.IOBES,
}
PREFIXES = {Scheme.IOB1: "BI", Scheme.IOB2: "BI", Scheme.IOBES: "BIES", Scheme.BMES: "BMES"}
SPAN_SCHEMES = st.sampled_from(list(SEQEVAL))


def tags_of(scheme, types=("PER", "LOC", "A-B")):
    return st.sampled_from(["O", "O", *(f"{p}-{t}" for p in PREFIXES[scheme] for t in types)])


def sides(tags):
    """Two lists of sentences of the same lengths; half of the predictions equal the gold tags."""
    pair = st.one_of(tags.map(lambda tag: (tag, tag)), st.tuples(tags, tags))
    return st.lists(st.lists(pair, max_size=8), max_size=5).map(
        lambda sentences: tuple([[pair[side] for pair in s] for s in sentences] for side in (0, 1))
    )


scheme_and_sides = SPAN_SCHEMES.flatmap(lambda s: st.tuples(st.just(s), sides(tags_of(s))))


def check_against_report(sums, report):
    names = [name for name in report if not name.endswith(" avg")]
    assert sorted(sums) == sorted(names)
    for name in names:
        ours, theirs = class_figures(sums[name]), report[name]
        assert ours.support == theirs["support"]
        assert (ours.precision or 0.0) == theirs["precision"]
        assert (ours.recall or 0.0) == theirs["recall"]
        assert (ours.f1 or 0.0) == pytest.approx(theirs["f1-score"], abs=1e-12)


@given(scheme_and_sides)
def test_both_modes_equal_seqevals_report(drawn):
    scheme, (gold, predicted) = drawn
    default = default_counts(gold, predicted, scheme)
    strict = strict_counts(gold, predicted, scheme)
    if scheme is Scheme.BMES:
        gold, predicted = (
            [["I-" + tag[2:] if tag[0] == "M" else tag for tag in s] for s in side]
            for side in (gold, predicted)
        )
    options = {"output_dict": True, "zero_division": 0}
    if default:
        check_against_report(default, classification_report(gold, predicted, **options))
    if strict:
        options |= {"mode": "strict", "scheme": SEQEVAL[scheme]}
        check_against_report(strict, classification_report(gold, predicted, **options))


@given(scheme_and_sides)
def test_counting_in_numpy_equals_seqeval(drawn):
    scheme, (gold, predicted) = drawn
    counted = span_counts(pair_tags(gold, predicted), scheme)
    assert counted == default_counts(gold, predicted, scheme)


@given(scheme_and_sides)
def test_decode_spans_finds_the_same_spans(drawn):
    scheme, (gold, _) = drawn
    kinds = Counter(kind for sentence in gold for _, _, kind in decode_spans(sentence, scheme))
    assert kinds == {n: s.support for n, s in default_counts(gold, gold, scheme).items()}


ANY_TAGS = st.sampled_from(
    ["O", "B", "I", "S-X", "E-X", "M-X", "L-X", "U-X", "B-X", "I-X", "X", ""]
)


@given(SPAN_SCHEMES, sides(ANY_TAGS))
def test_tags_of_other_schemes_are_counted_equally_in_both_ways(scheme, drawn):
    gold, predicted = drawn
    default = default_counts(gold, predicted, scheme)
    assert span_counts(pair_tags(gold, predicted), scheme) == default
    assert set(strict_counts(gold, predicted, scheme)) <= set(default)


def test_by_hand_where_the_modes_differ():
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-PER"]]
    predicted = [["I-PER", "I-PER", "O", "B-LOC"], ["B-LOC", "B-PER"]]
    assert default_counts(gold, predicted, Scheme.IOB2) == {
        "PER": ItemCounts(correct=2, predicted=2, support=2),
        "LOC": ItemCounts(correct=1, predicted=2, support=1),
    }
    assert strict_counts(gold, predicted, Scheme.IOB2) == {
        "PER": ItemCounts(correct=1, predicted=1, support=2),
        "LOC": ItemCounts(correct=1, predicted=2, support=1),
    }


def test_spans_end_with_their_sentence():
    gold = [["B-PER"], ["I-PER"]]
    expected = {"PER": ItemCounts(correct=2, predicted=2, support=2)}
    assert default_counts(gold, gold, Scheme.IOB2) == expected
    assert span_counts(pair_tags(gold, gold), Scheme.IOB2) == expected


def test_tuples_count_as_lists():
    gold = ((("B-PER", "O")),)
    expected = {"PER": ItemCounts(correct=1, predicted=1, support=1)}
    assert default_counts(gold, gold, Scheme.IOB2) == expected
    assert strict_counts(gold, gold, Scheme.IOB2) == expected
