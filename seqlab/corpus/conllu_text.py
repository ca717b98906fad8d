"""The raw text of a CoNLL-U sentence, and where its words stand in it: `# text`, SpaceAfter=No and multiword ranges."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import add
from typing import NamedTuple

from seqlab.text.cutting import TokenOffsets

NO_SPACE = "SpaceAfter=No"
WHITE_SPACE = re.compile(r"\s*")


class SurfaceToken(NamedTuple):
    """A stretch of text without a division: one word, or all words of a range such as 1-2.

    form: as it stands in the text. words: the forms of its words. misc: the last cell of its line.
    """

    form: str
    words: Sequence[str]
    misc: str


def surface_tokens(rows: Iterable[Sequence[str]]) -> Iterator[SurfaceToken]:
    """Yield the surface tokens of a sentence's lines, as cells. Empty nodes such as 8.1 are left out."""
    last, form, misc = 0, "", ""
    words: list[str] = []
    for cells in rows:
        first, dash, end = cells[0].partition("-")
        if dash:
            form, misc, last, words = cells[1], cells[-1], int(end), []
        elif not first.isdecimal():
            continue
        elif int(first) <= last:
            words.append(cells[1])
            if int(first) == last:
                yield SurfaceToken(form, words, misc)
        else:
            yield SurfaceToken(cells[1], (cells[1],), cells[-1])


def joined_text(tokens: Sequence[SurfaceToken]) -> str:
    """The text of a sentence without `# text`: a space after each token unless MISC says SpaceAfter=No."""
    parts = [f"{t.form}" if NO_SPACE in t.misc.split("|") else f"{t.form} " for t in tokens]
    return "".join(parts).removesuffix(" ")


def word_offsets(tokens: Iterable[SurfaceToken], text: str) -> TokenOffsets | None:
    """Where each word stands in the text; None if the text does not consist of the tokens and white space.

    The words of a range divide its characters if they are its parts (do + n't), and share them all if not (de + el).
    """
    starts: list[int] = []
    ends: list[int] = []
    end = 0
    for token in tokens:
        start = end
        if not text.startswith(token.form, start):
            start = skip_space(text, start)
            if not text.startswith(token.form, start):
                return None
        end = start + len(token.form)
        if len(token.words) == 1 or "".join(token.words) != token.form:
            starts += [start] * len(token.words)
            ends += [end] * len(token.words)
            continue
        for word in token.words:
            starts.append(start)
            start += len(word)
            ends.append(start)
    if skip_space(text, end) < len(text):
        return None
    return TokenOffsets(tuple(starts), tuple(ends))


def plain_offsets(forms: Sequence[str], miscs: Sequence[str], text: str) -> TokenOffsets | None:
    """The same for a sentence without ranges, several times faster; None if `word_offsets` must look at it.

    It needs the text to be the forms with the spaces that MISC states.
    """
    ends_of_forms = ["" if NO_SPACE in misc else " " for misc in miscs]
    if "".join(chain.from_iterable(zip(forms, ends_of_forms, strict=True))).rstrip() != text:
        return None
    lengths = list(map(len, forms))
    steps = map(add, lengths, map(len, ends_of_forms))
    starts = tuple(accumulate(steps, initial=0))[:-1]
    return TokenOffsets(starts, tuple(map(add, starts, lengths)))


def skip_space(text: str, start: int) -> int:
    """The index of the first character from `start` on that is not white space."""
    match = WHITE_SPACE.match(text, start)
    return start if match is None else match.end()
