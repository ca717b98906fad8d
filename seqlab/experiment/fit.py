"""From prepared corpora to a trained tagger with figures: the network, the loop, the last scores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import keras
import numpy as np
import tensorflow as tf

from seqlab.arrays import FloatArray, Int32Array, Int64Array
from seqlab.corpus.schemes import class_of_tag
from seqlab.corpus.splits import Splits
from seqlab.deciding.transitions import legal_transitions
from seqlab.encoding.batches import POOL, Batcher
from seqlab.encoding.vectors import embedding_start, vector_spellings
from seqlab.errors import SettingsError
from seqlab.experiment.decide import decide
from seqlab.experiment.defaults import batch_of, head_of
from seqlab.experiment.prepare import Prepared
from seqlab.inference.weights import network_weights
from seqlab.modeling.architecture import Architecture
from seqlab.modeling.crf_likelihood import EmissionWeightedLikelihood, crf_likelihood
from seqlab.modeling.keras_loss import keras_loss
from seqlab.modeling.losses import (
    TokenLoss,
    dice,
    focal,
    label_smoothing,
    ldam,
    logit_adjusted,
    token_cross_entropy,
)
from seqlab.modeling.network import build_network
from seqlab.modeling.variables import copy_variable
from seqlab.reporting.decisions import decisions_text
from seqlab.reporting.figures_text import split_text
from seqlab.reporting.log import Log
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import evaluate_tags, score
from seqlab.settings.choices import LossName, WordUpdates
from seqlab.settings.training import TrainSettings, make_settings
from seqlab.tagging.tagger import Tagger
from seqlab.training.deferred_adam import DeferredAdam, FusedAdam
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.loop import TrainingResult, train_network
from seqlab.training.task import TrainingPlan, TrainingTask


def choose_loss(
    settings: TrainSettings,
    counts: Int64Array,
    *,
    class_weights: FloatArray | None = None,
) -> TokenLoss:
    """The loss that the settings name, with its own options bound.

    counts: int64 (C,), training tokens of each class; those that know priors use them.
    class_weights: float32 (C,), needed where the settings have emission weights. Here their scale
    matters, as it does nowhere else: they are brought to mean 1 over the training tokens.
    """
    if settings.emission_weights and class_weights is not None:
        mean = counts @ class_weights / counts.sum()
        return EmissionWeightedLikelihood(
            emission_weights=(class_weights / mean).astype(np.float32)
        )
    if settings.crf_loss == "likelihood":
        return crf_likelihood
    losses: dict[str, TokenLoss] = {
        "cross-entropy": token_cross_entropy,
        "label-smoothing": partial(label_smoothing, smoothing=settings.smoothing),
        "focal": partial(focal, gamma=settings.focal_gamma),
        "dice": partial(dice, alpha=settings.dice_alpha),
        "logit-adjusted": partial(logit_adjusted, counts=counts, tau=settings.logit_tau),
        "ldam": partial(ldam, counts=counts, margin=settings.ldam_margin),
    }
    return losses[settings.loss]


def default_losses(counts: Int64Array) -> dict[str, TokenLoss]:
    """Each loss that `--loss` names, with its default options. counts: as for `choose_loss`."""
    return {name: choose_loss(make_settings(loss=name), counts) for name in get_args(LossName)}


VALID_TOKENS = 2048  # padded tokens of a batch of validation: its states stay in the cache
MANY_WORDS = 4_000  # from here on dense updates show in the time of a step
LEGEND = (
    "each epoch: losses with class weights (and without), validation F1, seconds of training + "
    "evaluation, * the best so far; each class: gold and predicted in validation, its weight where "
    "the mean token weighs 1, its share of the training loss"
)


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A trained tagger. metrics: what metrics.json holds. history: one record an epoch."""

    tagger: Tagger
    metrics: dict[str, Any]
    history: tuple[EpochRecord, ...]


