"""Read and write parallel files: a line of `seq.in` is a sentence, `seq.out` has its tags, `label` its intent.

The slot-filling corpora (ATIS, SNIPS) use this format. Spaces separate tokens and tags. The format cannot
hold weights, nor metadata other than the label.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from sys import intern
from typing import TextIO

from seqlab.corpus.column_layout import split_cells
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_blocks import UNWRITABLE
from seqlab.errors import CorpusError, UserError, nearest
from seqlab.machine.wording import plural
from seqlab.text.lines import NumberedLine, numbered_lines

EMPTY_LINES_SKIPPED = "empty lines skipped"
LABEL = "label"
MANIFEST = "manifest.json"  # of the directory of a run


def tokens_path(path: str | Path) -> Path:
    """Return the file of tokens: `path` itself, or `seq.in` of a directory, or its only `*.in`.

    Raises CorpusError when a directory holds no `*.in`, or several but no `seq.in`.
    """
    path = Path(path)
    if not path.is_dir():
        return path
    candidates = sorted(file for file in path.iterdir() if is_tokens_name(file.name))
    named = [file for file in candidates if file.name.startswith("seq.in")]
    if len(named or candidates) == 1:
        return (named or candidates)[0]
    if not candidates:
        raise CorpusError(_what_is_there(path), path=str(path))
    close = nearest("seq.in", (file.name for file in path.iterdir()))
    fact = f"found {len(candidates)} files '*.in' in this directory; expected seq.in{close}"
    raise CorpusError(fact, path=str(path))


def _what_is_there(folder: Path) -> str:
    """Say what a folder without a file of tokens is, and what a corpus would be."""
    if (folder / MANIFEST).is_file():
        return "this is the directory of a trained run; expected a corpus"
    known = "seq.in and seq.out, .txt and .ann of brat, .xmi of UIMA, or .parquet"
    names = [file.name for file in folder.iterdir() if file.is_file()]
    example = f"; or give one of its files, such as {folder / min(names)}" if names else ""
    return f"found no corpus in this folder; expected {known}{example}{nearest('seq.in', names)}"


def is_tokens_name(name: str) -> bool:
    """Tell whether a file name ends in `.in` or `.in.gz`."""
    return name.removesuffix(".gz").endswith(".in")


def tags_path(tokens: Path) -> Path:
    """Return the file of tags beside a file of tokens: `x.out` for `x.in`.

    >>> tags_path(Path("atis/seq.in")).as_posix(), tags_path(Path("dev.in.gz")).as_posix()
    ('atis/seq.out', 'dev.out.gz')
    """
    if not is_tokens_name(tokens.name):
        fact = "expected a file of tokens with a name that ends in '.in'; its tags are in '.out'"
        raise CorpusError(fact, path=str(tokens))
    packed = ".gz" if tokens.name.endswith(".gz") else ""
    stem = tokens.name.removesuffix(".gz").removesuffix(".in")
    return tokens.with_name(f"{stem}.out{packed}")


def read_parallel(
    path: str | Path, *, tagged: bool = True, notes: Counter[str] | None = None
) -> Iterator[Sentence]:
    """Yield the sentences of `X.in` and `X.out`, whose lines correspond one to one.

    path: the directory with `seq.in` and `seq.out`, or the path of an `X.in`.
    tagged: False reads the tokens only.
    notes: gets the count of lines that are empty in both files.
    The lines of a file `label` beside them become metadata['label'].
    Raises CorpusError, with both locations, when the files differ in lines, or a line in tokens.
    """
    tokens = tokens_path(path)
    beside = tokens.with_name(LABEL)
    labels = numbered_lines(beside) if beside.is_file() else None
    if not tagged:
        yield from read_token_lines(numbered_lines(tokens), name=str(tokens), notes=notes)
        return
    notes = Counter() if notes is None else notes
    out = tags_path(tokens)
    for words, tags in _line_pairs(numbered_lines(tokens), numbered_lines(out), tokens, out):
        label = _label_of_line(words[0], labels, tokens, beside)
        sentence = _sentence_of_lines(words, tags, label, str(tokens), str(out))
        if sentence is None:
            notes[EMPTY_LINES_SKIPPED] += 1
        else:
            yield sentence
    surplus = None if labels is None else next(labels, None)
    if surplus is not None and surplus[1]:
        fact = f"this label has no line in {tokens}; expected as many lines in both files"
        raise CorpusError(fact, path=str(beside), line=surplus[0], text=surplus[1])


def read_token_lines(
    lines: Iterable[tuple[int, str]], *, name: str, notes: Counter[str] | None = None
) -> Iterator[Sentence]:
    """Yield a sentence without tags for each line of tokens. notes: gets the count of empty lines."""
    notes = Counter() if notes is None else notes
    for number, line in lines:
        tokens = tuple(map(intern, split_cells(line, by_tab=False)))
        if tokens:
            yield Sentence(tokens=tokens, source=f"{name}:{number}")
        else:
            notes[EMPTY_LINES_SKIPPED] += 1


def _line_pairs(
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


def _label_of_line(
    number: int, labels: Iterator[NumberedLine] | None, tokens: Path, beside: Path
) -> str | None:
    if labels is None:
        return None
    line = next(labels, None)
    if line is None:
        fact = f"there is no line {number}, for {tokens}:{number}; expected one label per sentence"
        raise CorpusError(fact, path=str(beside))
    return line[1]


def _sentence_of_lines(
    words: NumberedLine, tags: NumberedLine, label: str | None, name: str, tags_name: str
) -> Sentence | None:
    tokens, labels = split_cells(words[1], by_tab=False), split_cells(tags[1], by_tab=False)
    if len(tokens) != len(labels):
        counts = f"{plural(len(tokens), 'token')}, but {plural(len(labels), 'tag')}"
        fact = f"{counts} at {tags_name}:{tags[0]}"
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
    """Write one line per sentence to each stream, and metadata['label'] to `labels` if it is given.

    Other metadata is left out. Raises UserError for a sentence without tags, with weights, or, when
    `labels` is given, without label; and for tokens or tags that are empty or hold white space.
    """
    for number, sentence in enumerate(sentences):
        if sentence.weight != 1.0 or sentence.token_weights is not None:
            fact = f"{sentence.source}: seq.in and seq.out can't hold weights"
            raise UserError(f"{fact}; write jsonl")
        if sentence.tags is None:
            raise UserError(f"{sentence.source}: a sentence without tags can't fill seq.out")
        first = number == 0
        lines = [_spaced_line(cells, sentence, first) for cells in (sentence.tokens, sentence.tags)]
        if labels is not None:
            labels.write(_label_line(sentence, first) + "\n")
        tokens.write(lines[0] + "\n")
        tags.write(lines[1] + "\n")


def _spaced_line(cells: tuple[str, ...], sentence: Sentence, first: bool) -> str:
    line = " ".join(cells)
    if not cells or tuple(split_cells(line, by_tab=False)) != cells or UNWRITABLE.search(line):
        odd = next((cell for cell in cells if " " in cell or UNWRITABLE.search(cell)), "")
        fact = f"{odd!r} is empty or holds white space; seq.in and seq.out can't hold it"
        raise UserError(f"{sentence.source}: {fact}")
    return _refuse_byte_order_mark(line, sentence, first)


def _label_line(sentence: Sentence, first: bool) -> str:
    label = sentence.metadata.get(LABEL)
    if not isinstance(label, str) or UNWRITABLE.search(label):
        raise UserError(f"{sentence.source}: label {label!r}; expected one line of text")
    return _refuse_byte_order_mark(label, sentence, first)


def _refuse_byte_order_mark(line: str, sentence: Sentence, first: bool) -> str:
    if first and line.startswith("\ufeff"):
        fact = "U+FEFF at the beginning of the file would be read as a byte order mark"
        raise UserError(f"{sentence.source}: {fact}")
    return line
