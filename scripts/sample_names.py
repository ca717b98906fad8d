"""Make the names of the sample corpus from parts, one set per split.

A split shares some of its mentions with the training split. All its other names, and their surnames and place words,
occur in no other split.
"""

import tomllib
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import TypeVar

HERE = Path(__file__).parent
Name = tuple[str, ...]
Value = TypeVar("Value")


class Dice:
    """Random choices built on `Random.random` alone.

    Python guarantees the same numbers in every version for that method only, so the corpus is the same on every machine.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - no secret

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, values: list[Value]) -> Value:
        """One of the values, all equally probable."""
        return values[int(self._random.random() * len(values))]

    def early(self, values: list[Value]) -> Value:
        """One of the values, early ones far more often, like well-known names."""
        return values[int(self._random.random() ** 1.4 * len(values))]

    def shuffled(self, values: list[Value]) -> list[Value]:
        """The values in another order."""
        return sorted(values, key=lambda _: self._random.random())


def read_lists(path: Path) -> dict[str, list[str]]:
    """Read a TOML file of comma-separated lists."""
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key: [entry.strip() for entry in value.split(",")] for key, value in lists.items()}


PARTS = read_lists(HERE / "sample_names.toml")
PATTERNS = tomllib.loads((HERE / "sample_grammar.toml").read_text(encoding="utf-8"))["names"]


@dataclass
class Names:
    """The names that one split can use.

    dice: source of random choices.
    taken: names of earlier splits, which this split must not use; this split's names are added.
    pool_sizes: number of names per type.
    borrowed: the training split's names, or None when this is the training split.
    borrowed_share: probability that a mention is one of those.
    """

    dice: Dice
    taken: set[str]
    pool_sizes: dict[str, int]
    borrowed: "Names | None" = None
    borrowed_share: float = 0.0
    pools: dict[str, list[Name]] = field(default_factory=dict)
    mine: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make every pool; names of later types may contain words of earlier types."""
        for kind in ("PLACEWORD", "SURNAME", "LOC", "PER", "PER_last", "ORG", "VES", "LAW", "MED"):
            self.pools[kind] = self._pool(kind)
        self.taken |= self.mine

    def draw(self, kind: str) -> Name:
        """One name of this type (`PER_last` is a surname alone)."""
        if self.borrowed is not None and self.dice.chance(self.borrowed_share):
            return self.borrowed.draw(kind)
        return self.dice.early(self.pools[kind])

    def _pool(self, kind: str) -> list[Name]:
        names: list[Name] = []
        patterns = cycle(PATTERNS[kind].strip().splitlines())
        while len(names) < self.pool_sizes[kind]:
            name = self._coin(next(patterns))
            key = " ".join(name).casefold()
            if name not in names and len(name) <= 4 and key not in self.taken:
                names.append(name)
                self.mine.add(key)
        return self.dice.shuffled(names)

    def _coin(self, pattern: str) -> Name:
        words: list[str] = []
        for token in pattern.split():
            words.extend(self._fill(token))
        return tuple(words)

    def _fill(self, token: str) -> Name:
        """Fill one token of a pattern: a literal, a `$POOL` of names, or `$parts` joined by `+`. `~` makes it lower case."""
        if token[0] == "$" and token[1:] in self.pools:
            return self.dice.early(self.pools[token[1:]])
        pieces = token.lstrip("~").split("+")
        word = "".join(self.dice.pick(PARTS[p[1:]]) if p[0] == "$" else p for p in pieces)
        return tuple((word.lower() if token[0] == "~" else word).split())
