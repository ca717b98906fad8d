"""Spans and segments of a corpus are those that `decode_spans` finds in each sentence."""

from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.augmenting.segments import find_segments
from seqlab.corpus.schemes import Scheme, decode_spans, encode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder

TAGS = ("O", "B-A", "I-A", "E-A", "S-A", "B-B", "I-B", "E-B", "S-B")
tag_lists = st.lists(st.lists(st.sampled_from(TAGS), min_size=1, max_size=9), min_size=1)


def segments_of(tags, scheme):
    corpus = [Sentence(tokens=("w",) * len(row), tags=tuple(row)) for row in tags]
    encoder = fit_encoder(corpus)
    return find_segments(encoder.encode(corpus), encoder.tags, scheme)


def spans_of(segments):
    types = [segments.names[number] for number in segments.types.tolist()]
    return list(zip(segments.starts.tolist(), segments.stops.tolist(), types, strict=True))


@settings(max_examples=40)
@given(tag_lists)
def test_spans_are_those_of_decode_spans(tags):
    expected, begin = [], 0
    for row in tags:
        found = decode_spans(row, Scheme.IOBES)
        expected += [(begin + start, begin + stop, name) for start, stop, name in found]
        begin += len(row)
    assert spans_of(segments_of(tags, Scheme.IOBES)) == expected


@settings(max_examples=40)
@given(tag_lists)
def test_segments_are_spans_and_the_tokens_between_them(tags):
    expected = []
    for row in tags:
        spans = decode_spans(row, Scheme.IOBES)
        edges = {0, *(edge for start, stop, _ in spans for edge in (start, stop))}
        expected += [place in edges for place in range(len(row))]
    assert segments_of(tags, Scheme.IOBES).first.tolist() == expected


def test_a_span_of_iob1_that_begins_with_b_is_left_out():
    tags = encode_spans([(0, 2, "A"), (2, 3, "A"), (4, 5, "B")], 5, Scheme.IOB1)
    assert tags == ("I-A", "I-A", "B-A", "O", "I-B")
    segments = segments_of([tags], Scheme.IOB1)
    assert spans_of(segments) == [(0, 2, "A"), (4, 5, "B")]
    assert segments.first.tolist() == [True, False, True, True, True]


def test_with_plain_tags_each_run_of_one_tag_is_a_segment():
    segments = segments_of([("N", "N", "V"), ("V", "N")], Scheme.PLAIN)
    assert spans_of(segments) == []
    assert segments.first.tolist() == [True, False, True, True, True]
