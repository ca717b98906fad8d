"""Split a corpus in two, with every class on both sides and in equal shares.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, section 3) assigns units from the rarest
class to the most common, each to the side that lacks its class most. A unit is never divided: it is all
sentences with the same tokens, or all sentences of a document (`document_split.py`).

Here a side can lack three amounts: sentences that hold a class, tokens of a class, and sentences. For
documents the number of documents is a fourth; without it one side could get all the short ones. Each
unit goes where the sum of the squared lacks becomes smaller. Afterwards units of rare classes change
sides while that makes the sum smaller.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError, UserError
from seqlab.machine.numbers import is_number, is_whole

# Weight of a lack of sentences; a lack of tokens weighs 1. Measured on GUM, wikigold and EWT.
SENTENCE_LACK = 4.0
IMPROVING_ROUNDS = 2
UNITS_IMPROVED = 20_000

# Amounts are numbered by columns. Column 0: sentences. Column 2k + 1: sentences that hold class k.
# Column 2k + 2: tokens of class k. With K classes and given units, column 2K + 2: units.
SIZE = 0

UnitAmounts = list[tuple[int, int]]
"""(column, amount) pairs of one unit, without zeros."""


def stratified_split(
    sentences: Sequence[Sentence],
    share: float,
    *,
    scheme: Scheme,
    seed: int,
    units: Sequence[Hashable] | None = None,
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Split into (rest, part). `part` gets about `share` of the sentences and of each class.

    share: fraction of the sentences, between 0 and 1.
    scheme: of the tags. The classes are the entity types, or the plain tags.
    units: for each sentence its unit; None takes its tokens as its unit.
    Each side keeps the order of the input, and neither is empty. A class in two or more units ends up on
    both sides, unless another class would then vanish from one.
    Raises SettingsError for a share outside (0, 1). Raises UserError for sentences without tags, and when
    there are fewer than two units.
    """
    check_share(share, "share")
    if not is_whole(seed) or seed < 0:
        raise SettingsError(f"seed is {seed!r}; expected a whole number, 0 or more")
    keys: Sequence[Hashable] = [s.tokens for s in sentences] if units is None else units
    numbers: dict[Hashable, int] = {}
    unit_of = [numbers.setdefault(key, len(numbers)) for key in keys]  # by first occurrence
    rows = _amounts_by_unit(sentences, unit_of, scheme)
    if len(rows) < 2:
        fact = f"can't split {len(sentences)} sentences, {len(rows)} of them different"
        raise UserError(f"{fact}; expected at least 2 different ones")
    if units is not None:
        _count_units(rows)
    deal = _new_deal(rows)
    order = _from_rarest(rows, np.random.default_rng(seed))
    _deal_out(deal, order, share)
    _improve(deal, order[:UNITS_IMPROVED])
    _put_on_both_sides(deal)
    chosen = [deal.picked[unit] for unit in unit_of]
    rest = tuple(s for s, picked in zip(sentences, chosen, strict=True) if not picked)
    return rest, tuple(s for s, picked in zip(sentences, chosen, strict=True) if picked)


def check_share(share: float, what: str) -> None:
    """Raise SettingsError unless 0 < share < 1."""
    if not is_number(share) or not 0 < share < 1:
        fact = f"{what} = {share!r}"
        raise SettingsError(f"{fact}; expected a fraction between 0 and 1, such as 0.15")


def _amounts_by_unit(
    sentences: Sequence[Sentence], unit_of: list[int], scheme: Scheme
) -> list[UnitAmounts]:
    """Return the amounts of each unit, `SIZE` first."""
    classes: dict[str, int] = {}
    columns: dict[str, int] = {}
    rows: list[dict[int, int]] = [{} for _ in range(max(unit_of, default=-1) + 1)]
    for sentence, unit in zip(sentences, unit_of, strict=True):
        row = rows[unit]
        row[SIZE] = row.get(SIZE, 0) + 1
        for column, tokens in _class_tokens(sentence, scheme, classes, columns).items():
            row[column] = row.get(column, 0) + 1
            row[column + 1] = row.get(column + 1, 0) + tokens
    return [list(row.items()) for row in rows]


def _count_units(rows: list[UnitAmounts]) -> None:
    """Add a last column that counts units, so that one side does not get all the small ones."""
    last = max(column for row in rows for column, _ in row) + 2
    for row in rows:
        row.append((last, 1))


def _class_tokens(
    sentence: Sentence, scheme: Scheme, classes: dict[str, int], columns: dict[str, int]
) -> dict[int, int]:
    """Count the tokens of each class, by the column of the class. New classes are added to both dicts."""
    if sentence.tags is None:
        raise UserError(f"{sentence.source}: a sentence without tags can't be stratified")
    counts: dict[int, int] = {}
    for tag, tokens in Counter(sentence.tags).items():
        if tag == OUTSIDE_TAG and scheme is not Scheme.PLAIN:
            continue
        column = columns.get(tag)
        if column is None:
            class_name = class_of_tag(tag, scheme)
            column = columns[tag] = 2 * classes.setdefault(class_name, len(classes)) + 1
        counts[column] = counts.get(column, 0) + tokens
    return counts


