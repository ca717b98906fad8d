"""Self-training: which sentences are taken, and what they teach, against the teacher's own probabilities."""

from collections import Counter

import numpy as np
import pytest

import seqlab
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError, UserError
from seqlab.experiment.prepare import prepare
from seqlab.experiment.raw_text_vectors import WordKnowledge
from seqlab.experiment.self_training import LabelledText, choose, self_trained
from seqlab.reporting.log import Log
from seqlab.settings.training import make_settings
from tests import tiny
from tests.exporting.random_taggers import WORDS, random_tagger

pytestmark = tiny.KERAS_NOISE


def text(confidence, **items):
    sentence = Sentence(tokens=("a",), tags=("O",), weight=confidence)
    return LabelledText(sentence=sentence, items=Counter(items))


def test_the_rarest_class_comes_first_and_no_class_more_than_doubles():
    sure = [
        text(0.90, PER=1),
        text(0.70, LAW=1),
        text(0.80, LAW=1, PER=1),
        text(0.60, LAW=1),
        text(0.95, PER=2),
        text(0.99),
        text(0.98),
        text(0.97),
    ]
    # LAW takes 2 and 1; PER has 1 of them and takes 4; as many sentences are empty as 3 / 5 of those with spans.
    assert choose(sure, {"PER": 2, "LAW": 2}, most=9) == {1, 2, 4, 5, 6}
    assert choose(sure, {"PER": 2, "LAW": 2}, most=3) == {1, 2, 4}
    assert choose(sure, {"PER": 2, "LAW": 2}, most=1) == {2}
    assert choose(sure[5:], {"PER": 2}, most=9) == set()
    assert choose([], {"PER": 2}, most=9) == set()


def test_confidence_is_the_smallest_calibrated_probability_of_a_chosen_tag(monkeypatch):
    monkeypatch.setattr("seqlab.experiment.self_training.LEAST_CONFIDENCE", 0.2)
    teacher = random_tagger(columns=False)
    random = np.random.default_rng(8)
    texts = [tuple(random.choice(WORDS, length).tolist()) for length in random.integers(1, 4, 200)]
    texts = list(dict.fromkeys(texts))
    found = self_trained(teacher, texts, {"PER": 999, "LOC": 999}, most=999)
    sentences = [Sentence(tokens=tokens) for tokens in texts]
    expected = {}
    for sentence, one in zip(sentences, teacher.predict(sentences), strict=True):
        if one.scores.min() >= 0.2:
            expected[sentence.tokens] = (one.tags, float(one.scores.min()))
    assert {one.tokens for one in found} <= set(expected)
    assert len(found) > 20
    for one in found:
        tags, confidence = expected[one.tokens]
        assert one.tags == tags
        assert one.weight == pytest.approx(confidence, abs=1e-5)
    with_spans = {tokens for tokens, (tags, _) in expected.items() if set(tags) != {"O"}}
    assert with_spans <= {one.tokens for one in found}


RAW = ["Ada Stone left Oslo .", "Boris Vale praised Paris in 1999 .", "Ada Stone left Oslo .", ""]


def prepared(span_run, tmp_path, lines, **options):
    corpora = {name: getattr(span_run.settings, name) for name in ("train", "valid", "test")}
    known = " ".join(span_run_sentence(span_run))
    raw = tmp_path / "raw.txt"
    raw.write_text("\n".join([*RAW, known]), "utf-8")
    options = {"teacher": str(span_run.path), "raw_text": str(raw), "tokenized": True} | options
    options |= {"self_train": True, "word_dim": 8}
    settings = make_settings(**corpora, **(tiny.CHEAP | options), scheme="iobes")
    return prepare(settings, Log(lines.append, None, table="wide"))


def span_run_sentence(span_run):
    return next(iter(seqlab.read_corpus(span_run.settings.valid))).tokens


def test_raw_sentences_teach_the_probabilities_of_the_teacher_alone(
    span_run, tmp_path, monkeypatch
):
    monkeypatch.setattr("seqlab.experiment.self_training.LEAST_CONFIDENCE", 0.0)
    monkeypatch.setattr("seqlab.experiment.prepare.with_raw_text", lambda *_: WordKnowledge(None))
    lines = []
    ready = prepared(span_run, tmp_path, lines, teacher_share=0.25)
    line = next(line for line in lines if line.startswith("self-training: "))
    assert " of 2 sentences, mean weight " in line  # one is repeated, one is of valid
    gold = len(ready.splits.train)
    added = len(ready.train) - gold
    assert added >= 1
    tokens = int(ready.train.offsets[gold])
    sums = ready.train.soft_labels.astype(np.float64).sum(axis=1)
    np.testing.assert_allclose(sums[:tokens], 0.25, atol=1e-3)
    np.testing.assert_allclose(sums[tokens:], 1.0, atol=2e-3)
    taken = [tuple(one.split()) for one in RAW[:2]]
    scores = {
        tokens: span_run.tagger.predict_chunk([Sentence(tokens=tokens)])[0].scores.min()
        for tokens in taken
    }
    weights = ready.train.sentence_weights[gold:]
    for weight in weights.tolist():
        assert min(abs(weight - score) for score in scores.values()) < 1e-3


def test_mistakes(span_run, tmp_path, monkeypatch):
    monkeypatch.setattr("seqlab.experiment.prepare.with_raw_text", lambda *_: WordKnowledge(None))
    with pytest.raises(SettingsError) as caught:
        make_settings(self_train=True, raw_text="raw.txt")
    assert str(caught.value) == "self_train is True, but teacher is not given"
    with pytest.raises(SettingsError) as caught:
        make_settings(self_train=True, teacher="runs/a")
    assert str(caught.value) == "self_train is given, but raw_text is not given"
    run = seqlab.save(random_tagger(), tmp_path / "columns")
    with pytest.raises(UserError) as caught:
        prepared(span_run, tmp_path, [], teacher=str(run))
    assert str(caught.value) == (
        f"{run}: reads columns besides the words, which raw text does not have; leave --self-train out"
    )
