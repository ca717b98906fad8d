"""Files of a run that somebody else may have put there: each is named in one line, at once, and in little memory."""

import json
import os
import pickle
import sys
import time
import tracemalloc
import zipfile
from io import BytesIO

import numpy as np
import pytest

import seqlab
from seqlab import suggest
from seqlab.errors import RunError, UserError
from seqlab.storing.mentions_file import read_mentions
from seqlab.storing.metrics_file import METRICS, support_by_class
from seqlab.storing.run_directory import check_free
from seqlab.storing.run_files import open_run
from seqlab.storing.run_settings import run_settings
from tests import tiny
from tests.sealing import seal

pytestmark = [
    tiny.KERAS_NOISE,
    pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs and links"),
]

READ = {
    "weights.npz": seqlab.load,
    "vocabularies.json": seqlab.load,
    "tagger.json": seqlab.load,
    "manifest.json": seqlab.load,
    "config.toml": run_settings,
    "metrics.json": lambda run: suggest.validation_counts(str(run)),
    "mentions.npz": lambda run: read_mentions(open_run(run)),
}
"""Each file of a run, and what reads it."""


def refusal(name, run):
    """The error of reading a file, without the path, which it must begin with. It comes quickly, in little memory."""
    tracemalloc.start()
    start = time.monotonic()
    with pytest.raises(RunError) as caught:
        READ[name](run)
    seconds, (_, peak) = time.monotonic() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 10
    assert peak < 20_000_000
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{run / name}: ")
    return str(caught.value).removeprefix(f"{run / name}: ")


def changed(run, name, change):
    """Change the JSON value of a file, and seal the run again. change: a function of the value."""
    value = json.loads((run / name).read_text("ascii"))
    change(value)
    (run / name).write_text(json.dumps(value), "ascii")
    seal(run)


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("sealed", [True, False])
def test_what_is_no_regular_file_in_the_directory_is_refused(copied, tmp_path, name, sealed):
    path, content = copied / name, (copied / name).read_bytes()
    outside = tmp_path / "outside"
    outside.write_bytes(content)
    made = {
        "is a FIFO; expected a regular file": lambda: os.mkfifo(path),
        "is a directory; expected a regular file": path.mkdir,
        f"leads to '{outside}', outside its directory; put the file itself there": lambda: (
            path.symlink_to("../outside")
        ),
        "leads to '/dev/zero', outside its directory; put the file itself there": lambda: (
            path.symlink_to("/dev/zero")
        ),
    }
    for fact, make in made.items():
        path.unlink()
        make()
        if sealed and name != "manifest.json" and path.is_file():
            seal(copied)  # the manifest names the link as if it were a file
        if name == "manifest.json" and not path.is_file():  # then there is no run
            with pytest.raises(RunError, match="no run of seqlab here"):
                seqlab.load(copied)
        else:
            assert refusal(name, copied) == fact
        if path.is_dir():
            path.rmdir()
            path.touch()


def test_a_link_within_the_directory_is_read(copied):
    (copied / "weights.npz").rename(copied / "w.npz")
    (copied / "weights.npz").symlink_to("w.npz")
    assert seqlab.load(copied).tag(["Ada"])


