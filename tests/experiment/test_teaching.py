"""What a teacher and --extra-train add to the training data, compared with the teacher's own probabilities."""

import json
from dataclasses import replace

import numpy as np
import pytest

import seqlab
from seqlab.errors import CorpusError, SettingsError, UserError
from seqlab.experiment.prepare import prepare
from seqlab.reporting.log import Log
from seqlab.settings.training import make_settings
from tests import tiny

pytestmark = tiny.KERAS_NOISE

EXTRA = [
    {
        "tokens": ["Farid", "saw", "Rome"],
        "tags": ["S-PER", "O", "S-LOC"],
        "weight": 0.5,
        "tag_probabilities": [{"S-PER": 0.75, "O": 0.25}, {"O": 1}, {"S-LOC": 0.5, "O": 0.5}],
    },
    {"tokens": ["Zoltan", "ran"], "tags": ["O", "O"]},
]


@pytest.fixture
def extra(tmp_path):
    path = tmp_path / "extra.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in EXTRA), "utf-8")
    return path


def prepared(span_run, lines=None, **options):
    """The input of a training on the corpus of a run, without training it."""
    corpora = {name: getattr(span_run.settings, name) for name in ("train", "valid", "test")}
    settings = make_settings(**corpora, **tiny.CHEAP, scheme="iobes", **options)
    return prepare(settings, Log((lines if lines is not None else []).append, None, table="wide"))


def teacher_probabilities(span_run, encoder, sentences):
    """float64 (tokens, C): the calibrated probabilities, in the order of an encoder's tags."""
    tagger = span_run.tagger
    logs = np.concatenate(tagger.token_log_probabilities(sentences)).astype(np.float64)
    powers = np.exp(logs / tagger.decision.temperature)
    powers = powers / powers.sum(axis=1, keepdims=True)
    powers = powers * (1 - tagger.decision.doubt) + tagger.decision.doubt / powers.shape[1]
    found, symbols = np.zeros((len(powers), len(encoder.tags.symbols))), tagger.encoder.tags.symbols
    for column, tag in enumerate(encoder.tags):
        if tag in symbols:  # its training has no S-PER
            found[:, column] = powers[:, symbols.index(tag)]
    return found


def test_without_a_teacher_there_are_no_soft_labels(span_run):
    assert prepared(span_run).train.soft_labels is None


def test_training_tokens_get_a_share_of_the_teachers_probabilities(span_run):
    ready = prepared(span_run, teacher=str(span_run.path), teacher_share=0.25)
    expected = teacher_probabilities(span_run, ready.encoder, ready.splits.train)
    np.testing.assert_allclose(ready.windows.soft_labels, 0.25 * expected, atol=2e-4)
    assert ready.encoder.encode(ready.splits.arrays["valid"]).soft_labels is None


def test_extra_sentences_stand_behind_and_bring_probabilities_of_their_own(span_run, extra):
    lines = []
    ready = prepared(span_run, lines, teacher=str(span_run.path), extra_train=str(extra))
    gold = len(ready.splits.train)
    assert len(ready.train) == gold + 2
    assert ready.train.sentence_weights[-2:].tolist() == [0.5, 1.0]
    assert "farid" in ready.encoder.words.ids
    assert "zoltan" in ready.encoder.words.ids
    assert len(ready.splits.valid) == 12
    tags = list(ready.encoder.tags)
    own = np.zeros((3, len(tags)))
    for row, entry in zip(own, EXTRA[0]["tag_probabilities"], strict=True):
        row[[tags.index(tag) for tag in entry]] = list(entry.values())
    soft = ready.train.soft_labels.astype(np.float64)
    np.testing.assert_allclose(soft[-5:-2], own)
    last = seqlab.Sentence(tokens=tuple(EXTRA[1]["tokens"]))
    taught = teacher_probabilities(span_run, ready.encoder, [last])
    np.testing.assert_allclose(soft[-2:], 0.5 * taught, atol=5e-4)
    assert "extra: 2 sentences with 5 tokens, mean weight 0.75; 50% have tag probabilities" in lines


def test_extra_sentences_without_probabilities_need_no_soft_labels(span_run, tmp_path):
    path = tmp_path / "more.conll"
    path.write_text("Ada\tS-PER\nran\tO\n", "utf-8")
    ready = prepared(span_run, extra_train=str(path))
    assert ready.train.soft_labels is None
    assert len(ready.train) == len(ready.splits.train) + 1


