"""What the words of training say about plain text: which marks belong to a word, which parts are cut off.

Corpora differ: most have `'s` and `l'` as tokens of their own, some have `don't` whole. The word vocabulary
of a tagger tells how its corpus has it; no list of any language is asked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import regex

from seqlab.text.spelling import normalise

LETTERS = r"[\p{L}\p{M}]+"
FRONT = regex.compile(rf"{LETTERS}'")
END = regex.compile(rf"n't|'{LETTERS}|(?:-{LETTERS})+")
START = regex.compile("(?=n't$|['-])")  # where an end may begin
LONGEST = 100  # characters of what may be such a word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clitics:
    """Words of training, `fold_apostrophes`. Equal to itself alone, so that what hangs on it is remembered by it.

    fronts, ends: clitics, which are tokens of their own before and behind a word.
    whole: what stays in one piece: abbreviations with their full stop, clitics, and words that begin
    or end as if they had one.
    """

    fronts: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()

    def front(self, word: str) -> int:
        """The characters of the clitic at the front of a folded word, 0 for none.

        >>> Clitics(fronts=frozenset({"l'"})).front("l'eau")
        2
        """
        found = word.find("'") + 1
        return found if found < len(word) and word[:found] in self.fronts else 0

    def end(self, word: str) -> int:
        """Where the clitic at the end of a folded word begins, the longest there is; 0 for none.

        >>> Clitics(ends=frozenset({"-il", "-t-il"})).end("a-t-il")
        1
        """
        starts = (match.start() for match in START.finditer(word, 1))
        return next((start for start in starts if word[start:] in self.ends), 0)


def fold_apostrophes(word: str) -> str:
    """The normalised word, with one apostrophe for both.

    >>> fold_apostrophes("L’Île")
    "l'île"
    """
    return normalise(word).replace("’", "'")


def learn_clitics(words: Sequence[str]) -> Clitics:
    """What a vocabulary tells; its words come most frequent first, as `fit_vocabulary` has them.

    A word that could be cut stays whole where training has one of its parts less often than itself:
    so training has it whole more often than cut.

    >>> clitics = learn_clitics(["l'", "d'", "accord", "l'accord", "d'abord", "etc.", "."])
    >>> sorted(clitics.fronts), sorted(clitics.whole)
    (["d'", "l'"], ["d'", "d'abord", 'etc.', "l'"])
    """
    marked = first_ranks(words, lambda word: ("'" in word or "-" in word) and len(word) <= LONGEST)
    fronts = frozenset(filter(FRONT.fullmatch, marked))
    ends = frozenset(filter(END.fullmatch, marked))
    clitics = Clitics(fronts=fronts, ends=ends, whole=fronts | ends)
    taken = {word: split_clitics(word, clitics) for word in marked}
    ranks = first_ranks(words, {part for pieces in taken.values() for part in pieces}.__contains__)
    whole = frozenset(
        word
        for word, pieces in taken.items()
        if any(ranks.get(part, len(words)) > marked[word] for part in pieces)
    )
    stopped = abbreviations_of(first_ranks(words, lambda word: word.endswith(".")))
    return Clitics(fronts=fronts, ends=ends, whole=clitics.whole | whole | stopped)


def first_ranks(words: Iterable[str], wanted: Callable[[str], bool]) -> dict[str, int]:
    """By wanted word, its apostrophes alike, the place of the first that is spelt so: few of many words."""
    ranks: dict[str, int] = {}
    for rank, word in enumerate(words):
        alike = word.replace("’", "'") if "’" in word else word
        if wanted(alike):
            ranks.setdefault(alike, rank)
    return ranks


def split_clitics(word: str, clitics: Clitics) -> list[str]:
    """A folded word without its clitics, and these."""
    if word in clitics.whole:
        return [word]
    if front := clitics.front(word):
        return [word[:front], *split_clitics(word[front:], clitics)]
    if end := clitics.end(word):
        return [*split_clitics(word[:end], clitics), word[end:]]
    return [word]


def abbreviations_of(words: Iterable[str]) -> frozenset[str]:
    """The words of a vocabulary that end in a full stop of their own.

    >>> sorted(abbreviations_of(["u.s.", "mr.", "navy", ".", "...", "0."]))
    ['mr.', 'u.s.']
    """
    found = (word for word in words if word.endswith(".") and not word.endswith(".."))
    return frozenset(word for word in found if any(map(str.isalpha, word)))
