"""Where a split comes from, and which mentions count as seen."""

from hashlib import sha256
from types import SimpleNamespace

import numpy as np
import pytest

from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.experiment.metrics import all_mentions, origin_of_split
from seqlab.scoring.seen import training_mentions
from seqlab.settings.training import make_settings
from seqlab.storing.mentions_file import write_mentions
from tests.sealing import seal

ARRAYS, OLD = (
    corpus_arrays([Sentence(tokens=(word, "x"), tags=("B-LOC", "O"))]) for word in ("Oslo", "Rome")
)


def prepared(old=None):
    start = old and SimpleNamespace(origin=SimpleNamespace(old=SimpleNamespace(path=str(old))))
    splits = SimpleNamespace(arrays={"train": ARRAYS}, scheme=Scheme.IOB2)
    return SimpleNamespace(splits=splits, start=start)


def test_a_continued_run_has_seen_what_the_old_one_has(tmp_path):
    new, old = (training_mentions(arrays, Scheme.IOB2) for arrays in (ARRAYS, OLD))
    assert all_mentions(prepared()).tolist() == new.tolist()
    write_mentions(old, tmp_path)
    seal(tmp_path)
    assert all_mentions(prepared(tmp_path)).tolist() == np.union1d(new, old).tolist()


@pytest.mark.parametrize("name", ["gone", "run"])
def test_an_old_run_without_mentions_adds_none(tmp_path, name):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").write_text("", encoding="ascii")
    seal(tmp_path / "run")
    assert len(all_mentions(prepared(tmp_path / name))) == 1


def test_a_split_is_a_file_or_is_cut_off_train(tmp_path):
    train, valid = tmp_path / "train.conll", tmp_path / "valid.conll"
    train.write_text("a O\n", encoding="ascii")
    valid.write_text("b O\n", encoding="ascii")
    sums = [sha256(path.read_bytes()).hexdigest() for path in (train, valid)]
    settings = make_settings(train=str(train), valid=str(valid), test_share=0.2, seed=3)
    assert origin_of_split("valid", settings) == (sums[1], "")
    assert origin_of_split("test", settings) == (sums[0], "test_share=0.2,seed=3")
    by_default = make_settings(train=str(train))
    assert origin_of_split("valid", by_default) == (sums[0], "valid_share=0.15,seed=1")
    valid.unlink()
    assert origin_of_split("valid", settings) == ("unknown", "")
