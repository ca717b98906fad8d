"""Vectors trained on raw text: the words that they move, their cache, and what is refused."""

import random

import numpy as np
import pytest

from seqlab.encoding.vectors import WordVectors
from seqlab.errors import CorpusError, SettingsError, VectorsError
from seqlab.experiment.prepare import prepare
from seqlab.experiment.raw_text_vectors import moved, text_vectors
from seqlab.experiment.vector_training import continue_model, vectors_of
from seqlab.settings.training import make_settings
from seqlab.settings.vectors import VectorSettings
from tests import tiny

WORDS = ("Oslo", "Bergen", "saw", "1999", "Ada", "the")


@pytest.fixture
def text(tmp_path):
    dice = random.Random(5)  # noqa: S311, no secret
    lines = [" ".join(dice.choices(WORDS, k=6)) for _ in range(60)]
    path = tmp_path / "raw.txt"
    path.write_text("\n".join([*lines, "once"]), encoding="utf-8")
    return path


def given_vectors(**words):
    rows = {word: number for number, word in enumerate(words)}
    return WordVectors(rows, np.array([*words.values()], np.float32))


def trained(settings, given=None):
    lines = []
    return text_vectors(settings, given, lines.append), lines


class TestTheWords:
    def test_frequent_words_are_normalised_as_the_tagger_looks_them_up(self, text):
        vectors, _ = trained(make_settings(raw_text=text, word_dim=7))
        assert set(vectors.rows) == {"oslo", "bergen", "saw", "0000", "ada", "the"}
        assert vectors.dim == 7

    def test_words_stay_as_written_if_the_given_vectors_have_capitals(self, text):
        vectors, _ = trained(make_settings(raw_text=text), given_vectors(Oslo=[1.0, 2.0]))
        assert set(vectors.rows) == set(WORDS)
        assert vectors.dim == 2

    def test_only_words_of_the_text_move(self):
        given = given_vectors(oslo=[1, 2], paris=[3, 4], rome=[5, 6])
        both = moved(given, given_vectors(oslo=[7, 8], bergen=[9, 10]))
        found = {word: both.vector(word).tolist() for word in both.rows}
        assert found == {"oslo": [7, 8], "bergen": [9, 10], "paris": [3, 4], "rome": [5, 6]}

    def test_the_text_has_the_encoding_of_the_corpora(self, tmp_path):
        path = tmp_path / "latin.txt"
        path.write_bytes("naïve café\n".encode("latin-1") * 5)
        vectors, _ = trained(make_settings(raw_text=path, encoding="latin-1", cache=tmp_path / "c"))
        assert set(vectors.rows) == {"naïve", "café"}
        path.write_bytes("naïve café\n".encode() * 5)
        vectors, _ = trained(make_settings(raw_text=path, cache=tmp_path / "c"))
        assert set(vectors.rows) == {"naïve", "café"}

    @pytest.mark.parametrize(("epochs", "stays"), [(1, True), (2, False)])
    def test_given_vectors_stay_in_the_first_half_of_the_epochs(self, epochs, stays):
        given = given_vectors(a=[1.0, -1.0], b=[2.0, 2.0])
        options = VectorSettings(dim=2, epochs=epochs, min_count=1, workers=1)
        vectors = vectors_of(continue_model([["a", "b", "c"]] * 900, options, given))
        for word in ("a", "b"):
            same = vectors.vector(word).tolist() == given.vector(word).tolist()
            assert same is stays
        assert np.linalg.norm(vectors.vector("c")) > 0


class TestTheCache:
    @pytest.mark.bits("copied")
    def test_a_second_training_reads_the_vectors_of_the_first(self, text, tmp_path):
        settings = make_settings(raw_text=text, word_dim=4, out=tmp_path / "runs" / "one")
        first, lines = trained(settings)
        assert lines[0] == f"raw text: training word vectors on {text}"
        assert lines[1].startswith("raw text: 6 words of 4 dimensions, from 361 words of text, in ")
        second, lines = trained(settings)
        (file,) = (tmp_path / "runs" / ".raw-text").iterdir()
        assert lines == [f"raw text: 6 words of 4 dimensions, from {file}"]
        assert second.rows == first.rows
        assert (second.vectors == first.vectors).all()

    def test_another_text_other_vectors_and_another_size_have_files_of_their_own(
        self, text, tmp_path
    ):
        options = {"raw_text": text, "out": tmp_path / "run", "word_dim": 4}
        trained(make_settings(**options))
        trained(make_settings(**options | {"word_dim": 5}))
        vectors = tmp_path / "v.vec"
        vectors.write_text("oslo 1 2 3 4\n", encoding="utf-8")
        trained(make_settings(**options, vectors=vectors), given_vectors(oslo=[1.0, 2.0, 3.0, 4.0]))
        with text.open("a", encoding="utf-8") as file:
            file.write("\nmore")
        trained(make_settings(**options))
        assert len(list((tmp_path / ".raw-text").iterdir())) == 4

    @pytest.mark.bits("repeated")
    def test_a_damaged_file_is_made_anew(self, text, tmp_path):
        settings = make_settings(raw_text=text, word_dim=4, cache=tmp_path / "cache", valid="v")
        first, _ = trained(settings)
        (file,) = (tmp_path / "cache").iterdir()
        file.write_bytes(file.read_bytes()[:200])
        second, _ = trained(settings)
        assert (second.vectors == first.vectors).all()
        third, lines = trained(settings)
        assert lines == [f"raw text: 6 words of 4 dimensions, from {file}"]
        assert (third.vectors == first.vectors).all()


class TestWhatIsRefused:
    def test_a_text_without_frequent_words(self, tmp_path):
        path = tmp_path / "rare.txt"
        path.write_text("one two", encoding="utf-8")
        with pytest.raises(VectorsError) as caught:
            trained(make_settings(raw_text=path))
        assert str(caught.value) == f"{path}: no word occurs 5 times; give a longer text"

    def test_a_file_that_is_not_there(self, tmp_path):
        path = tmp_path / "missing.txt"
        with pytest.raises(CorpusError) as caught:
            trained(make_settings(raw_text=path))
        assert str(caught.value) == f"{path}: no such file"

    def test_a_fasttext_model(self, text):
        fasttext = WordVectors({"a": 0}, np.ones((1, 2), np.float32), ngrams=object())
        with pytest.raises(SettingsError) as caught:
            trained(make_settings(raw_text=text, vectors="model.bin"), fasttext)
        assert str(caught.value) == (
            "raw_text is given, but model.bin is a fastText model, which cannot be trained further: "
            "give a file of word vectors, or none"
        )


@tiny.KERAS_NOISE
def test_the_tagger_knows_the_words_of_the_text(text, tmp_path_factory):
    corpus = tiny.corpus(tmp_path_factory)
    lines = []
    prepared = prepare(make_settings(**corpus, raw_text=text, word_dim=4), lines.append)
    assert "bergen" in prepared.encoder.frozen_words.index.words()
    assert prepared.vectors.dim == 4
    assert any(line.startswith("  train by token: ") for line in lines)
