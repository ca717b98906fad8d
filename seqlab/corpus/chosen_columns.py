"""The columns that a user chooses to read, by index, name or key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from seqlab.errors import SettingsError, shorten

ColumnRef = str | int
"""A column: its index, its name (conllu), or its key (jsonl)."""

NO_TOKENS = "none"  # token column of a corpus without words
PLACEHOLDER = "_"  # token of each row of such a corpus; no network reads it


@dataclass(frozen=True, kw_only=True)
class ChosenColumns:
    """The columns to read. None is the default of the format; by default no column holds weights.

    token: `NO_TOKENS` reads a corpus without words.
    features: the column of each feature, by the feature's name.
    numbers: the columns of numbers, by the name that the user gave them.
    """

    token: ColumnRef | None = None
    tag: ColumnRef | None = None
    weight: ColumnRef | None = None
    features: Mapping[str, ColumnRef] = field(default_factory=dict)
    numbers: Mapping[str, ColumnRef] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = (("feature", self.features, "pos"), ("numeric", self.numbers, "size"))
        for kind, columns, example in named:
            if not isinstance(columns, Mapping):
                fact = f"{kind}_columns is {shorten(repr(columns))}"
                expected = f"expected a column per feature name, such as {{{example!r}: 1}}"
                raise SettingsError(f"{fact}; {expected}")
        for name in self.numbers:
            if name in self.features:
                raise SettingsError(f"feature_columns and numeric_columns both name {name!r}")
        if not (self.has_words or self.features or self.numbers):
            fact = f"token_column is {NO_TOKENS!r}, so there is nothing to read"
            raise SettingsError(f"{fact}; give numeric_columns")

    @property
    def has_words(self) -> bool:
        """Whether the corpus has a column of words."""
        return self.token != NO_TOKENS


DEFAULT_COLUMNS = ChosenColumns()


def refuse_columns(columns: ChosenColumns, format: str) -> None:
    """Raise SettingsError when columns are chosen for files of a format that has none."""
    fact = f"{format} files have no columns; leave out"
    if columns.weight is not None:
        raise SettingsError(f"{fact} token_weight_column")
    if columns.features:
        raise SettingsError(f"{fact} feature_columns")
    if columns.numbers:
        raise SettingsError(f"{fact} numeric_columns")
    if columns != DEFAULT_COLUMNS:
        raise SettingsError(f"{fact} token_column and tag_column")


def conll_column_index(column: ColumnRef | None, what: str, *, default: int = 0) -> int:
    """Return the index of a CoNLL column, negative when counted from the end; `default` for None.

    what: the setting, for the error. Raises SettingsError for a name.
    """
    text = str(default if column is None else column)
    if not text.removeprefix("-").isdecimal() or len(text) > 9:
        fact = f"{what} {text!r}; expected an index, because columns of conll have no names"
        raise SettingsError(f"{fact}: 0 is the first, -1 the last")
    return int(text)


def json_key(column: ColumnRef | None, default: str) -> str:
    """Return the key of a JSON lines column. Raises SettingsError for an index."""
    if column is not None and is_index(column):
        fact = f"column {column}"
        raise SettingsError(f"{fact}; expected a key of the JSON objects, such as {default!r}")
    return str(column or default)


def is_index(column: ColumnRef) -> bool:
    """Tell whether a column is given by its index."""
    return str(column).removeprefix("-").isdecimal()
