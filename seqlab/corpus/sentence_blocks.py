"""Blocks of lines between blank lines, and their comments: the parts that CoNLL and CoNLL-U share.

A comment `# key = value` before the tokens becomes metadata. `# weight = 0.5` and
`# token_weights = 1.0 0.5` become the weights of the sentence. Other comments are skipped.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import NamedTuple

from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.corpus.sentence_checks import LARGEST_WEIGHT
from seqlab.errors import CorpusError, UserError
from seqlab.machine.numbers import is_number
from seqlab.machine.wording import plural
from seqlab.text.lines import NumberedLine

LineBlock = list[NumberedLine]

KEY_VALUE = re.compile(r"# *([^\s=#](?:[^=\t]*[^\s=])?) =(?: (.*))?", re.DOTALL)
WEIGHT = "weight"
TOKEN_WEIGHTS = "token_weights"  # noqa: S105, a key and no secret
FILE_COLUMNS = "global.columns"  # in CoNLL-U Plus: names of the columns

to_json = json.JSONEncoder(ensure_ascii=False, default=str).encode
NEW_DOCUMENT = re.compile(r"# *newdoc(?: +id)? *(?:=.*)?", re.DOTALL).fullmatch

COMMENTS_SKIPPED = "comment lines skipped"


class Comment(NamedTuple):
    """One comment `# key = value` and its line number."""

    line: int
    key: str
    value: str


@dataclass(slots=True)
class ColumnFile:
    """A file that is being read.

    name: for errors and `Sentence.source`. notes: counts of what was skipped.
    document: number of the current document; None before the first marker.
    """

    name: str
    notes: Counter[str]
    document: int | None = None

    def open_document(self) -> None:
        """Count a marker of a document."""
        self.document = 0 if self.document is None else self.document + 1

    def add_comment(self, comments: list[Comment], number: int, line: str) -> None:
        """Append the comment of a line, or count the line as skipped. number: of the line."""
        pair = parse_comment(line)
        if pair is None:
            self.notes[COMMENTS_SKIPPED] += 1
        else:
            comments.append(Comment(number, *pair))


def line_blocks(lines: Iterable[NumberedLine]) -> Iterator[LineBlock]:
    """Yield the numbered lines between blank lines, each block as soon as its end has been read.

    A line of white space counts as blank: WNUT-17 ends its sentences with a TAB.

    >>> list(line_blocks([(1, ""), (2, "EU O"), (3, chr(9)), (4, "Paris O")]))
    [[(2, 'EU O')], [(4, 'Paris O')]]
    """
    block: LineBlock = []
    for number, line in lines:
        if line and not line.isspace():
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def parse_comment(line: str) -> tuple[str, str] | None:
    """Return the key and value of `# key = value`, or None.

    >>> parse_comment("# newdoc id = weblog-01")
    ('newdoc id', 'weblog-01')
    """
    match = KEY_VALUE.fullmatch(line)
    return None if match is None else (match[1], match[2] or "")


def opens_document(block: LineBlock) -> bool:
    """Tell whether a comment before the first token starts a new document.

    >>> opens_document([(1, "# newdoc id = weblog-01"), (2, "# sent_id = 1")])
    True
    """
    for _, line in block:
        if line[0] != "#":
            return False
        if "newdoc" in line and NEW_DOCUMENT(line):
            return True
    return False


def build_sentence(
    file: ColumnFile,
    line: int,
    tokens: Sequence[str],
    tags: Sequence[str] | None,
    *,
    comments: list[Comment],
    weights: list[float] | None = None,
    features: Mapping[str, Sequence[str]],
    numbers: Mapping[str, tuple[float, ...]] = NOTHING,
) -> Sentence:
    """Build the sentence of one block.

    line: line number of the first token.
    weights: from a weight column, one per token. Token weights in a comment are multiplied by them.
    features: by name, the values of a column, one per token.
    numbers: by name, the numbers of a column, one per token.
    Raises CorpusError for a weight in the comments that is not a number from 0 to 1e9.
    """
    weight, token_weights = 1.0, None if weights is None else tuple(weights)
    metadata: dict[str, str] = {}
    for comment in comments:
        if comment.key == WEIGHT:
            weight = parse_weight(comment.value, path=file.name, line=comment.line)
        elif comment.key == TOKEN_WEIGHTS:
            token_weights = _comment_token_weights(comment, weights, len(tokens), file.name)
        else:
            metadata[comment.key] = comment.value
    return Sentence(
        tokens=tuple(tokens),
        tags=None if tags is None else tuple(tags),
        weight=weight,
        token_weights=token_weights,
        features={key: tuple(column) for key, column in features.items()} or NOTHING,
        numbers=numbers or NOTHING,
        metadata=metadata or NOTHING,
        source=f"{file.name}:{line}",
        document=file.document,
    )


def _comment_token_weights(
    comment: Comment, weights: list[float] | None, tokens: int, name: str
) -> tuple[float, ...]:
    values = comment.value.split()
    if len(values) != tokens:
        fact = f"{plural(len(values), 'token weight')} for {plural(tokens, 'token')}"
        raise CorpusError(f"{fact}; expected one per token", path=name, line=comment.line)
    stated = [parse_weight(text, path=name, line=comment.line) for text in values]
    return tuple(map(mul, weights, stated) if weights is not None else stated)


def parse_weight(text: str, *, path: str, line: int) -> float:
    """Return the weight that a text states. Raises CorpusError unless it is a number from 0 to 1e9."""
    try:
        value: object = float(text)
    except ValueError:
        value = text
    return check_weight(value, path=path, line=line)


def check_weight(value: object, *, path: str, line: int | None) -> float:
    """Return a weight as a float. Raises CorpusError unless it is a number from 0 to `LARGEST_WEIGHT`."""
    if not is_number(value) or not 0 <= float(value) <= LARGEST_WEIGHT:
        fact = f"weight {value!r}; expected a number from 0 to {LARGEST_WEIGHT:g}"
        raise CorpusError(fact, path=path, line=line)
    return float(value)


def comment_lines(sentence: Sentence) -> Iterator[str]:
    """Yield the comments that store metadata and weights. Values other than strings are written as JSON.

    `global.columns` is left out, since the columns written are not those that were read.
    Raises UserError when a key or value would not be read back.
    """
    for key, value in sentence.metadata.items():
        if key == FILE_COLUMNS:
            continue
        if key in (WEIGHT, TOKEN_WEIGHTS):
            raise UserError(f"{sentence.source}: metadata {key!r} would be read as the weights")
        try:
            text = value if isinstance(value, str) else to_json(value)
        except (ValueError, TypeError, RecursionError) as error:
            fact = f"{sentence.source}: metadata {key!r} can't be written as JSON"
            raise UserError(f"{fact}: {error}") from None
        line = f"# {key} = {text}"
        if not is_comment_value(key, value):
            fact = f"metadata {key!r}: {text!r} can't be written as a comment '# key = value'"
            raise UserError(f"{sentence.source}: {fact}")
        yield line
    if sentence.weight != 1.0:
        yield f"# {WEIGHT} = {sentence.weight!r}"
    if sentence.token_weights is not None:
        yield f"# {TOKEN_WEIGHTS} = {' '.join(map(repr, sentence.token_weights))}"


def is_comment_value(key: str, value: object) -> bool:
    """Tell whether a value of metadata can be written as a comment '# key = value'."""
    text = value if isinstance(value, str) else to_json(value)
    line = f"# {key} = {text}"
    return (
        key not in (WEIGHT, TOKEN_WEIGHTS)
        and parse_comment(line) == (key, text)
        and not UNWRITABLE.search(line)
    )


# Characters that a line of columns cannot hold: separators, NUL, and surrogates, which UTF-8 lacks.
UNWRITABLE = re.compile("[\t\n\r\x00\ud800-\udfff]")


def check_column_cell(text: str, what: str, sentence: Sentence) -> str:
    """Return `text`. Raises UserError when a cell between TABs cannot hold it.

    what: 'token' or 'tag', for the error.
    """
    if not text.strip(" "):
        raise UserError(f"{sentence.source}: empty {what} {text!r}; columns can't hold it")
    bad = UNWRITABLE.search(text)
    if bad:
        fact = f"{what} {text!r} holds {bad[0]!r}, which columns can't hold; write jsonl"
        raise UserError(f"{sentence.source}: {fact}")
    return text
