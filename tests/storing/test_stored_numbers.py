"""Taggers whose files hold float16 or int8 numbers."""

import json

import numpy as np
import pytest

import seqlab
from seqlab.errors import RunError
from seqlab.storing.tagger_files import load_tagger, save_tagger
from tests import tiny

pytestmark = tiny.KERAS_NOISE


def by_numpy(path):
    """The weights of a file, multiplied by their scales."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return {
        name: numbers.astype(np.float32) * arrays.get(f"{name}/scale", np.float32(1))
        for name, numbers in arrays.items()
        if not name.endswith("/scale")
    }


@pytest.mark.bits("copied")
@pytest.mark.parametrize("number_type", ["float16", "int8"])
def test_packed_weights_become_float32(span_run, tmp_path, number_type):
    save_tagger(span_run.tagger, tmp_path, weights=number_type)
    description = json.loads((tmp_path / "tagger.json").read_text())
    assert description["numbers"] == {"weights": number_type, "vectors": "float32"}
    loaded, expected = load_tagger(tmp_path), by_numpy(tmp_path / "weights.npz")
    assert loaded.weights.keys() == span_run.tagger.weights.keys() == expected.keys()
    for name, weight in loaded.weights.items():
        assert weight.dtype == np.float32
        np.testing.assert_array_equal(weight, expected[name])
        largest = np.abs(span_run.tagger.weights[name]).max()
        bound = largest / 254 * 1.001 if number_type == "int8" else largest / 2048
        assert np.abs(weight - span_run.tagger.weights[name]).max() <= bound
    assert loaded.tag(["Ada", "Stone", "saw", "Oslo"])
    full, small = tmp_path / "full.npz", tmp_path / "weights.npz"
    np.savez(full, **span_run.tagger.weights)
    assert small.stat().st_size < full.stat().st_size


def test_float32_runs_are_written_as_before(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path)
    assert "numbers" not in json.loads((tmp_path / "tagger.json").read_text())


def test_a_file_that_is_not_packed_as_the_description_says_is_refused(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path, weights="int8")
    path = tmp_path / "tagger.json"
    content = path.read_text()
    path.write_text(content.replace('"weights": "int8"', '"weights": "float16"'))
    weights, name = tmp_path / "weights.npz", "characters/0"
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    assert str(caught.value).startswith(f"{weights}: ")
    path.write_text(content.replace('"weights": "int8"', '"weights": "int4"'))
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    assert str(caught.value) == (
        f"{path}: damaged: numbers.weights is 'int4': expected float32, float16, int8; "
        "nearest: 'int8'; copy or train the run again"
    )
    path.write_text(content)
    with np.load(weights) as file:
        arrays = {name: file[name] for name in file.files}
    missing = {key: value for key, value in arrays.items() if key != f"{name}/scale"}
    np.savez(weights, **missing)
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    assert str(caught.value) == (
        f"{weights}: not readable as arrays: array '{name}/scale' is missing; "
        "copy or train the run again"
    )
    for bad in (np.nan, np.inf):
        np.savez(weights, **{**arrays, f"{name}/scale": np.full_like(arrays[f"{name}/scale"], bad)})
        with pytest.raises(RunError) as caught:
            load_tagger(tmp_path)
        assert str(caught.value) == (
            f"{tmp_path}: cannot be loaded as a tagger: weight '{name}' must hold finite float32 numbers only; "
            "copy or train the run again"
        )


def test_vectors_of_another_type_than_the_description_says_are_refused(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path)
    path = tmp_path / "tagger.json"
    description = json.loads(path.read_text())
    description["numbers"] = {"weights": "float32", "vectors": "int8"}
    path.write_text(json.dumps(description))
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: cannot be loaded as a tagger: the vectors of frozen words are float32, but tagger.json says int8; "
        "copy or train the run again"
    )


@pytest.mark.bits("copied")
def test_a_run_of_packed_numbers_is_saved_again_without_loss(span_run, tmp_path):
    save_tagger(span_run.tagger, tmp_path, weights="int8")
    loaded = load_tagger(tmp_path)
    again = seqlab.load(seqlab.save(loaded, tmp_path / "again"))
    for name, weight in loaded.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)
