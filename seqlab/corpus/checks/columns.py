"""Checks of the columns: do the token column and the tag column hold tokens and tags?"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from seqlab.corpus.checks.facts import CorpusFacts, fits_spans, is_span_tag
from seqlab.corpus.checks.finding import Finding
from seqlab.corpus.checks.limits import (
    COLUMN_SHARE,
    MANY_TAGS,
    MANY_TAGS_SHARE,
    SAMPLE_LINES,
    SPAN_COLUMN_SHARE,
    TAGS_PER_WORD,
    WORDS_AS_TAGS,
    WORDS_AS_TAGS_SHARE,
)
from seqlab.corpus.column_layout import is_document_marker, may_be_comment, split_cells
from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading_options import ReadingOptions
from seqlab.corpus.schemes import OUTSIDE_TAG
from seqlab.errors import shorten
from seqlab.machine.wording import LISTED_NAMES, plural
from seqlab.text.lines import numbered_lines

Holds = Literal["numbers", "span tags", "one value", "words"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """What a column of a file holds. values: the first distinct ones. distinct: how many there are."""

    index: int
    holds: Holds
    values: tuple[str, ...]
    distinct: int

    @property
    def text(self) -> str:
        """The column in a message."""
        return f"column {self.index} holds {self.holds} ({quoted(self.values)})"


def quoted(values: Sequence[str]) -> str:
    """The first few values for a message."""
    shown = ", ".join(repr(shorten(value, 20)) for value in values[:LISTED_NAMES])
    return shown + (", …" if len(values) > LISTED_NAMES else "")


def column_findings(facts: CorpusFacts) -> Iterator[Finding]:
    """Yield what the tokens and tags show about the columns that were read."""
    with_words = facts.options.columns.has_words
    if with_words:
        yield from tags_as_tokens(facts)
    yield from no_spans(facts)
    if with_words:
        yield from ids_as_tokens(facts)
        yield from swapped_columns(facts)


def tags_as_tokens(facts: CorpusFacts) -> Iterator[Finding]:
    """tags-as-tokens: the token column holds tags of spans."""
    tokens = facts.sample_tokens
    if any(map(is_span_tag, tokens)) and share_of(tokens, fits_spans) >= COLUMN_SHARE:
        yield Finding(
            check="tags-as-tokens",
            place=facts.path,
            fact=f"the tokens are tags ({quoted(list(tokens))})",
            advice=advised_columns(columns_of(facts)),
        )


def input_findings(path: str, options: ReadingOptions) -> Iterator[Finding]:
    """Yield what the token column of a CoNLL file to tag holds instead of words. Its first lines decide."""
    columns = columns_of_file(path, options.encoding)
    token = next((c for c in columns if str(c.index) == str(options.columns.token or 0)), None)
    words = likely_words(columns)
    if token is None or words is None or not options.columns.has_words:
        return
    check = {"span tags": "tags-as-tokens", "numbers": "ids-as-tokens"}.get(token.holds)
    if check == "tags-as-tokens" or (check and options.columns.token is None):
        yield Finding(
            check=check,
            place=path,
            fact=f"{token.text}, and would be tagged as words, but {words.text}",
            advice=f"give --token-column {words.index}",
        )


def no_spans(facts: CorpusFacts) -> Iterator[Finding]:
    """no-spans: the last column, taken by default, holds no spans, but another does; or all tags are O."""
    if any(map(is_span_tag, facts.sample_tags)) or not facts.training:
        return
    if facts.options.columns.tag is None and facts.format is Format.CONLL:
        columns = columns_of(facts)
        spans = [c for c in columns if c.holds == "span tags" and not is_token_column(c, facts)]
        if spans:
            yield other_column_has_spans(facts, columns, spans[-1])
            return
    if set(facts.tag_counts) == {OUTSIDE_TAG}:
        fact = f"the only tag is 'O' ({plural(facts.tokens, 'token')}): there is no span to learn"
        advice = "give --tag-column if the tags are in another column"
        yield Finding(check="no-spans", place=facts.path, fact=fact, advice=advice)


def is_token_column(column: Column, facts: CorpusFacts) -> bool:
    """Whether a column is the one that tokens were read from."""
    return str(column.index) == str(facts.options.columns.token or 0)


def other_column_has_spans(facts: CorpusFacts, columns: Sequence[Column], spans: Column) -> Finding:
    """no-spans, with all columns that are read wrongly."""
    tags, last = list(facts.sample_tags), len(columns) - 1
    same = f"all its tags are {tags[0]!r}" if len(tags) == 1 else quoted(tags)
    parts = [f"the last column ({last}) holds no span ({same}), but {spans.text}"]
    options, token = "", columns[0]
    words = likely_words(columns)
    if facts.options.columns.token is None and token.holds != "words" and words is not None:
        parts.append(f"{token.text}, {words.text}")
        options = f"--token-column {words.index} "
    return Finding(
        check="no-spans",
        place=facts.path,
        fact="; ".join(parts),
        advice=f"give {options}--tag-column {spans.index}, or {options}--tag-column {last} for the last column",
    )


def ids_as_tokens(facts: CorpusFacts) -> Iterator[Finding]:
    """ids-as-tokens: the first column, taken by default, holds numbers, and another holds words."""
    tokens = facts.sample_tokens
    if facts.options.columns.token is not None or share_of(tokens, is_number) < COLUMN_SHARE:
        return
    columns = columns_of(facts)
    words = likely_words(columns)
    if words is not None:
        yield Finding(
            check="ids-as-tokens",
            place=facts.path,
            fact=f"the tokens are numbers ({quoted(list(tokens))}), but {words.text}",
            advice=advised_columns(columns, tag=facts.options.columns.tag is None),
        )


def share_of(counts: Mapping[str, int], holds: Callable[[str], bool]) -> float:
    """The share of all occurrences that are of a value for which something holds."""
    total = sum(counts.values())
    return sum(count for value, count in counts.items() if holds(value)) / max(total, 1)


def swapped_columns(facts: CorpusFacts) -> Iterator[Finding]:
    """swapped-columns: the tags are as varied as words are."""
    tags, words = len(facts.sample_tags), len(facts.sample_tokens)
    total = facts.sample_tags.total()
    if all(map(fits_spans, facts.sample_tags)):
        return
    swapped = tags >= max(MANY_TAGS, MANY_TAGS_SHARE * total, TAGS_PER_WORD * words)
    if swapped or tags >= max(WORDS_AS_TAGS, WORDS_AS_TAGS_SHARE * total):
        yield Finding(
            check="swapped-columns",
            place=facts.path,
            fact=f"the first {total:,} tokens have {tags:,} different tags ({quoted(list(facts.sample_tags))}) "
            f"and {words:,} different words ({quoted(list(facts.sample_tokens))})",
            advice="give --token-column and --tag-column: the tags look like words",
        )


def advised_columns(columns: Sequence[Column], *, tag: bool = True) -> str:
    """The options that read the likeliest columns of tokens and tags."""
    words = likely_words(columns)
    tags = [c for c in columns if c.holds == "span tags"]
    if words is None:
        return "name the columns with --token-column and --tag-column"
    options = f"give --token-column {words.index}"
    if tags and tag:
        return f"{options} --tag-column {tags[-1].index}"
    return options


def likely_words(columns: Sequence[Column]) -> Column | None:
    """The column with the most different words."""
    words = [column for column in columns if column.holds == "words"]
    return max(words, key=lambda column: column.distinct, default=None)


def is_number(token: str) -> bool:
    """Tell whether a token is a whole number."""
    return token.isdecimal()


def columns_of(facts: CorpusFacts) -> tuple[Column, ...]:
    """What each column of a CoNLL file holds; nothing for other formats and for what cannot be read twice."""
    if facts.format is not Format.CONLL:
        return ()
    return columns_of_file(facts.path, facts.options.encoding)


def columns_of_file(path: str, encoding: str | None) -> tuple[Column, ...]:
    """What each column of a file holds; nothing for what is no regular file, since it cannot be read twice."""
    if not Path(path).is_file():
        return ()
    lines = numbered_lines(path, encoding=encoding)
    shown = (
        line
        for _, line in lines
        if line.strip() and not is_document_marker(line) and not may_be_comment(line)
    )
    return look_at_columns(list(islice(shown, SAMPLE_LINES)))


def look_at_columns(lines: Sequence[str]) -> tuple[Column, ...]:
    """What each column of some lines holds. Lines with another number of columns are left out.

    >>> [column.holds for column in look_at_columns(["1 Anna B-PER", "2 sang O"])]
    ['numbers', 'words', 'span tags']
    """
    by_tab = 2 * sum("\t" in line for line in lines) >= len(lines)
    rows = [split_cells(line, by_tab=by_tab) for line in lines]
    sizes = Counter(map(len, rows)).most_common(1)
    if not sizes:
        return ()
    cells = zip(*(row for row in rows if len(row) == sizes[0][0]), strict=True)
    return tuple(column(index, Counter(values)) for index, values in enumerate(cells))


def column(index: int, counts: Mapping[str, int]) -> Column:
    """What one column holds. counts: how often each value occurs."""
    holds: Holds = "words"
    if share_of(counts, is_number) >= COLUMN_SHARE:
        holds = "numbers"
    elif share_of(counts, fits_spans) >= SPAN_COLUMN_SHARE and any(map(is_span_tag, counts)):
        holds = "span tags"
    elif len(counts) == 1:
        holds = "one value"
    return Column(index=index, holds=holds, values=tuple(counts)[:4], distinct=len(counts))
