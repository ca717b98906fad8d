"""Split a tag into prefix and class for scoring, even if it does not fit the scheme.

A test file may hold a tag that training never saw. It counts as missed and does not stop the scoring. So a
tag outside the scheme is read as the nearest tag of the scheme. seqeval alone would fail ('S-PER' in
strict IOB2) or misread it ('LOC' as a span of type 'OC'). Illegal sequences of legal tags are left
unchanged: seqeval judges those.
"""

from typing import NamedTuple

from seqlab.corpus.schemes import OUTSIDE_TAG, UNTYPED, Scheme, spelled_out, split_tag

# FOREIGN: what a prefix becomes in a scheme that lacks it. SINGLE: the prefix of a span of one token.
# In IOB1, B- only separates adjacent spans of the same type, so a foreign start becomes I- there.
FOREIGN = {Scheme.IOB1: {"E": "I", "S": "I"}, Scheme.IOB2: {"E": "I", "S": "B"}}
SINGLE = {Scheme.IOB1: "I", Scheme.IOB2: "B", Scheme.IOBES: "S", Scheme.BMES: "S"}


class TagParts(NamedTuple):
    """prefix: 'O', 'B', 'I', 'E' or 'S'. class_name: the entity type, or 'O'."""

    prefix: str
    class_name: str

    @property
    def tag(self) -> str:
        """The tag in the one form that seqeval reads correctly."""
        return OUTSIDE_TAG if self.prefix == OUTSIDE_TAG else f"{self.prefix}-{self.class_name}"


def parse_tag(tag: str, scheme: Scheme) -> TagParts:
    """The prefix and the class of a tag in a span scheme.

    BMES and BILOU tags become IOBES tags. A tag without a prefix becomes a span of one token. A letter alone has
    the type `_`, as in seqeval, and `I-O` is O.

    >>> parse_tag("M-PER", Scheme.BMES)
    TagParts(prefix='I', class_name='PER')
    >>> [parse_tag(tag, Scheme.IOB2).tag for tag in ("S-PER", "LOC", "I", "I-O")]
    ['B-PER', 'B-LOC', 'I-_', 'O']
    """
    tag = spelled_out(tag)
    if tag == OUTSIDE_TAG:
        return TagParts(OUTSIDE_TAG, OUTSIDE_TAG)
    parts = split_tag(tag)
    if parts is None:
        return TagParts(SINGLE[scheme], tag or UNTYPED)
    prefix, entity_type = parts
    return TagParts(FOREIGN.get(scheme, {}).get(prefix, prefix), entity_type)


def class_of(tag: str, scheme: Scheme) -> str:
    """The class that a tag counts for: its entity type, or the tag itself in a plain scheme."""
    return tag if scheme is Scheme.PLAIN else parse_tag(tag, scheme).class_name
