"""The line of each token in its file. A sentence only knows the line of its first token."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError
from seqlab.text.lines import numbered_lines


def token_sources(tokens: Sequence[tuple[Sentence, int]]) -> list[str]:
    """'path:line' of each token; that of its sentence if the token's own line is not found.

    tokens: a sentence, and the position of the token in it.
    """
    starts: defaultdict[str, dict[int, Sentence]] = defaultdict(dict)
    for sentence, _ in tokens:
        path, line = split_source(sentence)
        starts[path][line] = sentence
    lines = {path: token_lines(path, sentences) for path, sentences in starts.items()}
    sources = []
    for sentence, position in tokens:
        path, line = split_source(sentence)
        of_sentence = lines[path].get(line, [])
        known = position < len(of_sentence)
        sources.append(f"{path}:{of_sentence[position]}" if known else sentence.source)
    return sources


def split_source(sentence: Sentence) -> tuple[str, int]:
    """The path and the line of a sentence; line 0 if its source has none."""
    path, _, line = sentence.source.rpartition(":")
    return (path, int(line)) if line.isdecimal() else (sentence.source, 0)


def token_lines(path: str, starts: Mapping[int, Sentence]) -> dict[int, list[int]]:
    """The line of each token of the wanted sentences.

    starts: the wanted sentences, by their first line. Returns lists of lines, by the same first line. A list ends
    at the first token that is not there.
    """
    lines: dict[int, list[int]] = {line: [] for line in starts}
    current, tokens = 0, tuple[str, ...]()
    try:
        for number, text in numbered_lines(path) if Path(path).is_file() else ():
            if number in starts:
                current, tokens = number, starts[number].tokens
            done = len(lines[current]) if current else 0
            # The next token of the sentence; comments and lines without a token are skipped.
            columns = text.split("\t" if "\t" in text else " ")
            if current and done < len(tokens) and tokens[done] in columns:
                lines[current].append(number)
    except CorpusError:
        return {}  # the file has changed since it was read
    return lines
