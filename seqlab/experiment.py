"""One training run, from settings to a tagger with figures: the main job, step by step."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tomli_w

from seqlab.config import TrainSettings, make_settings
from seqlab.corpus.schemes import Scheme, entity_type
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits, load_splits
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.encoding.vectors import (
    WordVectors,
    describe_coverage,
    embedding_start,
    load_vectors,
    spellings,
)
from seqlab.encoding.words import CASES
from seqlab.errors import SettingsError
from seqlab.modeling.architecture import Architecture
from seqlab.modeling.losses import keras_loss
from seqlab.modeling.network import build_network
from seqlab.reporting.epoch import epoch_text
from seqlab.reporting.page import page, write_page
from seqlab.reporting.split import split_text
from seqlab.sample import sample_paths
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.tagging.run_directory import NewRun, new_run
from seqlab.tagging.storage import save_tagger, write_json
from seqlab.tagging.tagger import BATCH_TOKENS, Tagger
from seqlab.training.loop import Plan, Predictions, Result, Task, train_network
from seqlab.training.records import EpochRecord
from seqlab.training.selection import check_selection
from seqlab.weighting.class_weights import tag_weights
from seqlab.weighting.manual import parse_weight, read_weight_table

Say = Callable[[str], None]
DEFAULT_BATCH_SENTENCES = 32


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run.

    path: the run directory, or None where none was asked for. metrics: what metrics.json holds.
    history: one record an epoch. notes: what was noticed in the corpora.
    """

    tagger: Tagger
    metrics: dict[str, Any]
    history: tuple[EpochRecord, ...]
    settings: TrainSettings
    notes: tuple[str, ...]
    path: Path | None


def train_tagger(
    train: str | None = None,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    say: Say = lambda line: None,
    **settings: Any,
) -> Run:
    """Train a tagger as `python -m seqlab.train` does; settings are the options of the same names.

    train: the training corpus; None trains on the bundled sample.
    callbacks: Keras callbacks, called as `fit` calls them. say: gets each line of the log.
    Without `out` nothing is written to disk. Seeds numpy's, Python's and TensorFlow's randomness.
    Raises UserError for whatever the caller can mend.

    run = seqlab.train_tagger("train.conll", valid="dev.conll", class_weights="balanced")
    run.tagger.tag(["Obama", "visited", "Paris"])
    """
    chosen = make_settings(train=train, **settings)
    return run_experiment(chosen, callbacks=callbacks, say=say)


def run_experiment(
    settings: TrainSettings,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    say: Say = lambda line: None,
) -> Run:
    """Read, encode, weigh, train, score and save, in that order."""
    settings = with_corpora(settings)
    with place_for(settings) as new:
        log = Log(say, new)
        splits = read_splits(settings, log)
        vectors = read_vectors(settings, splits, log)
        encoder = fit_encoder(
            splits.train,
            min_word_count=settings.min_word_count,
            keep_words=spellings(splits.train, vectors) if vectors else (),
        )
        task = make_task(settings, splits, encoder)
        tagger = make_tagger(settings, splits, encoder, vectors)
        log(describe(task, tagger))
        result = train_network(
            tagger.network, task, plan_of(settings), callbacks=callbacks,
            on_epoch=lambda record: log.epoch(record, settings.epochs),
        )  # fmt: skip
        metrics = metrics_of(settings, splits, tagger, result, log)
        run = Run(
            tagger=tagger,
            metrics=metrics,
            history=result.history,
            settings=settings,
            notes=splits.notes,
            path=None,
        )
        if new is not None:
            save_run(run, new.directory)
    return replace(run, path=new.path if new is not None else None)


class Log:
    """Passes each line on, and keeps it in the run's log.txt and history.jsonl as it comes."""

    def __init__(self, say: Say, new: NewRun | None) -> None:
        self.say = say
        self.directory = new.directory if new else None

    def __call__(self, text: str) -> None:
        """One text, to whoever listens and to the log."""
        self.say(text)
        self.append("log.txt", text)

    def epoch(self, record: EpochRecord, epochs: int) -> None:
        """The text of an epoch, and its line of history.jsonl."""
        self(epoch_text(record, epochs=epochs))
        self.append("history.jsonl", json.dumps(record.to_json(), allow_nan=False))

    def append(self, name: str, line: str) -> None:
        """One line more in a file of the run."""
        if self.directory is not None:
            with (self.directory / name).open("a", encoding="utf-8", errors="replace") as file:
                file.write(line + "\n")


