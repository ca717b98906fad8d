"""The header of a table of tokens: its delimiter, and which columns hold tokens, tags and sentence numbers."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from seqlab.corpus.chosen_columns import ChosenColumns, ColumnRef, is_index
from seqlab.corpus.schemes import OUTSIDE_TAG, OUTSIDE_TAGS, Scheme, detect_scheme, split_tag
from seqlab.errors import CorpusError, nearest
from seqlab.machine.wording import plural
from seqlab.text.lines import NumberedLine

DELIMITERS = (",", ";", "\t")
# Names of columns, the likeliest first, without case, spaces and signs.
TOKEN_NAMES = ("word", "token", "words", "tokens", "form", "wordform", "surface", "text")
TAG_NAMES = (
    "nertag", "nertags", "ner", "nerlabel", "nerlabels", "ne", "netag", "netags", "iobtag", "biotag",
    "iob", "bio", "entity", "entities", "entitytag", "namedentity", "namedentities", "tag",
    "tags", "label", "labels", "upos", "postag", "pos", "xpos",
)  # fmt: skip
SENTENCE_NAMES = (
    "sentence", "sentenceid", "sentenceno", "sentencenumber", "sentencenum", "sentenceidx",
    "sent", "sentid", "sentno", "sentidx", "sentnum",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TableHeader:
    """The first line of a table: its line number, the delimiter, and the names of the columns.

    padded: whether a space follows the delimiters of the header. Then spaces around tokens are not part of them.
    """

    line: int
    delimiter: str
    names: tuple[str, ...]
    padded: bool = False

    def shown(self) -> str:
        """Return the names for a message."""
        return ", ".join(map(repr, self.names))


@dataclass(frozen=True, kw_only=True)
class TableColumns:
    """The indices of the columns to read. token: None if there are no words. sentence: None if blank rows end sentences."""

    token: int | None
    tag: int | None
    sentence: int | None
    features: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def used(self) -> set[int]:
        """The columns that are read."""
        single = {self.token, self.tag, self.sentence} - {None}
        return {*single, *self.features.values(), *self.numbers.values()}  # type: ignore[arg-type]


def plain_name(name: str) -> str:
    """Return a column name without case, spaces and signs.

    >>> plain_name("Sentence #"), plain_name("NER_tag")
    ('sentence', 'nertag')
    """
    return re.sub(r"[\W_]", "", name).lower()


def header_cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of a header. Quotes around names are optional."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return line.split(delimiter)


def is_table_header(line: str) -> bool:
    """Tell whether a line is the header of a table: it names tokens, and tags or sentences.

    >>> is_table_header("Sentence #,Word,POS,Tag"), is_table_header("Paris,B-LOC")
    (True, False)
    """
    for delimiter in DELIMITERS:
        if delimiter in line:
            names = {plain_name(cell) for cell in header_cells(line[:2000], delimiter)}
            if names & {*TOKEN_NAMES} and names & {*TAG_NAMES, *SENTENCE_NAMES}:
                return True
    return False


def read_header(lines: Iterable[NumberedLine], name: str) -> TableHeader | None:
    """Read the first line that is not blank; None if there is none.

    The delimiter is the one that gives the most known names; among equals, the most cells.
    Raises CorpusError for a first line that holds tags instead of names.
    """
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        return None
    number, line = first
    known = {*TOKEN_NAMES, *TAG_NAMES, *SENTENCE_NAMES}

    def score(delimiter: str) -> tuple[int, int]:
        cells = header_cells(line, delimiter)
        return len(known.intersection(map(plain_name, cells))), len(cells)

    delimiter = max(DELIMITERS, key=score)
    names = tuple(header_cells(line, delimiter))
    tag = next((cell for cell in names if cell == OUTSIDE_TAG or split_tag(cell)), None)
    if tag is not None and not known.intersection(map(plain_name, names)):
        fact = f"expected a header with the names of the columns, found a tag, {tag!r}"
        advice = f"add a first line such as Word{delimiter}Tag"
        if delimiter == "\t":
            advice = "give --format conll, or add a first line with names"
        raise CorpusError(f"{fact}; {advice}", path=name, line=number, text=line)
    padded = f"{delimiter} " in line
    return TableHeader(line=number, delimiter=delimiter, names=names, padded=padded)


def find_columns(
    header: TableHeader, columns: ChosenColumns, *, tagged: bool, name: str
) -> TableColumns:
    """Return the columns to read: those that the user chose, else those with a usual name.

    name: the file, for errors. Raises CorpusError when a column is missing, and when one column is wanted
    for two purposes.
    """
    token = None
    if columns.has_words:
        token = _chosen(header, columns.token, "token", TOKEN_NAMES, name)
    tag = _chosen(header, columns.tag, "tag", TAG_NAMES, name) if tagged else None
    features = {
        feature: _index(header, column, f"feature {feature!r}", name)
        for feature, column in columns.features.items()
    }
    numbers = {
        number: _index(header, column, f"numeric {number!r}", name)
        for number, column in columns.numbers.items()
    }
    inputs = {"token": token}
    inputs |= {f"feature {feature!r}": index for feature, index in features.items()}
    inputs |= {f"numeric {number!r}": index for number, index in numbers.items()}
    for purpose, index in inputs.items():
        if index is not None and index == tag:
            fact = f"column {header.names[index]!r} can't be both {purpose} and tag"
            raise CorpusError(f"{fact}; found {header.shown()}", path=name, line=header.line)
    sentence = _by_name(header, SENTENCE_NAMES)
    if sentence in (token, tag):
        sentence = None
    return TableColumns(token=token, tag=tag, sentence=sentence, features=features, numbers=numbers)


def tag_column(
    header: TableHeader, values: Sequence[set[str]], others: TableColumns, name: str
) -> tuple[int | None, str | None]:
    """Choose the tag column by name and by values: a column of span tags goes before one of plain tags.

    values: of each column, in the first rows. others: the columns read for other purposes. name: the file.
    Returns the column, None if neither shows one, and a note for a choice that the user should know of.
    Raises CorpusError when several columns could be meant.
    """
    names = [plain_name(cell) for cell in header.names]
    free = [index for index in range(len(names)) if index not in others.used]
    usual = [names.index(usual) for usual in TAG_NAMES if usual in names]
    spans = [index for index in free if _has_span_tags(values[index])]
    named = usual[0] if usual else None
    if named is not None and (named in spans or not spans or values[named] <= OUTSIDE_TAGS):
        unread = [repr(header.names[index]) for index in free if index != named]
        if named in spans or not unread or values[named] <= OUTSIDE_TAGS:
            return named, None
        listed = f"column {header.names[named]!r}, none from {', '.join(unread)}"
        return named, f"tags read from {listed}; --tag-column chooses another"
    likely = [index for index in usual if index in spans][:1] or spans
    if len(likely) > 1:
        listed = ", ".join(repr(header.names[index]) for index in likely)
        fact = f"several columns hold span tags: {listed}; choose one with --tag-column"
        raise CorpusError(fact, path=name, line=header.line)
    if not likely:
        return None, None
    shown = repr(header.names[likely[0]])
    note = f"tags read from column {shown}, which holds span tags; --tag-column chooses another"
    return likely[0], note


def _has_span_tags(values: set[str]) -> bool:
    """Tell whether the values of a column are O and tags such as B-LOC, or O and letters such as B."""
    inside = values - OUTSIDE_TAGS
    shown = len(inside) < len(values) or any(map(split_tag, inside))
    return bool(inside) and shown and detect_scheme([sorted(values)]) is not Scheme.PLAIN


def _chosen(
    header: TableHeader, column: ColumnRef | None, what: str, usual: Sequence[str], name: str
) -> int:
    if column is not None:
        return _index(header, column, what, name)
    index = _by_name(header, usual)
    if index is None:
        fact = f"no column is called {usual[0]!r} or the like; found {header.shown()}"
        advice = f"name the {what} column with --{what}-column"
        raise CorpusError(f"{fact}; {advice}", path=name, line=header.line)
    return index


def _by_name(header: TableHeader, usual: Sequence[str]) -> int | None:
    """Return the column with the likeliest of some names."""
    names = [plain_name(name) for name in header.names]
    return next((names.index(name) for name in usual if name in names), None)


def _index(header: TableHeader, column: ColumnRef, what: str, name: str) -> int:
    """Return the index of a column given by name, by name without case, or by index."""
    names, text = list(header.names), str(column)
    if text in names:
        return names.index(text)
    lowered = [name.lower() for name in names]
    if text.lower() in lowered:
        return lowered.index(text.lower())
    if not is_index(column) or len(text) > 9:
        fact = f"there is no column {text!r} for {what}; found {header.shown()}"
        raise CorpusError(f"{fact}{nearest(text, names)}", path=name, line=header.line)
    if not -len(names) <= int(text) < len(names):
        counted = plural(len(names), "column")
        fact = f"there is no {what} column {text}: found {counted}, counted from 0"
        raise CorpusError(fact, path=name, line=header.line)
    return int(text) % len(names)
