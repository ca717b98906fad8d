"""Smaller taggers: which words keep their vectors, that nothing else changes, and what it costs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.encoding.encoder import Encoder
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.vectors import WordVectors
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import UserError
from seqlab.exporting.check import compare_taggers
from seqlab.exporting.smaller import Smaller, kept_rows, save_smaller
from seqlab.reporting.export_check_text import export_check_text
from seqlab.scoring.score import score
from seqlab.storing.tagger_files import load_tagger
from tests import tiny

pytestmark = tiny.KERAS_NOISE

LETTERS = st.sampled_from("aAbBΣςİıß1٣é")
TOKENS = st.lists(st.text(LETTERS, min_size=1, max_size=3), min_size=1, max_size=12, unique=True)


def with_words(words, vectors):
    """An encoder with a vocabulary and the vectors of further words; row i holds the number i."""
    numbers = np.arange(len(vectors), dtype=np.float32)[:, None]
    frozen = freeze_words(WordVectors({word: row for row, word in enumerate(vectors)}, numbers))
    empty = Vocabulary(())
    tags = Vocabulary(("O",), has_unknown=False)
    return Encoder(words=Vocabulary(words), characters=empty, tags=tags, frozen_words=frozen)


def test_the_first_words_that_are_looked_up_are_kept():
    vectors = ("the", "Paris", "0000", "1984", "oslo", "of")
    encoder = with_words(("the", "0000"), vectors)
    assert kept_rows(encoder, None) is None
    assert kept_rows(encoder, 2).tolist() == [1, 4]  # 1984 has the entry 0000
    assert kept_rows(encoder, 9).tolist() == [1, 4, 5]


@given(TOKENS, TOKENS, TOKENS)
def test_words_that_are_left_out_for_the_vocabulary_were_never_looked_up(known, vectors, tokens):
    from seqlab.text.spelling import normalise

    encoder = with_words(tuple(dict.fromkeys(map(normalise, known))), vectors)
    rows = kept_rows(encoder, len(vectors))
    kept = [vectors[row] for row in rows.tolist()]
    frozen = encoder.frozen_words
    fewer = freeze_words(
        WordVectors({word: row for row, word in enumerate(kept)}, frozen.vectors[rows])
    )
    ours, theirs = (
        replace(encoder, frozen_words=one).encode_spellings(tokens) for one in (fewer, frozen)
    )
    np.testing.assert_array_equal(ours.word_ids, theirs.word_ids)
    np.testing.assert_array_equal(
        ours.frozen_table[ours.frozen_rows], theirs.frozen_table[theirs.frozen_rows]
    )


def vector_tagger(tagger):
    """A tagger whose unknown words have vectors."""
    words = ("Berlin", "ROME", "paris", "zork", "ada")
    dim = tagger.architecture.word_dim
    numbers = np.random.default_rng(1).normal(size=(5, dim)).astype(np.float32)
    frozen = freeze_words(WordVectors({word: row for row, word in enumerate(words)}, numbers))
    return replace(
        tagger,
        architecture=replace(tagger.architecture, outside_vectors=True),
        encoder=replace(tagger.encoder, frozen_words=frozen),
    )


def test_weights_and_vectors_are_packed_and_rare_words_left_out(span_run, tmp_path):
    tagger = vector_tagger(span_run.tagger)
    note = save_smaller(tagger, tmp_path, Smaller(weights="int8", vectors="int8", keep_words=2))
    assert note == "vectors: 2 of 5 words keep theirs"
    loaded = load_tagger(tmp_path)
    frozen = loaded.encoder.frozen_words
    assert frozen.number_type == "int8"
    assert frozen.index.words() == ["Berlin", "ROME"]  # paris and ada are in the vocabulary
    rows = tagger.encoder.frozen_words.vectors[:2]
    step = np.abs(rows).max(axis=1, keepdims=True) / 127
    np.testing.assert_allclose(
        frozen.look_up(["Berlin", "ROME"])[1], np.rint(rows / step) * step, rtol=1e-5
    )


@pytest.mark.parametrize("number_type", ["float16", "int8"])
def test_the_check_compares_both_taggers_on_the_file(
    span_run, tmp_path_factory, tmp_path, number_type
):
    from seqlab.corpus.splits import read_as

    tagger = span_run.tagger
    path = tiny.corpus(tmp_path_factory)["test"]
    sentences, _ = read_as(path, scheme=tagger.scheme)
    assert save_smaller(tagger, tmp_path, Smaller(weights=number_type)) is None
    after = load_tagger(tmp_path)
    check = compare_taggers(tagger, after, sentences)
    assert check.tokens == sum(len(s) for s in sentences)
    gold = [s.tags for s in sentences]
    one, other = ([t.tag(s.tokens) for s in sentences] for t in (tagger, after))
    assert check.before == score(gold, one, tagger.scheme)
    assert check.after == score(gold, other, tagger.scheme)
    flat = [[tag for tags in side for tag in tags] for side in (one, other)]
    assert check.changed == sum(a != b for a, b in zip(*flat, strict=True))


def test_the_table_of_a_check(span_run):
    gold = [["B-PER", "E-PER", "O", "S-LOC"], ["S-LOC", "O"], ["S-LAW", "O"]]
    worse = [["B-PER", "E-PER", "O", "O"], ["S-LOC", "O"], ["S-ORG", "O"]]
    check = compare_taggers(span_run.tagger, span_run.tagger, [])
    check = replace(
        check,
        before=score(gold, gold, "iobes"),
        after=score(gold, worse, "iobes"),
        tokens=7,
        changed=2,
    )
    assert export_check_text("test.conll", check).splitlines() == [
        "test.conll: 2 of 7 tokens have another tag than before the export",
        "  class     gold  F1 before  F1 after  difference",
        "  LAW          1      1.000     0.000      -1.000",
        "  PER          1      1.000     1.000      +0.000",
        "  LOC          2      1.000     0.667      -0.333",
        "  ORG          0          –     0.000           –",
        "  macro F1            1.000     0.556      -0.444",
        "  micro F1            1.000     0.571      -0.429",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"weights": "int4"},
            "weights is 'int4': expected float32, float16, int8; nearest: 'int8'",
        ),
        (
            {"vectors": "half"},
            "vectors is 'half': expected float32, float16, int8",
        ),
        ({"keep_words": 0}, "keep_words is 0: expected a whole number, at least 1"),
        ({"keep_words": 1.5}, "keep_words is 1.5: expected a whole number, at least 1"),
        ({"keep_words": True}, "keep_words is True: expected a whole number, at least 1"),
    ],
)
def test_unknown_options_are_refused_in_one_line(options, message):
    with pytest.raises(UserError) as caught:
        Smaller(**options)
    assert str(caught.value) == message


@pytest.mark.parametrize("options", [{"vectors": "int8"}, {"keep_words": 5}])
def test_options_about_vectors_are_refused_for_a_tagger_without_any(span_run, tmp_path, options):
    with pytest.raises(UserError) as caught:
        save_smaller(span_run.tagger, tmp_path, Smaller(**options))
    option = "--vectors" if "vectors" in options else "--keep-words"
    assert str(caught.value) == (
        f"the run has no vectors of words outside its vocabulary; leave out {option}. "
        "Vectors of words in the vocabulary are weights: --weights stores them in fewer bytes"
    )
    assert not list(tmp_path.iterdir())