def with_corpora(settings: TrainSettings) -> TrainSettings:
    """The settings with the bundled sample where no training corpus is named."""
    if settings.train is not None:
        return settings
    if settings.valid is not None or settings.test is not None:
        raise SettingsError("valid or test is given without train")
    paths = sample_paths()
    return replace(
        settings,
        train=paths["train"],
        valid=paths["valid"] if settings.valid_share is None else None,
        test=paths["test"] if settings.test_share is None else None,
    )


@contextmanager
def place_for(settings: TrainSettings) -> Iterator[NewRun | None]:
    """The run directory to be, or None where the settings name none."""
    if settings.out is None:
        yield None
        return
    with new_run(Path(settings.out), overwrite=settings.overwrite) as new:
        yield new


def read_splits(settings: TrainSettings, log: Log) -> Splits:
    """The corpora, and what there is to say of them."""
    if settings.train is None:
        raise SettingsError("train is not given")
    splits = load_splits(
        settings.train,
        settings.valid,
        settings.test,
        format=settings.format,
        token_column=settings.token_column,
        tag_column=settings.tag_column,
        scheme=None if settings.scheme is None else Scheme(settings.scheme),
        valid_share=settings.valid_share,
        test_share=settings.test_share,
        seed=settings.seed,
    )
    for note in splits.notes:
        log(f"note: {note}")
    return splits


def read_vectors(settings: TrainSettings, splits: Splits, log: Log) -> WordVectors | None:
    """The word vectors, and how they cover train and valid."""
    if settings.vectors is None:
        if settings.freeze_vectors or settings.vectors_limit:
            raise SettingsError("freeze_vectors and vectors_limit need vectors")
        return None
    vectors = load_vectors(settings.vectors, limit=settings.vectors_limit)
    log(f"vectors: {len(vectors.rows):,} words of {vectors.dim} dimensions")
    log(f"  {describe_coverage('train', splits.train, vectors)}")
    log(f"  {describe_coverage('valid', splits.valid, vectors)}")
    return vectors


def make_task(settings: TrainSettings, splits: Splits, encoder: Encoder) -> Task:
    """Training in windows, validation in whole sentences, and the weight of every class."""
    train = encoder.encode(splits.train)
    class_names = [entity_type(tag, splits.scheme) for tag in encoder.tags]
    watched = dict.fromkeys(name for name in class_names if is_scored(name, splits.scheme))
    gold = [sentence.tags or () for sentence in splits.valid]
    empty = score(gold, gold, splits.scheme, strict=False)
    supported = [name for name, found in empty.classes.items() if found.support]
    check_selection(settings.select, list(watched), supported)

    def score_valid(predictions: Predictions) -> Figures:
        tags = [[encoder.tags.symbol(number) for number in row] for row in predictions]
        return score(gold, tags, splits.scheme, strict=False, classes=watched)

    return Task(
        train=Batcher(
            train.windows(settings.max_tokens),
            size=settings.batch_tokens or settings.batch_sentences or DEFAULT_BATCH_SENTENCES,
            by_tokens=settings.batch_tokens is not None,
            max_chars=settings.max_chars,
        ),
        valid=Batcher(
            encoder.encode(splits.valid),
            size=BATCH_TOKENS,
            by_tokens=True,
            max_chars=settings.max_chars,
        ),
        class_weights=weights_of_tags(settings, splits.scheme, encoder, train.tag_counts()),
        class_names=class_names,
        score=score_valid,
    )


def is_scored(name: str, scheme: Scheme) -> bool:
    """Whether a class has figures: all but the O of a span scheme."""
    return scheme is Scheme.PLAIN or name != "O"


