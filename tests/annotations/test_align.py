"""Spans to tags: each span becomes tags or is counted; brute force decides which."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.annotations.align import align
from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.from_tags import TaggedTokens, annotated_text
from seqlab.annotations.span_report import EXAMPLES, FaultySpan, SpanFault, SpanReport
from seqlab.errors import UserError
from seqlab.text.cutting import TextRules, TokenOffsets, cut_text

WORDS = TextRules(tokenized=True)


def document(text, *spans, sentences=None, discontinuous=()):
    spans = tuple(LabelledSpan(*span) for span in spans)
    discontinuous = tuple(LabelledSpan(*span) for span in discontinuous)
    return AnnotatedText(
        text=text, spans=spans, discontinuous=discontinuous, sentences=sentences, source="a.jsonl:1"
    )


def aligned(text, *spans, misaligned="split", **more):
    """The (token, tag) pairs of each sentence, and the report."""
    report = SpanReport()
    doc = document(text, *spans, **more)
    sentences = align(doc, rules=WORDS, misaligned=misaligned, report=report)
    pairs = [
        [(text[s:e], tag) for s, e, tag in zip(*offsets, tags, strict=True)]
        for offsets, tags in sentences
    ]
    return pairs, report


def test_spans_become_iob2_tags():
    pairs, report = aligned("Ada Lovelace left\nLondon", (0, 12, "PER"), (18, 24, "LOC"))
    assert pairs == [
        [("Ada", "B-PER"), ("Lovelace", "I-PER"), ("left", "O")],
        [("London", "B-LOC")],
    ]
    assert (report.spans, report.kept, report.counts) == (2, 2, {})


def test_neighbours_of_one_class_are_two_spans():
    pairs, _ = aligned("Ada Bob", (0, 3, "PER"), (4, 7, "PER"))
    assert pairs == [[("Ada", "B-PER"), ("Bob", "B-PER")]]


def test_neighbours_within_one_token_are_two_spans():
    pairs, report = aligned("AdaBob!", (0, 3, "PER"), (3, 6, "PER"))
    assert pairs == [[("Ada", "B-PER"), ("Bob", "B-PER"), ("!", "O")]]
    assert report.mended == {(SpanFault.CUTS_WORD, "PER"): 2}


def test_a_span_that_cuts_tokens_splits_them():
    pairs, report = aligned("xAda Lovelacey", (1, 13, "PER"))
    assert pairs == [[("x", "O"), ("Ada", "B-PER"), ("Lovelace", "I-PER"), ("y", "O")]]
    assert report.mended == {(SpanFault.CUTS_WORD, "PER"): 1}
    assert report.dropped == {}


def test_a_span_that_cuts_tokens_is_refused_on_demand():
    pairs, report = aligned("xAda Bob", (1, 4, "PER"), (5, 8, "PER"), misaligned="refuse")
    assert pairs == [[("xAda", "O"), ("Bob", "B-PER")]]
    assert report.dropped == {(SpanFault.CUTS_WORD, "PER"): 1}


def test_a_refused_span_does_not_displace_a_shorter_one():
    pairs, report = aligned("Ada Bobx", (0, 7, "PER"), (0, 3, "ART"), misaligned="refuse")
    assert pairs == [[("Ada", "B-ART"), ("Bobx", "O")]]
    assert report.dropped == {(SpanFault.CUTS_WORD, "PER"): 1}


@pytest.mark.parametrize(
    ("span", "fault"),
    [
        ((3, 3, "X"), SpanFault.EMPTY),
        ((5, 2, "X"), SpanFault.EMPTY),
        ((-1, 2, "X"), SpanFault.OUTSIDE_TEXT),
        ((4, 9, "X"), SpanFault.OUTSIDE_TEXT),
        ((9, 12, "X"), SpanFault.OUTSIDE_TEXT),
        ((3, 4, "X"), SpanFault.NO_WORDS),
    ],
)
def test_each_fault_is_named(span, fault):
    pairs, report = aligned("Ada left", span)
    assert pairs == [[("Ada", "O"), ("left", "O")]]
    assert report.dropped == {(fault, "X"): 1}
    assert (report.spans, report.kept) == (1, 0)


def test_the_longest_is_kept_then_the_first():
    pairs, report = aligned("a b c d", (0, 3, "X"), (2, 7, "Y"), (4, 5, "Z"), (2, 7, "W"))
    assert pairs == [[("a", "O"), ("b", "B-Y"), ("c", "I-Y"), ("d", "I-Y")]]
    assert report.dropped == {
        (SpanFault.OVERLAPS, "X"): 1,
        (SpanFault.NESTED, "Z"): 1,
        (SpanFault.NESTED, "W"): 1,
    }


def test_white_space_at_the_edges_is_trimmed():
    pairs, report = aligned(" Ada  left", (0, 6, "PER"))
    assert pairs == [[("Ada", "B-PER"), ("left", "O")]]
    assert report.mended == {(SpanFault.WHITE_SPACE, "PER"): 1}
    assert report.examples == [
        FaultySpan(SpanFault.WHITE_SPACE, True, "PER", "a.jsonl:1", 0, 6, " Ada  ")
    ]
    assert str(report.examples[0]) == (
        "a.jsonl:1, characters 0 to 6: PER ' Ada  ' has white space at its edges; trimmed"
    )


def test_a_sentence_does_not_end_inside_a_span():
    pairs, report = aligned("in New\nYork City\nnow\n!", (3, 15, "LOC"))
    assert pairs == [
        [("in", "O"), ("New", "B-LOC"), ("York", "I-LOC"), ("Cit", "I-LOC"), ("y", "O")],
        [("now", "O")],
        [("!", "O")],
    ]
    assert report.joined_sentences == 1


def test_spans_with_gaps_are_counted():
    _, report = aligned("a b c", discontinuous=[(0, 5, "X")])
    assert (report.spans, report.kept) == (1, 0)
    assert report.dropped == {(SpanFault.DISCONTINUOUS, "X"): 1}


def test_a_document_keeps_its_own_tokens():
    own = (TokenOffsets((0, 3), (3, 6)),)
    pairs, report = aligned("AdaBob !", (3, 6, "PER"), (7, 8, "X"), sentences=own)
    assert pairs == [[("Ada", "O"), ("Bob", "B-PER")]]
    assert report.dropped == {(SpanFault.NO_WORDS, "X"): 1}


def test_a_span_that_begins_before_its_first_token_begins_with_b():
    own = (TokenOffsets((4,), (7,)),)
    pairs, _ = aligned("Ada Bob", (0, 7, "PER"), sentences=own)
    assert pairs == [[("Bob", "B-PER")]]


def test_all_faults_reach_the_callback_and_few_the_memory():
    seen = []
    report = SpanReport(on_fault=seen.append)
    spans = [(0, 0, "X")] * 20 + [(0, 0, "Y")]
    align(document("a", *spans), rules=WORDS, report=report)
    assert len(seen) == 21
    assert len(report.examples) == EXAMPLES + 1
    assert report.dropped == {(SpanFault.EMPTY, "X"): 20, (SpanFault.EMPTY, "Y"): 1}


# Brute force: a span is kept if no span before it, in order of length, shares a character with it.

TEXT = st.text(alphabet="ab .\n\u00e9\U0001f600\u200b\t", max_size=30)
SPANS = st.lists(
    st.tuples(st.integers(-2, 32), st.integers(-2, 32), st.sampled_from("XY")), max_size=8
)


def kept_by_brute_force(text, spans, tokens, misaligned):
    """The trimmed spans that must become tags, from left to right."""
    valid = []
    for start, end, label in spans:
        characters = [i for i in range(start, end) if 0 <= i < len(text) and not text[i].isspace()]
        if start < 0 or end > len(text) or start > len(text) or end < 0 or not characters:
            continue
        first, last = characters[0], characters[-1] + 1
        touched = [(s, e) for s, e in tokens if set(range(s, e)) & set(range(first, last))]
        cut = any(s < first or e > last for s, e in touched)
        if touched and not (cut and misaligned == "refuse"):
            valid.append((first, last, label))
    kept = []
    for span in sorted(valid, key=lambda span: -(span[1] - span[0])):
        if all(not set(range(*span[:2])) & set(range(*other[:2])) for other in kept):
            kept.append(span)
    return sorted(kept)


@given(TEXT, SPANS, st.sampled_from(["split", "refuse"]), st.booleans())
def test_every_span_is_tags_or_counted(text, spans, misaligned, own_tokens):
    sentences = cut_text(text, WORDS)
    tokens = [pair for sentence in sentences for pair in zip(*sentence, strict=True)]
    doc = document(text, *spans, sentences=tuple(sentences) if own_tokens else None)
    report = SpanReport()
    result = align(doc, rules=WORDS, misaligned=misaligned, report=report)

    expected = kept_by_brute_force(text, spans, tokens, misaligned)
    found = []
    for offsets, tags in result:
        assert len(tags) == len(offsets.starts)
        for start, end, tag in zip(*offsets, tags, strict=True):
            assert text[start:end].strip() == text[start:end] != ""
            if tag.startswith("B-"):
                found.append((start, end, tag[2:]))
            elif tag.startswith("I-"):
                assert found[-1][2] == tag[2:]
                found[-1] = (found[-1][0], end, tag[2:])
    assert found == expected
    assert report.spans == len(spans) == report.kept + report.dropped.total()
    assert report.kept == len(expected)
    # All characters that tokens covered are covered still, in order, and no token is there twice.
    pieces = [pair for offsets, _ in result for pair in zip(*offsets, strict=True)]
    assert pieces == sorted(pieces)
    assert {i for s, e in pieces for i in range(s, e)} == {
        i for s, e in tokens for i in range(s, e)
    }
    assert sum(e - s for s, e in pieces) == sum(e - s for s, e in tokens)
    assert len(result) + report.joined_sentences == len(sentences)


@given(TEXT, SPANS, st.sampled_from(["split", "refuse"]))
def test_tags_and_back_give_the_kept_spans(text, spans, misaligned):
    doc = document(text, *spans)
    result = align(doc, rules=WORDS, misaligned=misaligned, report=SpanReport())
    back = annotated_text(
        [
            TaggedTokens([text[s:e] for s, e in zip(*offsets, strict=True)], tags, text, offsets)
            for offsets, tags in result
        ]
    )
    tokens = [p for sentence in cut_text(text, WORDS) for p in zip(*sentence, strict=True)]
    assert list(back.spans) == kept_by_brute_force(text, spans, tokens, misaligned)
    assert back.text == (text if result else "")


def test_time_grows_with_the_text_and_not_with_its_square():
    def seconds(words):
        text = "ab " * words
        spans = [(3 * i, 3 * i + 2, "X") for i in range(0, words, 2)]
        doc = document(text, *spans)
        start = time.process_time()
        align(doc, rules=WORDS, report=SpanReport())
        return time.process_time() - start

    small = min(seconds(8_000) for _ in range(3))
    assert min(seconds(80_000) for _ in range(2)) < 50 * max(small, 0.01)  # the square is 100


def test_tokens_without_text_are_joined_by_spaces_and_lines():
    doc = annotated_text(
        [
            TaggedTokens(["Ada", "Lovelace"], ["B-PER", "I-PER"]),
            TaggedTokens(["in", "London"], ["O", "I-LOC"]),
        ],
        source="x.conll:1",
        name="d1",
    )
    assert doc.text == "Ada Lovelace\nin London"
    assert doc.spans == ((0, 12, "PER"), (16, 22, "LOC"))
    assert doc.sentences == (TokenOffsets((0, 4), (3, 12)), TokenOffsets((13, 16), (15, 22)))
    assert (doc.source, doc.name) == ("x.conll:1", "d1")


def test_two_equal_sentences_with_texts_of_their_own():
    one = TaggedTokens(["Yes"], ["B-X"], "Yes!", TokenOffsets((0,), (3,)))
    doc = annotated_text([one, one])
    assert doc.text == "Yes!\nYes!"
    assert doc.spans == ((0, 3, "X"), (5, 8, "X"))


def test_sentences_of_one_text_share_it():
    text = "Yes! No?"
    doc = annotated_text(
        [
            TaggedTokens(["Yes"], ["O"], text, TokenOffsets((0,), (3,))),
            TaggedTokens(["No"], ["B-X"], text, TokenOffsets((5,), (7,))),
        ]
    )
    assert (doc.text, doc.spans) == (text, ((5, 7, "X"),))


def test_plain_tags_cannot_be_spans():
    with pytest.raises(UserError) as error:
        annotated_text([TaggedTokens(["a"], ["NN"])], source="a.conll:1")
    assert str(error.value) == (
        "a.conll:1: tag 'NN' is not IOB2; annotation files hold spans, so only span tags can be written"
    )
