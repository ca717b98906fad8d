"""Planted label errors are exact, and the shares that a ranking finds equal a count by hand or by force."""

import random
import sys
from collections import Counter
from itertools import combinations, permutations
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "studies"))

from finding import (
    ALL,
    best_share,
    look,
    random_shares,
    sentences_seen,
    tokens_read,
    tokens_seen,
)
from planting import (
    SPAN_KINDS,
    TAG_KINDS,
    PlantedCorpus,
    PlantedError,
    plant_in_spans,
    plant_in_tags,
)

from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from tests import tiny


@pytest.fixture(scope="module")
def spans():
    dice = random.Random(3)  # noqa: S311, no secret
    return [tiny.sentence(dice, law=number % 5 == 0) for number in range(150)]


@pytest.fixture(scope="module")
def tags():
    """Sentences of words that have one tag mostly, and another now and then."""
    dice = random.Random(4)  # noqa: S311, no secret
    words = {"run": "VN", "walk": "NV", "red": "AN", "oh": "IN", "one": "DA"}
    names = {"V": "VERB", "N": "NOUN", "A": "ADJ", "I": "INTJ", "D": "NUM"}
    sentences = []
    for _ in range(120):
        tokens = dice.choices([*words], [5, 5, 3, 1, 1], k=8)
        own = tuple(names[words[t][dice.random() < 0.2]] for t in tokens)
        sentences.append(Sentence(tokens=tuple(tokens), tags=own))
    return sentences


def changed_tokens(before, after):
    return {
        (number, at)
        for number, (old, new) in enumerate(zip(before, after, strict=True))
        for at, (was, now) in enumerate(zip(old.tags, new.tags, strict=True))
        if was != now
    }


def test_planted_span_errors_are_as_many_as_stated_and_change_nothing_else(spans):
    planted = plant_in_spans(spans, 0.08, 1)
    count = sum(len(decode_spans(s.tags, Scheme.IOB2)) for s in spans)
    assert Counter(e.kind for e in planted.errors) == dict.fromkeys(SPAN_KINDS, round(0.02 * count))
    places = [(e.sentence, at) for e in planted.errors for at in e.positions]
    assert len(places) == len({*places})
    assert {*places} == changed_tokens(spans, planted.sentences)
    assert [s.tokens for s in planted.sentences] == [s.tokens for s in spans]
    assert plant_in_spans(spans, 0.08, 1) == planted != plant_in_spans(spans, 0.08, 2)


def test_each_kind_of_span_error_is_what_it_says(spans):
    planted = plant_in_spans(spans, 0.08, 1)
    by_sentence = Counter(e.sentence for e in planted.errors)
    alone = [e for e in planted.errors if by_sentence[e.sentence] == 1]
    assert {e.kind for e in alone} == {*SPAN_KINDS}
    for error in alone:
        gold = {*decode_spans(spans[error.sentence].tags, Scheme.IOB2)}
        new = {*decode_spans(planted.sentences[error.sentence].tags, Scheme.IOB2)}
        lost, added = sorted(gold - new), sorted(new - gold)
        if error.kind == "missed span":
            assert (len(lost), added) == (1, [])
        elif error.kind == "invented span":
            assert (lost, len(added)) == ([], 1)
        else:
            (start, end, label), (other_start, other_end, other) = *lost, *added
            moved = abs(start - other_start) + abs(end - other_end)
            right_type = error.kind == "wrong boundary"
            assert (moved, label == other) == (right_type, right_type)


