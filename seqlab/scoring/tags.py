"""How scoring reads a tag: its prefix and its class, also where the tag is foreign to the scheme.

A test file may hold a tag that training never saw: it is scored as missed, and never stops the
scoring. So a tag that the scheme does not know is read as the nearest thing that it could mean;
seqeval alone would stop ('S-PER' in strict IOB2) or misread it ('LOC' as a span of type 'OC').
Illegal sequences of legal tags are left as they are: those are seqeval's to judge.
"""

from typing import NamedTuple

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, split_tag

UNTYPED = "_"

# What each letter of `split_tag` becomes in a scheme that lacks it, and the letter for a span of
# one token. In IOB1 a B- is only a border between neighbours, so a foreign start is an I- there.
_FOREIGN = {Scheme.IOB1: {"E": "I", "S": "I"}, Scheme.IOB2: {"E": "I", "S": "B"}}
_SINGLE = {Scheme.IOB1: "I", Scheme.IOB2: "B", Scheme.IOBES: "S", Scheme.BMES: "S"}


class TagParts(NamedTuple):
    """A tag taken apart; `prefix` is 'O', 'B', 'I', 'E' or 'S', `type` is the class."""

    prefix: str
    type: str

    @property
    def tag(self) -> str:
        """The tag as seqeval reads it without doubt."""
        return OUTSIDE_TAG if self.prefix == OUTSIDE_TAG else f"{self.prefix}-{self.type}"


def parse_tag(tag: str, scheme: Scheme) -> TagParts:
    """The prefix and the class of a tag of a span scheme.

    BMES and BILOU are read as IOBES. A tag without prefix and type is a span of one token.

    >>> parse_tag("M-PER", Scheme.BMES)
    TagParts(prefix='I', type='PER')
    >>> parse_tag("S-PER", Scheme.IOB2).tag, parse_tag("LOC", Scheme.IOB2).tag
    ('B-PER', 'B-LOC')
    """
    if tag == OUTSIDE_TAG:
        return TagParts(OUTSIDE_TAG, OUTSIDE_TAG)
    parts = split_tag(tag)
    if parts is None:
        return TagParts(_SINGLE[scheme], tag or UNTYPED)
    letter, kind = parts
    return TagParts(_FOREIGN.get(scheme, {}).get(letter, letter), kind)


def class_of(tag: str, scheme: Scheme) -> str:
    """The name under which a tag is scored: its type, or for plain tags the tag itself."""
    return tag if scheme is Scheme.PLAIN else parse_tag(tag, scheme).type
