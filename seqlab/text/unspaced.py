"""Cut scripts that write words without spaces: into words of the training corpus, else into single characters.

Maximum matching: from left to right, the longest training word that fits, as in Wong and Chan, "Chinese word
identification based on maximum matching and association" (1996).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

import regex

from seqlab.text.spelling import normalise

UNSPACED = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar")
DIGITS = "digits"
# fmt: off
OTHERS = (
    "Latin", "Greek", "Cyrillic", "Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Tamil", "Telugu",
    "Kannada", "Malayalam", "Sinhala", "Tibetan", "Georgian", "Armenian", "Hangul", "Ethiopic", "Syriac", "Thaana",
    "Mongolian", "Bopomofo", "Yi",
)
# fmt: on
SINGLE_SHARE = 0.95
"""A script is cut into characters if at least this share of its training words are single characters."""
SINGLE_CORPUS = 0.5
"""Scripts with spaces are cut so only if this share of the whole vocabulary are single characters."""
EAST_ASIAN_MARKS = (
    r"\u3001-\u303f\u3099-\u309c\u30fb\u30fc\uff01-\uff0f\uff1a-\uff20\uff5f-\uff65\uff70"
)
GRAPHEME = regex.compile(r"\X")
EXTENSION = regex.compile(r"[\p{M}\p{GCB=Extend}]")  # continues the grapheme before it


@cache
def characters_of(scripts: tuple[str, ...]) -> "regex.Pattern[str]":
    """Return a pattern for one character of any of the scripts, or an East Asian punctuation mark."""
    classes = (r"\p{Nd}" if name == DIGITS else rf"\p{{Script={name}}}" for name in scripts)
    return regex.compile(f"[{''.join(classes)}{EAST_ASIAN_MARKS}]")


ANY_UNSPACED = characters_of(UNSPACED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnspacedRules:
    """How runs of text without spaces are cut.

    scripts: those that are cut.
    words: training words of two or more characters, as `normalise` writes them.
    lengths: the lengths of the words by their first character, the longest first.
    cuts_ascii: whether the scripts have ASCII letters or digits.
    Holds plain values only, so that it can be part of a cache's key.
    """

    scripts: tuple[str, ...] = UNSPACED
    words: frozenset[str] = frozenset()
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    cuts_ascii: bool = False

    @property
    def character(self) -> "regex.Pattern[str]":
        """A pattern for one character of the scripts that are cut, or an East Asian punctuation mark."""
        return characters_of(self.scripts)

    def split(self, text: str) -> Iterator[tuple[str, bool]]:
        """Yield the pieces of text that holds no white space; True marks those that are tokens already.

        >>> rules = learn_unspaced(["北京", "在"])
        >>> list(rules.split("Ada在北京大"))
        [('Ada', False), ('在', True), ('北京', True), ('大', True)]
        """
        character, folded = self.character, normalise(text)
        folded = folded if len(folded) == len(text) else text  # İ is two characters in lower case
        start, end = 0, len(text)
        while start < end:
            length = self.word_length(folded, start)
            if length or character.match(text, start):
                stop = start + length if length else GRAPHEME.match(text, start).end()
                yield text[start:stop], True
            else:
                next_one = character.search(text, start)
                stop = next_one.start() if next_one else end
                yield text[start:stop], False
            start = stop

    def word_length(self, folded: str, start: int) -> int:
        """Return the length of the longest training word at a position, or 0."""
        for length in self.lengths.get(folded[start], ()):
            stop = start + length
            if folded[start:stop] in self.words and not EXTENSION.match(folded, stop):
                return length
        return 0


UNTRAINED_UNSPACED = UnspacedRules()


def learn_unspaced(words: Sequence[str]) -> UnspacedRules:
    """Learn from the vocabulary of a training corpus which scripts are cut into characters, which into words.

    words: vocabulary entries. A script whose words are nearly all single characters is cut into characters:
    any script if most of the vocabulary is single characters, else only scripts without spaces.

    >>> rules = learn_unspaced(["张", "三", "去", "a", "b"])
    >>> [piece for piece, _ in rules.split("张三ab")]
    ['张', '三', 'a', 'b']
    """
    by_script: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        if script := script_of(word[:1]):
            by_script[script].append(word)
    single = {name for name, its in by_script.items() if share_of_single(its) >= SINGLE_SHARE}
    of_characters = share_of_single(list(chain(*by_script.values()))) > SINGLE_CORPUS
    others = single.difference(UNSPACED) if of_characters else ()
    kept = frozenset(
        word
        for word in words
        if len(word) > 1 and script_of(word[0]) not in single and ANY_UNSPACED.search(word)
    )
    return UnspacedRules(
        scripts=(*UNSPACED, *others),
        words=kept,
        lengths=lengths_of(kept),
        cuts_ascii=not {"Latin", DIGITS}.isdisjoint(others),
    )


def share_of_single(words: Sequence[str]) -> float:
    """Return the share of words that are one character, marks aside."""
    single = sum(len(word) == 1 or GRAPHEME.fullmatch(word) is not None for word in words)
    return single / len(words) if words else 0.0


def lengths_of(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return, by first character, the lengths of the words that begin with it, the longest first."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for word in words:
        lengths[word[0]].add(len(word))
    return {first: tuple(sorted(its, reverse=True)) for first, its in lengths.items()}


@cache
def script_of(character: str) -> str:
    """Return the script of a character, `DIGITS` for a digit, or an empty string."""
    if character.isdecimal():
        return DIGITS
    scripts = (*UNSPACED, *OTHERS)
    return next((s for s in scripts if regex.match(rf"\p{{Script={s}}}", character)), "")
