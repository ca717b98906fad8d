"""The cache returns what the reader yields; entries are whole and are found again by content."""

import gzip
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from seqlab.corpus import cache_writing
from seqlab.corpus.cache import Cache
from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.splits import load_splits
from seqlab.errors import CorpusError, SettingsError, UserError
from seqlab.machine.atomic import temporary_path

pytestmark = pytest.mark.bits("copied")

COLUMNS = "a\tB-X\nb\tI-X\n\nc\tO\n\na\tI-Y\nd\tO\n\nc\tO\n\n"
VALID = "c\tO\n\na\tI-Y\nd\tO\n\n"


@pytest.fixture
def files(tmp_path):
    """Paths of a training and a validation corpus, by the names that `load_splits` has."""
    for name, text in (("train", COLUMNS), ("valid", VALID)):
        (tmp_path / f"{name}.conll").write_text(text)
    return {name: str(tmp_path / f"{name}.conll") for name in ("train", "valid")}


@pytest.fixture
def lines():
    return []


@pytest.fixture
def cache(tmp_path, lines):
    return Cache(folder=tmp_path / "cache", say=lines.append)


def entries(cache):
    """The entries of the cache, without lock files."""
    found = sorted(cache.folder.iterdir()) if cache.folder.exists() else []
    return [path for path in found if path.suffix != ".lock"]


