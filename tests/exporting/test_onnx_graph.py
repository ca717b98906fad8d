"""The ONNX graph, run by onnxruntime, against the forward pass in numpy."""

import itertools
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest

from seqlab.encoding.encoder import column_input
from seqlab.exporting import large_arrays, onnx_nodes
from seqlab.exporting.onnx_files import LARGE_ARRAYS, MODEL, write_onnx
from seqlab.inference.packed_weights import pack_weights, unpack_weights
from seqlab.inference.scorer import column_ids, number_rows
from seqlab.machine.packed_arrays import pack, unpack
from tests.exporting.random_taggers import random_sentences, random_tagger

SENTENCES = random_sentences(seed=3)
QUICK = [
    {"char_encoder": "lstm", "head": "crf", "layers": 2, "columns": True, "frozen": True},
    {"char_encoder": "cnn", "head": "softmax", "layers": 1, "columns": False, "frozen": False},
    {"char_encoder": "none", "head": "crf", "layers": 1, "columns": True, "frozen": False},
    {"char_encoder": "cnn", "head": "softmax", "layers": 1, "columns": True, "reads_words": False},
]
OPTIONS = [
    dict(zip(("char_encoder", "head", "layers", "columns", "frozen"), values, strict=True))
    for values in itertools.product(
        ("cnn", "lstm", "none"), ("softmax", "crf"), (1, 2), (False, True), (False, True)
    )
]


def session(tagger, folder, **options):
    write_onnx(tagger, folder, version="1.2", **options)
    model = folder / MODEL
    onnx.checker.check_model(str(model), full_check=True)
    return onnxruntime.InferenceSession(str(model))


def inputs(tagger, sentences):
    """The network's inputs of a batch, padded with zeros, and its mask."""
    lengths = np.array([len(sentence) for sentence in sentences], np.int32)
    mask = np.arange(lengths.max()) < lengths[:, None]
    words = tagger.encoder.encode_spellings([t for s in sentences for t in s.tokens])
    ids = words.word_ids.copy()
    if words.frozen_rows is not None:  # behind the trained words stand the frozen words, by row
        table = tagger.encoder.frozen_words.vectors
        known = words.frozen_rows > 0
        vectors = words.frozen_table[words.frozen_rows[known]]
        rows = [int(np.abs(table - vector).sum(axis=1).argmin()) for vector in vectors]
        ids[known] += np.array(rows, np.int32)
    flat = {"words": ids, "chars": words.padded(tagger.architecture.max_chars), **words.features}
    for name, vocabulary in tagger.encoder.feature_columns.items():
        flat[column_input(name)] = column_ids(sentences, name, vocabulary)
    numbers = number_rows(sentences, tagger.encoder.numeric_columns)
    if numbers is not None:
        flat["numbers"] = numbers
    feeds = {"lengths": lengths}
    for name, values in flat.items():
        kind = np.float32 if name == "numbers" else np.int32
        feeds[name] = np.zeros((*mask.shape, *values.shape[1:]), kind)
        feeds[name][mask] = values
    return feeds, mask


def compare(tagger, run):
    for batch in tagger.scorer.score(SENTENCES):
        feeds, mask = inputs(tagger, [SENTENCES[index] for index in batch.sentences])
        wanted = {one.name: feeds[one.name] for one in run.get_inputs()}
        (emissions,) = run.run(["emissions"], wanted)
        assert np.abs(batch.emissions[mask]).mean() > 0.1
        np.testing.assert_allclose(emissions[mask], batch.emissions[mask], rtol=0, atol=1e-5)


@pytest.mark.parametrize("options", QUICK, ids=str)
def test_emissions_equal_those_of_numpy(options, tmp_path):
    tagger = random_tagger(**options)
    compare(tagger, session(tagger, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_emissions_of_every_network_equal_those_of_numpy(options, tmp_path):
    tagger = random_tagger(**options)
    compare(tagger, session(tagger, tmp_path))


@pytest.mark.bits("copied")
def test_large_arrays_lie_beside_the_model(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_nodes, "LARGEST_INSIDE", 100)
    monkeypatch.setattr(large_arrays, "BLOCK_BYTES", 64)
    tagger = random_tagger(frozen=True)
    compare(tagger, session(tagger, tmp_path))
    stored = (tmp_path / LARGE_ARRAYS).read_bytes()
    words = tagger.weights["word_embedding/0"]
    assert stored[: words.nbytes] == words.astype("<f4").tobytes()
    frozen = tagger.encoder.frozen_words.vectors.astype("<f4").tobytes()
    assert stored[large_arrays.ALIGNMENT :][: len(frozen)] == frozen


def unpacked(tagger, number_type):
    """The tagger with the numbers that a packed graph stands for."""
    weights = unpack_weights(pack_weights(tagger.weights, number_type))
    table = pack(tagger.encoder.frozen_words.vectors, number_type, share="row")
    frozen = replace(tagger.encoder.frozen_words, vectors=unpack(table))
    encoder = replace(tagger.encoder, frozen_words=frozen)
    return replace(tagger, weights=weights, encoder=encoder)


@pytest.mark.parametrize("number_type", ["float16", "int8"])
@pytest.mark.parametrize("char_encoder", ["cnn", "lstm"])
def test_packed_weights_and_vectors_equal_those_of_a_packed_run(
    number_type, char_encoder, tmp_path
):
    tagger = random_tagger(frozen=True, char_encoder=char_encoder)
    run = session(tagger, tmp_path, weights=number_type, vectors=number_type)
    compare(unpacked(tagger, number_type), run)


def test_the_graph_holds_standard_operators_alone(tmp_path):
    session(random_tagger(char_encoder="lstm"), tmp_path)
    model = onnx.load(tmp_path / MODEL)
    assert {node.domain for node in model.graph.node} == {""}
    assert sum(node.op_type == "LSTM" for node in model.graph.node) == 2
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 17)]
    assert (model.producer_name, model.producer_version) == ("seqlab", "1.2")
