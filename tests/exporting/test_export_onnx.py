"""`seqlab export --format onnx`: its directory, and what it refuses."""

import json
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import seqlab
from seqlab.encoding.ngrams import Ngrams
from seqlab.errors import SettingsError, UserError
from seqlab.export import main
from seqlab.exporting.onnx_files import write_onnx
from tests.exporting.random_taggers import random_tagger
from tests.exporting.test_onnx_graph import SENTENCES, inputs


@pytest.fixture
def run(tmp_path):
    return seqlab.save(random_tagger(frozen=True), tmp_path / "run")


def options(run, folder):
    return [str(run), "--format", "onnx", "--name", "Tiny-Tagger", "--out", str(folder)]


def test_the_command_writes_a_directory_and_prints_its_path(run, tmp_path, capsys):
    onnxruntime = pytest.importorskip("onnxruntime")
    assert main([*options(run, tmp_path), "--version", "2.0"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    folder = tmp_path / "tiny_tagger-2.0-onnx"
    assert last == str(folder)
    size = sum(file.stat().st_size for file in folder.iterdir())
    before = sum(file.stat().st_size for file in run.rglob("*") if file.is_file())
    assert first == f"onnx of {run}: {size / 1000:.0f} KB; the run has {before / 1000:.0f} KB"
    about = json.loads((folder / "tagger.json").read_text("ascii"))
    session = onnxruntime.InferenceSession(folder / about["model"])
    tagger = seqlab.load(run)
    feeds, mask = inputs(tagger, SENTENCES[:3])
    (emissions,) = session.run(None, {one.name: feeds[one.name] for one in session.get_inputs()})
    assert emissions.shape == (*mask.shape, len(about["tags"]))
    assert about["tags"] == list(tagger.encoder.tags.symbols)


def test_an_exported_graph_is_replaced_and_nothing_else_is(run, tmp_path, capsys):
    folder = tmp_path / "tiny_tagger-1.0.0-onnx"
    assert main(options(run, tmp_path)) == 0
    assert main(options(run, tmp_path)) == 2
    error = (
        f"error: {folder}: exists; give --overwrite (in Python overwrite=True) to replace it, "
        "or another --out\n"
    )
    assert capsys.readouterr().err == error
    (folder / "tagger.onnx").write_bytes(b"")
    assert main([*options(run, tmp_path), "--overwrite"]) == 0
    assert (folder / "tagger.onnx").stat().st_size > 1000
    link = tmp_path / "links" / folder.name
    link.parent.mkdir()
    link.symlink_to(folder)
    (folder / "tagger.onnx").write_bytes(b"")
    assert main([*options(run, link.parent), "--overwrite"]) == 0
    assert (link.is_symlink(), list(link.parent.iterdir())) == (True, [link])
    assert (folder / "tagger.onnx").stat().st_size > 1000
    (folder / "notes.txt").write_text("mine")
    assert main([*options(run, tmp_path), "--overwrite"]) == 2
    error = f"error: {folder}: exists and is no exported ONNX directory; give another --out\n"
    assert capsys.readouterr().err == error
    assert (folder / "notes.txt").read_text() == "mine"


def test_the_options_that_make_a_tagger_smaller(run, tmp_path, capsys):
    smaller = ["--weights", "int8", "--vectors", "float16", "--keep-words", "2"]
    assert main([*options(run, tmp_path), *smaller]) == 0
    folder = tmp_path / "tiny_tagger-1.0.0-onnx"
    model = onnx.load(folder / "tagger.onnx")
    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    assert stored["bilstm_1_kernel"].dtype == np.int8
    assert stored["frozen_words"].dtype == np.float16
    assert stored["frozen_words"].shape[0] == 2
    about = json.loads((folder / "tagger.json").read_text("ascii"))
    assert len(about["frozen_words"]) == 2
    assert main([*options(run, tmp_path), "--check", str(tmp_path / "dev.conll")]) == 2
    assert capsys.readouterr().err == (
        "error: --check needs --format wheel or zip; a zip with the same options has the same tags as the ONNX network\n"
    )


def test_ngrams_are_refused(tmp_path):
    tagger = random_tagger(frozen=True)
    vectors = np.zeros((3, tagger.encoder.frozen_words.dim), np.float32)
    ngrams = Ngrams(vectors=vectors, shortest=3, longest=6, spelling="as written")
    frozen = replace(tagger.encoder.frozen_words, ngrams=ngrams)
    with pytest.raises(UserError) as error:
        write_onnx(
            replace(tagger, encoder=replace(tagger.encoder, frozen_words=frozen)),
            tmp_path,
            version="1",
        )
    assert str(error.value) == (
        "--format onnx cannot compose vectors from n-grams, which this tagger's fastText model does; "
        "use --format wheel, or train with the vectors of whole words"
    )


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "seqlab.exporting.onnx_graph", None)
    with pytest.raises(SettingsError) as error:
        write_onnx(random_tagger(), tmp_path, version="1")
    assert str(error.value) == "--format onnx needs onnx: pip install 'seqlab[onnx]'"
