"""Objects of a file of JSON: one per line, or the elements of one array over any number of lines."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from seqlab.errors import CorpusError
from seqlab.text.lines import LONGEST_LINE, NumberedLine, NumberedLines

ARRAY_OPENS = re.compile(r"\s*\[\s*(?:\{|$|\]\s*$)")
MARK = re.compile(r'"(?:[^"\\]|\\.)*"?|[][{},]')  # a string, a bracket or a comma


def json_objects(lines: Iterable[NumberedLine], name: str) -> NumberedLines:
    """Yield the text of each object with the number of its first line.

    If the first line opens an array of objects, yields each element as soon as its end has been read. Otherwise
    yields the lines that are not blank. name: the file, for errors.
    Raises CorpusError for an array that does not end, or that is followed by more text.
    """
    filled = ((number, line) for number, line in lines if line and not line.isspace())
    first = next(filled, None)
    if first is None:
        return
    every = chain([first], filled)
    yield from _array_elements(every, name) if ARRAY_OPENS.match(first[1]) else every


def _array_elements(lines: NumberedLines, name: str) -> Iterator[NumberedLine]:
    """Yield the elements of an array. The first line opens it."""
    depth = number = start = size = 0
    parts: list[str] = []
    for number, line in lines:
        begin = 0
        for mark in MARK.finditer(line):
            sign = mark[0]
            if depth == 1 and sign in (",", "]"):
                text = "\n".join([*parts, line[begin : mark.start()]])
                if text.strip() or sign == ",":
                    yield (start if parts else number), text.strip()
                parts, begin, size = [], mark.end(), 0
            if sign in ("[", "{"):
                depth += 1
                begin = mark.end() if depth == 1 else begin
            elif sign in ("]", "}"):
                depth -= 1
            if depth == 0:
                _refuse_rest(line[mark.end() :], number, lines, name)
                return
        rest = line[begin:]
        if rest.strip() or parts:
            start = start if parts else number
            parts.append(rest)
            size += len(rest)
        if size > LONGEST_LINE:
            fact = f"an element of the array is longer than {LONGEST_LINE} characters"
            raise CorpusError(f"{fact}; is a bracket missing?", path=name, line=start)
    fact = "the array of the file does not end: a bracket is missing, or the file was cut"
    raise CorpusError(fact, path=name, line=number)


def _refuse_rest(rest: str, number: int, lines: NumberedLines, name: str) -> None:
    """Raise CorpusError for text after the array."""
    for line, text in chain([(number, rest)], lines):
        if text.strip():
            fact = "text follows the array of the file; expected one array, or one object per line"
            raise CorpusError(fact, path=name, line=line, text=text)