def test_a_class_that_the_corpus_lacks_is_noted(span_run, tmp_path):
    path, lines = tmp_path / "more.conll", []
    path.write_text("Ada\tS-PERS\nran\tO\n", "utf-8")
    prepared(span_run, lines, extra_train=str(path))
    assert (
        "note: extra: 'PERS' is no class of the training corpus; nearest: 'PER'; "
        "the tagger learns it, and no validation sentence measures it"
    ) in lines


def test_a_fault_names_the_line(span_run, extra):
    wrong = {**EXTRA[0], "tag_probabilities": [{"O": 1}]}
    extra.write_text(extra.read_text("utf-8") + json.dumps(wrong) + "\n", "utf-8")
    with pytest.raises(CorpusError) as caught:
        prepared(span_run, extra_train=str(extra))
    assert str(caught.value) == (
        f"{extra}:3: tag_probabilities has 1 entries; expected one object per token, 3"
    )


def test_a_teacher_that_lacks_a_tag_or_has_another_scheme_is_refused(span_run, tmp_path):
    corpus = tmp_path / "ships.conll"
    corpus.write_text("Ada\tS-PER\nMary\tS-SHIP\n\n" * 8, "utf-8")
    run = str(span_run.path)
    with pytest.raises(UserError) as caught:
        prepared(span_run, teacher=run, extra_train=str(corpus))
    assert str(caught.value) == (
        f"{run}: does not know 'SHIP'; a teacher must know all classes of training"
    )
    other = seqlab.save(replace(span_run.tagger, scheme=seqlab.Scheme.PLAIN), tmp_path / "plain")
    with pytest.raises(UserError) as caught:
        prepared(span_run, teacher=str(other))
    assert str(caught.value) == (
        f"{other}: its tag scheme is plain, but that of this training is iobes; give --scheme plain"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"teacher": "runs/a", "loss": "ldam", "head": "softmax"},
            "teacher is given, but loss is 'ldam', which shifts logits: "
            "expected cross-entropy, label-smoothing or focal",
        ),
        (
            {"extra_train": "a.jsonl", "head": "crf", "crf_loss": "likelihood"},
            "extra_train is given, but crf_loss is 'likelihood', a loss of whole sentences: choose crf_loss 'marginal'",
        ),
        (
            {"teacher": "runs/a", "folds": 3, "fold": 1},
            "teacher and folds are both given, but the teacher may have learnt from test sentences: choose one",
        ),
        ({"teacher_share": 0.3}, "teacher_share is given, but teacher is not given"),
    ],
)
def test_settings_that_do_not_fit(options, message):
    with pytest.raises(SettingsError) as caught:
        make_settings(**options)
    assert str(caught.value) == message


def test_a_validation_split_that_the_teacher_may_know_is_noted(span_run):
    train, run = span_run.settings.train, str(span_run.path)
    options = tiny.CHEAP | {"scheme": "iobes", "teacher": run, "train": train}
    lines = []
    prepare(make_settings(**options, valid_share=0.2), Log(lines.append, None, table="wide"))
    assert (
        f"note: teacher: {run} was trained on a part of {train}, and validation is split off the same file; "
        "the teacher may know these sentences: give --valid"
    ) in lines
    lines = []
    prepared(span_run, lines, teacher=run)
    assert not [line for line in lines if "may know" in line]


@pytest.mark.slow
@pytest.mark.parametrize("head", ["softmax", "crf"])
def test_a_student_of_the_teacher_alone_agrees_with_it(span_run, head, tmp_path):
    corpora = {name: getattr(span_run.settings, name) for name in ("train", "valid", "test")}
    options = tiny.SIZES | {"epochs": 30, "patience": 30, "head": head, "dropout": 0.0}
    run = seqlab.train_tagger(
        **corpora, **options, scheme="iobes", teacher=span_run.path, teacher_share=1.0
    )
    sentences = list(seqlab.read_corpus(corpora["train"]))
    taught = [one.tags for one in span_run.tagger.predict(sentences)]
    found = [one.tags for one in run.tagger.predict(sentences)]
    tokens = [
        pair for pairs in zip(taught, found, strict=True) for pair in zip(*pairs, strict=True)
    ]
    assert np.mean([one == other for one, other in tokens]) > 0.95
