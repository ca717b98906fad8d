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
OTHERS = (
    *(
        "Latin",
        "Greek",
        "Cyrillic",
        "Arabic",
        "Hebrew",
        "Devanagari",
        "Bengali",
        "Gurmukhi",
        "Gujarati",
    ),
    *(
        "Tamil",
        "Telugu",
        "Kannada",
        "Malayalam",
        "Sinhala",
        "Tibetan",
        "Georgian",
        "Armenian",
        "Hangul",
    ),
    *("Ethiopic", "Syriac", "Thaana", "Mongolian", "Bopomofo", "Yi"),
)
SINGLE_SHARE = (
    0.95  # share of a script's training words that are one character, from which all are cut so
)
SINGLE_CORPUS = 0.5  # the same share of the whole vocabulary, from which this holds for any script
EAST_ASIAN_MARKS = (
    r"\u3001-\u303f\u3099-\u309c\u30fb\u30fc\uff01-\uff0f\uff1a-\uff20\uff5f-\uff65\uff70"
)
GRAPHEME = regex.compile(r"\X")


def characters_of(scripts: Iterable[str]) -> "regex.Pattern[str]":
    """Return a pattern for one character of any of the scripts, or an East Asian punctuation mark."""
    classes = (r"\p{Nd}" if name == DIGITS else rf"\p{{Script={name}}}" for name in scripts)
    return regex.compile(f"[{''.join(classes)}{EAST_ASIAN_MARKS}]")


ANY_UNSPACED = characters_of(UNSPACED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnspacedRules:
    """How runs of text without spaces are cut.

    character: matches one character of the scripts that are cut.
    words: training words of two or more characters, as `normalise` writes them.
    lengths: the lengths of the words by their first character, the longest first.
    cuts_ascii: whether `character` matches ASCII letters or digits.
    """

    character: "regex.Pattern[str]" = ANY_UNSPACED
    words: frozenset[str] = frozenset()
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    cuts_ascii: bool = False

    def split(self, text: str) -> Iterator[tuple[str, bool]]:
        """Yield the pieces of text that holds no white space; True marks those that are tokens already.

        >>> rules = learn_unspaced(["北京", "在"])
        >>> list(rules.split("Ada在北京大"))
        [('Ada', False), ('在', True), ('北京', True), ('大', True)]
        """
        folded = normalise(text)
        folded = folded if len(folded) == len(text) else text  # İ is two characters in lower case
        start, end = 0, len(text)
        while start < end:
            length = self.word_length(folded, start)
            if length or self.character.match(text, start):
                stop = start + length if length else GRAPHEME.match(text, start).end()
                yield text[start:stop], True
            else:
                stop = self.end_of_others(text, start)
                yield text[start:stop], False
            start = stop

    def word_length(self, folded: str, start: int) -> int:
        """Return the length of the longest training word at a position, or 0."""
        lengths = self.lengths.get(folded[start], ())
        return next((n for n in lengths if folded[start : start + n] in self.words), 0)

    def end_of_others(self, text: str, start: int) -> int:
        """Return where the next character of these scripts begins, or the length of the text."""
        match = self.character.search(text, start)
        return match.start() if match else len(text)


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
        character=characters_of([*UNSPACED, *others]),
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
