"""Parallel files: `seq.in` has a sentence of tokens a line, `seq.out` its tags, `label` its intent.

The form of the slot-filling corpora (ATIS, SNIPS). Cells are parted by spaces; there is no place
for weights, nor for metadata other than the label.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from sys import intern
from typing import TextIO

from seqlab.corpus.column_layout import split_cells
from seqlab.corpus.lines import NumberedLine, numbered_lines
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_blocks import UNWRITABLE
from seqlab.errors import CorpusError, UserError, nearest

EMPTY_LINES_SKIPPED = "empty lines skipped"
LABEL = "label"


def tokens_path(path: str | Path) -> Path:
    """The file of tokens: `path` itself, or `seq.in` (else the only `*.in`) of a directory.

    Raises CorpusError when a directory holds none, or several and no `seq.in`.
    """
    place = Path(path)
    if not place.is_dir():
        return place
    found = sorted(file for file in place.iterdir() if is_tokens_name(file.name))
    named = [file for file in found if file.name.startswith("seq.in")]
    if len(named or found) == 1:
        return (named or found)[0]
    close = nearest("seq.in", (file.name for file in place.iterdir()))
    fact = f"found {len(found)} files '*.in' in this directory; expected seq.in{close}"
    raise CorpusError(fact, path=str(path))


def is_tokens_name(name: str) -> bool:
    """Whether a file name ends as a file of tokens does: `.in`, or `.in.gz`."""
    return name.removesuffix(".gz").endswith(".in")


def tags_path(tokens: Path) -> Path:
    """The sibling with the tags: `x.out` of `x.in`.

    >>> tags_path(Path("atis/seq.in")).as_posix(), tags_path(Path("dev.in.gz")).as_posix()
    ('atis/seq.out', 'dev.out.gz')
    """
    if not is_tokens_name(tokens.name):
        fact = "expected the name of a file of tokens to end in '.in', that of its tags in '.out'"
        raise CorpusError(fact, path=str(tokens))
    packed = ".gz" if tokens.name.endswith(".gz") else ""
    stem = tokens.name.removesuffix(".gz").removesuffix(".in")
    return tokens.with_name(f"{stem}.out{packed}")


def read_parallel(
    path: str | Path, *, tagged: bool = True, notes: Counter[str] | None = None
) -> Iterator[Sentence]:
    """Yield the sentences of `X.in` and `X.out`; line i of one belongs to line i of the other.

    path: the directory that holds `seq.in` and `seq.out`, or the path of an `X.in`.
    tagged: False reads the tokens alone.
    notes: counts the lines that are empty in both.
    A file `label` beside them goes into metadata['label'].
    Raises CorpusError, with both places, when lines or tokens differ in number.
    """
    tokens = tokens_path(path)
    beside = tokens.with_name(LABEL)
    labels = numbered_lines(beside) if beside.is_file() else None
    if not tagged:
        yield from read_token_lines(numbered_lines(tokens), name=str(tokens), notes=notes)
        return
    notes = Counter() if notes is None else notes
    out = tags_path(tokens)
    for words, tags in _abreast(numbered_lines(tokens), numbered_lines(out), tokens, out):
        label = _label(words[0], labels, tokens, beside)
        sentence = _sentence(words, tags, label, str(tokens), str(out))
        if sentence is None:
            notes[EMPTY_LINES_SKIPPED] += 1
        else:
            yield sentence
    surplus = None if labels is None else next(labels, None)
    if surplus is not None and surplus[1]:
        fact = f"a label for which {tokens} has no line"
        raise CorpusError(fact, path=str(beside), line=surplus[0], text=surplus[1])


def read_token_lines(
    lines: Iterable[tuple[int, str]], *, name: str, notes: Counter[str] | None = None
) -> Iterator[Sentence]:
    """Yield a sentence without tags for each line of tokens parted by spaces; empty lines count."""
    notes = Counter() if notes is None else notes
    for number, line in lines:
        tokens = tuple(map(intern, split_cells(line, by_tab=False)))
        if tokens:
            yield Sentence(tokens=tokens, source=f"{name}:{number}")
        else:
            notes[EMPTY_LINES_SKIPPED] += 1


def _abreast(
    tokens: Iterator[NumberedLine], tags: Iterator[NumberedLine], tokens_path: Path, tags_path: Path
) -> Iterator[tuple[NumberedLine, NumberedLine]]:
    for words, labels in zip_longest(tokens, tags):
        if words is None or labels is None:
            longer, shorter = (tokens_path, tags_path) if words else (tags_path, tokens_path)
            number, text = words or labels
            if not text.strip():
                continue
            fact = f"there is no line {number} in {shorter}; expected as many lines in both files"
            raise CorpusError(fact, path=str(longer), line=number, text=text)
        yield words, labels


def _label(
    number: int, labels: Iterator[NumberedLine] | None, tokens: Path, beside: Path
) -> str | None:
    if labels is None:
        return None
    line = next(labels, None)
    if line is None:
        fact = f"there is no line {number}, for {tokens}:{number}; expected one label a sentence"
        raise CorpusError(fact, path=str(beside))
    return line[1]


def _sentence(
    words: NumberedLine, tags: NumberedLine, label: str | None, name: str, tags_name: str
) -> Sentence | None:
    tokens, labels = split_cells(words[1], by_tab=False), split_cells(tags[1], by_tab=False)
    if len(tokens) != len(labels):
        fact = f"{len(tokens)} tokens, but {len(labels)} tags at {tags_name}:{tags[0]}"
        raise CorpusError(fact, path=name, line=words[0], text=words[1])
    if not tokens:
        return None
    return Sentence(
        tokens=tuple(map(intern, tokens)),
        tags=tuple(map(intern, labels)),
        metadata=NOTHING if label is None else {LABEL: label},
        source=f"{name}:{words[0]}",
    )


def write_parallel(
    sentences: Iterable[Sentence], tokens: TextIO, tags: TextIO, labels: TextIO | None = None
) -> None:
    """Write one line a sentence to each stream; metadata['label'] to `labels` where it is given.

    Metadata other than the label is left out. Raises UserError for a sentence without tags or
    label, one with weights, and tokens or tags that hold white space of columns or lines.
    """
    for number, sentence in enumerate(sentences):
        if sentence.weight != 1.0 or sentence.token_weights is not None:
            raise UserError(
                f"{sentence.source}: seq.in and seq.out can't hold weights; write jsonl"
            )
        if sentence.tags is None:
            raise UserError(f"{sentence.source}: a sentence without tags can't fill seq.out")
        first = number == 0
        lines = [_line(cells, sentence, first) for cells in (sentence.tokens, sentence.tags)]
        label = _written_label(sentence, first) if labels else ""
        tokens.write(lines[0] + "\n")
        tags.write(lines[1] + "\n")
        if labels is not None:
            labels.write(label + "\n")


def _line(cells: tuple[str, ...], sentence: Sentence, first: bool) -> str:
    line = " ".join(cells)
    if not cells or tuple(split_cells(line, by_tab=False)) != cells or UNWRITABLE.search(line):
        odd = next((cell for cell in cells if " " in cell or UNWRITABLE.search(cell)), "")
        fact = f"{odd!r} is empty or holds white space; seq.in and seq.out can't hold it"
        raise UserError(f"{sentence.source}: {fact}")
    return _after_mark(line, sentence, first)


def _written_label(sentence: Sentence, first: bool) -> str:
    label = sentence.metadata.get(LABEL)
    if not isinstance(label, str) or UNWRITABLE.search(label):
        raise UserError(f"{sentence.source}: label {label!r}; expected one line of text")
    return _after_mark(label, sentence, first)


def _after_mark(line: str, sentence: Sentence, first: bool) -> str:
    if first and line.startswith("\ufeff"):
        fact = "U+FEFF at the beginning of the file would be read as a byte order mark"
        raise UserError(f"{sentence.source}: {fact}")
    return line