def fit(
    prepared: Prepared,
    log: Log,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_trained: Callable[[], None] = lambda: None,
) -> Fitted:
    """Weigh, build, train and score; the network ends with the weights of its best epoch.

    on_trained: called between training, which may be interrupted, and what must not be.
    """
    settings, splits, encoder = prepared.settings, prepared.splits, prepared.encoder
    task = make_task(prepared)
    architecture = architecture_of(prepared)
    network = make_network(prepared, architecture)
    log(f"{describe(task, prepared)}, {network.count_params():,} parameters")
    if isinstance(task.loss, EmissionWeightedLikelihood):
        log(emission_text(task.loss, encoder.tags.symbols))
    log(LEGEND)
    result = train_network(
        network,
        task,
        plan_of(settings),
        callbacks=callbacks,
        on_epoch=lambda record: log.epoch(record, epochs=settings.epochs),
    )
    on_trained()
    log(
        f"ended after epoch {len(result.history)}: {result.ending}; "
        f"kept: epoch {result.best_epoch}, the best by {settings.select}"
    )
    trained = Tagger(
        architecture=architecture,
        weights=network_weights(network, copy_variable),
        encoder=encoder,
        scheme=splits.scheme,
        constrained=settings.constrained,
    )
    tagger, decisions = decide(prepared, trained)
    log(decisions_text(decisions))
    metrics = metrics_of(settings, splits, tagger, result, log) | {"decisions": decisions}
    return Fitted(tagger=tagger, metrics=metrics, history=result.history)


def make_task(prepared: Prepared) -> TrainingTask:
    """Training in windows, validation in whole sentences, and how predictions are scored."""
    settings, splits, encoder = prepared.settings, prepared.splits, prepared.encoder
    gold = [sentence.tags or () for sentence in splits.valid]
    class_weights = prepared.class_weights
    # Each weight acts once: on emission scores or on tokens.
    token_weights = np.ones_like(class_weights) if settings.emission_weights else class_weights

    def score_valid(predictions: list[Int32Array]) -> Figures:
        tags = [[encoder.tags.symbol(number) for number in row] for row in predictions]
        return score(gold, tags, splits.scheme, strict=False, classes=prepared.watched)

    return TrainingTask(
        train=Batcher(
            prepared.windows,
            size=settings.batch_tokens
            or settings.batch_sentences
            or batch_of(len(prepared.windows)),
            by_tokens=settings.batch_tokens is not None,
            max_chars=settings.max_chars,
            sampler=prepared.resampler,
            pool=1 if settings.resample == "balanced" else POOL,
        ),
        valid=Batcher(
            encoder.encode(splits.arrays["valid"]),
            size=VALID_TOKENS,
            by_tokens=True,
            max_chars=settings.max_chars,
        ),
        class_weights=token_weights,
        class_names=[class_of_tag(tag, splits.scheme) for tag in encoder.tags],
        score=score_valid,
        legal=(
            legal_transitions(encoder.tags.symbols, splits.scheme) if settings.constrained else None
        ),
        loss=choose_loss(settings, prepared.tag_counts, class_weights=class_weights),
        reweight_from=settings.reweight_from,
        stated_weights=stated_weights(prepared),
    )


def stated_weights(prepared: Prepared) -> dict[str, float]:
    """By class the largest weight of its tags, as --class-weight would give it; {} where none acts."""
    settings, splits = prepared.settings, prepared.splits
    if settings.crf_loss == "likelihood" and not settings.emission_weights:
        return {}
    found: dict[str, float] = {}
    for tag, weight in zip(prepared.encoder.tags, prepared.class_weights.tolist(), strict=True):
        name = class_of_tag(tag, splits.scheme)
        found[name] = max(weight, found.get(name, 0.0))
    return found


def architecture_of(prepared: Prepared) -> Architecture:
    """The network that the settings and the vocabularies ask for."""
    settings, encoder, vectors = prepared.settings, prepared.encoder, prepared.vectors
    return Architecture(
        words=len(encoder.words),
        characters=len(encoder.characters),
        classes=len(encoder.tags.symbols),
        features={name: len(symbols) for name, symbols in encoder.features.items()},
        max_chars=settings.max_chars,
        word_dim=settings.word_dim if vectors is None else vectors.dim,
        trainable_words=not settings.freeze_vectors,
        outside_vectors=encoder.frozen_words is not None,
        char_encoder=settings.char_encoder,
        char_dim=settings.char_dim,
        char_units=settings.char_units,
        hidden_units=settings.hidden_units,
        layers=settings.layers,
        dropout=settings.dropout,
        word_dropout=settings.word_dropout,
        head=head_of(settings, prepared.splits.scheme),
    )


