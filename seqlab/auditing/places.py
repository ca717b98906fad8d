"""The line of a token in its file; a sentence only knows the line of its first one.

The file is read again from the sentence's line on: comments, multiword ranges and empty nodes stand
between tokens, so that counting lines would miss.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from seqlab.corpus.lines import numbered_lines
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError


def token_places(tokens: Sequence[tuple[Sentence, int]]) -> list[str]:
    """'path:line' of each token, given as a sentence and a position; of its sentence at worst."""
    wanted: defaultdict[str, dict[int, Sentence]] = defaultdict(dict)
    for sentence, _ in tokens:
        path, line = split_source(sentence)
        wanted[path][line] = sentence
    lines = {path: lines_of_sentences(path, starts) for path, starts in wanted.items()}
    places = []
    for sentence, position in tokens:
        path, line = split_source(sentence)
        found = lines[path].get(line, [])
        places.append(f"{path}:{found[position]}" if position < len(found) else sentence.source)
    return places


def split_source(sentence: Sentence) -> tuple[str, int]:
    """The path and the line of a sentence; line 0 where its source says none."""
    path, _, line = sentence.source.rpartition(":")
    return (path, int(line)) if line.isdecimal() else (sentence.source, 0)


def lines_of_sentences(path: str, starts: Mapping[int, Sentence]) -> dict[int, list[int]]:
    """For the sentence that begins at each line, the line of every token as far as they are found."""
    found: dict[int, list[int]] = {line: [] for line in starts}
    current, tokens = 0, tuple[str, ...]()
    try:
        for number, text in numbered_lines(path) if Path(path).is_file() else ():
            if number in starts:
                current, tokens = number, starts[number].tokens
            done = len(found[current]) if current else 0
            if current and done < len(tokens) and tokens[done] in cells(text):
                found[current].append(number)
    except CorpusError:
        return {}  # the file has changed since it was read
    return found


def cells(text: str) -> list[str]:
    """What may be a token on a line of columns."""
    return text.split("\t") if "\t" in text else text.split(" ")
