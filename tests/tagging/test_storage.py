import json

import h5py
import numpy as np

from seqlab.tagging.storage import load_tagger, save_tagger
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
