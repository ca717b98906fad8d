import json

import numpy as np
import pytest

from seqlab.architecture import Architecture
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.word_features import CASES
from seqlab.errors import RunError
from seqlab.inference.weights import network_weights
from seqlab.modeling.network import build_network
from seqlab.storing.tagger_files import load_tagger, save_tagger
from seqlab.tagging.tagger import Tagger
from tests import tiny

pytestmark = tiny.KERAS_NOISE


def test_three_files_that_other_tools_read(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "tagger.json",
        "vocabularies.json",
        "weights.npz",
    }
    symbols = json.loads((tmp_path / "vocabularies.json").read_bytes().decode("ascii"))
    encoder = span_run.tagger.encoder
    features = {name: list(found.symbols) for name, found in encoder.word_features.items()}
    assert features["case"] == list(CASES)
    assert symbols.pop("word_features") == features
    assert symbols.pop("feature_columns") == {}
    assert symbols == {
        name: list(getattr(encoder, name).symbols) for name in ("words", "characters", "tags")
    }
    description = json.loads((tmp_path / "tagger.json").read_bytes().decode("ascii"))
    assert description["scheme"] == "iobes"
    sizes = {name: found.id_count for name, found in encoder.word_features.items()}
    assert description["architecture"]["features"] == sizes
    assert sizes["case"] == 8
    assert description["constrained"] is True
    assert description["architecture"]["words"] == encoder.words.id_count


@pytest.mark.bits("copied")
def test_the_weights_are_plain_numbers_by_layer(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path)
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    for layer in span_run.tagger.network.layers:
        for number, weight in enumerate(layer.get_weights()):
            np.testing.assert_array_equal(arrays.pop(f"{layer.name}/{number}"), weight)
    assert not arrays


@pytest.mark.parametrize("name", ["bilstm_1/1", "characters/0", "logits/1"])
def test_weights_of_another_network_are_refused(span_run, tmp_path, name):
    save_tagger(span_run.tagger, tmp_path)
    weights = {**span_run.tagger.weights}
    weights[name] = weights[name][:-1]
    np.savez(tmp_path / "weights.npz", **weights)
    with pytest.raises(RunError, match=rf"array '{name}': holds float32 .*, expected float32 "):
        load_tagger(tmp_path)
    np.savez(tmp_path / "weights.npz", **span_run.tagger.weights, more=np.zeros(3))
    with pytest.raises(RunError, match=r"holds an array 'more' that is not expected"):
        load_tagger(tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(span_run, tmp_path, value):
    save_tagger(span_run.tagger, tmp_path)
    weights = {**span_run.tagger.weights}
    bad = weights["logits/1"].copy()
    bad[0] = value
    np.savez(tmp_path / "weights.npz", **{**weights, "logits/1": bad})
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: cannot be loaded as a tagger: weight 'logits/1' must hold finite float32 numbers only; "
        "copy or train the run again"
    )


@pytest.mark.parametrize("value", [3e38, -3e38, 1.1e9])
def test_weights_whose_products_overflow_are_refused(span_run, tmp_path, value):
    save_tagger(span_run.tagger, tmp_path)
    weights = {**span_run.tagger.weights}
    bad = weights["logits/0"].copy()
    bad[0, 0] = value
    np.savez(tmp_path / "weights.npz", **{**weights, "logits/0": bad})
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: cannot be loaded as a tagger: weight 'logits/0' holds {value:.3g}, beyond 1e+09: "
        "the network's scores would be no numbers; copy or train the run again"
    )


def test_symbols_that_are_hard_to_encode_come_back(plain_run, tmp_path):
    from dataclasses import replace

    from seqlab.encoding.vocabulary import Vocabulary

    tagger = plain_run.tagger
    odd = ("\x00", "\u202e", "😀", "\ud800", "e\u0301", "\u2028", '"', "\\")
    words = odd + tagger.encoder.words.symbols[len(odd) :]
    encoder = replace(tagger.encoder, words=Vocabulary(words))
    save_tagger(replace(tagger, encoder=encoder), tmp_path)
    assert load_tagger(tmp_path).encoder == encoder


