"""Corpora by name: the catalogue is that of the published files, and commands take a name instead of files."""

import hashlib
import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import seqlab
from seqlab import audit, compare, download, train
from seqlab.catalogue import entries, glove_package
from seqlab.catalogue.corpora import write_joined
from seqlab.catalogue.entries import corpus_of_name, named_corpora
from seqlab.catalogue.named_vectors import load_vectors
from seqlab.errors import UserError
from seqlab.experiment.named_corpus import with_named_corpus
from seqlab.experiment.resume import resumed_settings
from seqlab.settings.training import make_settings
from seqlab.storing.save_and_load import load_run
from tests import tiny
from tests.catalogue.local_server import catalogue_of, served

pytestmark = tiny.KERAS_NOISE
ROW = re.compile(r"\| `(\S+)` \| (\S+) \| ([0-9a-f]{40}) \| (\S+) \| (\d+) \| ([0-9a-f]{64}) \|")


@pytest.fixture
def server(tmp_path, tmp_path_factory, monkeypatch):
    """A server with the tiny corpus as 'tiny', its columns swapped, and as 'parts' without validation."""
    files = {}
    for split, path in tiny.corpus(tmp_path_factory).items():
        files[f"{split}.conll"] = Path(path).read_bytes()
        swapped = re.sub(rb"(?m)^(\S+)\t(\S+)$", rb"\2\t\1", files[f"{split}.conll"])
        files[f"data/{split}.tsv"] = swapped
    columns = {"token_column": "1", "tag_column": "0"}
    corpora = {
        "tiny": {s: [f"data/{s}.tsv"] for s in tiny.corpus(tmp_path_factory)}
        | {"reading": columns},
        "parts": {"train": ["train.conll", "valid.conll"], "test": ["test.conll"]},
    }
    with served(files) as state:
        content = catalogue_of(corpora, files)
        monkeypatch.setattr(entries, "catalogue", lambda: content)
        monkeypatch.setenv("SEQLAB_MIRROR", f"{state.base}/")
        monkeypatch.setenv("SEQLAB_DATA", str(tmp_path / "cache"))
        yield state


def refusal(**values):
    with pytest.raises(UserError) as caught:
        with_named_corpus(make_settings(**values))
    return str(caught.value)


def test_the_catalogue_has_the_published_addresses_sizes_and_checksums(shared_data):
    published = {
        f"{m[2]}/{m[3]}/{m[4]}": m
        for m in ROW.finditer((shared_data / "README.md").read_text(encoding="utf-8"))
    }
    base = "https://raw.githubusercontent.com/"
    listed = 0
    for corpus in named_corpora().values():
        for file in (file for files in corpus.files.values() for file in files):
            row = published[file.address.removeprefix(base)]
            content = (shared_data / row[1]).read_bytes()
            assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
            assert (str(file.size), file.sha256) == (row[5], row[6])
            listed += 1
    assert (len(named_corpora()), listed) == (12, 34)


def test_a_name_gives_files_and_columns(server, tmp_path):
    settings = with_named_corpus(make_settings(corpus="tiny"))
    folder = tmp_path / "cache" / "corpora" / "tiny"
    assert [settings.train, settings.valid, settings.test] == [
        str(folder / f"{split}.tsv") for split in ("train", "valid", "test")
    ]
    assert (settings.token_column, settings.tag_column) == ("1", "0")
    assert with_named_corpus(settings) == settings
    assert len(server.asked) == 3


def test_what_the_user_gives_replaces_the_catalogue(server):
    own = with_named_corpus(
        make_settings(corpus="tiny", valid="own.conll", test_share=0.1, tag_column="2")
    )
    assert (own.valid, own.test, own.tag_column, own.token_column) == ("own.conll", None, "2", "1")
    cut = with_named_corpus(make_settings(corpus="tiny", valid_share=0.2, folds=2, fold=1))
    assert (cut.valid, cut.test) == (None, None)


def test_several_files_are_one_split(server):
    settings = with_named_corpus(make_settings(corpus="parts"))
    assert Path(settings.train).name == "train.conll"
    assert len(seqlab.read_corpus(settings.train).sentences) == 52
    assert settings.valid is None


def test_lines_without_a_token_can_be_left_out(tmp_path):
    write_joined(
        [b"a\tO\n \tO\n\tO\nb\tB-X\n", b"\nc\tO\n\t\nd\tO"],
        tmp_path / "all.conll",
        skip_empty_tokens=True,
    )
    expected = "a\tO\nb\tB-X\n\nc\tO\n\t\nd\tO\n"
    assert (tmp_path / "all.conll").read_text(encoding="utf-8") == expected


