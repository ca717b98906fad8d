"""Where a corpus has what: the columns that are asked for, by index, name or key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from seqlab.errors import SettingsError, shorten

ColumnRef = str | int


@dataclass(frozen=True, kw_only=True)
class ChosenColumns:
    """Where a corpus has what: indices, names or keys of columns, as `read_corpus` has them.

    None is where the format has it unless told; without a column there are no token weights.
    """

    token: ColumnRef | None = None
    tag: ColumnRef | None = None
    weight: ColumnRef | None = None
    features: Mapping[str, ColumnRef] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.features, Mapping):
            fact = f"feature_columns is {shorten(repr(self.features))}"
            raise SettingsError(f"{fact}; expected columns by the names of features, {{'pos': 1}}")


def refuse_columns(columns: ChosenColumns) -> None:
    """Raise SettingsError where a column is named of files that have none."""
    fact = "parallel files have no columns; leave"
    if columns.weight is not None:
        raise SettingsError(f"{fact} token_weight_column out")
    if columns.features:
        raise SettingsError(f"{fact} feature_columns out")
    if columns != ChosenColumns():
        raise SettingsError(f"{fact} token_column and tag_column out")


def conll_column_index(column: ColumnRef, what: str) -> int:
    """A column of CoNLL by its place, from 0 or, negative, from the end; SettingsError for a name."""
    text = str(column)
    if not text.removeprefix("-").isdecimal() or len(text) > 9:
        fact = f"{what} {text!r}; expected an index, as columns of conll have no names"
        raise SettingsError(f"{fact}: 0 is the first, -1 the last")
    return int(text)


def json_key(column: ColumnRef | None, default: str) -> str:
    """A column of JSON lines by its key; SettingsError for an index."""
    if column is not None and is_index(column):
        raise SettingsError(f"column {column}; expected a key of the JSON objects, as {default!r}")
    return str(column or default)


def is_index(column: ColumnRef) -> bool:
    """Whether a column is an index; a feature's in JSON lines stands under its own name instead."""
    return str(column).removeprefix("-").isdecimal()