@pytest.mark.parametrize("name", [name for name in READ if name != "manifest.json"])
def test_a_changed_file_is_told_where_it_is_read(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    fact = "damaged: its sha256 is not the manifest's; copy or train the run again"
    assert refusal(name, copied) == fact


def test_a_bomb_of_weights_is_not_unpacked(copied):
    zeros = BytesIO()
    np.save(zeros, np.zeros(10_000_000, np.float32))
    with zipfile.ZipFile(copied / "weights.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word_embedding/0.npy", zeros.getvalue())
    del zeros
    seal(copied)
    assert refusal("weights.npz", copied) == (
        "not readable as arrays: array 'word_embedding/0' is compressed; expected an uncompressed archive; "
        "copy or train the run again"
    )


class Canary:
    """Unpickling it calls a function."""

    def __reduce__(self):
        return pytest.fail, ("code of the run has been called",)


@pytest.mark.parametrize("name", [name for name in READ if name != "manifest.json"])
def test_a_pickle_in_place_of_a_file_is_not_unpickled(copied, name):
    canary = pickle.dumps([Canary(), b" " * 40_000])
    (copied / name).write_bytes(canary)
    seal(copied)
    with pytest.raises(UserError):
        READ[name](copied)
    whole = {**seqlab_arrays(), "more": np.array([Canary()], object)}
    np.savez(copied / "weights.npz", **whole)
    seal(copied)
    with pytest.raises(UserError):
        seqlab.load(copied)


def seqlab_arrays():
    return {"word_embedding/0": np.zeros((28, 8), np.float32)}


SIZE = "expected a whole number from 1 to"


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"layers": 10**9}, f"architecture.layers is 1000000000: {SIZE} 1000"),
        ({"max_chars": 10**9}, f"architecture.max_chars is 1000000000: {SIZE} 1000"),
        ({"words": 10**10}, f"architecture.words is 10000000000: {SIZE} 2147483647"),
        ({"words": 2.0}, f"architecture.words is 2.0: {SIZE} 2147483647"),
        ({"words": True}, f"architecture.words is true: {SIZE} 2147483647"),
        ({"words": None}, f"architecture.words is null: {SIZE} 2147483647"),
        ({"words": [[[]]]}, f"architecture.words is a list: {SIZE} 2147483647"),
        ({"classes": 0}, f"architecture.classes is 0: {SIZE} 2147483647"),
        (
            {"numbers": -1},
            "architecture.numbers is -1: expected a whole number from 0 to 2147483647",
        ),
        ({"dropout": "0.5"}, "architecture.dropout is '0.5': expected a number from 0 to 1"),
        ({"dropout": 1}, "dropout is 1.0: expected a number from 0 to below 1"),
        ({"reads_words": 1}, "architecture.reads_words is 1: expected true or false"),
        ({"head": "crff"}, "architecture.head is 'crff': expected softmax, crf; nearest: 'crf'"),
        ({"head": ["crf"]}, "architecture.head is a list: expected a text"),
        ({"features": 3}, "architecture.features is 3: expected an object"),
        ({"features": {"case": "8"}}, f"architecture.features.case is '8': {SIZE} 2147483647"),
        (
            {"wings": 2},
            "architecture.wings is not known here; a newer version of seqlab may have written it",
        ),
        (
            {"classes": 10**6},
            "the network would take 15145 GB of memory to tag, for 0.0 GB of weights",
        ),
    ],
)
def test_architectures_that_no_network_has(copied, change, fact):
    changed(copied, "tagger.json", lambda value: value["architecture"].update(change))
    expected = f"damaged: {fact}; copy or train the run again"
    assert refusal("tagger.json", copied) == expected


def test_weights_smaller_than_the_network_are_told_before_it_is_built(copied):
    changed(copied, "tagger.json", lambda value: value["architecture"].update(words=10**9))
    size = (copied / "weights.npz").stat().st_size
    assert refusal("weights.npz", copied) == (
        f"has {size} bytes, but the network of tagger.json has 32000030264 bytes of weights; "
        "copy or train the run again"
    )


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"scheme": None}, "scheme is null: expected a text"),
        ({"constrained": 1}, "constrained is 1: expected true or false"),
        ({"decision": []}, "decision is a list: expected an object"),
        (
            {"decision": {"temperature": 0, "bias": {}}},
            "decision.temperature is 0: expected a number from 1e-06 to 1e+06",
        ),
        (
            {"decision": {"temperature": 1, "bias": {"O": "1"}}},
            "decision.bias.O is '1': expected a number from -1e+06 to 1e+06",
        ),
        (
            {"decision": {"temperature": 1, "bias": {"O": 10**400}}},
            f"decision.bias.O is 1{'0' * 78}…: expected a number from -1e+06 to 1e+06",
        ),
        ({"decision": {"temperature": 1}}, "decision.bias is missing"),
        (
            {"cutting": {"sentences": "word"}},
            "cutting.sentences is 'word': expected line, split",
        ),
        ({"cutting": {"language": 3}}, "cutting.language is 3: expected a text"),
        ({"more": 3}, "more is not known here; a newer version of seqlab may have written it"),
    ],
)
def test_descriptions_of_wrong_types(copied, change, fact):
    changed(copied, "tagger.json", lambda value: value.update(change))
    expected = f"damaged: {fact}; copy or train the run again"
    assert refusal("tagger.json", copied) == expected


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"words": [1, 2]}, "words holds 1: expected texts"),
        ({"words": ["a", [[]]]}, "words holds a list: expected texts"),
        ({"words": {"a": 1}}, "words is an object: expected a list of texts"),
        ({"tags": ["O", "O"]}, "tags holds 'O' twice"),
        ({"characters": ["ab"]}, "characters holds a text that is not one character"),
        ({"word_features": {"case": None}}, "word_features.case is null: expected a list of texts"),
        ({"word_features": {"x": []}}, "no word feature has the input 'x'"),
        ({"feature_columns": []}, "feature_columns is a list: expected an object"),
        ({"numeric_columns": {"n": {"mean": 0}}}, "numeric_columns.n.deviation is missing"),
        (
            {"numeric_columns": {"n": {"mean": 0, "deviation": 0, "missing": True}}},
            "numeric_columns.n.deviation is 0: expected a number from 2.22507e-308 to 1.79769e+308",
        ),
        ({"unicode_form": 3}, "unicode_form is 3: expected a text"),
        (
            {"unicode_form": "nfd"},
            "unknown Unicode form 'nfd'; expected none, nfc, nfkc; nearest: 'nfc'",
        ),
    ],
)
def test_vocabularies_of_wrong_types(copied, change, fact):
    changed(copied, "vocabularies.json", lambda value: value.update(change))
    expected = f"damaged: {fact}; copy or train the run again"
    assert refusal("vocabularies.json", copied) == expected


