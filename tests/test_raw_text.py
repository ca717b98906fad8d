"""A training with a raw text: the run knows its words and clusters, without the text."""

import zipfile

import pytest

import seqlab
from seqlab.corpus.reading import read_corpus
from seqlab.errors import UserError
from seqlab.experiment.prepare import prepare
from seqlab.settings.training import make_settings
from tests import tiny

pytestmark = tiny.KERAS_NOISE


@tiny.once
def run_and_corpus(factory):
    """A finished run, and the files of its corpus. The text is deleted when training has ended."""
    corpus = tiny.corpus(factory)
    folder = factory.mktemp("raw")
    text = folder / "raw.txt"
    words = [" ".join(sentence.tokens) for sentence in read_corpus(corpus["train"])]
    text.write_text("\n".join([*words, *["Bergen saw Oslo"] * 9]), encoding="utf-8")
    run = seqlab.train_tagger(
        **corpus,
        **tiny.CHEAP,
        raw_text=text,
        raw_text_use=["vectors", "clusters"],
        out=folder / "run",
    )
    text.unlink()
    return run, corpus


def test_the_run_tags_as_the_training_did(tmp_path_factory):
    run, corpus = run_and_corpus(tmp_path_factory)
    tagger = seqlab.load(run.path)
    assert tagger.encoder.clusters.words.symbols == run.tagger.encoder.clusters.words.symbols
    assert "bergen" in tagger.encoder.clusters.words
    assert "bergen" not in tagger.encoder.words
    sentences = [
        *read_corpus(corpus["test"]),
        seqlab.Sentence(tokens=("Bergen", "left", "Nowhere")),
    ]
    assert [p.tags for p in tagger.predict(sentences)] == [
        p.tags for p in run.tagger.predict(sentences)
    ]


def test_a_zip_holds_the_clusters_and_onnx_refuses_them(tmp_path_factory, tmp_path):
    run, _ = run_and_corpus(tmp_path_factory)
    path = seqlab.export_tagger(run.path, format="zip", name="tagger", out=tmp_path)
    with zipfile.ZipFile(path) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith("vocabularies.json"))
        assert b'"word_clusters"' in archive.read(name)
    with pytest.raises(UserError) as caught:
        seqlab.export_tagger(run.path, format="onnx", name="tagger", out=tmp_path)
    assert str(caught.value) == (
        "--format onnx cannot look up the clusters of words, which this tagger reads; use --format wheel"
    )


def test_a_run_that_is_continued_keeps_its_clusters(tmp_path_factory):
    run, corpus = run_and_corpus(tmp_path_factory)
    old = run.tagger.encoder
    prepared = prepare(make_settings(**corpus, init_from=run.path), lambda line: None)
    assert prepared.encoder.clusters is not None
    assert prepared.encoder.features.keys() == old.features.keys()
