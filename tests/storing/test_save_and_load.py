import json
import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest

import seqlab
from seqlab.corpus.reading import read_corpus
from seqlab.errors import RunError
from seqlab.storing.run_directory import MANIFEST
from tests import tiny

pytestmark = tiny.KERAS_NOISE


def refusal(path):
    with pytest.raises(RunError) as caught:
        seqlab.load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def forge(directory, name, content):
    """Change a file and its entry in the manifest."""
    (directory / name).write_bytes(content)
    path = directory / MANIFEST
    manifest = json.loads(path.read_text(encoding="ascii"))
    manifest["files"][name] = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    path.write_text(json.dumps(manifest), encoding="ascii")


# A known mistake of other tools: a vocabulary is rebuilt in another order, so that every word gets another
# word's vector without an error. Strings hash differently in each process.
FRESH = """
import json, sys
import seqlab
tagger = seqlab.load(sys.argv[1])
sentences = list(seqlab.read_corpus(sys.argv[2]))
found = list(tagger.predict(sentences))
print(json.dumps([[p.tags, p.scores.tobytes().hex()] for p in found]))
"""


@pytest.mark.bits("stored")
def test_a_fresh_process_predicts_the_same_bit_for_bit(span_run):
    command = [sys.executable, "-c", FRESH, str(span_run.path), span_run.settings.test]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    sentences = list(read_corpus(span_run.settings.test))
    expected = [
        [list(p.tags), p.scores.tobytes().hex()] for p in span_run.tagger.predict(sentences)
    ]
    assert found == expected
    assert len({tag for tags, _ in found for tag in tags}) > 2


@pytest.mark.bits("copied")
@pytest.mark.parametrize("name", ["span_run", "plain_run"])
def test_every_part_of_a_tagger_comes_back(request, name):
    ours = request.getfixturevalue(name)
    loaded = seqlab.load(ours.path)
    assert (loaded.scheme, loaded.architecture) == (ours.tagger.scheme, ours.tagger.architecture)
    assert loaded.encoder == ours.tagger.encoder
    pairs = zip(loaded.network.get_weights(), ours.tagger.network.get_weights(), strict=True)
    for mine, theirs in pairs:
        np.testing.assert_array_equal(mine, theirs)


def test_a_path_may_be_text(span_run):
    assert seqlab.load(str(span_run.path)).scheme == span_run.tagger.scheme


def test_no_run_names_the_nearest(span_run, tmp_path):
    missing = span_run.path.with_name("spann")
    assert refusal(missing) == f"{missing}: no run of seqlab here; nearest: 'span'"
    alone = tmp_path / "folder"
    alone.mkdir()
    assert refusal(alone) == f"{alone}: no run of seqlab here"
    assert refusal(tmp_path / "a" / "b") == f"{tmp_path / 'a' / 'b'}: no run of seqlab here"


@pytest.mark.parametrize("name", ["weights.npz", "vocabularies.json", "tagger.json"])
@pytest.mark.parametrize("damage", ["one bit", "cut", "empty"])
def test_a_damaged_file_is_named(copied, name, damage):
    content = bytearray((copied / name).read_bytes())
    whole = len(content)
    if damage == "one bit":
        content[len(content) // 2] ^= 1
        fact = "its sha256 is not the manifest's"
    else:
        del content[len(content) // 2 if damage == "cut" else 0 :]
        fact = f"it has {len(content)} bytes, but {whole} in the manifest"
    (copied / name).write_bytes(content)
    assert refusal(copied) == f"{copied / name}: damaged: {fact}; copy or train the run again"


@pytest.mark.parametrize("name", ["weights.npz", "vocabularies.json", "tagger.json"])
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    path = copied / name
    message = f"{path}: missing, but the manifest of the run lists it; copy the run again"
    assert refusal(copied) == message


def test_a_file_instead_of_a_run(tmp_path):
    path = tmp_path / "text.txt"
    path.touch()
    assert refusal(path) == f"{path}: is a file; expected a run directory"


@pytest.mark.parametrize(
    ("name", "advice"),
    [("a.zip", "unpack it first"), ("a-1-py3-none-any.whl", "pip installs it as a package")],
)
def test_an_exported_file_instead_of_a_run(tmp_path, name, advice):
    path = tmp_path / name
    path.touch()
    assert refusal(path) == f"{path}: is a file; expected a run directory; {advice}"


def test_a_directory_of_runs_names_them(tmp_path):
    for name in ("b", "a", "c/late", "c/early"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.json").touch()
    assert refusal(tmp_path) == f"{tmp_path}: no run of seqlab here; it holds runs: 'a', 'b'"
    below = tmp_path / "c"
    for name in ("x", "y"):
        (below / name).mkdir()
        (below / name / "manifest.json").touch()
    facts = "it holds runs: 'early', 'late', 'x' and 1 more"
    assert refusal(below) == f"{below}: no run of seqlab here; {facts}"
    for name in ("a", "b"):
        (tmp_path / name / "manifest.json").unlink()
    facts = "it holds runs: 'c/early', 'c/late', 'c/x' and 1 more"
    assert refusal(tmp_path) == f"{tmp_path}: no run of seqlab here; {facts}"


FILE = '"tagger.json": {"bytes": 3, "sha256": "x"}'


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"[]", "the file is a list: expected an object"),
        (b"{}", "files is missing"),
        (b'{"files": 3}', "files is 3: expected an object"),
        (b'{"files": {"a": null}}', "files.a is null: expected an object"),
        (b'{"files": {"a": {"bytes": 3}}}', "files.a.sha256 is missing"),
        (
            b'{"files": {"a": {"bytes": -3, "sha256": ""}}}',
            "files.a.bytes is -3: expected a whole number from 0 to 9007199254740992",
        ),
        (
            b'{"files": {"a": {"bytes": 1e999, "sha256": ""}}}',
            "files.a.bytes is a number too large: expected a whole number from 0 to 9007199254740992",
        ),
        (
            b'{"files": {"a": {"bytes": 3, "sha256": [[]]}}}',
            "files.a.sha256 is a list: expected a text",
        ),
        (
            f'{{"files": {{{FILE}}}, "status": "finish"}}'.encode(),
            "status is 'finish': expected training, finished; nearest: 'finished'",
        ),
        (b"\xff", "not JSON: byte 1 is not UTF-8"),
        (b'{"files": ' + b"[" * 100_000, "not JSON that can be read: nested too deeply"),
        (b'{"files": NaN}', "not JSON: NaN is no number of JSON"),
        (
            b'{"files": ' + b"9" * 5000 + b"}",
            "not JSON: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 "
            "digits; use sys.set_int_max_str_digits() to increase the limit",
        ),
    ],
)
def test_a_damaged_manifest(copied, content, fact):
    path = copied / MANIFEST
    path.write_bytes(content)
    assert refusal(copied) == f"{path}: damaged: {fact}; copy or train the run again"


