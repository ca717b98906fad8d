"""The part of a tagger that tags tables: frames of pandas, and batches of columns.

pandas is not imported: new frames are made from the given frame.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Literal, get_args

import numpy as np

from seqlab.errors import SettingsError, UserError, nearest, with_type
from seqlab.tagging.batch_tagging import TagBatches, check_column, columns_of_rows, free_names
from seqlab.tagging.table_columns import (
    ChosenTableColumns,
    TaggedRow,
    choose_columns,
    is_plain_tagger,
    new_columns,
    tag_rows,
)
from seqlab.tagging.tagged_text import TaggedSpan, TaggedToken
from seqlab.tagging.text_tagging import TextTagging
from seqlab.tagging.thresholds import SpanThresholds

DataFrame = Any
"""That of pandas."""
FrameRows = Literal["spans", "tokens", "same"]
"""What a row of the result of `tag_frame` is."""
TYPES = {"start": np.int64, "end": np.int64, "score": np.float64}
"""Of the columns of spans and tokens; the others hold text."""


class TableTagging(TextTagging):
    """What `Tagger` does with tables."""

    def tag_frame(
        self,
        frame: DataFrame,
        *,
        text: Hashable | None = None,
        tokens: Hashable | None = None,
        rows: FrameRows | None = None,
        columns: Mapping[str, Hashable] | None = None,
        prefix: str = "",
        thresholds: SpanThresholds | None = None,
    ) -> DataFrame:
        """Tag a column of a pandas DataFrame. Returns a new DataFrame.

        text, tokens: the column of texts, or of lists of tokens. In a row of text, `start` and `end` count
            characters, so that `text[start:end]` is the span. In a row of tokens they count tokens.
        rows: 'spans' gives one row per span, 'tokens' one per token; the index says which row each comes from.
            'same' keeps the rows and adds columns: `spans` for a text; `spans`, `tags` and `scores` for tokens.
            Default: 'spans', or 'tokens' for a tagger of plain tags.
        columns: by feature or number, the column that holds it; default: the column of the same name.
        prefix: put before the names of the columns that rows='same' adds.
        thresholds: by label, a number from 0 to 1; spans with a smaller score are left out. Tags and tokens stay.
        A missing text or list has no spans. Raises UserError for a missing column, and for a value of another type.

        >>> tagger.tag_frame(frame, text="review")  # doctest: +SKIP
           start  end label       text  score
        7      0    9   PER  Ada Stone   0.98
        """
        check_frame(frame)
        wanted = check_rows(rows, plain=is_plain_tagger(self))
        least = self.checked_thresholds(thresholds)
        if least and wanted == "tokens":
            raise SettingsError("thresholds choose spans: expected rows 'spans' or 'same'")
        chosen = choose_columns(self, "tag_frame", text=text, tokens=tokens, columns=columns)
        labels = frame.index

        def column(name: Hashable) -> list[Any]:
            return values_of_column(frame, name)

        def place(row: int) -> str:
            return f"row {labels[row]!r}"

        if wanted == "same":
            names = free_names(new_columns(self, chosen), prefix, frame.columns)
            tagged = tag_rows(self, chosen, column, place, thresholds=least)
            return frame.assign(**added_columns(self, chosen, tagged, names))
        tagged = tag_rows(self, chosen, column, place, thresholds=least)
        return frame_of_parts(frame, tagged, spans=wanted == "spans")

    def map_batches(
        self,
        *,
        text: str | None = None,
        tokens: str | None = None,
        columns: Mapping[str, str] | None = None,
        prefix: str = "",
        thresholds: SpanThresholds | None = None,
    ) -> "TagBatches":
        """A function that takes a batch as a dict of columns, and returns the new columns as a dict.

        It can be pickled, for `datasets.Dataset.map(…, batched=True, num_proc=4)` and other libraries with workers.
        The arguments are those of `tag_frame`, and the new columns those of its rows='same'.

        >>> tag = tagger.map_batches(tokens="words")  # doctest: +SKIP
        >>> dataset.map(tag, batched=True, features=tag.features(dataset.features))  # doctest: +SKIP
        """
        chosen = choose_columns(self, "map_batches", text=text, tokens=tokens, columns=columns)
        least = self.checked_thresholds(thresholds)
        return TagBatches(tagger=self, chosen=chosen, prefix=prefix, thresholds=least)


def added_columns(
    tagger: TextTagging,
    chosen: ChosenTableColumns,
    tagged: Iterable[TaggedRow],
    names: Mapping[str, str],
) -> dict[str, Any]:
    """The new columns of a frame: arrays of lists, because pandas would take some lists of lists for a table."""
    columns = columns_of_rows(tagger, chosen, tagged, names)
    return {name: np.fromiter(v, object, count=len(v)) for name, v in columns.items()}


def frame_of_parts(frame: DataFrame, tagged: Iterable[TaggedRow], *, spans: bool) -> DataFrame:
    """A frame with a row for each span or token. Its index repeats the index of the given frame."""
    owners: list[int] = []
    parts: list[TaggedSpan] | list[TaggedToken] = []
    for number, row in enumerate(tagged):
        own: Any = row.spans if spans else row.tokens
        parts += own
        owners += [number] * len(own)
    fields = (TaggedSpan if spans else TaggedToken)._fields
    empty = frame.iloc[owners].iloc[:, :0]
    values = {name: [getattr(part, name) for part in parts] for name in fields}
    return empty.assign(**{name: typed_column(empty, name, v) for name, v in values.items()})


def typed_column(frame: DataFrame, name: str, values: list[Any]) -> Any:
    """A column for a frame, of the same type if there are no values."""
    if name in TYPES:
        return np.array(values, TYPES[name])
    series = type(frame.index.to_series())
    try:
        return series(values, dtype=str, index=frame.index)
    except UnicodeEncodeError:  # half a surrogate pair, which the text type of pandas 3 cannot hold
        return series(values, dtype=object, index=frame.index)


def check_frame(frame: object) -> None:
    """Raise UserError unless this is a DataFrame of pandas."""
    if not all(hasattr(frame, name) for name in ("iloc", "columns", "index", "assign")):
        raise UserError(f"tag_frame takes a pandas DataFrame; found {with_type(frame)}")


def check_rows(rows: str | None, *, plain: bool) -> str:
    """What a row of the result is. Raises SettingsError for an unknown word, and for spans of plain tags."""
    if rows is None:
        return "tokens" if plain else "spans"
    known = get_args(FrameRows)
    if rows not in known:
        raise SettingsError(
            f"rows is {rows!r}: expected one of {', '.join(known)}{nearest(rows, known)}"
        )
    if rows == "spans" and plain:
        raise SettingsError(
            "rows is 'spans', but this tagger predicts plain tags, which have no spans: expected 'tokens' or 'same'"
        )
    return rows


def values_of_column(frame: DataFrame, name: Hashable) -> list[Any]:
    """The values of a column, None where one is missing. Raises UserError unless there is one such column."""
    check_column(name, list(frame.columns))
    column = frame[name]
    if column.ndim > 1:
        raise UserError(f"the frame has several columns {name!r}: rename them")
    missing = column.isna().tolist()
    return [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
