"""An encoder is saved as a directory of its own, and loaded without running code."""

import json
import math
import re

import numpy as np
import pytest

import seqlab
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.vector_file import load_vectors
from seqlab.errors import UserError

TRAIN = [
    seqlab.Sentence(
        tokens=("Ada", "saw", "Rome", "Ada"),
        tags=("B-PER", "O", "B-LOC", "O"),
        features={"pos": ("N", "V", "N", "N")},
        numbers={"size": (1.0, math.nan, 3.0, 2.0)},
    )
]


@pytest.fixture
def encoder(tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("oslo 1 2\nparis 3 4\n", encoding="utf-8")
    fitted = seqlab.fit_encoder(
        TRAIN,
        word_features=("case", "suffix"),
        feature_columns=["pos"],
        numeric_columns=["size"],
        unicode_form="nfc",
    )
    frozen = freeze_words(load_vectors(str(vectors)))
    return seqlab.Encoder(**{**fitted.parts(), "frozen_words": frozen})


@pytest.mark.bits("copied")
def test_a_loaded_encoder_encodes_alike(encoder, tmp_path):
    assert encoder.save(tmp_path / "encoder") == tmp_path / "encoder"
    again = seqlab.Encoder.load(str(tmp_path / "encoder"))
    assert again == encoder
    sentence = seqlab.Sentence(
        tokens=("oslo", "Ada", "new"),
        features={"pos": ("N", "N", "X")},
        numbers={"size": (1.0, 2.0, 3.0)},
    )
    ours, theirs = (one.encode([sentence]).padded(4) for one in (encoder, again))
    for name in ("words", "chars", "frozen_vectors", "numbers"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert ours.frozen_vectors[0, 0].tolist() == [1.0, 2.0]
    assert {name: ids.tolist() for name, ids in ours.features.items()} == {
        name: ids.tolist() for name, ids in theirs.features.items()
    }


def test_length_iteration_and_classes_agree(encoder):
    assert len(encoder.tags) == len(list(encoder.tags)) == encoder.encode(TRAIN).classes == 3
    assert encoder.tags.id_count == 4


def refusal(act):
    with pytest.raises(UserError) as error:
        act()
    return str(error.value)


def test_saving_replaces_an_encoder_only_if_asked(encoder, tmp_path):
    path = encoder.save(tmp_path / "encoder")
    assert refusal(lambda: encoder.save(path)) == f"{path}: exists; give overwrite=True"
    assert encoder.save(path, overwrite=True) == path
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("x")
    other = tmp_path / "other"
    message = f"{other}: exists; choose another path"
    assert refusal(lambda: encoder.save(other, overwrite=True)) == message
    assert refusal(lambda: encoder.save(tmp_path / "other" / "mine.txt" / "x")).startswith(
        f"{tmp_path}/other/mine.txt/x: Not a directory"
    )


def test_what_is_no_encoder_is_one_line(encoder, tmp_path, span_run):
    missing = tmp_path / "missing"
    assert refusal(lambda: seqlab.Encoder.load(missing)) == (
        f"{missing}: no encoder here; expected a directory with vocabularies.json"
    )
    run = span_run.path
    assert refusal(lambda: seqlab.Encoder.load(run)) == (
        f"{run}: is a run; seqlab.load('{run}').encoder is its encoder"
    )
    path = encoder.save(tmp_path / "encoder")
    file = path / "vocabularies.json"
    values = json.loads(file.read_text())
    for change, fact in [
        ({"words": ["a", "a"]}, "words holds 'a' twice"),
        ({"characters": ["ab"]}, "characters holds a text that is not one character"),
        ({"more": 1}, "more is not known here; a newer version of seqlab may have written it"),
    ]:
        file.write_text(json.dumps({**values, **change}))
        assert refusal(lambda: seqlab.Encoder.load(path)) == f"{file}: damaged: {fact}"
    file.write_text("{")
    assert re.match(
        re.escape(f"{file}: damaged: not JSON"), refusal(lambda: seqlab.Encoder.load(path))
    )
