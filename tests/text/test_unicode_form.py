"""Unicode forms of tokens: on reading, and stored with a tagger."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqlab
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError
from seqlab.text.unicode_form import in_form
from tests import tiny


@given(st.text())
def test_forms_are_those_of_python(text: str):
    assert in_form(text, "nfc") == unicodedata.normalize("NFC", text)
    assert in_form(text, "nfkc") == unicodedata.normalize("NFKC", text)
    assert in_form(text, "none") == text


def test_tokens_are_read_in_a_form_and_tags_are_not(tmp_path: Path):
    path = tmp_path / "x.conll"
    path.write_text("Jose\u0301 B-e\u0301\n\uff21 O\n")
    (sentence,) = seqlab.read_corpus(path, normalise="nfc")
    assert sentence.tokens == ("Jos\u00e9", "\uff21")
    assert sentence.tags == ("B-e\u0301", "O")
    assert seqlab.read_corpus(path, normalise="nfkc")[0].tokens == ("Jos\u00e9", "A")
    assert seqlab.read_corpus(path)[0].tokens == ("Jose\u0301", "\uff21")
    with pytest.raises(SettingsError) as caught:
        seqlab.read_corpus(path, normalise="nfcc")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "unknown Unicode form 'nfcc'; expected none, nfc, nfkc; nearest: 'nfc'"
    )


@tiny.KERAS_NOISE
def test_a_tagger_keeps_its_form(tmp_path_factory, tmp_path: Path):
    tagger = tiny.span_run(tmp_path_factory).run.tagger
    tagger = replace(tagger, encoder=replace(tagger.encoder, unicode_form="nfkc"))
    seqlab.save(tagger, tmp_path / "run")
    loaded = seqlab.load(tmp_path / "run")
    assert loaded.encoder.unicode_form == "nfkc"
    wide = Sentence(tokens=("\uff21da", "saw", "\uff2fslo"))
    plain = Sentence(tokens=("Ada", "saw", "Oslo"))
    one, other = loaded.predict([wide, plain])
    assert one.tags == other.tags
    assert one.scores.tolist() == other.scores.tolist()