@pytest.mark.parametrize("name", ["tagger.json", "vocabularies.json", "metrics.json"])
def test_json_that_python_cannot_take(copied, name):
    for content, fact in (
        (b"[" * 1_000_000, "not JSON that can be read: nested too deeply"),
        (b'{"a":' * 200_000, "not JSON that can be read: nested too deeply"),
        (b'{"a": Infinity}', "not JSON: Infinity is no number of JSON"),
        (b"\xff\xfe{", "not JSON: byte 1 is not UTF-8"),
    ):
        (copied / name).write_bytes(content)
        seal(copied)
        assert refusal(name, copied) == f"damaged: {fact}; copy or train the run again"


def test_a_file_that_is_too_large_is_not_read(copied):
    with (copied / "config.toml").open("ab") as file:
        file.truncate(1 << 34)  # zeros that take no space on the disk
    manifest = json.loads((copied / "manifest.json").read_text("ascii"))
    assert refusal("config.toml", copied) == (
        f"damaged: it has 17179869184 bytes, but {manifest['files']['config.toml']['bytes']} in the manifest; "
        "copy or train the run again"
    )
    with (copied / "config.toml").open("ab") as file:
        file.truncate(1 << 21)
    seal(copied)
    assert refusal("config.toml", copied) == "has 2097152 bytes; expected at most 1048576"


def test_figures_of_wrong_types(copied):
    for content, fact in (
        ("[]", "the file is a list: expected an object"),
        ('{"splits": {"valid": {"classes": {"PER": {"support": -1}}}}}', None),
    ):
        (copied / METRICS).write_text(content, "ascii")
        seal(copied)
        bounds = "expected a whole number from 0 to 2147483647"
        fact = fact or f"splits.valid.classes.PER.support is -1: {bounds}"
        assert refusal(METRICS, copied) == f"damaged: {fact}; copy or train the run again"
    (copied / METRICS).write_text('{"splits": {}}', "ascii")
    assert support_by_class(open_run(seal(copied)), "valid") == {}


def test_a_newer_manifest_is_read_as_far_as_it_is_known(copied):
    assert open_run(copied).status == "finished"
    assert open_run(seal(copied, status="training", more=[1])).status == "training"


def test_a_manifest_that_cannot_be_read_is_no_run_to_write_over(copied):
    (copied / "manifest.json").unlink()
    os.mkfifo(copied / "manifest.json")  # reading it would wait for a writer
    with pytest.raises(RunError, match="exists and is not a run of seqlab; choose another --out"):
        check_free(copied, overwrite=True)


def test_names_in_a_manifest_lead_nowhere(copied, tmp_path):
    """Only files that the reader knows are opened, whatever the manifest lists."""
    secret = tmp_path / "secret"
    os.mkfifo(secret)
    manifest = json.loads((copied / "manifest.json").read_text("ascii"))
    entry = {"bytes": 1, "sha256": "x"}
    manifest["files"] |= {"../secret": entry, str(secret): entry, "vectors/../../secret": entry}
    (copied / "manifest.json").write_text(json.dumps(manifest), "ascii")
    assert seqlab.load(copied).tag(["Ada"])


def test_scores_that_are_no_numbers_are_named_when_they_are_used(span_run):
    from dataclasses import replace

    weights = {**span_run.tagger.weights}
    weights["logits/0"] = np.full_like(weights["logits/0"], 3e38)
    tagger = replace(span_run.tagger, weights=weights)
    with pytest.raises(UserError) as caught, np.errstate(all="ignore"):
        tagger.tag(["Ada", "saw"])
    assert str(caught.value) == (
        "the network's scores are no numbers: its weights, or the vectors of the words, are too large; "
        "train it again"
    )