def test_planted_tag_errors_are_what_they_say(tags):
    planted = plant_in_tags(tags, 0.1, 1)
    count = sum(map(len, tags))
    assert Counter(e.kind for e in planted.errors) == dict.fromkeys(TAG_KINDS, round(0.025 * count))
    places = [(e.sentence, at) for e in planted.errors for at in e.positions]
    assert {*places} == changed_tokens(tags, planted.sentences)
    assert len(places) == len({*places})
    frequency = Counter(tag for s in tags for tag in s.tags).most_common()
    pairs = {(t, tag) for s in tags for t, tag in zip(s.tokens, s.tags, strict=True)}
    also = {(a, b) for t, a in pairs for u, b in pairs if t == u}
    for error in planted.errors:
        old = [tags[error.sentence].tags[at] for at in error.positions]
        new = [planted.sentences[error.sentence].tags[at] for at in error.positions]
        if error.kind == "neighbours swapped":
            assert new == old[::-1]
            assert error.positions[1] == error.positions[0] + 1
        elif error.kind == "confusable tag":
            assert (old[0], new[0]) in also
        elif error.kind == "rare tag made the most frequent":
            assert new[0] == frequency[0][0]
            assert old[0] in {tag for tag, _ in frequency[len(frequency) // 2 :]}


def hand_corpus():
    """Six sentences of two tokens; errors of kind a in 0 and 3, of kind b (two tokens) in 3."""
    sentences = tuple(Sentence(tokens=("x", "y"), tags=("O", "O")) for _ in range(6))
    errors = [PlantedError("a", 0, (1,)), PlantedError("a", 3, (0,)), PlantedError("b", 3, (0, 1))]
    return PlantedCorpus(sentences, tuple(errors))


def test_what_the_first_sentences_show_by_all_random_continuations():
    planted = hand_corpus()
    for order in ([], [3], [1, 3], [3, 0, 1, 2, 4, 5]):
        rest = [n for n in range(6) if n not in order]
        for count in range(7):
            seen = []
            for tail in permutations(rest):
                first = {*[*order, *tail][:count]}
                seen.append([e.sentence in first for e in planted.errors])
            expected = [sum(column) / len(seen) for column in zip(*seen, strict=True)]
            shares = sentences_seen(planted.errors, order, count, 6)
            assert shares["a"] == pytest.approx(sum(expected[:2]) / 2)
            assert shares["b"] == pytest.approx(expected[2])
            assert shares[ALL] == pytest.approx(sum(expected) / 3)
    assert [best_share(planted, share) for share in (0.17, 0.34)] == [2 / 3, 1.0]


def test_what_the_first_tokens_show_by_all_random_continuations():
    planted = hand_corpus()
    everything = [(n, at) for n in range(6) for at in range(2)]
    for ranking in ([], [(3, 1)], [(5, 0), (0, 1)]):
        rest = [place for place in everything if place not in ranking]
        for count in (0, 1, 3, 6, 12):
            seen = []
            for tail in combinations(rest, max(0, count - len(ranking))):
                first = {*ranking[:count], *tail}
                seen.append(
                    [any((e.sentence, at) in first for at in e.positions) for e in planted.errors]
                )
            expected = [sum(column) / len(seen) for column in zip(*seen, strict=True)]
            shares = tokens_seen(planted.errors, ranking, count, 12)
            assert shares["a"] == pytest.approx(sum(expected[:2]) / 2)
            assert shares["b"] == pytest.approx(expected[2])


def test_a_ranking_is_looked_at_sentence_by_sentence(spans):
    planted = plant_in_spans(spans, 0.08, 1)
    right = [(e.sentence, e.positions[0]) for e in planted.errors]
    wrong = [(n, 0) for n in range(len(spans)) if n not in {s for s, _ in right}]
    looked = look(planted, right)
    assert looked.precision == 1.0
    assert look(planted, wrong).precision == 0.0
    assert look(planted, wrong).sentences[0.2][ALL] == 0.0
    first = [*dict.fromkeys(s for s, _ in right)][: round(0.05 * len(spans))]
    assert looked.sentences[0.05][ALL] == sum(s in first for s, _ in right) / len(right)
    shares = random_shares(planted, 0.2, seed=1)
    assert sum(shares) / len(shares) == pytest.approx(0.2, abs=0.02)


def test_the_tokens_of_the_first_sentences():
    assert tokens_read([4, 1, 5], [2], 1) == 0.5
    assert tokens_read([4, 1, 5], [2], 2) == 0.75  # one of the other two, of 2.5 tokens on average
    assert tokens_read([4, 1, 5], [], 3) == 1.0