def test_mistakes_are_one_line(server):
    known = "expected one of tiny, parts"
    assert refusal(corpus="tyni") == f"corpus is 'tyni': {known}; nearest: 'tiny'"
    both = "corpus and train are both given: choose one"
    assert refusal(corpus="tiny", train="a.conll") == both
    assert server.asked == []
    assert "--offline forbids downloading it" in refusal(corpus="tiny", offline=True)


def test_the_base_address_is_that_of_the_catalogue_without_a_mirror(monkeypatch):
    monkeypatch.delenv("SEQLAB_MIRROR", raising=False)
    (file,) = corpus_of_name("wnut17").files["valid"]
    assert file.address == (
        "https://raw.githubusercontent.com/leondz/emerging_entities_17/"
        "e52a2d2a71ac1a051ca2d532eef28653c5c02603/emerging.dev.conll"
    )


@pytest.mark.bits("repeated")
@pytest.mark.skipif(find_spec(glove_package.MODULE) is None, reason="no package of GloVe")
def test_a_training_keeps_the_names_and_is_resumed_with_another_cache(
    server, tmp_path, monkeypatch
):
    run, lines = tmp_path / "run", []
    named = {"corpus": "tiny", "vectors": "glove-6b-50d", "vectors_limit": 3000}
    trained = seqlab.train_tagger(**named, **tiny.CHEAP, out=run, say=lines.append)
    assert lines[0] == f"corpus: tiny: NER (CC0), in {tmp_path / 'cache' / 'corpora' / 'tiny'}"
    config = (run / "config.toml").read_text(encoding="utf-8")
    assert 'corpus = "tiny"' in config
    assert 'vectors = "glove-6b-50d"' in config
    command = trained.details.command
    assert "--corpus tiny" in command
    assert "--vectors glove-6b-50d" in command
    assert "--train" not in command
    assert "column" not in command
    assert [i.path for i in trained.details.inputs if i.name == "vectors"] == ["glove-6b-50d"]
    assert set(trained.metrics["splits"]) == {"valid", "test"}
    known, rows = load_run(run).encoder.frozen_words.look_up(["Government", "zsombor"])
    assert known.tolist() == [True, False]
    np.testing.assert_array_equal(rows[0], load_vectors("glove-6b-50d").vector("government"))
    shutil.move(tmp_path / "cache", tmp_path / "moved")
    monkeypatch.setenv("SEQLAB_DATA", str(tmp_path / "moved"))
    resumed = resumed_settings(run, {"epochs": 3})
    assert (resumed.corpus, resumed.vectors) == ("tiny", "glove-6b-50d")
    assert len(seqlab.resume(run, epochs=2).history) == 2
    assert len(server.asked) == 3


def test_audit_takes_a_name(server, capsys):
    assert audit.main(["--corpus", "tiny", "--json"]) == 0
    audited = json.loads(capsys.readouterr().out)
    assert audited["splits"]["train"]["sentences"] == 40
    assert audit.main(["--corpus", "tiny", "a.conll"]) == 2
    expected = "error: corpus is given together with files: choose one\n"
    assert capsys.readouterr().err == expected
    address = f"{server.base}/words.vec"
    assert audit.main(["--corpus", "tiny", "--offline", "--vectors", address]) == 2
    assert "words.vec is missing, and --offline forbids" in capsys.readouterr().err


def test_compare_refuses_several_corpora(server, capsys):
    assert compare.main(["--vary", "corpus=tiny,parts"]) == 2
    assert capsys.readouterr().err == (
        "error: corpus is 'tiny' in 'tiny' and 'parts' in 'parts': settings are compared on the same test data\n"
    )


def test_a_run_is_called_like_its_corpus():
    assert train.run_name(make_settings(corpus="tiny")) == "tiny"


class TestTheCommand:
    def test_it_lists_names(self, server, capsys):
        assert download.main([]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[:2] == ["corpora, for --corpus", "  tiny              tiny: NER"]
        assert lines[2].startswith("                    English, 0.0 MB, CC0; train, valid, test")
        assert lines[-2] == "vectors, for --vectors"
        assert server.asked == []

    def test_it_downloads(self, server, tmp_path, capsys):
        assert download.main(["parts", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {
            "parts": {
                "train": str(tmp_path / "cache" / "corpora" / "parts" / "train.conll"),
                "test": str(tmp_path / "cache" / "corpora" / "parts" / "test.conll"),
                "licence": "CC0",
            }
        }
        assert download.main(["parts", "tyni"]) == 2
        assert capsys.readouterr().err == (
            "error: 'tyni' is no name of a corpus or of vectors: expected one of tiny, parts, glove-6b-50d; "
            "nearest: 'tiny'\n"
        )
