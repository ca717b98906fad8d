"""Scores by length against counts by hand."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.by_length import by_sentence_length, by_span_length
from seqlab.scoring.items import scored_items
from seqlab.scoring.span_errors import tag_spans

TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
PAIRS = st.lists(st.lists(st.tuples(TAGS, TAGS), max_size=25), max_size=4)
SPAN_GROUPS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, None))
SENTENCE_GROUPS = ((1, 10), (11, 20), (21, 40), (41, 80), (81, None))


def in_group(length, group):
    return group[0] <= length and (group[1] is None or length <= group[1])


def by_hand(gold, predicted, groups, length_of):
    counts = Counter()
    for ours, theirs in zip(gold, predicted, strict=True):
        sides = [set(tag_spans(tags, Scheme.IOB2)) for tags in (ours, theirs)]
        for name, spans in zip(
            ("support", "predicted", "correct"), (*sides, sides[0] & sides[1]), strict=True
        ):
            for span in spans:
                group = next(g for g in groups if in_group(length_of(span, ours), g))
                counts[group, name] += 1
    rows = []
    for group in groups:
        support, guessed, correct = (counts[group, n] for n in ("support", "predicted", "correct"))
        if support or guessed:
            f1 = 2 * correct / (support + guessed)
            rows.append({"from": group[0], "to": group[1], "support": support})
            rows[-1] |= {"predicted": guessed, "correct": correct, "f1": f1}
    return rows


@given(PAIRS)
def test_rows_are_those_counted_by_hand(pairs):
    gold, predicted = ([[p[side] for p in row] for row in pairs] for side in (0, 1))
    items = scored_items(gold, predicted, "iob2")
    spans = by_hand(gold, predicted, SPAN_GROUPS, lambda span, tags: span[1] - span[0])
    assert by_span_length(items) == spans
    sentences = by_hand(gold, predicted, SENTENCE_GROUPS, lambda span, tags: len(tags))
    assert by_sentence_length(items) == sentences


def test_the_last_group_has_no_end():
    gold = [["B-A", *["I-A"] * 80]]
    (row,) = by_span_length(scored_items(gold, gold, "iob2"))
    assert (row["from"], row["to"], row["f1"]) == (11, None, 1.0)
    (row,) = by_sentence_length(scored_items(gold, gold, "iob2"))
    assert (row["from"], row["to"], row["correct"]) == (81, None, 1)
