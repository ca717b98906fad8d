"""Blocks of lines between blank lines, and their comments: the parts that CoNLL and CoNLL-U share.

A comment `# key = value` before the tokens becomes metadata. `# weight = 0.5` and
`# token_weights = 1.0 0.5` become the weights of the sentence. Other comments are skipped.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seqlab.corpus.lines import NumberedLine
from seqlab.corpus.sentence import NOTHING, Sentence
from seqlab.errors import CorpusError, UserError

LineBlock = list[NumberedLine]

KEY_VALUE = re.compile(r"# *([^\s=#](?:[^=\t]*[^\s=])?) =(?: (.*))?", re.DOTALL)
WEIGHT = "weight"
TOKEN_WEIGHTS = "token_weights"  # noqa: S105, a key and no secret
FILE_COLUMNS = "global.columns"  # in CoNLL-U Plus: names of the columns

NEW_DOCUMENT = re.compile(r"# *newdoc(?: +id)? *(?:=.*)?", re.DOTALL).fullmatch

COMMENTS_SKIPPED = "comment lines skipped"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment `# key = value` and its line number."""

    line: int
    key: str
    value: str


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
    tokens: Sequence[str],
    tags: Sequence[str] | None,
    *,
    comments: list[Comment],
    name: str,
    line: int,
    weights: list[float] | None = None,
    features: Mapping[str, Sequence[str]] = NOTHING,
    document: int | None = None,
) -> Sentence:
    """Build the sentence of one block.

    line: line number of the first token. document: number of its document.
    weights: from a weight column, one per token. Token weights in a comment are multiplied by them.
    features: by name, the values of a column, one per token.
    Raises CorpusError for a weight in the comments that is not a number of 0 or more.
    """
    source = f"{name}:{line}"
    words, labels = tuple(tokens), None if tags is None else tuple(tags)
    column_weights = None if weights is None else tuple(weights)
    values = {key: tuple(column) for key, column in features.items()} or NOTHING
    weight, token_weights = 1.0, column_weights
    for comment in comments:
        if comment.key == WEIGHT:
            weight = check_weight(_float_or_text(comment.value), path=name, line=comment.line)
        elif comment.key == TOKEN_WEIGHTS:
            stated = _comment_token_weights(comment, len(tokens), name)
            token_weights = stated if column_weights is None else _products(column_weights, stated)
    return Sentence(
        tokens=words,
        tags=labels,
        weight=weight,
        token_weights=token_weights,
        features=values,
        metadata={c.key: c.value for c in comments if c.key not in (WEIGHT, TOKEN_WEIGHTS)}
        or NOTHING,
        source=source,
        document=document,
    )


def _comment_token_weights(comment: Comment, tokens: int, name: str) -> tuple[float, ...]:
    values = comment.value.split()
    if len(values) != tokens:
        fact = f"{len(values)} token weights for {tokens} tokens; expected one per token"
        raise CorpusError(fact, path=name, line=comment.line)
    return tuple(
        check_weight(_float_or_text(text), path=name, line=comment.line) for text in values
    )


def _products(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(first * second for first, second in zip(one, other, strict=True))


def parse_weight_cell(text: str, *, path: str, line: int) -> float:
    """Return the weight in a cell. Raises CorpusError unless it is a number of 0 or more."""
    return check_weight(_float_or_text(text), path=path, line=line)


def _float_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def check_weight(value: object, *, path: str, line: int) -> float:
    """Return a weight as a float. Raises CorpusError unless it is a finite number of 0 or more."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1e300 or math.isnan(value):  # type: ignore[operator, arg-type]
        fact = f"weight {value!r}; expected a number of 0 or more"
        raise CorpusError(fact, path=path, line=line)
    return float(value)  # type: ignore[arg-type]


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
        yield _comment_line(key, value if isinstance(value, str) else _to_json(value), sentence)
    if sentence.weight != 1.0:
        yield f"# {WEIGHT} = {sentence.weight!r}"
    if sentence.token_weights is not None:
        yield f"# {TOKEN_WEIGHTS} = {' '.join(map(repr, sentence.token_weights))}"


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _comment_line(key: str, value: str, sentence: Sentence) -> str:
    line = f"# {key} = {value}"
    if parse_comment(line) != (key, value) or UNWRITABLE.search(line):
        fact = f"metadata {key!r}: {value!r} can't be written as a comment '# key = value'"
        raise UserError(f"{sentence.source}: {fact}")
    return line


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
