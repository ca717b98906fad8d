"""A tiny corpus and the runs trained on it, each made once per test session. They train in seconds."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus

KERAS_NOISE = pytest.mark.filterwarnings(
    # Keras 3.15 reads its own variables by an `__array__` that NumPy 2 calls outdated.
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)

FIRST = ("Ada", "Boris", "Clara", "Dmitri", "Elena", "Farid")
LAST = ("Stone", "Marsh", "Vale", "Reed")
PLACES = ("Paris", "Oslo", "Cairo", "Lima")
SIZES: dict[str, Any] = {
    "epochs": 2,
    "batch_sentences": 4,
    "learning_rate": 0.02,
    "dropout": 0.1,
    "word_dim": 8,
    "hidden_units": 6,
    "head": "softmax",
    "resample": "none",  # nearly all of its sentences hold spans: copies would make epochs longer
}
CHEAP = SIZES | {"epochs": 1, "char_encoder": "none"}
"""Without a character network the training step is built in half the time."""


def once(make: Callable[[pytest.TempPathFactory], Any]) -> Callable[[pytest.TempPathFactory], Any]:
    """Make a value on first use and keep it for the session."""
    made: list[Any] = []

    @wraps(make)
    def get(factory: pytest.TempPathFactory) -> Any:
        if not made:
            made.append(make(factory))
        return made[0]

    return get


class TinyRun(NamedTuple):
    """A trained run, the texts of its log, and the events that its Keras callback saw."""

    run: Any
    lines: list[str]
    events: list[str]


def sentence(dice: random.Random, *, law: bool = False) -> Sentence:
    """'Ada Stone saw the old Oslo in 1999 .', or less; with a law once in a while."""
    words = [(dice.choice(FIRST), "B-PER"), (dice.choice(LAST), "I-PER")]
    words.append((dice.choice(("saw", "left", "praised")), "O"))
    if dice.random() < 0.5:
        words += [("the", "O"), ("old", "O")]
    place = dice.random() < 0.7
    words.append((dice.choice(PLACES), "B-LOC") if place else ("museum", "O"))
    if law:
        words += [("under", "O"), ("Fish", "B-LAW"), ("Act", "I-LAW")]
    words += [("in", "O"), (str(dice.randint(1990, 2020)), "O"), (".", "O")]
    tokens, tags = zip(*words, strict=True)
    return Sentence(tokens=tokens, tags=tags)


@once
def corpus(factory: pytest.TempPathFactory) -> dict[str, str]:
    """IOB2 files of 40, 12 and 12 sentences; LAW occurs twice in train and nowhere else."""
    folder, dice, paths = factory.mktemp("corpus"), random.Random(7), {}  # noqa: S311, no secret
    for part, size in (("train", 40), ("valid", 12), ("test", 12)):
        laws = (3, 11) if part == "train" else ()
        sentences = [sentence(dice, law=number in laws) for number in range(size)]
        paths[part] = str(folder / f"{part}.conll")
        write_corpus(sentences, paths[part], format="conll")
    return paths


@once
def plain_corpus(factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same sentences as JSON lines, each token with a tag for its shape."""
    from seqlab.corpus.reading import read_corpus

    folder, paths = factory.mktemp("plain"), {}
    for part, path in corpus(factory).items():
        sentences = [
            Sentence(tokens=s.tokens, tags=tuple(looks(token) for token in s.tokens))
            for s in read_corpus(path)
        ]
        paths[part] = str(folder / f"{part}.jsonl")
        write_corpus(sentences, paths[part], format="jsonl")
    return paths


def looks(token: str) -> str:
    """A plain tag that contains '-'."""
    if token.isdigit():
        return "NUM"
    if not token.isalpha():
        return "-PUNCT-"
    return "NAME" if token[0].isupper() else "WORD"


@once
def span_run(factory: pytest.TempPathFactory) -> TinyRun:
    """Trained on the IOB2 files in IOBES, with a character network and a run directory."""
    import seqlab

    lines: list[str] = []
    events: list[str] = []
    folder = factory.mktemp("runs")
    run = seqlab.train_tagger(
        **corpus(factory),
        **SIZES,
        class_weights="sqrt-inverse",
        scheme="iobes",
        char_dim=4,
        char_units=4,
        out=folder / "span",
        say=lines.append,
        callbacks=[recorder(events), seqlab.TensorBoardTracker(folder / "board")],
    )
    return TinyRun(run, lines, events)


@once
def plain_run(factory: pytest.TempPathFactory) -> TinyRun:
    """Trained on plain tags."""
    import seqlab

    out = factory.mktemp("runs") / "plain"
    return TinyRun(seqlab.train_tagger(**plain_corpus(factory), **CHEAP, out=out), [], [])


def recorder(events: list[str]) -> Any:
    """A Keras callback that records its events."""
    import keras

    class Recorder(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            events.append(f"train begins: {self.params['steps']} steps")

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            events.append(f"epoch {epoch} begins")

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            events.append(f"epoch {epoch} ends: {' '.join(sorted(logs))}")

        def on_train_end(self, logs: Any = None) -> None:
            events.append("train ends")

    return Recorder()


def folder_of(run: TinyRun) -> Path:
    """The run directory."""
    assert run.run.path is not None
    return run.run.path


def vector_tagger(tagger):
    """A tagger whose unknown words have vectors."""
    import numpy as np

    from seqlab.encoding.frozen_words import freeze_words
    from seqlab.encoding.vectors import WordVectors

    words = ("Berlin", "ROME", "paris", "zork", "ada")
    dim = tagger.architecture.word_dim
    numbers = np.random.default_rng(1).normal(size=(5, dim)).astype(np.float32)
    frozen = freeze_words(WordVectors({word: row for row, word in enumerate(words)}, numbers))
    return replace(
        tagger,
        architecture=replace(tagger.architecture, outside_vectors=True),
        encoder=replace(tagger.encoder, frozen_words=frozen),
    )
