"""The spans that are counted are those of `conlleval`, on random tags, legal or not."""

import random

import pytest

import seqlab
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.scoring.pairs import pair_tags
from seqlab.scoring.span_counts import span_counts
from seqlab.scoring.spans import default_counts
from tests.scoring.conlleval import Conlleval

TAGS = ["O", *(f"{letter}-{name}" for letter in "BI" for name in ("PER", "LOC", "A-B"))]
TOGETHER = 20  # sentences scored in one call


def random_pair(dice):
    """Gold and predicted tags. Most predictions equal the gold tag, so that many spans are right, or right in part."""
    gold = dice.choices(TAGS, k=dice.randrange(13))
    wrong = dice.choice((0, 0.1, 0.5))
    return gold, [dice.choice(TAGS) if dice.random() < wrong else tag for tag in gold]


def triples(counts):
    return {name: (one.correct, one.predicted, one.support) for name, one in counts.items()}


def check_against_conlleval(seed):
    dice = random.Random(seed)  # noqa: S311
    gold, predicted = zip(*(random_pair(dice) for _ in range(TOGETHER)), strict=True)
    script = Conlleval()
    for pair in zip(gold, predicted, strict=True):
        script.sentence(*pair)
    expected = script.counts()
    scheme = dice.choice((Scheme.IOB1, Scheme.IOB2))
    assert triples(span_counts(pair_tags(gold, predicted), scheme)) == expected
    assert triples(default_counts(gold, predicted, scheme)) == expected
    spans = [span for tags in gold for span in decode_spans(tags, scheme)]
    for name, (_, _, support) in expected.items():
        assert sum(span[2] == name for span in spans) == support
    figures = seqlab.score(gold, predicted, scheme, strict=False)
    assert figures.token_accuracy == script.correct_tags / script.tokens
    right, guessed, support = map(sum, zip(*expected.values(), strict=True))
    assert figures.micro_f1 == 2 * right / (guessed + support)
    return right, guessed, support


def test_counts_are_those_of_conlleval():
    totals = [check_against_conlleval(seed) for seed in range(100)]  # 2,000 sequences
    right, guessed, support = map(sum, zip(*totals, strict=True))
    assert 0.3 < right / guessed < 0.9  # the pairs are neither all right nor all wrong
    assert support > 5_000


@pytest.mark.slow
def test_counts_are_those_of_conlleval_on_a_hundred_thousand_sequences():
    for seed in range(100, 5_100):
        check_against_conlleval(seed)


@pytest.mark.parametrize(
    ("tags", "script", "ours", "why"),
    [
        ("B-PER E-PER B-PER E-PER", 1, 2, "conlleval has no rule for a B after an E"),
        ("S-PER S-PER", 1, 2, "conlleval does not know S: only a new type begins a chunk there"),
        ("B-PER S-PER", 1, 2, "as before"),
        ("B-PER E-PER I-PER", 2, 2, "both begin a chunk after an E"),
        ("O E-PER", 1, 1, "both begin a chunk with an E after O"),
    ],
)
def test_in_iobes_conlleval_and_seqeval_differ_and_we_count_as_seqeval(tags, script, ours, why):
    from seqeval.metrics.sequence_labeling import get_entities

    tags = tags.split()
    reference = Conlleval()
    reference.sentence(tags, tags)
    assert reference.counts() == {"PER": (script, script, script)}, why
    assert len(get_entities(tags)) == ours
    assert triples(default_counts([tags], [tags], Scheme.IOBES)) == {"PER": (ours,) * 3}
    assert len(decode_spans(tags, Scheme.IOBES)) == ours


def test_the_reference_counts_the_example_of_a_wrong_border():
    """By hand: LOC is right, PER is one token short, and a second PER is invented."""
    reference = Conlleval()
    reference.sentence(
        ["B-PER", "I-PER", "O", "B-LOC", "O", "O"], ["B-PER", "O", "O", "B-LOC", "O", "I-PER"]
    )
    assert reference.counts() == {"PER": (0, 2, 1), "LOC": (1, 1, 1)}
    assert (reference.correct_tags, reference.tokens) == (4, 6)
