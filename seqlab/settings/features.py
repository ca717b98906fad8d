"""Features as settings name them: which columns they are, and which ones no run could have."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from seqlab.errors import SettingsError, nearest
from seqlab.settings.choices import WordFeatureName

NONE = "none"
NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


def check_word_features(names: Sequence[str]) -> None:
    """Refuse a feature of words that does not exist or comes twice, and none beside others."""
    known = get_args(WordFeatureName)
    expected = ", ".join(known)
    if not names:
        raise SettingsError(f"word_features is {names!r}: expected one or more of {expected}")
    for position, name in enumerate(names):
        if name not in known:
            raise SettingsError(
                f"word_features is {name!r}: expected one of {expected}{nearest(name, known)}"
            )
        if name in names[:position]:
            raise SettingsError(f"word_features is {name!r} twice: expected each once")
    if NONE in names and len(names) > 1:
        raise SettingsError(f"word_features is {names!r}: expected {NONE!r} alone")


def column_places(named: Iterable[str]) -> dict[str, str]:
    """The column of each feature, by its name, of texts NAME=COLUMN.

    Raises SettingsError for another form, a name that is no word, and one that comes twice.

    >>> column_places(["pos=1", "number=feats:Number"])
    {'pos': '1', 'number': 'feats:Number'}
    """
    found: dict[str, str] = {}
    for text in named:
        name, _, column = text.partition("=")
        if not column:
            raise SettingsError(
                f"feature_columns is {text!r}: expected NAME=COLUMN, for example 'pos=1'"
            )
        if not NAME.fullmatch(name):
            raise SettingsError(
                f"feature_columns is {text!r}: expected a name of letters, digits and _ before the ="
            )
        if name.lower() in map(str.lower, found):
            raise SettingsError(f"feature_columns is {name!r} twice: expected each once")
        found[name] = column
    return found


def other_places(trained: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The columns of a tagger's features in another file. given: those that are not as in training.

    Raises SettingsError for a feature that the tagger does not read.
    """
    for name in given:
        if name not in trained:
            known = ", ".join(trained) or "none"
            raise SettingsError(
                f"feature_columns is {name!r}: expected one that this run reads: {known}"
                f"{nearest(name, trained)}"
            )
    return {**trained, **given}
