"""Learn from the training words how to split plain text: clitics, abbreviations, and words to keep whole.

Corpora differ: most have `'s` and `l'` as separate tokens, some keep `don't` whole. The word vocabulary of a
tagger shows what its corpus does. No word list of any language is needed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import regex

from seqlab.text.unspaced import UNTRAINED_UNSPACED, UnspacedRules, learn_unspaced

LETTERS = r"[\p{L}\p{M}]+"
FRONT = regex.compile(rf"{LETTERS}'")
END = regex.compile(rf"n't|'{LETTERS}|(?:-{LETTERS})+")
START = regex.compile("(?=n't$|['-])")  # where an end clitic may begin
LONGEST = 100  # longest word, in characters, that is split


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenRules:
    """How text is split into the tokens of a training corpus; its words as `fold_apostrophes` writes them.

    fronts, ends: clitics that are separate tokens before and after a word.
    whole: words that are not split: abbreviations with their full stop, the clitics themselves, and words
        that only look as if they had a clitic.
    unspaced: how scripts without spaces are cut.
    Two objects are equal only when they are the same object, so that caches can use one as a key.
    """

    fronts: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    unspaced: UnspacedRules = UNTRAINED_UNSPACED

    def front(self, word: str) -> int:
        """Return the length of the clitic at the front of a folded word, or 0.

        >>> TokenRules(fronts=frozenset({"l'"})).front("l'eau")
        2
        """
        length = word.find("'") + 1
        return length if length < len(word) and word[:length] in self.fronts else 0

    def end(self, word: str) -> int:
        """Return the index at which the longest end clitic of a folded word begins, or 0.

        >>> TokenRules(ends=frozenset({"-il", "-t-il"})).end("a-t-il")
        1
        """
        starts = (match.start() for match in START.finditer(word, 1))
        return next((start for start in starts if word[start:] in self.ends), 0)


def learn_token_rules(words: Sequence[str]) -> TokenRules:
    """Learn clitics, whole words and the words of scripts without spaces from a vocabulary.

    words: vocabulary entries, the most frequent first, as from `fit_vocabulary`.
    A word that could be split stays whole when one of its parts is rarer than the word itself. Then the
    corpus has it whole more often than split.

    >>> token_rules = learn_token_rules(["l'", "d'", "accord", "l'accord", "d'abord", "etc.", "."])
    >>> sorted(token_rules.fronts), sorted(token_rules.whole)
    (["d'", "l'"], ["d'", "d'abord", 'etc.', "l'"])
    """
    marked = first_ranks(words, lambda word: ("'" in word or "-" in word) and len(word) <= LONGEST)
    fronts = frozenset(filter(FRONT.fullmatch, marked))
    ends = frozenset(filter(END.fullmatch, marked))
    token_rules = TokenRules(fronts=fronts, ends=ends, whole=fronts | ends)
    split = {word: split_clitics(word, token_rules) for word in marked}
    ranks = first_ranks(words, {part for pieces in split.values() for part in pieces}.__contains__)
    whole = frozenset(
        word
        for word, pieces in split.items()
        if any(ranks.get(part, len(words)) > marked[word] for part in pieces)
    )
    abbreviations = abbreviations_of(first_ranks(words, lambda word: word.endswith(".")))
    return TokenRules(
        fronts=fronts,
        ends=ends,
        whole=token_rules.whole | whole | abbreviations,
        unspaced=learn_unspaced(words),
    )


def first_ranks(words: Iterable[str], wanted: Callable[[str], bool]) -> dict[str, int]:
    """Return the first position of each wanted word, with ’ written as '. Only wanted words are kept."""
    ranks: dict[str, int] = {}
    for rank, word in enumerate(words):
        straight = word.replace("’", "'") if "’" in word else word
        if wanted(straight):
            ranks.setdefault(straight, rank)
    return ranks


def split_clitics(word: str, token_rules: TokenRules) -> list[str]:
    """Split a folded word into its clitics and the rest."""
    if word in token_rules.whole:
        return [word]
    if front := token_rules.front(word):
        return [word[:front], *split_clitics(word[front:], token_rules)]
    if end := token_rules.end(word):
        return [*split_clitics(word[:end], token_rules), word[end:]]
    return [word]


def abbreviations_of(words: Iterable[str]) -> frozenset[str]:
    """Return the words that end in exactly one full stop and hold a letter.

    >>> sorted(abbreviations_of(["u.s.", "mr.", "navy", ".", "...", "0."]))
    ['mr.', 'u.s.']
    """
    stopped = (word for word in words if word.endswith(".") and not word.endswith(".."))
    return frozenset(word for word in stopped if any(map(str.isalpha, word)))