def same(cached, plain):
    """Check that splits are equal except for the metadata of train."""
    assert (cached.scheme, cached.notes) == (plain.scheme, plain.notes)
    assert (cached.valid, cached.test) == (plain.valid, plain.test)
    assert len(cached.train) == len(plain.train)
    weighed = any(s.token_weights is not None for s in plain.train)
    for one, other in zip(cached.train, plain.train, strict=True):
        assert (one.tokens, one.tags, one.weight) == (other.tokens, other.tags, other.weight)
        assert one.source == other.source
        ones = (1.0,) * len(one)
        assert (one.token_weights or ones) == (other.token_weights or ones)
        assert (one.token_weights is not None) == weighed
    first, second = corpus_arrays(cached.train), corpus_arrays(plain.train)
    assert first.spellings == second.spellings
    assert first.counts_by_tag() == second.counts_by_tag()
    for name in ("spelling_ids", "spelling_counts", "offsets", "weights"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("scheme", [None, "iobes", "plain"])
@pytest.mark.parametrize("part", [1, 1 << 18])
def test_what_comes_out_is_what_is_read(files, cache, scheme, part, monkeypatch):
    monkeypatch.setattr(cache_writing, "BATCH", part)
    monkeypatch.setattr(cache_writing, "SENTENCES", 3)
    monkeypatch.setattr(cache_writing, "BLOCK", 2)
    plain = load_splits(**files, scheme=scheme)
    same(load_splits(**files, scheme=scheme, cache=cache), plain)
    same(load_splits(**files, scheme=scheme, cache=cache), plain)
    assert len(entries(cache)) == 1
    if scheme is None:
        assert any("illegal transitions" in note for note in plain.notes)
        assert any("are also in train: 'c' (" in note for note in plain.notes)


def test_a_doubtful_scheme_and_skipped_lines_are_noted(files, cache, tmp_path):
    text = "-DOCSTART-\tO\n\n" + COLUMNS + "odd\tNOUN\n"
    (tmp_path / "train.conll").write_text(text)
    plain = load_splits(**files, accept=["stray-tags"])
    assert any("taken as plain" in note for note in plain.notes)
    assert any("document markers skipped" in note for note in plain.notes)
    for _ in range(2):
        same(load_splits(**files, cache=cache, accept=["stray-tags"]), plain)


def test_weights_come_from_the_first_sentence_that_has_them(files, cache, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_writing, "BATCH", 1)
    sentences = [
        {"tokens": ["a", "b"], "tags": ["X", "Y"]},
        {"tokens": ["c"], "tags": ["X"], "token_weights": [0.1], "weight": 0.3},
        {"tokens": ["c"], "tags": ["X"]},
    ]
    path = tmp_path / "train.jsonl"
    path.write_text("\n".join(map(json.dumps, sentences)))
    paths = files | {"train": str(path)}
    found = load_splits(**paths, cache=cache, accept=["unknown-tags"])
    same(found, load_splits(**paths, accept=["unknown-tags"]))
    assert corpus_arrays(found.train).token_weights.tolist() == [1, 1, 0.1, 1]


def test_parallel_files_and_gzip(files, cache, tmp_path):
    folder = tmp_path / "atis"
    folder.mkdir()
    (folder / "seq.in").write_text("show me\nflights\n")
    (folder / "seq.out").write_text("O O\nB-x\n")
    packed = tmp_path / "train.conll.gz"
    packed.write_bytes(gzip.compress(COLUMNS.encode()))
    for train in (folder, folder / "seq.in", packed):
        paths = files | {"train": str(train)}
        same(load_splits(**paths, cache=cache), load_splits(**paths))
    (folder / "seq.out").write_text("B-x O\nB-x\n")
    load_splits(**(files | {"train": str(folder)}), cache=cache)
    assert len(entries(cache)) == 4  # other tags, another entry


def test_an_entry_is_found_by_content_and_by_how_it_is_read(files, cache, lines, tmp_path):
    load_splits(**files, cache=cache)
    load_splits(**files, cache=cache)
    (place,) = entries(cache)
    assert lines[0].startswith(f"cache: the training corpus was read into {place} in ")
    assert lines[1] == f"cache: the training corpus was found at {place}"
    load_splits(**files, scheme="iobes", cache=cache)
    (tmp_path / "train.conll").write_text(COLUMNS + "e\tO\n")
    assert len(load_splits(**files, cache=cache).train) == 5
    assert len(entries(cache)) == 3
    assert all("was read" in line for line in lines[2:])


def test_a_damaged_entry_is_made_again(files, cache, lines):
    plain = load_splits(**files)
    load_splits(**files, cache=cache)
    (place,) = entries(cache)
    for file in sorted(place.iterdir()):
        for harm in (
            file.unlink,
            lambda file=file: file.write_bytes(file.read_bytes()[:-1] + b"~"),
        ):
            lines.clear()
            harm()
            same(load_splits(**files, cache=cache), plain)
            assert lines[0].startswith(f"cache: {place} is damaged ("), file
            assert lines[0].endswith("); it is made again")
            assert len(entries(cache)) == 1
    assert len(list(place.iterdir())) == 9


def test_swapped_tags_are_damage(files, cache, lines):
    """The facts of an entry have a checksum too."""
    plain = load_splits(**files)
    load_splits(**files, cache=cache)
    (place,) = entries(cache)
    meta = place / "meta.json"
    good = meta.read_text()
    for bad in (
        good.replace("B-X", "B-Y").replace("I-Y", "I-X"),
        good.replace("files", "fales"),
        "{}",
        "[" * 100_000,
    ):
        assert bad != good
        lines.clear()
        meta.write_text(bad)
        same(load_splits(**files, cache=cache), plain)
        assert lines[0] == (
            f"cache: {place} is damaged (meta.json is not what was written); it is made again"
        )
        assert meta.read_text() == good


def test_what_a_killed_reader_left_is_removed(files, cache):
    load_splits(**files, cache=cache)
    (place,) = entries(cache)
    left = temporary_path(place, pid=2**22 + 1)
    place.rename(left)
    load_splits(**files, cache=cache)
    assert entries(cache) == [place]


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_stands_in_an_entrys_place_is_replaced(files, cache, kind, tmp_path):
    plain = load_splits(**files)
    load_splits(**files, cache=cache)
    (place,) = entries(cache)
    shutil.rmtree(place)
    if kind == "file":
        place.write_text("x")
    else:
        place.symlink_to(tmp_path / "nowhere")
    same(load_splits(**files, cache=cache), plain)
    assert place.is_dir()


def test_a_pipe_is_refused_at_once(files, cache, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(CorpusError) as caught:
        load_splits(str(pipe), files["valid"], cache=cache)
    assert str(caught.value) == f"{pipe}: not a regular file; a cache needs one"


def test_a_long_name_is_cut(files, cache, tmp_path):
    path = tmp_path / ("x" * 250)
    path.write_text(COLUMNS)
    assert len(load_splits(str(path), files["valid"], cache=cache).train) == 4


RACE = """
import sys
from pathlib import Path
from seqlab.corpus.cache import Cache
from seqlab.corpus.splits import load_splits
for number in range(30):
    cache = Cache(folder=Path(sys.argv[3]) / str(number))
    assert len(load_splits(sys.argv[1], sys.argv[2], cache=cache).train) == 4
"""


def test_two_readers_at_once_share_one_entry(files, tmp_path):
    command = [sys.executable, "-c", RACE, files["train"], files["valid"], str(tmp_path / "c")]
    readers = [subprocess.Popen(command) for _ in range(3)]
    assert [reader.wait() for reader in readers] == [0, 0, 0]


@pytest.mark.parametrize("error", [KeyboardInterrupt, CorpusError("bad", path="x")])
def test_an_interrupted_writing_leaves_nothing(files, cache, monkeypatch, error):
    def write(*arguments, **options):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(cache_writing, "write_tags", write)
        with pytest.raises(type(error) if isinstance(error, Exception) else error):
            load_splits(**files, cache=cache)
    assert entries(cache) == []
    same(load_splits(**files, cache=cache), load_splits(**files))


def test_mistakes_are_those_of_reading(files, cache, tmp_path):
    (tmp_path / "empty").write_text("\n\n")
    (tmp_path / "bad").write_text("a\tO\nb\n")
    for name in ("empty", "bad", "missing"):
        paths = files | {"train": str(tmp_path / name)}
        messages = []
        for options in ({}, {"cache": cache}):
            with pytest.raises(CorpusError) as caught:
                load_splits(**paths, **options)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]
    (tmp_path / "plain").write_text("a NOUN\n")
    with pytest.raises(CorpusError, match="but scheme 'iob2' needs spans"):
        load_splits(**(files | {"train": str(tmp_path / "plain")}), scheme="iob2", cache=cache)
    assert entries(cache) == []


def test_a_corpus_in_the_cache_is_not_split(files, cache):
    expected = f"cache is '{cache.folder}', and a cached corpus cannot be split; give --"
    for options, name in (({}, "valid"), ({"valid": files["valid"], "test_share": 0.1}, "test")):
        with pytest.raises(SettingsError) as caught:
            load_splits(files["train"], **options, cache=cache)
        assert str(caught.value) == expected + name


def test_a_cache_that_cannot_be_written_is_told(files, tmp_path):
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(UserError, match="the cache can't be written: "):
        load_splits(**files, cache=Cache(folder=tmp_path / "file" / "cache"))


def test_features_come_out_of_the_cache(cache, lines, tmp_path):
    paths = {}
    for name, text in (("train", "a N B-A\nb V O\n\na N O\nc X O\n"), ("valid", "a N O\n")):
        (tmp_path / name).write_text(text)
        paths[name] = str(tmp_path / name)
    plain = load_splits(**paths, feature_columns={"pos": 1, "again": 1})
    for _ in range(2):
        cached = load_splits(**paths, feature_columns={"pos": 1, "again": 1}, cache=cache)
        same(cached, plain)
        assert [s.features for s in cached.train] == [s.features for s in plain.train]
    assert plain.train[1].features == {"pos": ("N", "X"), "again": ("N", "X")}
    (place,) = entries(cache)
    (place / "feature-1").write_bytes(b"\x01" * 16)
    same(load_splits(**paths, feature_columns={"pos": 1, "again": 1}, cache=cache), plain)
    assert "is damaged (feature-1 is not what was written)" in lines[-2]
    assert load_splits(**paths, cache=cache).train[0].features == {}
    assert len(entries(cache)) == 2  # read otherwise, it is another corpus


SEC = "sec_filings/CONLL-format/data"
CORPORA = {
    "wnut17": ("wnut17/wnut17train.conll", "wnut17/emerging.dev.conll", {}),
    "ewt": ("ud_english_ewt/en_ewt-ud-dev.conllu", "ud_english_ewt/en_ewt-ud-test.conllu", {}),
    "sec": (f"{SEC}/train/FIN5.txt", f"{SEC}/test/FIN3.txt", {"scheme": "iobes"}),
}


@pytest.mark.parametrize("name", CORPORA)
def test_real_corpora(shared_data, cache, name):
    train, valid, options = CORPORA[name]
    paths = [str(shared_data / train), str(shared_data / valid)]
    plain = load_splits(*paths, **options)
    for _ in range(2):
        same(load_splits(*paths, **options, cache=cache), plain)


def test_a_directory_is_a_cache(files, cache):
    plain = load_splits(**files, cache=cache)
    for folder in (cache.folder, str(cache.folder)):
        found = load_splits(**files, cache=folder)
        assert [s.tokens for s in found.train] == [s.tokens for s in plain.train]
    assert len(entries(cache)) == 1
    with pytest.raises(UserError, match="expected the path of the cache, found int 3"):
        load_splits(**files, cache=3)