def make_network(prepared: Prepared, architecture: Architecture) -> keras.Model:
    """An untrained network, compiled; all of its randomness is seeded here."""
    settings, encoder, vectors = prepared.settings, prepared.encoder, prepared.vectors
    keras.utils.set_random_seed(settings.seed)
    start = None
    if vectors is not None:
        found = vector_spellings(prepared.splits.arrays["train"], vectors)
        start = embedding_start(encoder.words, found, vectors, seed=settings.seed)
    with tf.distribute.get_strategy().scope():
        network = build_network(architecture, word_vectors=start)
        adam = choose_adam(settings.word_updates, len(encoder.words))
        network.compile(adam(settings.learning_rate), loss=keras_loss())
    return network


def choose_adam(word_updates: WordUpdates, words: int) -> type[keras.optimizers.Adam]:
    """The optimizer that the settings name. words: rows of the word table.

    Raises SettingsError for deferred updates on several replicas.
    """
    single = tf.distribute.get_strategy().num_replicas_in_sync == 1
    if word_updates == "deferred" and not single:
        raise SettingsError("word_updates is 'deferred', which needs a single replica")
    many = word_updates == "auto" and words >= MANY_WORDS and single
    if many or word_updates == "deferred":
        return DeferredAdam
    return FusedAdam


def plan_of(settings: TrainSettings) -> TrainingPlan:
    """The settings that the loop reads."""
    return TrainingPlan(
        epochs=settings.epochs,
        patience=settings.patience,
        select=settings.select,
        seed=settings.seed,
        clip_norm=settings.clip_norm,
        max_seconds=settings.max_seconds,
        on_collapse=settings.on_collapse,
    )


def describe(task: TrainingTask, prepared: Prepared) -> str:
    """What is about to be trained, in one line."""
    train, valid, encoder = task.train.corpus, task.valid.corpus, prepared.encoder
    return (
        f"training on {train.tokens:,} tokens in {len(train):,} windows, {task.train.size:,} "
        f"{'tokens' if task.train.by_tokens else 'sentences'} a batch, watching {valid.tokens:,} "
        f"tokens in {len(valid):,} sentences; {len(encoder.tags.symbols)} tags "
        f"({prepared.splits.scheme}), {len(encoder.words.symbols):,} words, "
        f"{len(encoder.characters.symbols):,} characters"
    )


def emission_text(loss: EmissionWeightedLikelihood, tags: Sequence[str]) -> str:
    """What emission scores are multiplied by in training; in the tables every token weighs 1."""
    weights = zip(tags, loss.emission_weights.tolist(), strict=True)
    return "emission weights: " + ", ".join(f"{tag} {weight:.3g}" for tag, weight in weights)


def metrics_of(
    settings: TrainSettings, splits: Splits, tagger: Tagger, result: TrainingResult, log: Log
) -> dict[str, Any]:
    """What metrics.json holds; the splits are scored by seqeval, both modes."""
    found = {}
    for name, sentences in (("valid", splits.valid), ("test", splits.test)):
        if sentences is not None:
            gold = [sentence.tags or () for sentence in sentences]
            predicted = [prediction.tags for prediction in tagger.predict(sentences)]
            evaluation = evaluate_tags(gold, predicted, tagger.scheme)
            log(split_text(name, evaluation.figures))
            found[name] = evaluation.to_json()
    return {
        "best_epoch": result.best_epoch,
        "select": settings.select,
        "seconds": result.seconds,
        "train_tokens_per_second": result.train_tokens_per_second,
        "interrupted": result.interrupted,
        "ending": result.ending,
        "end_reason": result.end_reason.value,
        "splits": found,
    }
