"""A function that tags batches of columns, for libraries that send it to their workers."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqlab.corpus.arrow_files import import_extra
from seqlab.errors import UserError, nearest
from seqlab.tagging.table_columns import (
    ChosenTableColumns,
    TaggedRow,
    is_plain_tagger,
    new_columns,
    row_values,
    tag_rows,
)
from seqlab.tagging.text_tagging import TextTagging
from seqlab.tagging.thresholds import SpanThresholds


@dataclass(frozen=True, kw_only=True)
class TagBatches:
    """Tags batches of columns. prefix: put before the names of the new columns. thresholds: checked."""

    tagger: TextTagging
    chosen: ChosenTableColumns
    prefix: str = ""
    thresholds: SpanThresholds = field(default_factory=dict)

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """The new columns of a batch. Raises UserError for a missing column, and for a value of another type."""

        def column(name: Hashable) -> Sequence[Any]:
            check_column(name, list(batch))
            values: Sequence[Any] = batch[str(name)]
            check_batch(name, values, lists=name == self.chosen.tokens)
            return values

        fresh = new_columns(self.tagger, self.chosen)
        names = free_names(fresh, self.prefix, batch)
        tagged = tag_rows(
            self.tagger,
            self.chosen,
            column,
            lambda row: f"row {row} of the batch",
            thresholds=self.thresholds,
        )
        return columns_of_rows(self.tagger, self.chosen, tagged, names)

    def features(self, present: Mapping[str, Any]) -> Any:
        """The `datasets.Features` of a dataset with these features and the new columns.

        `Dataset.map` cannot guess the type of `spans` from a batch without spans. Raises SettingsError if datasets
        is not installed.
        """
        datasets = import_extra("datasets", "datasets of Hugging Face")
        value, listed = datasets.Value, datasets.Sequence
        place = {"start": value("int64"), "end": value("int64")}
        kinds = {
            "spans": [place | {n: value("string") for n in ("label", "text")} | {"score": value("float64")}],
            "tokens": [place | {n: value("string") for n in ("text", "tag")} | {"score": value("float64")}],
            "tags": listed(value("string")),
            "scores": listed(value("float64")),
        }  # fmt: skip
        fresh = new_columns(self.tagger, self.chosen)
        return datasets.Features({**present, **{self.prefix + n: kinds[n] for n in fresh}})


def columns_of_rows(
    tagger: TextTagging,
    chosen: ChosenTableColumns,
    tagged: Iterable[TaggedRow],
    names: Mapping[str, str],
) -> dict[str, list[Any]]:
    """The new columns. names: by the name of a value in `row_values`, that of its column."""
    columns: dict[str, list[Any]] = {name: [] for name in names.values()}
    plain, lists = is_plain_tagger(tagger), chosen.text is None
    for row in tagged:
        for name, value in row_values(row, plain=plain, lists=lists).items():
            columns[names[name]].append(value)
    return columns


def check_column(name: Hashable, known: Sequence[Hashable]) -> None:
    """Raise UserError for a column that is not there."""
    if name not in known:
        raise UserError(f"there is no column {name!r}{nearest(name, known)}")


def check_batch(name: Hashable, values: Any, *, lists: bool) -> None:
    """Raise UserError for a column of one row, as `map` gives it unless batched. lists: expect lists of tokens."""
    if isinstance(values, str):
        raise UserError(f"column {name!r} holds one text, not a list: give batched=True to map")
    if values is None:
        raise UserError(f"column {name!r} holds None, not a list: give batched=True to map")
    if lists and isinstance(next(iter(values), None), str):
        raise UserError(
            f"column {name!r} holds strings, not lists of tokens: give batched=True to map, "
            "or name a column of texts with text="
        )


def free_names(fresh: Iterable[str], prefix: str, taken: Iterable[Hashable]) -> dict[str, str]:
    """By new column, its name with the prefix. Raises UserError if a column has that name already."""
    names = {name: prefix + name for name in fresh}
    for name in set(taken) & set(names.values()):
        raise UserError(
            f"there is a column {name!r} already: give a prefix for the new columns, such as 'predicted_'"
        )
    return names