def weights_of_tags(
    settings: TrainSettings, scheme: Scheme, encoder: Encoder, counts: Any
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """float32 (C,): the weight of every tag, by the settings and the training split's counts."""
    name, manual = settings.class_weights, dict(map(parse_weight, settings.class_weight))
    if name.endswith(".toml"):
        name, manual = "none", read_weight_table(name) | manual
    weights = tag_weights(
        dict(zip(encoder.tags, counts.tolist(), strict=True)),
        name,
        tag_scheme=scheme,
        share_prefixes=settings.share_prefix_weights,
        beta=settings.weight_beta,
        cap=settings.weight_cap,
        manual=manual,
    )
    return np.array([weights[tag] for tag in encoder.tags], np.float32)


def make_tagger(
    settings: TrainSettings, splits: Splits, encoder: Encoder, vectors: WordVectors | None
) -> Tagger:
    """An untrained tagger, compiled; all of its randomness is seeded here."""
    keras.utils.set_random_seed(settings.seed)
    architecture = Architecture(
        words=len(encoder.words),
        characters=len(encoder.characters),
        classes=len(encoder.tags.symbols),
        cases=len(CASES) + 1 if settings.case_feature else 0,
        max_chars=settings.max_chars,
        word_dim=settings.word_dim if vectors is None else vectors.dim,
        trainable_words=not settings.freeze_vectors,
        char_encoder=settings.char_encoder,
        char_dim=settings.char_dim,
        char_units=settings.char_units,
        hidden_units=settings.hidden_units,
        layers=settings.layers,
        dropout=settings.dropout,
        word_dropout=settings.word_dropout,
    )
    start = None
    if vectors is not None:
        found = spellings(splits.train, vectors)
        start = embedding_start(encoder.words, found, vectors, seed=settings.seed)
    with tf.distribute.get_strategy().scope():
        network = build_network(architecture, word_vectors=start)
        network.compile(keras.optimizers.Adam(settings.learning_rate), loss=keras_loss())
    return Tagger(network=network, architecture=architecture, encoder=encoder, scheme=splits.scheme)


def plan_of(settings: TrainSettings) -> Plan:
    """The settings that the loop reads."""
    return Plan(
        epochs=settings.epochs,
        patience=settings.patience,
        select=settings.select,
        seed=settings.seed,
        clip_norm=settings.clip_norm,
    )


def describe(task: Task, tagger: Tagger) -> str:
    """What is about to be trained, in one line."""
    train, valid, encoder = task.train.corpus, task.valid.corpus, tagger.encoder
    return (
        f"training on {train.tokens:,} tokens in {len(train):,} windows, watching {valid.tokens:,} "
        f"tokens in {len(valid):,} sentences; {len(encoder.tags.symbols)} tags ({tagger.scheme}), "
        f"{len(encoder.words.symbols):,} words, {len(encoder.characters.symbols):,} characters, "
        f"{tagger.network.count_params():,} parameters"
    )


def metrics_of(
    settings: TrainSettings, splits: Splits, tagger: Tagger, result: Result, log: Log
) -> dict[str, Any]:
    """What metrics.json holds; the splits are scored by seqeval, both modes."""
    if result.interrupted:
        log("interrupted: the best epoch so far is kept")
    log(f"best epoch: {result.best_epoch} by {settings.select}")
    found = {}
    for name, sentences in (("valid", splits.valid), ("test", splits.test)):
        if sentences is not None:
            figures = score_sentences(tagger, sentences)
            log(split_text(name, figures))
            found[name] = figures.to_json()
    return {
        "best_epoch": result.best_epoch,
        "select": settings.select,
        "seconds": result.seconds,
        "train_tokens_per_second": result.train_tokens_per_second,
        "interrupted": result.interrupted,
        "splits": found,
    }


def score_sentences(tagger: Tagger, sentences: Sequence[Sentence]) -> Figures:
    """Tag labelled sentences whole and score them, default and strict."""
    gold = [sentence.tags or () for sentence in sentences]
    predicted = [prediction.tags for prediction in tagger.predict(sentences)]
    return score(gold, predicted, tagger.scheme)


def save_run(run: Run, directory: Path) -> None:
    """Write everything but log.txt and history.jsonl, which are written as they come."""
    save_tagger(run.tagger, directory)
    write_json(directory / "metrics.json", run.metrics)
    settings = tomli_w.dumps(dict(run.settings.items()))
    (directory / "config.toml").write_text(settings, encoding="utf-8")
    html = page(
        title=Path(run.settings.train or "").name,
        metrics=run.metrics,
        history=run.history,
        settings=settings,
        notes=run.notes,
    )
    write_page(directory / "report.html", html)
