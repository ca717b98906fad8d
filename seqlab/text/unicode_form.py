"""Unicode normalisation: one spelling for words that look alike but are stored as other code points."""

import unicodedata
from sys import intern
from typing import cast, get_args

from seqlab.errors import SettingsError, nearest
from seqlab.settings.choices import UnicodeFormName


def in_form(text: str, form: UnicodeFormName) -> str:
    r"""Return the text in a Unicode normalisation form (Unicode Standard Annex #15).

    nfc: an accented letter is one code point. nfkc: and a letter of another width or style is the plain letter.

    >>> len("e\u0301"), len(in_form("e\u0301", "nfc")), in_form("\uff21\ufb01", "nfkc")
    (2, 1, 'Afi')
    """
    if form == "none" or text.isascii():
        return text
    return intern(unicodedata.normalize("NFC" if form == "nfc" else "NFKC", text))


def parse_unicode_form(name: object) -> UnicodeFormName:
    """Return the form of this name. Raises SettingsError for an unknown name."""
    known = get_args(UnicodeFormName)
    if str(name).lower() not in known:
        fact = f"unknown Unicode form {name!r}; expected {', '.join(known)}"
        raise SettingsError(f"{fact}{nearest(name, known)}")
    return cast(UnicodeFormName, str(name).lower())
