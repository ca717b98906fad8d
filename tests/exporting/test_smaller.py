"""Smaller taggers: which words keep their vectors, that nothing else changes, and what it costs."""

import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.vectors import WordVectors
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import UserError
from seqlab.exporting.check import compare_taggers
from seqlab.exporting.check_text import export_check_section, export_check_text
from seqlab.exporting.exported_tagger import exported_tagger
from seqlab.exporting.smaller import Smaller, check_use, kept_rows
from seqlab.scoring.score import score
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
    frozen = encoder.frozen_words
    assert kept_rows(encoder, frozen, 2).tolist() == [1, 4]  # 1984 has the entry 0000
    assert kept_rows(encoder, frozen, 9).tolist() == [1, 4, 5]


@pytest.mark.bits("copied")
@given(TOKENS, TOKENS, TOKENS)
def test_words_that_are_left_out_for_the_vocabulary_were_never_looked_up(known, vectors, tokens):
    from seqlab.text.spelling import normalise

    encoder = with_words(tuple(dict.fromkeys(map(normalise, known))), vectors)
    frozen = encoder.frozen_words
    fewer = frozen.keep(kept_rows(encoder, frozen, len(vectors)))
    ours, theirs = (
        replace(encoder, frozen_words=one).encode_spellings(tokens) for one in (fewer, frozen)
    )
    np.testing.assert_array_equal(ours.word_ids, theirs.word_ids)
    np.testing.assert_array_equal(
        ours.frozen_table[ours.frozen_rows], theirs.frozen_table[theirs.frozen_rows]
    )


@pytest.mark.bits("stored")
def test_weights_and_vectors_are_packed_and_rare_words_left_out(span_run, tmp_path):
    import seqlab

    tagger = tiny.vector_tagger(span_run.tagger)
    run = seqlab.save(tagger, tmp_path / "run")
    options = {"format": "zip", "name": "tiny-tagger", "out": tmp_path}
    whole = seqlab.export_tagger(run, **options, version="1.0.0")
    small = seqlab.export_tagger(
        run, **options, version="2.0.0", weights="int8", vectors="int8", keep_words=2
    )
    assert small.stat().st_size < whole.stat().st_size
    with exported_tagger(whole) as loaded:
        sentence = [Sentence(tokens=("Ada", "saw", "Berlin", "ROME", "Zork"))]
        ours, theirs = (next(one.predict(sentence)) for one in (tagger, loaded))
        assert ours.tags == theirs.tags
        assert ours.scores.tobytes() == theirs.scores.tobytes()
    with exported_tagger(small) as loaded:
        frozen = loaded.encoder.frozen_words
        assert frozen.number_type == "int8"
        assert frozen.index.words() == ["Berlin", "ROME"]  # paris and ada are in the vocabulary
        rows = tagger.encoder.frozen_words.vectors[:2]
        step = np.abs(rows).max(axis=1, keepdims=True) / 127
        found = frozen.look_up(["Berlin", "ROME"])[1]
        np.testing.assert_allclose(found, np.rint(rows / step) * step, rtol=1e-5)


def test_the_command_prints_the_cost_on_a_file(span_run, tmp_path_factory, tmp_path, capsys):
    from seqlab import export
    from seqlab.corpus.splits import read_as

    tagger, path = span_run.tagger, tiny.corpus(tmp_path_factory)["test"]
    wheel = "a_tagger-1.0.0-py3-none-any.whl"
    argv = [str(span_run.path), "--format", "wheel", "--name", "a-tagger", "--out", str(tmp_path)]
    assert export.main([*argv, "--weights", "int8", "--check", path]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == str(tmp_path / wheel)
    sentences, _ = read_as(path, scheme=tagger.scheme)
    gold = [s.tags for s in sentences]
    with exported_tagger(tmp_path / wheel) as after:
        one, other = ([t.tag(s.tokens) for s in sentences] for t in (tagger, after))
    flat = [[tag for tags in side for tag in tags] for side in (one, other)]
    changed = sum(a != b for a, b in zip(*flat, strict=True))
    assert lines[1] == (
        f"test.conll: {changed} of {len(flat[0])} tokens have another tag than before the export"
    )
    micro = [score(gold, side, tagger.scheme).micro_f1 for side in (one, other)]
    cells = [f"{value:.3f}" for value in micro] + [f"{micro[1] - micro[0]:+.3f}"]
    assert lines[-1].split() == ["micro", "F1", *cells]


def test_a_check_file_that_cannot_be_read_stops_the_export(span_run, tmp_path, capsys):
    from seqlab import export

    argv = [str(span_run.path), "--format", "zip", "--name", "a-tagger", "--out", str(tmp_path)]
    assert export.main([*argv, "--check", str(tmp_path / "missing.conll")]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'missing.conll'}: no such file")
    assert not list(tmp_path.iterdir())
    other = tmp_path / "other.conll"
    other.write_text("Ada\tB-ZZZ\n\n")
    assert export.main([*argv, "--check", str(other)]) == 2
    assert capsys.readouterr().err.endswith("; give a file with its classes\n")


def test_the_table_of_a_check(span_run):
    gold = [["B-PER", "E-PER", "O", "S-LOC"], ["S-LOC", "O"], ["S-LAW", "O"]]
    worse = [["B-PER", "E-PER", "O", "O"], ["S-LOC", "O"], ["S-ORG", "O"]]
    check = compare_taggers(span_run.tagger, span_run.tagger, [], file="test.conll")
    check = replace(
        check,
        before=score(gold, gold, "iobes"),
        after=score(gold, worse, "iobes"),
        tokens=7,
        changed=2,
    )
    assert export_check_text(check).splitlines() == [
        "test.conll: 2 of 7 tokens have another tag than before the export",
        "  class     gold  F1 before  F1 after  difference",
        "  LAW          1      1.000     0.000      -1.000",
        "  PER          1      1.000     1.000      +0.000",
        "  LOC          2      1.000     0.667      -0.333",
        "  ORG          0          –     0.000           –",
        "  macro F1            1.000     0.556      -0.444",
        "  micro F1            1.000     0.571      -0.429",
    ]
    assert export_check_section(check).splitlines() == [
        "## F1 before and after the export: test.conll",
        "",
        "2 of 7 tokens have another tag than before the export.",
        "",
        "| class | gold | F1 before | F1 after | difference |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| LAW | 1 | 1.000 | 0.000 | -1.000 |",
        "| PER | 1 | 1.000 | 1.000 | +0.000 |",
        "| LOC | 2 | 1.000 | 0.667 | -0.333 |",
        "| ORG | 0 | – | 0.000 | – |",
        "| macro F1 |  | 1.000 | 0.556 | -0.444 |",
        "| micro F1 |  | 1.000 | 0.571 | -0.429 |",
    ]


def card_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith("/METADATA"))
        return archive.read(name).decode()


