"""From prepared corpora to a trained tagger with its figures: build, train, decide, score."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from seqlab.corpus.splits import Splits
from seqlab.experiment.build import architecture_of, make_network, make_task, plan_of
from seqlab.experiment.decide import decide
from seqlab.experiment.prepare import Prepared
from seqlab.inference.weights import network_weights
from seqlab.modeling.crf_likelihood import EmissionWeightedLikelihood
from seqlab.modeling.variables import copy_variable
from seqlab.reporting.decisions import decisions_text
from seqlab.reporting.figures_text import split_text
from seqlab.reporting.log import Log
from seqlab.scoring.score import evaluate_tags
from seqlab.settings.training import TrainSettings
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import CuttingChoice
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.loop import TrainingResult, train_network
from seqlab.training.task import TrainingTask

LEGEND = (
    "each epoch: losses with class weights (and without), validation F1, seconds of training + "
    "evaluation, * for the best so far; each class: gold and predicted in validation, its weight "
    "relative to the mean token, its share of the training loss"
)


@dataclass(frozen=True, kw_only=True)
class TrainedTagger:
    """A trained tagger. metrics: the content of metrics.json. history: one record per epoch."""

    tagger: Tagger
    metrics: dict[str, Any]
    history: tuple[EpochRecord, ...]


def fit(
    prepared: Prepared,
    log: Log,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_trained: Callable[[], None] = lambda: None,
) -> TrainedTagger:
    """Build a network, train it, decide and score; the tagger has the weights of the best epoch.

    on_trained: called when training has ended. It may be interrupted before, but not after.
    """
    settings, splits, encoder = prepared.settings, prepared.splits, prepared.encoder
    task = make_task(prepared)
    architecture = architecture_of(prepared)
    network = make_network(prepared, architecture)
    log(f"{training_text(task, prepared)}, {network.count_params():,} parameters")
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
        cutting=CuttingChoice(settings.sentences, settings.language, settings.tokenized),
    )
    tagger, decisions = decide(prepared, trained)
    log(decisions_text(decisions))
    metrics = metrics_of(settings, splits, tagger, result, log) | {"decisions": decisions}
    return TrainedTagger(tagger=tagger, metrics=metrics, history=result.history)


def training_text(task: TrainingTask, prepared: Prepared) -> str:
    """One line about the data and the vocabularies of a training."""
    train, valid, encoder = task.train.corpus, task.valid.corpus, prepared.encoder
    return (
        f"training on {train.tokens:,} tokens in {len(train):,} windows, {task.train.size:,} "
        f"{'tokens' if task.train.by_tokens else 'sentences'} per batch; validation on {valid.tokens:,} "
        f"tokens in {len(valid):,} sentences; {len(encoder.tags.symbols)} tags "
        f"({prepared.splits.scheme}), {len(encoder.words.symbols):,} words, "
        f"{len(encoder.characters.symbols):,} characters"
    )


def emission_text(loss: EmissionWeightedLikelihood, tags: Sequence[str]) -> str:
    """The factors of the emissions in training. In the tables of the log every token then has weight 1."""
    weights = zip(tags, loss.emission_weights.tolist(), strict=True)
    return "emission weights: " + ", ".join(f"{tag} {weight:.3g}" for tag, weight in weights)


def metrics_of(
    settings: TrainSettings, splits: Splits, tagger: Tagger, result: TrainingResult, log: Log
) -> dict[str, Any]:
    """The content of metrics.json, without the decisions. Scores valid and test with seqeval, default and strict."""
    evaluations = {}
    for name, sentences in (("valid", splits.valid), ("test", splits.test)):
        if sentences is not None:
            gold = [sentence.tags or () for sentence in sentences]
            predicted = [prediction.tags for prediction in tagger.predict(sentences)]
            evaluation = evaluate_tags(gold, predicted, tagger.scheme)
            log(split_text(name, evaluation.figures))
            evaluations[name] = evaluation.to_json()
    return {
        "best_epoch": result.best_epoch,
        "select": settings.select,
        "seconds": result.seconds,
        "train_tokens_per_second": result.train_tokens_per_second,
        "interrupted": result.interrupted,
        "ending": result.ending,
        "end_reason": result.end_reason.value,
        "splits": evaluations,
    }
