"""Raw text: every span and token stands where it says, and scores are those of the tags."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme, continues_span, decode_spans, split_tag
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError, UserError
from seqlab.tagging import text_pieces
from seqlab.tagging.tagged_text import TaggedSpan, TaggedText, TaggedToken
from seqlab.tagging.text_json import json_fragments, json_object, without_half_surrogates
from seqlab.tagging.text_pieces import cut_pieces, piece_bounds, span_bounds
from seqlab.text.cutting import CuttingChoice
from tests import tiny

pytestmark = tiny.KERAS_NOISE

TEXT = "Ada Stone saw the old Oslo in 1999. Boris Marsh left Paris.\r\n\r\n\tClara Vale praised Lima .\n"
WORDS = (
    "Ada",
    "Stone",
    "saw",
    "Oslo",
    "Paris",
    ".",
    "e\u0301",
    "é",
    "👩\u200d👧",
    "😀",
    "שלום",
    "\ufeff",
    '"',
    "\\",
)
GAPS = (" ", "\t", "\n", "\r\n", "\r", "\n\n", "\u2028", "\u00a0", "", "\x0b", "\x00", "\ud800")
TEXTS = st.lists(st.sampled_from(WORDS + GAPS), max_size=30).map("".join) | st.text(max_size=40)


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return tiny.span_run(tmp_path_factory).run.tagger


def assert_exact(found):
    for part in (*found.spans, *found.tokens):
        assert found.text[part.start : part.end] == part.text != ""
        assert 0 <= part.score <= 1
    ends = [0, *(token.end for token in found.tokens)]
    assert all(a <= token.start for a, token in zip(ends, found.tokens, strict=False))


def test_the_spans_and_tokens_of_a_text(tagger):
    found = tagger.tag_text(TEXT)
    assert_exact(found)
    assert found.text == TEXT
    lines = [["Ada", "Stone", "saw", "the", "old", "Oslo", "in", "1999", "."], ["Boris", "Marsh"]]
    assert [token.text for token in found.tokens][:11] == [*lines[0], *lines[1]]
    assert found.tokens[-1] == (TEXT.rindex("."), TEXT.rindex(".") + 1, ".", *found.tokens[-1][3:])
    assert found.spans


def test_its_tags_spans_and_scores_are_those_of_the_same_tokens(tagger):
    text = "Ada Stone saw Oslo in 1999 .\nBoris Marsh left Paris ."
    found = tagger.tag_text(text, sentences="line", tokenized=True)
    sentences = [Sentence(tokens=tuple(line.split())) for line in text.split("\n")]
    predictions = tagger.predict_chunk(sentences)
    assert [t.tag for t in found.tokens] == [tag for p in predictions for tag in p.tags]
    scores = np.concatenate([p.scores for p in predictions])
    assert [t.score for t in found.tokens] == pytest.approx(scores, abs=1e-6)
    expected, first = [], 0
    for prediction in predictions:
        for start, stop, label in decode_spans(prediction.tags, tagger.scheme):
            begin, end = found.tokens[first + start].start, found.tokens[first + stop - 1].end
            score = prediction.scores[start:stop].min()
            expected.append((begin, end, label, text[begin:end], pytest.approx(score, abs=1e-6)))
        first += len(prediction.tags)
    assert list(found.spans) == expected != []


@given(TEXTS, st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_offset_is_exact(tmp_path_factory, text, tokenized):
    tagger = tiny.span_run(tmp_path_factory).run.tagger
    assert_exact(tagger.tag_text(text, tokenized=tokenized))


@given(st.lists(TEXTS, max_size=6))
@settings(max_examples=50, deadline=None)
def test_many_texts_are_tagged_as_one_by_one_and_as_json_writes_them(tmp_path_factory, texts):
    tagger = tiny.span_run(tmp_path_factory).run.tagger
    many = list(tagger.tag_texts(texts))
    assert [one.text for one in many] == texts
    for one, text in zip(many, texts, strict=True):
        alone = tagger.tag_text(text)
        assert [t[:4] for t in alone.tokens] == [t[:4] for t in one.tokens]
        assert [s[:4] for s in alone.spans] == [s[:4] for s in one.spans]
    for scores in (False, True):
        assert json_lines(tagger, texts, scores) == [one.to_json(scores=scores) for one in many]
    for one in many:
        fields = json.loads(one.to_json())
        assert list(fields) == ["text", "spans", "tokens"]
        assert fields["text"] == one.text
        assert all(list(t) == ["start", "end", "text", "tag"] for t in fields["tokens"])
        assert all(list(s) == ["start", "end", "label", "text", "score"] for s in fields["spans"])


def test_json_in_the_units_of_other_languages():
    text = "Zoë 😀 Ada"
    found = TaggedText(
        text=text,
        spans=(TaggedSpan(6, 9, "PER", "Ada", 0.5),),
        tokens=(TaggedToken(0, 3, "Zoë", "O", 0.5), TaggedToken(6, 9, "Ada", "B-PER", 0.5)),
    )
    for unit, encoding, size in (("utf16", "utf-16-le", 2), ("bytes", "utf-8", 1)):
        fields = json.loads(found.to_json(offsets=unit))
        for part in fields["spans"] + fields["tokens"]:
            encoded = text.encode(encoding)[size * part["start"] : size * part["end"]]
            assert encoded.decode(encoding) == part["text"]
    assert json.loads(found.to_json())["spans"][0]["start"] == 6
    with pytest.raises(SettingsError) as caught:
        found.to_json(offsets="utf8")
    assert str(caught.value) == "offsets is 'utf8': expected one of codepoints, utf16, bytes"


def json_lines(tagger, texts, scores):
    """The lines as the command writes them, for texts of one piece each."""
    rules = tagger.text_rules(sentences="split", language="en", tokenized=False)
    fragments = []
    for group in tagger.tag_pieces(cut_pieces(texts, rules), token_scores=scores):
        tables = [None] * len(group.pieces)
        fragments += json_fragments(group, tagger.encoder.tags.symbols, tagger.labels, tables)
    return [
        without_half_surrogates(json_object(text, each)).rstrip("\n")
        for text, each in zip(texts, fragments, strict=True)
    ]


def test_long_texts_are_tagged_in_pieces(tagger, monkeypatch):
    text = "Ada Stone saw Oslo.\n\n" * 40 + "Boris left Paris.\n" * 40 + "Clara " * 300
    whole = tagger.tag_text(text)
    monkeypatch.setattr(text_pieces, "LONGEST_PIECE", 100)
    monkeypatch.setattr(text_pieces, "PIECES_TOKENS", 64)
    pieces = [text[start:end] for start, end in piece_bounds(text)]
    assert "".join(pieces) == text
    assert len(pieces) > 10
    assert all(len(piece) < 150 and piece.endswith("\n") for piece in pieces[:-1])
    found = tagger.tag_text(text)
    assert_exact(found)
    assert [t[:4] for t in found.tokens] == [t[:4] for t in whole.tokens]
    assert [s[:4] for s in found.spans] == [s[:4] for s in whole.spans]
    others = list(tagger.tag_texts(["", text, "", "Ada"]))
    assert [len(one.tokens) for one in others] == [0, len(whole.tokens), 0, 1]


@given(
    st.lists(
        st.lists(st.sampled_from(("O", "B-A", "I-A", "E-A", "S-A", "B-B", "I-B")), max_size=8),
        max_size=5,
    )
)
def test_span_bounds_are_those_of_decode_spans(sequences):  # fmt: skip
    symbols = ("O", "B-A", "I-A", "E-A", "S-A", "B-B", "I-B")
    ids = np.array([symbols.index(tag) for tags in sequences for tag in tags], np.int32)
    offsets = np.cumsum([0, *map(len, sequences)])
    starts, stops = span_bounds(
        ids,
        offsets,
        outside=np.array([split_tag(tag) is None for tag in symbols]),
        continues=np.array([[continues_span(a, b) for b in symbols] for a in symbols]),
    )
    expected = [
        (first + start, first + stop)
        for first, tags in zip(offsets.tolist(), sequences, strict=False)
        for start, stop, _ in decode_spans(tags, Scheme.IOBES)
    ]
    assert list(zip(starts.tolist(), stops.tolist(), strict=True)) == expected


def test_plain_tags_have_no_spans(tmp_path_factory):
    tagger = tiny.plain_run(tmp_path_factory).run.tagger
    found = tagger.tag_text("Ada saw Oslo.")
    assert found.spans == ()
    assert [t.tag for t in found.tokens] == tagger.tag(["Ada", "saw", "Oslo", "."])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.tag_text(["Ada"]), "tag_text takes a text; found list ['Ada']"),
        (lambda t: t.tag_text("Ada", sentences="lines"), "sentences is 'lines': expected 'line' or 'split'"),
        (
            lambda t: t.tag_text("Ada left. He came.", language="eng"),
            "no rules to split sentences of language 'eng'; nearest: 'en'; 'en' suits most others",
        ),
        (lambda t: list(t.tag_texts("Ada")), "tag_texts takes a list of texts; found str 'Ada'"),
        (lambda t: list(t.tag_texts(["Ada", 3])), "tag_texts takes a list of texts; number 2 is int 3"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_one_line(tagger, call, message):
    with pytest.raises(UserError) as caught:
        call(tagger)
    assert str(caught.value) == message


def test_text_is_cut_as_in_training_unless_said_otherwise(tagger, tmp_path):
    import seqlab

    german = replace(tagger, cutting=CuttingChoice("line", "de", True))
    seqlab.save(german, tmp_path / "run")
    loaded = seqlab.load(tmp_path / "run")
    assert loaded.cutting == ("line", "de", True)
    rules = loaded.text_rules()
    assert (rules.sentences, rules.language, rules.tokenized) == ("line", "de", True)
    rules = loaded.text_rules(sentences="split", language="fr", tokenized=False)
    assert (rules.sentences, rules.language, rules.tokenized) == ("split", "fr", False)
    assert [t.text for t in loaded.tag_text("Ada's co-op.").tokens] == ["Ada's", "co-op."]
    assert tagger.cutting == ("split", "en", False)


def test_a_tagger_that_reads_columns_takes_no_text(tagger):
    reading = replace(tagger.encoder, feature_columns={"pos": tagger.encoder.tags})
    with pytest.raises(UserError) as caught:
        replace(tagger, encoder=reading).tag_text("Ada")
    message = (
        "text has no column for feature 'pos', which this tagger reads; use tag(...) with features"
    )
    assert str(caught.value) == message