BEFORE = "The figures of the data splits below are those before the export"
HAS_FILES = "`config.toml` holds all settings, `report.html` is the full report."


def test_the_card_says_how_numbers_are_stored_and_which_words_are_kept(span_run, tmp_path):
    import seqlab

    run = seqlab.save(tiny.vector_tagger(span_run.tagger), tmp_path / "run")
    options = {"format": "wheel", "name": "tiny-tagger", "out": tmp_path}
    smaller = {"weights": "int8", "vectors": "float16", "keep_words": 2}
    cards = [
        card_in(seqlab.export_tagger(run, **options, version="1")),
        card_in(seqlab.export_tagger(run, **options, version="2", **smaller)),
    ]
    sections = [card.partition("## Numbers and words\n\n")[2].splitlines() for card in cards]
    assert sections[0] == [
        "- Weights: float32.",
        "- Vectors of words outside the vocabulary: float32.",
        "- Words outside the vocabulary that keep their vectors: 5 of 5.",
    ]
    assert sections[1] == [
        "- Weights: int8.",
        "- Vectors of words outside the vocabulary: float16.",
        "- Words outside the vocabulary that keep their vectors: 2 of 5.",
        "",
        f"{BEFORE}, so the tagger may be worse.",
    ]


def test_the_card_has_the_figures_of_the_check_and_no_file_that_stays_behind(
    span_run, tmp_path_factory, tmp_path
):
    import seqlab

    file = tiny.corpus(tmp_path_factory)["test"]
    options = {"format": "wheel", "name": "tiny-tagger", "out": tmp_path}
    whole = card_in(seqlab.export_tagger(span_run.path, **options, version="1"))
    small = seqlab.export_tagger(span_run.path, **options, version="2", weights="int8", check=file)
    with exported_tagger(small) as after:
        sentences = list(seqlab.read_corpus(file))
        check = compare_taggers(span_run.tagger, after, sentences, file="test.conll")
    assert f"\n\n{export_check_section(check)}\n\n## Data\n" in card_in(small)
    assert (BEFORE in whole, BEFORE in card_in(small)) == (False, True)
    assert HAS_FILES in (span_run.path / "README.md").read_text("utf-8")
    for card in (whole, card_in(small)):
        assert "## Data" in card
        assert "Versions: python" in card
        assert "config.toml" not in card
        assert "report.html" not in card


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
    import seqlab

    with pytest.raises(UserError) as caught:
        seqlab.export_tagger(span_run.path, format="zip", name="a", out=tmp_path, **options)
    assert str(caught.value) == (
        f"{span_run.path}: has no vectors of words outside its vocabulary; leave {next(iter(options))} out. "
        "Vectors of words in the vocabulary are weights"
    )
    assert not list(tmp_path.iterdir())


def test_the_weights_of_a_users_own_network_are_left_to_keras():
    own = SimpleNamespace(engine="keras")
    with pytest.raises(UserError) as caught:
        check_use(own, Smaller(weights="int8"), "runs/own")
    assert str(caught.value) == (
        "runs/own: has a network of your own, whose weights Keras stores; leave weights out"
    )
