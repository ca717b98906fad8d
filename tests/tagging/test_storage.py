import json

import h5py
import numpy as np

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.modeling.architecture import Architecture
from seqlab.modeling.network import build_network
from seqlab.tagging.storage import load_tagger, save_tagger
from seqlab.tagging.tagger import Tagger
from tests import tiny

pytestmark = tiny.KERAS_NOISE


def test_three_files_that_other_tools_read(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "tagger.json",
        "vocabularies.json",
        "network.weights.h5",
    }
    symbols = json.loads((tmp_path / "vocabularies.json").read_bytes().decode("ascii"))
    encoder = span_run.tagger.encoder
    assert symbols == {
        name: list(getattr(encoder, name).symbols) for name in ("words", "characters", "tags")
    }
    description = json.loads((tmp_path / "tagger.json").read_bytes().decode("ascii"))
    assert description["scheme"] == "iobes"
    assert description["constrained"] is True
    assert description["architecture"]["words"] == len(encoder.words)


def test_the_weights_are_plain_hdf5(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path)
    arrays = []
    with h5py.File(tmp_path / "network.weights.h5") as file:
        file.visititems(
            lambda _, item: arrays.append(item[()]) if isinstance(item, h5py.Dataset) else None
        )
    ours = span_run.tagger.network.get_weights()
    assert all(any(np.array_equal(weight, array) for array in arrays) for weight in ours)


def test_symbols_that_no_encoding_likes_come_back(plain_run, tmp_path):
    from dataclasses import replace

    from seqlab.encoding.vocabulary import Vocabulary

    tagger = plain_run.tagger
    odd = ("\x00", "\u202e", "😀", "\ud800", "e\u0301", "\u2028", '"', "\\")
    words = odd + tagger.encoder.words.symbols[len(odd) :]
    encoder = replace(tagger.encoder, words=Vocabulary(words))
    save_tagger(replace(tagger, encoder=encoder), tmp_path)
    assert load_tagger(tmp_path).encoder == encoder


def test_a_run_from_before_there_were_constraints_and_heads_says_what_it_said(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path)
    path = tmp_path / "tagger.json"
    description = json.loads(path.read_text())
    del description["constrained"], description["architecture"]["head"]
    path.write_text(json.dumps(description))
    old = load_tagger(tmp_path)
    assert not old.constrained
    assert old.architecture == span_run.tagger.architecture


def test_a_chain_comes_back_with_its_weights(tmp_path):
    tagger = crf_tagger()
    save_tagger(tagger, tmp_path)
    loaded = load_tagger(tmp_path)
    assert loaded.architecture.head == "crf"
    ours, theirs = (t.network.get_layer("logits").get_weights() for t in (tagger, loaded))
    assert [weights.shape for weights in theirs] == [(3, 3), (3,), (3,)]
    assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))


def crf_tagger():
    """An untrained tagger, its chain filled by chance."""
    sentences = [Sentence(tokens=("Ada", "Stone", "saw"), tags=("B-PER", "I-PER", "O"))]
    encoder = fit_encoder(sentences, min_word_count=1)
    architecture = Architecture(
        words=len(encoder.words),
        characters=len(encoder.characters),
        classes=3,
        char_encoder="none",
        head="crf",
    )
    network = build_network(architecture)
    chain, random = network.get_layer("logits"), np.random.default_rng(1)
    chain.set_weights([random.normal(size=weights.shape) for weights in chain.get_weights()])
    return Tagger(network=network, architecture=architecture, encoder=encoder, scheme=Scheme.IOB2)
