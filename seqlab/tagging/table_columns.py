"""The columns of a table that a tagger reads, and what it predicts for each row."""

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import tuple_of_numbers, tuple_of_strings
from seqlab.errors import SettingsError, UserError, nearest, with_type
from seqlab.machine.wording import plural
from seqlab.tagging.tagged_text import TaggedText
from seqlab.tagging.tagged_tokens import TaggedTokenList, tag_token_lists
from seqlab.tagging.text_tagging import TextTagging
from seqlab.tagging.thresholds import SpanThresholds

TaggedRow = TaggedText | TaggedTokenList
"""What a tagger predicts for one row of a table; both have `spans` and `tokens`."""
ReadColumn = Callable[[Hashable], Sequence[Any]]
"""Gives the values of a column by its name; None where one is missing."""


@dataclass(frozen=True, kw_only=True)
class ChosenTableColumns:
    """The columns that a tagger reads: one of texts, or one of lists of tokens.

    features, numbers: by feature or number, the column that holds it: a list per row, with one value per token.
    """

    text: Hashable | None = None
    tokens: Hashable | None = None
    features: Mapping[str, Hashable] = field(default_factory=dict)
    numbers: Mapping[str, Hashable] = field(default_factory=dict)


def choose_columns(
    tagger: TextTagging,
    name: str,
    *,
    text: Hashable | None,
    tokens: Hashable | None,
    columns: Mapping[str, Hashable] | None,
) -> ChosenTableColumns:
    """The columns that a tagger reads. name: of the calling method, for errors.

    columns: by feature or number, the column that holds it; default: the column of the same name.
    Raises SettingsError unless one of `text` and `tokens` is given, and for an unknown name in `columns`.
    """
    if (text is None) is (tokens is None):
        raise SettingsError(
            f"{name} takes exactly one of text and tokens: the name of a column, such as text='text'"
        )
    encoder = tagger.encoder
    known = [*encoder.feature_columns, *encoder.numeric_columns]
    given = dict(columns or {})
    for one in given:
        if one not in known:
            fact = f"columns names {one!r}, which is neither a feature nor a number of the tagger"
            raise SettingsError(f"{fact}{nearest(one, known)}")
    if text is not None:
        tagger.text_rules()  # refuses a tagger that reads features or numbers
        return ChosenTableColumns(text=text)
    return ChosenTableColumns(
        tokens=tokens,
        features={one: given.get(one, one) for one in encoder.feature_columns},
        numbers={one: given.get(one, one) for one in encoder.numeric_columns},
    )


def tag_rows(
    tagger: TextTagging,
    chosen: ChosenTableColumns,
    column: ReadColumn,
    place: Callable[[int], str],
    *,
    thresholds: SpanThresholds,
) -> Iterator[TaggedRow]:
    """Tag each row of a table, in order. A row without text or tokens has no spans and no tokens.

    place: names a row by its number from 0, for errors. thresholds: by label, the smallest score of its spans.
    Raises UserError for a value of another type.
    """
    if chosen.tokens is None:
        values = column(chosen.text)
        texts = (text_of_cell(value, place, row) for row, value in enumerate(values))
        return tagger.tag_texts(texts, thresholds=thresholds)
    sentences = sentences_of_columns(chosen, column, place)
    return tag_token_lists(tagger, sentences, thresholds=thresholds)


def sentences_of_columns(
    chosen: ChosenTableColumns, column: ReadColumn, place: Callable[[int], str]
) -> Iterator[Sentence]:
    """Yield the sentence of each row."""
    features = {name: column(one) for name, one in chosen.features.items()}
    numbers = {name: column(one) for name, one in chosen.numbers.items()}
    for row, value in enumerate(column(chosen.tokens)):
        try:
            sentence = Sentence(
                tokens=tuple_of_strings(listed(value), "expected a list of tokens"),
                features={
                    name: tuple_of_strings(
                        listed(values[row]), f"feature {name!r} takes a list of values"
                    )
                    for name, values in features.items()
                },
                numbers={
                    name: tuple_of_numbers(listed(values[row]), name)
                    for name, values in numbers.items()
                },
            )
            check_lengths(sentence)
        except UserError as error:
            raise UserError(f"{place(row)}: {error}") from None
        yield sentence


def check_lengths(sentence: Sentence) -> None:
    """Raise UserError unless each feature and number has one value per token."""
    for what, mapping in (("feature", sentence.features), ("number", sentence.numbers)):
        for name, values in mapping.items():
            if len(values) != len(sentence):
                counts = f"{plural(len(values), 'value')} for {plural(len(sentence), 'token')}"
                fact = f"{what} {name!r} has {counts}"
                raise UserError(f"{fact}; expected one per token")


def text_of_cell(value: Any, place: Callable[[int], str], row: int) -> str:
    """The text of a row; empty if it is missing. Raises UserError for another type."""
    if isinstance(value, str):
        return value
    if given(value):
        raise UserError(f"{place(row)}: expected a text; found {with_type(value)}")
    return ""


def listed(value: Any) -> Any:
    """The list of a row; empty if it is missing."""
    return value if given(value) else ()


def given(value: Any) -> bool:
    """Whether a value is there: neither None nor NaN."""
    return not (value is None or (isinstance(value, float) and math.isnan(value)))


def row_values(row: TaggedRow, *, plain: bool, lists: bool) -> dict[str, list[Any]]:
    """What a row of the same table gets, by the name of the new column.

    plain: whether the tagger predicts plain tags. lists: whether the input are lists of tokens.
    """
    values: dict[str, list[Any]] = {}
    if not plain:
        values["spans"] = [span._asdict() for span in row.spans]
    if lists:
        values["tags"] = [token.tag for token in row.tokens]
        values["scores"] = [token.score for token in row.tokens]
    elif plain:
        values["tokens"] = [token._asdict() for token in row.tokens]
    return values


def new_columns(tagger: TextTagging, chosen: ChosenTableColumns) -> list[str]:
    """The names of the columns that `row_values` fills."""
    empty = TaggedTokenList(spans=(), tokens=())
    return list(row_values(empty, plain=is_plain_tagger(tagger), lists=chosen.text is None))


def is_plain_tagger(tagger: TextTagging) -> bool:
    """Whether the tagger predicts plain tags, which have no spans."""
    return tagger.scheme is Scheme.PLAIN
