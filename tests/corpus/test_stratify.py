"""The stratified split: classes on both sides, and shares no worse than those of `iterative-stratification`."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit

from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import Scheme, class_of_tag, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.errors import SettingsError, UserError
from tests import strategies

shares = st.floats(0.02, 0.98)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), shares, st.integers(0, 9))
def test_single_classes_are_on_both_sides(sizes, share, seed):
    sentences = [
        Sentence(tokens=(f"{kind}-{n}",), tags=(f"K{kind}",))
        for kind, size in enumerate(sizes)
        for n in range(size)
    ]
    if len(sentences) < 2:
        return
    sides = stratified_split(sentences, share, scheme=Scheme.PLAIN, seed=seed)
    for kind, size in enumerate(sizes):
        found = [sum(s.tags == (f"K{kind}",) for s in side) for side in sides]
        assert min(found) >= (size > 1)
        assert abs(found[1] - share * size) <= 1.5


@given(strategies.corpora(max_sentences=12), shares, st.integers(0, 9))
def test_sides_are_parts_in_order_and_share_no_sentence(corpus, share, seed):
    if len({s.tokens for s in corpus}) < 2:
        with pytest.raises(UserError, match="expected at least 2 different ones"):
            stratified_split(corpus, share, scheme=Scheme.PLAIN, seed=seed)
        return
    rest, part = stratified_split(corpus, share, scheme=Scheme.PLAIN, seed=seed)
    assert rest
    assert part
    assert not {s.tokens for s in rest} & {s.tokens for s in part}
    for side in (rest, part):
        wanted = {id(s) for s in side}
        assert [id(s) for s in corpus if id(s) in wanted] == [id(s) for s in side]
    assert len(rest) + len(part) == len(corpus)
    assert (rest, part) == stratified_split(corpus, share, scheme=Scheme.PLAIN, seed=seed)


def test_seeds_differ_and_sentences_without_spans_are_shared_out():
    sentences = [Sentence(tokens=(str(n),), tags=("O",)) for n in range(100)]
    parts = [stratified_split(sentences, 0.2, scheme=Scheme.IOB2, seed=s)[1] for s in range(3)]
    assert len({tuple(s.tokens for s in part) for part in parts}) == 3
    assert {len(part) for part in parts} == {20}


def test_repeated_sentences_count_as_often_as_they_stand():
    generator = np.random.default_rng(1)
    sentences = [
        Sentence(tokens=(f"w{int(generator.exponential(20))}",), tags=("X",)) for _ in range(2000)
    ]
    _, part = stratified_split(sentences, 0.25, scheme=Scheme.PLAIN, seed=1)
    assert abs(len(part) / 2000 - 0.25) < 0.01


def test_classes_that_cannot_all_be_on_both_sides():
    pairs = ("A B", "A C", "B C")
    sentences = [Sentence(tokens=tuple(p.split()), tags=tuple(p.split())) for p in pairs]
    for seed in range(5):
        rest, part = stratified_split(sentences, 0.3, scheme=Scheme.PLAIN, seed=seed)
        assert (len(rest), len(part)) == (2, 1)


TWO = [Sentence(tokens=("a",), tags=("O",)), Sentence(tokens=("b",), source="f:3")]
FRACTION = "expected a fraction between 0 and 1, such as 0.15"


@pytest.mark.parametrize(
    ("sentences", "share", "seed", "error", "message"),
    [
        (TWO, 1.5, 1, SettingsError, f"share = 1.5; {FRACTION}"),
        (TWO, 0, 1, SettingsError, f"share = 0; {FRACTION}"),
        (TWO, 1, 1, SettingsError, f"share = 1; {FRACTION}"),
        (TWO, "0.5", 1, SettingsError, f"share = '0.5'; {FRACTION}"),
        (TWO, 0.5, -1, SettingsError, "seed is -1; expected a whole number, 0 or more"),
        (TWO, 0.5, 1.0, SettingsError, "seed is 1.0; expected a whole number, 0 or more"),
        (TWO, 0.5, 0, UserError, "f:3: a sentence without tags can't be stratified"),
        (
            TWO[:1] * 3,
            0.5,
            1,
            UserError,
            "can't split 3 sentences, 1 of them different; expected at least 2 different ones",
        ),
        (
            [],
            0.5,
            1,
            UserError,
            "can't split 0 sentences, 0 of them different; expected at least 2 different ones",
        ),
    ],
)
def test_refusals(sentences, share, seed, error, message):
    with pytest.raises(error) as caught:
        stratified_split(sentences, share, scheme=Scheme.IOB2, seed=seed)
    assert str(caught.value) == message


class Reference:
    """The rule of the module, with the cost of each possible split summed up anew."""

    def __init__(self, sentences, units, scheme, *, count_units):
        self.units = list(dict.fromkeys(units))
        self.amounts = {unit: Counter({"units": 1} if count_units else {}) for unit in self.units}
        for sentence, unit in zip(sentences, units, strict=True):
            kinds = Counter(class_of_tag(tag, scheme) for tag in sentence.tags)
            if scheme is not Scheme.PLAIN:
                del kinds["O"]
            self.amounts[unit] += Counter({"size": 1})
            self.amounts[unit] += Counter({("holds", kind): 1 for kind in kinds})
            self.amounts[unit] += Counter({("tokens", kind): n for kind, n in kinds.items()})
        self.dealt, self.part = [], set()

    def cost(self, part):
        """The lacks of the part, squared: 4 for sentences, 1 for tokens and units, by all squared amounts."""
        total = 0.0
        for column in sorted({c for row in self.amounts.values() for c in row}, key=str):
            weight = 1 if column == "units" or column[0] == "tokens" else 4
            squares = sum(row[column] ** 2 for row in self.amounts.values())
            wanted = self.share * sum(self.amounts[unit][column] for unit in self.dealt)
            held = sum(self.amounts[unit][column] for unit in part)
            total += weight * (wanted - held) ** 2 / squares
        return total

    def gain(self, unit):
        """By how much the cost falls when the unit changes sides."""
        return self.cost(self.part) - self.cost(self.part ^ {unit})

    def split(self, share, seed):
        """The units in the part."""
        self.share = share
        holders = Counter(c for row in self.amounts.values() for c in row if c[0] == "holds")
        sentences = sum((Counter(row) for row in self.amounts.values()), Counter())
        rarest = {
            unit: min([sentences[c] for c in row if c[0] == "holds"], default=np.inf)
            for unit, row in self.amounts.items()
        }
        shuffled = [self.units[n] for n in np.random.default_rng(seed).permutation(len(self.units))]
        order = sorted(shuffled, key=rarest.__getitem__)
        for unit in order:
            self.dealt.append(unit)
            if self.gain(unit) > 0:
                self.part.add(unit)
        for unit in order * 2:
            if self.gain(unit) > 1e-12:
                self.part ^= {unit}
        columns = {c: None for row in self.amounts.values() for c in row if c[0] == "holds"}
        for column in sorted(["size", *columns], key=lambda c: holders[c] or len(self.units)):
            self.bring_to_both_sides(column)
        return self.part

    def sides(self, part):
        """The classes of two or more units that one side lacks."""
        held = Counter(c for unit in part for c in self.amounts[unit])
        every = Counter(c for row in self.amounts.values() for c in row)
        judged = [c for c in every if c == "size" or c[0] == "holds"]
        return {c for c in judged if every[c] > 1 and held[c] in (0, every[c])}

    def bring_to_both_sides(self, column):
        if column not in self.sides(self.part):
            return
        holding = [unit for unit in self.units if self.amounts[unit][column]]
        for unit in sorted(holding, key=self.gain, reverse=True):
            moved = self.part ^ {unit}
            if not self.sides(moved) & set(self.amounts[unit]):
                self.part = moved
                return


def random_corpus(seed, scheme):
    """40 sentences of few words, so that some are equal; class E is rare, and F occurs once."""
    dice = np.random.default_rng(seed)
    kinds = ["O", "A", "B", "C", "D", "E"]
    sentences = []
    for number in range(40):
        drawn = dice.choice(kinds, dice.integers(1, 5), p=[0.5, 0.2, 0.12, 0.1, 0.05, 0.03])
        tags = [
            kind if kind == "O" or scheme is Scheme.PLAIN else f"{letter}-{kind}"
            for kind, letter in zip(drawn, dice.choice(["B", "I"], len(drawn)), strict=True)
        ]
        if number == 20:
            tags[0] = "F" if scheme is Scheme.PLAIN else "B-F"
        tokens = (f"w{dice.integers(30)}", *"x" * (len(tags) - 1))
        sentences.append(Sentence(tokens=tokens, tags=tuple(tags), document=number // 2))
    return sentences


@pytest.mark.parametrize("share", [0.0337, 0.1871, 0.6113, 0.9371])
@pytest.mark.parametrize("scheme", [Scheme.IOB2, Scheme.PLAIN])
@pytest.mark.parametrize("by_documents", [True, False])
def test_the_split_is_that_of_the_reference(share, scheme, by_documents):
    for seed in range(3):
        sentences = random_corpus(seed, scheme)
        units = [s.document if by_documents else s.tokens for s in sentences]
        reference = Reference(sentences, units, scheme, count_units=by_documents)
        expected = reference.split(share, seed)
        _, part = stratified_split(
            sentences, share, scheme=scheme, seed=seed, units=units if by_documents else None
        )
        assert {s.document if by_documents else s.tokens for s in part} == expected
        assert len(part) == sum(unit in expected for unit in units)


def deviations(counts: np.ndarray, chosen: np.ndarray, share: float) -> np.ndarray:
    """Distance of the part from its share: the mean over classes, by sentences and by tokens."""
    holds = counts > 0
    by_sentences = holds[chosen].sum(0) / holds.sum(0)
    by_tokens = counts[chosen].sum(0) / counts.sum(0)
    return np.array([np.abs(by_sentences - share).mean(), np.abs(by_tokens - share).mean()])


@pytest.mark.parametrize("share", [0.15, 0.3])
@pytest.mark.parametrize(
    "file",
    ["gum_ner/CONLL-format/data/train/gum-train.conll",
     "wikigold/CONLL-format/data/wikigold.conll.txt"],
)  # fmt: skip
def test_no_worse_than_iterative_stratification(shared_data, file, share):
    sentences = read_corpus(shared_data / file).sentences
    scheme = detect_scheme(s.tags for s in sentences)
    rows = [Counter(class_of_tag(tag, scheme) for tag in s.tags) for s in sentences]
    classes = sorted({kind for row in rows for kind in row} - {"O"})
    counts = np.array([[row[kind] for kind in classes] for row in rows])
    ours, theirs = np.zeros(2), np.zeros(2)
    for seed in range(3):
        _, part = stratified_split(sentences, share, scheme=scheme, seed=seed)
        picked = {id(s) for s in part}
        chosen = np.array([id(s) in picked for s in sentences])
        ours += deviations(counts, chosen, share)
        splitter = MultilabelStratifiedShuffleSplit(n_splits=1, test_size=share, random_state=seed)
        (_, index), *_ = splitter.split(counts, counts > 0)
        theirs += deviations(counts, np.isin(np.arange(len(counts)), index), share)
        assert (counts[chosen].sum(0) > 0).all()
        assert (counts[~chosen].sum(0) > 0).all()
    assert ours[0] <= theirs[0] * 1.1
    assert ours[1] <= theirs[1] * 0.6


@pytest.mark.parametrize(("share", "size"), [(0.02, 1), (0.98, 9)])
def test_no_side_is_empty_without_classes(share, size):
    sentences = [Sentence(tokens=(str(n),), tags=("O",)) for n in range(10)]
    rest, part = stratified_split(sentences, share, scheme=Scheme.IOB2, seed=1)
    assert (len(rest), len(part)) == (10 - size, size)
