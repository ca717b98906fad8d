"""Tags of the scheme stay unchanged; tags of other schemes become the nearest tag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.tags import class_of, parse_tag

OWN = {Scheme.IOB1: "BI", Scheme.IOB2: "BI", Scheme.IOBES: "BIES"}


@given(st.sampled_from(list(OWN)).flatmap(lambda s: st.tuples(st.just(s), st.sampled_from(OWN[s]))))
def test_tags_of_the_scheme_stay_as_they_are(own):
    scheme, prefix = own
    for tag in ("O", f"{prefix}-PER", f"{prefix}-PER-LOC"):
        assert parse_tag(tag, scheme).tag == tag


@pytest.mark.parametrize(
    ("tag", "scheme", "read"),
    [
        ("M-PER", Scheme.BMES, "I-PER"),
        ("S-PER", Scheme.BMES, "S-PER"),
        ("B", Scheme.BMES, "B-_"),
        ("U", Scheme.IOBES, "S-_"),
        ("I-O", Scheme.IOB2, "O"),
        ("S-PER", Scheme.IOB2, "B-PER"),
        ("E-PER", Scheme.IOB2, "I-PER"),
        ("U-PER", Scheme.IOBES, "S-PER"),
        ("L-PER", Scheme.IOBES, "E-PER"),
        ("S-PER", Scheme.IOB1, "I-PER"),
        ("LOC", Scheme.IOB1, "I-LOC"),
        ("LOC", Scheme.IOB2, "B-LOC"),
        ("BLOC", Scheme.IOBES, "S-BLOC"),
        ("", Scheme.IOBES, "S-_"),
        ("O-LOC", Scheme.IOBES, "S-O-LOC"),
    ],
)
def test_tags_of_other_schemes_become_the_nearest_tag(tag, scheme, read):
    assert parse_tag(tag, scheme).tag == read


def test_a_plain_tag_is_its_own_class():
    assert class_of("B-PER", Scheme.PLAIN) == "B-PER"
    assert class_of("B-PER", Scheme.IOB2) == "PER"
    assert class_of("O", Scheme.IOB2) == "O"
    assert class_of("LOC", Scheme.IOB2) == "LOC"
