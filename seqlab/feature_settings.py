"""Which features no run could have: names that do not exist, come twice, or contradict each other."""

from collections.abc import Sequence
from typing import get_args

from seqlab.choices import WordFeatureName
from seqlab.errors import SettingsError, nearest

NONE = "none"


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