def test_a_manifest_that_is_too_large_or_lacks_a_file(copied):
    path = copied / MANIFEST
    manifest = json.loads(path.read_text(encoding="ascii"))
    del manifest["files"]["weights.npz"]
    path.write_text(json.dumps(manifest), encoding="ascii")
    assert refusal(copied) == (
        f"{copied / 'weights.npz'}: is not in the manifest of the run; copy or train the run again"
    )
    with path.open("a") as file:
        file.truncate(1 << 30)
    assert refusal(copied) == f"{path}: has 1073741824 bytes; expected at most 1048576"


@pytest.mark.parametrize("name", ["words", "characters", "tags"])
@pytest.mark.parametrize("change", ["one more", "one less"])
def test_a_vocabulary_that_does_not_fit_the_network(copied, span_run, name, change):
    """All checksums are right. Without a check, every symbol after the change would get another id."""
    symbols = json.loads((copied / "vocabularies.json").read_text(encoding="ascii"))
    symbols[name] = [*symbols[name], "€"] if change == "one more" else symbols[name][:-1]
    forge(copied, "vocabularies.json", json.dumps(symbols).encode())
    encoder = span_run.tagger.encoder
    sizes = {
        "words": encoder.words.id_count,
        "characters": encoder.characters.id_count,
        "tags": len(encoder.tags.symbols),
    }
    expected = tuple(sizes.values())
    sizes[name] += 1 if change == "one more" else -1
    assert refusal(copied) == (
        f"{copied}: cannot be loaded as a tagger: the vocabularies have {tuple(sizes.values())} "
        f"words, characters and tags, but the network has {expected}; copy or train the run again"
    )


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (
            {"hidden_units": 7},
            "array 'bilstm_1/0': holds float32 (104, 24), expected float32 (104, 28)",
        ),
        ({"layers": 2}, "array 'bilstm_2/0' is missing"),
        ({"char_encoder": "lstm"}, "array 'characters/3' is missing"),
        (
            {"word_dim": 9},
            "array 'word_embedding/0': holds float32 (28, 8), expected float32 (28, 9)",
        ),
    ],
)
def test_weights_of_another_network(copied, change, fact):
    description = json.loads((copied / "tagger.json").read_text(encoding="ascii"))
    description["architecture"].update(change)
    forge(copied, "tagger.json", json.dumps(description).encode())
    path = copied / "weights.npz"
    assert refusal(copied) == (
        f"{path}: not readable as arrays: {fact}; copy or train the run again"
    )


@pytest.mark.parametrize(
    ("name", "content", "fact"),
    [
        (
            "weights.npz",
            b"no archive",
            "has 10 bytes, but the network of tagger.json has 31160 bytes of weights; ",
        ),
        ("weights.npz", bytes(40_000), "not readable as arrays: File is not a zip file; "),
        (
            "tagger.json",
            b'{"format": 2, "scheme": "iobes", "architecture": {"wings": 2}}',
            "damaged: architecture.words is missing; ",
        ),
        (
            "tagger.json",
            b'{"format": 2, "scheme": "iob9", "architecture": {}}',
            "damaged: scheme is 'iob9': expected iob1, iob2, iobes, bmes, plain; nearest: 'iob2'; ",
        ),
        ("tagger.json", b"[]", "damaged: the file is a list: expected an object; "),
        ("vocabularies.json", b"{}", "damaged: words is missing; "),
        (
            "vocabularies.json",
            b'{"words": 3, "characters": [], "tags": []}',
            "damaged: words is 3: expected a list of texts; ",
        ),
        ("vocabularies.json", b"\xff\xfe", "damaged: not JSON: byte 1 is not UTF-8; "),
    ],
)
def test_a_file_of_other_content(copied, name, content, fact):
    forge(copied, name, content)
    assert refusal(copied) == f"{copied / name}: {fact}copy or train the run again"


def test_a_report_that_somebody_edited_does_not_matter(copied):
    (copied / "report.html").write_text("my notes", encoding="utf-8")
    (copied / "log.txt").unlink()
    seqlab.load(copied)
