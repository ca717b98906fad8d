"""Schemes against seqeval, and against each other."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from seqlab.corpus.retag import in_scheme
from seqlab.corpus.schemes import (
    Scheme,
    class_of_tag,
    continues_span,
    convert,
    decode_spans,
    detect_scheme,
    encode_spans,
    parse_scheme,
    repair,
    spelled_out,
    split_tag,
)
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError, UserError
from tests.strategies import TYPES, span_schemes, span_tags

SEQEVAL_SCHEMES = [Scheme.IOB1, Scheme.IOB2, Scheme.IOBES]


@st.composite
def tagged(draw: st.DrawFn, schemes=span_schemes) -> tuple[Scheme, list[str]]:
    scheme = draw(schemes)
    return scheme, draw(span_tags(scheme, max_size=12))


@st.composite
def laid_spans(draw: st.DrawFn) -> tuple[list[tuple[int, int, str]], int]:
    """Spans that do not overlap, and a length that holds them."""
    found, end = [], 0
    for gap, size, kind in draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(TYPES)), max_size=5
        )
    ):
        found.append((end + gap, end + gap + size, kind))
        end += gap + size
    return found, end + draw(st.integers(0, 2))


@given(tagged(st.sampled_from(SEQEVAL_SCHEMES)))
def test_spans_are_those_of_seqeval(case):
    scheme, tags = case
    expected = [(start, end + 1, kind) for kind, start, end in get_entities(tags)]
    assert decode_spans(tags, scheme) == expected


@given(laid_spans(), span_schemes)
def test_spans_written_are_spans_read(case, scheme):
    found, length = case
    tags = encode_spans(found, length, scheme)
    assert len(tags) == length
    assert decode_spans(tags, scheme) == found
    assert repair(tags, scheme) == (tags, 0)


@given(laid_spans(), span_schemes, span_schemes)
def test_conversion_there_and_back(case, source, target):
    tags = encode_spans(*case, source)
    assert convert(convert(tags, source, target), target, source) == tags


@given(tagged())
def test_repair_keeps_the_spans_and_is_done_once(case):
    scheme, tags = case
    repaired, changed = repair(tags, scheme)
    assert decode_spans(repaired, scheme) == decode_spans(tags, scheme)
    assert changed == sum(a != b for a, b in zip(tags, repaired, strict=True))
    assert repair(repaired, scheme) == (repaired, 0)


@given(laid_spans().filter(lambda case: bool(case[0])), span_schemes)
def test_the_scheme_written_is_the_scheme_detected(case, scheme):
    found, length = case
    full = [*found, (length, length + 1, "A"), (length + 1, length + 2, "A"),
            (length + 2, length + 5, "A")]  # fmt: skip
    tags = encode_spans(full, length + 5, scheme)
    assert detect_scheme([tags]) is scheme


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        (("I-A", "O", "I-A", "B-A"), Scheme.IOB1),
        (("B-A", "I-A", "I-B"), Scheme.IOB2),
        (("B-A", "I-B"), Scheme.IOB2),
        (("O", "O"), Scheme.IOB2),
        (("B-A", "L-A", "U-B"), Scheme.IOBES),
        (("S-A", "O"), Scheme.IOBES),
        (("B-A", "M-A", "E-A"), Scheme.BMES),
        (("B-A", "M-A", "I-A"), Scheme.PLAIN),
        (("NOUN", "O"), Scheme.PLAIN),
        (("-LRB-", "B-A"), Scheme.PLAIN),
        (("B-", "O"), Scheme.PLAIN),
        (("B",), Scheme.IOB2),
        (("B", "I", "B"), Scheme.IOB2),
        (("I", "I"), Scheme.IOB1),
        (("B", "M", "E", "S"), Scheme.BMES),
        (("B", "I", "L", "U"), Scheme.IOBES),
        (("S",), Scheme.PLAIN),
        (("B", "NOUN"), Scheme.PLAIN),
        (("B", "I-PER"), Scheme.PLAIN),
        (("I", "O"), Scheme.IOB1),
        (("I", "E", "O"), Scheme.PLAIN),
        (("B-A", "M-A", "L-A"), Scheme.PLAIN),
        (("I-A", "I-A", "B-A", "I-B"), Scheme.IOB1),
        (("I-PER", "I-O"), Scheme.IOB1),
        (("B-PER", "B-O"), Scheme.IOB2),
    ],
)
def test_detection(tags, scheme):
    assert detect_scheme([(), tags, ("O",)]) is scheme


def test_letters_alone_need_b_or_an_outside_tag():
    assert detect_scheme([("I", "I")]) is Scheme.PLAIN
    assert detect_scheme([("I", "I-O")]) is Scheme.PLAIN
    assert detect_scheme([("O",), ("I",)]) is Scheme.IOB1
    assert detect_scheme([("B", "I")]) is Scheme.IOB2
    assert detect_scheme([("B",), ("I-PER",)]) is Scheme.PLAIN
    assert detect_scheme([("I-PER",), ("B",)]) is Scheme.PLAIN
    assert detect_scheme([("I-PER",), ("NOUN",)]) is Scheme.PLAIN


def test_illegal_tags_of_all_sentences_are_counted():
    assert detect_scheme([("B-A", "O", "B-A"), ("I-A",)]) is Scheme.IOB2
    assert detect_scheme([("I-A", "O", "I-A"), ("B-A",)]) is Scheme.IOB1
    assert detect_scheme([("I-A",), ("B-A",)]) is Scheme.IOB2
    assert detect_scheme([("I-A", "O", "I-A", "B-B")]) is Scheme.IOB1
    assert detect_scheme([("I-A", "B-B")]) is Scheme.IOB2
    assert detect_scheme([("B-O", "I-A")]) is Scheme.IOB1
    assert detect_scheme([("O", "I", "I")]) is Scheme.IOB1


def test_bilou_becomes_iobes():
    bilou = ("B-A", "I-A", "L-A", "O", "U-Multi-tissue_structure")
    iobes = ("B-A", "I-A", "E-A", "O", "S-Multi-tissue_structure")
    assert tuple(map(spelled_out, bilou)) == iobes
    assert convert(bilou, Scheme.IOBES, Scheme.IOBES) == iobes
    assert decode_spans(bilou, Scheme.IOBES) == [(0, 3, "A"), (4, 5, "Multi-tissue_structure")]


def test_types_of_tags():
    assert class_of_tag("B-Multi-tissue_structure", Scheme.IOB2) == "Multi-tissue_structure"
    assert class_of_tag("O", Scheme.IOBES) == "O"
    assert class_of_tag("B-X", Scheme.PLAIN) == "B-X"
    with pytest.raises(UserError) as caught:
        class_of_tag("NOUN", Scheme.IOB2)
    assert str(caught.value) == "tag 'NOUN' is neither O nor PREFIX-TYPE; iob2 has no other tags"


def test_plain_tags_stay_and_cannot_become_spans():
    assert convert(("NOUN",), Scheme.PLAIN, Scheme.PLAIN) == ("NOUN",)
    assert convert(("I-A",), Scheme.IOB2, Scheme.PLAIN) == ("I-A",)
    assert repair(("NOUN", "O"), Scheme.PLAIN) == (("NOUN", "O"), 0)
    assert convert(("O", "O"), Scheme.PLAIN, Scheme.IOB2) == ("O", "O")
    with pytest.raises(UserError) as caught:
        convert(("NOUN", "O"), Scheme.PLAIN, Scheme.IOB2)
    assert str(caught.value) == "plain tags such as 'NOUN' can't be converted to iob2"
    for work in (
        lambda: decode_spans(("NOUN",), Scheme.PLAIN),
        lambda: encode_spans([], 1, Scheme.PLAIN),
    ):
        with pytest.raises(ValueError, match=r"^plain tags") as wrong:
            work()
        assert str(wrong.value) == "plain tags have no spans; expected iob1, iob2, iobes or bmes"
    with pytest.raises(UserError) as caught:
        decode_spans(("O", "B-"), Scheme.IOBES)
    assert str(caught.value) == "tag 'B-' is neither O nor PREFIX-TYPE; iobes has no other tags"


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ([(1, 3, "A"), (0, 2, "A")], (1, 3, "A")),
        ([(1, 1, "A")], (1, 1, "A")),
        ([(2, 4, "A")], (2, 4, "A")),
        ([(-1, 1, "A")], (-1, 1, "A")),
    ],
)
def test_spans_that_cannot_be_written(found, wrong):
    with pytest.raises(ValueError, match=r"^span") as caught:
        encode_spans(found, 3, Scheme.IOB2)
    assert str(caught.value) == f"span {wrong} overlaps another or leaves the sentence"


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("B-X", ("B", "X")),
        ("M-X", ("I", "X")),
        ("L-X-Y", ("E", "X-Y")),
        ("U--", ("S", "-")),
        ("B-", None),
        ("BX-", None),
        ("b-X", None),
        ("O-X", None),
        ("", None),
    ],
)
def test_tags_split_into_letter_and_type(tag, parts):
    assert split_tag(tag) == parts


@given(span_schemes.flatmap(lambda s: st.tuples(st.just(s), span_tags(s, min_size=2, max_size=2))))
def test_a_tag_continues_a_span_where_both_are_one_span(case):
    scheme, tags = case
    together = (0, 2) in [span[:2] for span in decode_spans(tags, scheme)]
    assert continues_span(*tags) == together
    assert not continues_span("NOUN", tags[1])
    assert not continues_span(tags[0], "NOUN")


def test_names_of_schemes():
    assert parse_scheme("IOB2") is Scheme.IOB2
    with pytest.raises(SettingsError) as caught:
        parse_scheme("iobs")
    expected = "expected one of iob1, iob2, iobes, bmes, plain"
    assert str(caught.value) == f"scheme is 'iobs': {expected}; nearest: 'iobes'"
    for name in ("bilou", "BILOU"):
        with pytest.raises(SettingsError) as caught:
            parse_scheme(name)
        assert str(caught.value) == f"scheme is {name!r}: {expected}; nearest: 'iobes'"
    with pytest.raises(SettingsError) as caught:
        parse_scheme(None)
    assert str(caught.value) == f"scheme is None: {expected}"


def test_a_million_tokens_take_seconds():
    sentences = [("O", "O", "B-PER", "I-PER", "O", "I-LOC", "O", "O", "B-LOC", "O")] * 100_000
    started = time.process_time()
    for tags in sentences:
        repair(tags, Scheme.IOB2)
    assert time.process_time() - started < 6  # 1 s on a free core


def test_tags_without_a_type_have_one_type_without_a_name():
    sentences = (Sentence(tokens=("a", "b", "c"), tags=("B", "I", "O")),)
    notes: list[str] = []
    (found,) = in_scheme("train", sentences, Scheme.IOB2, Scheme.IOBES, notes)
    assert found.tags == ("B-_", "E-_", "O")
    assert notes == ["train: tags without a type (B, I) are read as spans of type '_'"]
    assert decode_spans(("B", "I", "O", "I"), Scheme.IOB2) == [(0, 2, "_"), (3, 4, "_")]
    assert class_of_tag("B", Scheme.IOB2) == "_"


def test_the_type_o_is_outside_everywhere():
    tags = ("I-PER", "I-O", "B-O", "I-PER")
    assert decode_spans(tags, Scheme.IOB1) == [(0, 1, "PER"), (3, 4, "PER")]
    assert [class_of_tag(tag, Scheme.IOB1) for tag in tags] == ["PER", "O", "O", "PER"]
    notes: list[str] = []
    sentences = (Sentence(tokens=("a", "b", "c", "d"), tags=tags),)
    (found,) = in_scheme("train", sentences, Scheme.IOB1, Scheme.IOB2, notes)
    assert found.tags == ("B-PER", "O", "O", "B-PER")
    assert notes == [
        "train: tag 'I-O' (1 token) is read as O",
        "train: tag 'B-O' (1 token) is read as O",
    ]