@pytest.mark.parametrize(
    ("found", "remedy"),
    [
        (None, "train it again"),  # there were no formats before the second
        (1, "train it again"),
        (3, "install a newer version of seqlab"),
        ("2", "train it again"),
        (2.0, "train it again"),
        (True, "train it again"),
    ],
)
def test_files_of_another_version_are_refused_in_one_line(span_run, tmp_path, found, remedy):
    save_tagger(span_run.tagger, tmp_path)
    path = tmp_path / "tagger.json"
    description = json.loads(path.read_text())
    del description["format"]
    if found is not None:
        description["format"] = found
    path.write_text(json.dumps(description))
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    shown = json.dumps(found or 1).replace('"', "'")
    assert str(caught.value) == (
        f"{path}: has format {shown}, but this version of seqlab reads format 2; {remedy}"
    )


@pytest.mark.bits("copied")
def test_features_come_back_in_their_order_and_with_their_symbols(tmp_path):
    tagger = feature_tagger()
    save_tagger(tagger, tmp_path)
    loaded = load_tagger(tmp_path)
    assert loaded.encoder == tagger.encoder
    names = ["shape", "suffix_2", "suffix_3", "case", "column_pos"]
    assert list(loaded.encoder.features) == names
    assert [t.name for t in loaded.network.inputs] == ["words", *names]
    ours, theirs = (t.network.get_weights() for t in (tagger, loaded))
    assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))


def test_vocabularies_that_do_not_fit_the_networks_features_are_refused(tmp_path):
    save_tagger(feature_tagger(), tmp_path)
    path = tmp_path / "vocabularies.json"
    symbols = json.loads(path.read_text())
    symbols["word_features"]["shape"].append("X0")
    path.write_text(json.dumps(symbols))
    with pytest.raises(RunError, match=r"'shape': 4.* but the network has .*'shape': 3"):
        load_tagger(tmp_path)


def test_an_unknown_word_feature_is_refused(tmp_path):
    save_tagger(feature_tagger(), tmp_path)
    for name in ("tagger.json", "vocabularies.json"):
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text.replace('"suffix_3"', '"suffix_4"'))
    with pytest.raises(RunError, match="no word feature has the input 'suffix_4'"):
        load_tagger(tmp_path)


def feature_tagger():
    """An untrained tagger with word features."""
    tags, pos = ("B-PER", "I-PER", "O"), ("N", "N", "V")
    sentences = [Sentence(tokens=("Ada", "Eva", "saw"), tags=tags, features={"pos": pos})]
    encoder = fit_encoder(
        sentences, word_features=("shape", "suffix", "case"), feature_columns=("pos",)
    )
    architecture = Architecture(
        words=encoder.words.id_count,
        characters=encoder.characters.id_count,
        classes=3,
        char_encoder="none",
        features={name: values.id_count for name, values in encoder.features.items()},
    )
    network = build_network(architecture)
    return Tagger(
        weights=network_weights(network),
        architecture=architecture,
        encoder=encoder,
        scheme=Scheme.IOB2,
    )


@pytest.mark.bits("copied")
def test_a_crf_is_loaded_with_its_weights(tmp_path):
    tagger = crf_tagger()
    save_tagger(tagger, tmp_path)
    loaded = load_tagger(tmp_path)
    assert loaded.architecture.head == "crf"
    ours, theirs = (t.network.get_layer("logits").get_weights() for t in (tagger, loaded))
    assert [weights.shape for weights in theirs] == [(3, 3), (3,), (3,)]
    assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))


def crf_tagger():
    """An untrained tagger with random transitions in its CRF."""
    sentences = [Sentence(tokens=("Ada", "Stone", "saw"), tags=("B-PER", "I-PER", "O"))]
    encoder = fit_encoder(sentences, min_word_count=1)
    architecture = Architecture(
        words=encoder.words.id_count,
        characters=encoder.characters.id_count,
        classes=3,
        char_encoder="none",
        head="crf",
    )
    network = build_network(architecture)
    chain, random = network.get_layer("logits"), np.random.default_rng(1)
    chain.set_weights([random.normal(size=weights.shape) for weights in chain.get_weights()])
    return Tagger(
        weights=network_weights(network),
        architecture=architecture,
        encoder=encoder,
        scheme=Scheme.IOB2,
    )
