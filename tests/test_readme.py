"""The README's scripts do what they say, on a part of the sample."""

import re
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

import seqlab
from seqlab.tag import main as tag
from tests import tiny

pytestmark = tiny.KERAS_NOISE

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """The working directory, with the two files that the README calls for."""
    for name, source, sentences in (("train", "train", 120), ("dev", "valid", 40)):
        found = seqlab.read_corpus(ROOT / "data" / f"{source}.conll")
        seqlab.write_corpus(islice(found, sentences), tmp_path / f"{name}.conll", format="conll")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_network_by_hand_ends_as_a_tagger(corpus, capsys):
    (script,) = (text for text in SCRIPTS if "seqlab.build_network" in text)
    found = {}
    exec(script, found)  # noqa: S102
    epochs = found["tracker"].history
    assert len(epochs) == 5
    assert epochs[-1].train_loss < epochs[0].train_loss
    assert found["weights"].shape == (120, 150)
    assert not found["weights"][~found["train"].mask].any()
    figures = epochs[-1].figures
    gold = [sentence.tags for sentence in found["splits"].valid]
    free = replace(found["tagger"], constrained=False)  # as the tracker, which knows no rules
    said = [free.tag(sentence.tokens) for sentence in found["splits"].valid]
    expected = seqlab.score(gold, said, found["splits"].scheme).token_accuracy
    assert figures.token_accuracy == pytest.approx(expected, abs=0.003)  # but for ties
    Path("text.txt").write_text("Ada sailed\n", encoding="utf-8")
    capsys.readouterr()
    assert tag(["runs/by-hand", "text.txt"]) == 0
    assert "Ada" in capsys.readouterr().out


def test_a_training_and_what_its_tagger_tells(corpus):
    (script,) = (text for text in SCRIPTS if "seqlab.train_tagger" in text)
    found = {}
    exec(script.replace('out="runs/mine"', 'out="runs/mine", epochs=2'), found)  # noqa: S102
    assert found["predictions"][0].tags == tuple(found["tagger"].tag(found["tokens"]))
    assert len(found["predictions"][0].scores) == 3
    assert seqlab.load("runs/mine").tag(found["tokens"]) == found["run"].tagger.tag(found["tokens"])
