"""Probabilities by folds equal a loop over taggers; each tagger lacks the fold that it is trained without."""

import random

import numpy as np
import pytest

from seqlab.corpus.folds import fold_of_sentences
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import Scheme
from seqlab.errors import SettingsError
from seqlab.experiment import fold_training
from seqlab.experiment.fold_training import (
    FoldDone,
    probabilities_by_folds,
    settings_for_folds,
)
from tests import tiny

pytestmark = tiny.KERAS_NOISE


class KnownTagger:
    """Gives each tag a probability that depends on the fold it is trained without."""

    def __init__(self, fold, tags):
        self.fold = fold
        self.encoder = type("Encoder", (), {"tags": type("Tags", (), {"symbols": tags})})

    def token_log_probabilities(self, sentences):
        tags = len(self.encoder.tags.symbols)
        dice = np.random.default_rng(self.fold)
        return [np.log(dice.dirichlet([1] * tags, len(s))) for s in sentences]


def test_the_fold_of_a_sentence_has_half_of_the_say(monkeypatch):
    dice = random.Random(5)  # noqa: S311, no secret
    sentences = [tiny.sentence(dice, law=n in (2, 9)) for n in range(20)]
    tags = ["B-LAW", "B-LOC", "B-PER", "I-LAW", "I-PER", "O"]
    known = {1: ("O", "B-PER", "I-PER", "B-LOC"), 2: tuple(tags), 3: tuple(reversed(tags))}
    taggers = {fold: KnownTagger(fold, own) for fold, own in known.items()}
    monkeypatch.setattr(fold_training, "taggers_of_folds", lambda *_: taggers.items())
    found = probabilities_by_folds(
        sentences, settings_for_folds(None, {}), folds=3, tags=tags, scheme=Scheme.IOB2
    ).mixed
    members = fold_of_sentences(sentences, folds=3, scheme=Scheme.IOB2)
    logs = {fold: tagger.token_log_probabilities(sentences) for fold, tagger in taggers.items()}
    for number, own in enumerate(members):
        for at in range(len(sentences[number])):
            for tag in tags:
                by_fold = {
                    fold: np.exp(logs[fold][number][at][known[fold].index(tag)])
                    if tag in known[fold]
                    else 0.0
                    for fold in known
                }
                others = [value for fold, value in by_fold.items() if fold != own]
                expected = (by_fold[own] + sum(others) / 2) / 2
                assert found[number][at][tags.index(tag)] == pytest.approx(expected, abs=1e-6)


def test_each_tagger_lacks_its_fold(tmp_path_factory, monkeypatch):
    sentences = read_corpus(tiny.corpus(tmp_path_factory)["train"]).sentences
    tags = sorted({tag for s in sentences for tag in s.tags})
    seen = []

    def recorded(train, valid, settings, *, scheme):
        seen.append((train, valid))
        return KnownTagger(len(seen), tags)

    monkeypatch.setattr(fold_training, "train_on", recorded)
    done: list[FoldDone] = []
    found = probabilities_by_folds(
        sentences,
        settings_for_folds(None, {}),
        folds=2,
        tags=tags,
        scheme=Scheme.IOB2,
        on_fold=done.append,
    ).mixed
    assert [sorted(map(id, [*train, *valid])) for train, valid in seen] == [
        sorted(map(id, sentences))
    ] * 2
    first, second = ([*map(id, valid)] for _, valid in seen)
    assert not {*first} & {*second}
    assert [rows.shape for rows in found] == [(len(s), len(tags)) for s in sentences]
    assert np.concatenate(found).sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert [(one.number, one.folds, one.sentences) for one in done] == [
        (number + 1, 2, len(train)) for number, (train, _) in enumerate(seen)
    ]


def test_the_run_gives_the_defaults(tmp_path_factory):
    run = tiny.folder_of(tiny.span_run(tmp_path_factory))
    settings = settings_for_folds(run, {"epochs": 7})
    assert (settings.epochs, settings.word_dim, settings.scheme) == (7, 8, "iobes")
    assert (settings.train, settings.valid, settings.out) == (None, None, None)
    with pytest.raises(SettingsError) as caught:
        settings_for_folds(None, {"valid": "dev.conll"})
    assert str(caught.value) == "valid has no effect with folds: leave it out"
    with pytest.raises(SettingsError) as caught:  # it would train on the fold that is left out
        settings_for_folds(None, {"refit": True})
    assert str(caught.value) == "refit has no effect with folds: leave it out"


def test_the_line_of_the_last_fold_has_no_time_left():
    line = FoldDone(number=3, folds=3, sentences=1, seconds=0.4).text()
    assert line == "fold 3 of 3: trained on 1 sentence in 0 s"