@dataclass(frozen=True, slots=True)
class _Deal:
    """The state of the split: which units are in the part, and what the part lacks.

    rows: amounts of each unit. picked: for each unit, True when it is in the part.
    lack: for each column, the amount that the part should hold by now, minus what it holds.
    scale: for each column, the cost of a squared lack of 1.
    """

    rows: list[UnitAmounts]
    picked: list[bool]
    lack: list[float]
    scale: list[float]

    def cost_of_flip(self, unit: int) -> float:
        """Return by how much the cost rises when the unit changes sides; below 0 is better."""
        # scale * ((lack + a) ** 2 - lack ** 2) = scale * a * (a + 2 * lack) for a unit that leaves the part.
        sign = 2.0 if self.picked[unit] else -2.0
        return sum(self.scale[c] * a * (a + sign * self.lack[c]) for c, a in self.rows[unit])

    def flip(self, unit: int) -> None:
        """Move the unit to the other side."""
        sign = 1 if self.picked[unit] else -1
        for column, amount in self.rows[unit]:
            self.lack[column] += sign * amount
        self.picked[unit] = not self.picked[unit]


def _new_deal(rows: list[UnitAmounts]) -> _Deal:
    columns = 1 + max(column for row in rows for column, _ in row)
    squares = [0] * columns
    for row in rows:
        for column, amount in row:
            squares[column] += amount * amount
    # Divided by the squares of all amounts of the column, so that rare classes cost as much as common ones.
    scale = [
        (1.0 if column % 2 == 0 and column != SIZE else SENTENCE_LACK) / max(square, 1)
        for column, square in enumerate(squares)
    ]
    return _Deal(rows, [False] * len(rows), [0.0] * columns, scale)


def _from_rarest(rows: list[UnitAmounts], generator: np.random.Generator) -> list[int]:
    """Order the units from the rarest class to the most common. Units without a class come last."""
    holders: dict[int, int] = {}
    for row in rows:
        for column, amount in row:
            holders[column] = holders.get(column, 0) + amount
    # Larger than the count of any class, so that only units without a class get this rarity.
    holders[SIZE] = len(rows) * max(holders.values())
    rarity = np.array([min(holders[c] for c, _ in row if c % 2 or c == SIZE) for row in rows])
    # The stable sort keeps the shuffled order among units of equal rarity.
    shuffled = generator.permutation(len(rows))
    ordered: list[int] = shuffled[np.argsort(rarity[shuffled], kind="stable")].tolist()
    return ordered


def _deal_out(deal: _Deal, order: Iterable[int], share: float) -> None:
    """Put each unit where the cost becomes smaller. Inlines `cost_of_flip`, since most time goes here."""
    rows, lack, scale = deal.rows, deal.lack, deal.scale
    for unit in order:
        cost = 0.0
        for column, amount in rows[unit]:
            # A unit that is dealt out raises what the part should hold by `share` of it, on either side.
            lacking = lack[column] = lack[column] + share * amount
            cost += scale[column] * amount * (amount - 2.0 * lacking)
        if cost < 0:
            deal.flip(unit)


def _improve(deal: _Deal, order: Sequence[int]) -> None:
    """Let units change sides while that lowers the cost."""
    for _ in range(IMPROVING_ROUNDS):
        for unit in order:
            if deal.cost_of_flip(unit) < -1e-12:
                deal.flip(unit)


def _put_on_both_sides(deal: _Deal) -> None:
    """For each class that one side lacks, move its cheapest unit there, from the rarest class on."""
    holders = _units_by_column(deal.rows)
    inside = {c: sum(deal.picked[unit] for unit in units) for c, units in holders.items()}
    for column, units in sorted(holders.items(), key=lambda item: len(item[1])):
        if len(units) < 2 or 0 < inside[column] < len(units):
            continue
        for unit in sorted(units, key=deal.cost_of_flip):
            step = -1 if deal.picked[unit] else 1
            touched = [c for c, _ in deal.rows[unit] if c in inside]
            # No class of two or more units may vanish from a side. A class of one unit may move freely.
            if all(len(holders[c]) < 2 or 0 < inside[c] + step < len(holders[c]) for c in touched):
                deal.flip(unit)
                inside.update({c: inside[c] + step for c in touched})
                break


def _units_by_column(rows: list[UnitAmounts]) -> dict[int, list[int]]:
    """Return the units that hold each class, by the column of its sentences; all units under `SIZE`."""
    holders: dict[int, list[int]] = {}
    for unit, row in enumerate(rows):
        for column, _ in row:
            if column % 2 or column == SIZE:
                holders.setdefault(column, []).append(unit)
    return holders
