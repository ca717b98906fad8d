"""From settings and prepared corpora to what the training loop takes: task, network, optimizer, plan."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from seqlab.architecture import Architecture
from seqlab.arrays import AnyIntArray, Int32Array
from seqlab.corpus.schemes import class_of_tag
from seqlab.deciding.transitions import legal_transitions
from seqlab.encoding.batches import POOL, Batcher
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.rare_dropout import RareDropout, rare_dropout
from seqlab.encoding.vectors import embedding_start, vector_spellings
from seqlab.errors import SettingsError
from seqlab.experiment.continuing import Start
from seqlab.experiment.defaults import batch_of, head_of, reads_words
from seqlab.experiment.grown_weights import grow_weights
from seqlab.experiment.loss_choice import choose_loss
from seqlab.experiment.old_data import kept_classes
from seqlab.experiment.prepare import Prepared
from seqlab.inference.weights import network_weights, set_network_weights
from seqlab.modeling.keras_loss import keras_loss
from seqlab.modeling.network import WORD_TABLE, build_network
from seqlab.modeling.variables import copy_variable
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.settings.choices import FrozenPart, WordUpdates
from seqlab.settings.training import TrainSettings
from seqlab.training.deferred_adam import DeferredAdam, FusedAdam
from seqlab.training.task import OldValidation, TrainingPlan, TrainingTask

VALID_TOKENS = 2048  # padded tokens of a validation batch, so that its states fit into the cache
SHOWN_SENTENCES = 3  # of a batch, in a message
MANY_WORDS = 4_000  # rows of the word table from which dense updates slow a step down


def make_task(prepared: Prepared) -> TrainingTask:
    """The batches of training and validation, the loss, the weights, and how predictions are scored.

    Training reads windows, validation whole sentences.
    """
    settings, splits, encoder = prepared.settings, prepared.splits, prepared.encoder
    gold = [sentence.tags or () for sentence in splits.valid]
    class_weights = prepared.class_weights
    # A class weight acts once: on emissions or on tokens.
    token_weights = np.ones_like(class_weights) if settings.emission_weights else class_weights

    def score_valid(predictions: list[Int32Array]) -> Figures:
        tags = [[encoder.tags.symbol(tag_id) for tag_id in row] for row in predictions]
        return score(gold, tags, splits.scheme, strict=False, classes=prepared.watched)

    size = settings.batch_tokens or settings.batch_sentences or batch_of(prepared.epoch_windows)
    legal = legal_transitions(encoder.tags.symbols, splits.scheme)
    return TrainingTask(
        train=Batcher(
            prepared.windows,
            size=size,
            by_tokens=settings.batch_tokens is not None,
            max_chars=settings.max_chars,
            sampler=prepared.resampler,
            pool=1 if settings.resample == "balanced" else POOL,
            augmenter=prepared.augmenter,
            hiding=hiding_of(prepared),
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
        legal=legal if settings.constrained else None,
        loss=choose_loss(settings, prepared.tag_counts, class_weights=class_weights),
        reweight_from=settings.reweight_from,
        stated_weights=weights_as_typed(prepared),
        old=old_validation(prepared),
        describe_windows=lambda windows: sentences_text(prepared, windows),
    )


def hiding_of(prepared: Prepared) -> RareDropout | None:
    """What training hides. Words with a vector stay, because words of new text that have one do so too."""
    settings, vectors, words = prepared.settings, prepared.vectors, prepared.encoder.words
    if not settings.rare_word_dropout:
        return None
    never = [words.id_count]  # frozen words
    if vectors is not None:
        spellings = vector_spellings(prepared.splits.arrays["train"], vectors)
        never += [words.ids[word] for word in spellings if word in words]
    return rare_dropout(prepared.windows, settings.rare_word_dropout, never=never)


def sentences_text(prepared: Prepared, windows: AnyIntArray) -> str:
    """A clause with the places of the sentences that some training windows were cut from; '' if they have none.

    windows: integers (B,), the indices of the windows.
    """
    counts = prepared.train.window_counts(prepared.settings.max_tokens)
    sentences = np.searchsorted(np.cumsum(counts), windows, side="right")
    distinct = list(dict.fromkeys(sentences.tolist()))  # a window may occur several times
    train = prepared.splits.train
    sources = [
        train[number].source if number < len(train) else "--extra-train or --replay"
        for number in distinct[:SHOWN_SENTENCES]
    ]
    if not all(sources):
        return ""
    more = len(distinct) - len(sources)
    return f" (sentences at {', '.join(sources)}{f' and {more} more' if more else ''})"


def old_validation(prepared: Prepared) -> OldValidation | None:
    """The old validation data as batches, and how their predictions are scored; None without --valid-old.

    Spans of new entity types count as wrong there, as the old data has none.
    """
    start, encoder, scheme = prepared.start, prepared.encoder, prepared.splits.scheme
    if start is None or start.valid is None or start.before is None:
        return None
    sentences = start.valid.sentences
    gold = [sentence.tags or () for sentence in sentences]
    classes = kept_classes(start.origin)

    def score_old(predictions: list[Int32Array]) -> Figures:
        tags = [[encoder.tags.symbol(tag_id) for tag_id in row] for row in predictions]
        return score(gold, tags, scheme, strict=False, classes=classes)

    batcher = Batcher(
        encoder.encode(sentences),
        size=VALID_TOKENS,
        by_tokens=True,
        max_chars=prepared.settings.max_chars,
    )
    return OldValidation(batcher=batcher, score=score_old, before=start.before)


def weights_as_typed(prepared: Prepared) -> dict[str, float]:
    """For each class the largest weight of its tags, in the scale of --class-weight; {} if no weight acts."""
    settings, splits = prepared.settings, prepared.splits
    if settings.crf_loss == "likelihood" and not settings.emission_weights:
        return {}
    weights: dict[str, float] = {}
    for tag, weight in zip(prepared.encoder.tags, prepared.class_weights.tolist(), strict=True):
        class_name = class_of_tag(tag, splits.scheme)
        weights[class_name] = max(weight, weights.get(class_name, 0.0))
    return weights


def architecture_of(prepared: Prepared) -> Architecture:
    """The architecture for the settings, the vocabularies and the word vectors."""
    settings, encoder, vectors = prepared.settings, prepared.encoder, prepared.vectors
    return Architecture(
        words=encoder.words.id_count,
        characters=encoder.characters.id_count,
        classes=len(encoder.tags.symbols),
        features={name: values.id_count for name, values in encoder.features.items()},
        numbers=encoder.number_inputs,
        reads_words=reads_words(settings),
        max_chars=settings.max_chars,
        word_dim=settings.word_dim if vectors is None else vectors.dim,
        trainable_words=trainable_words(prepared),
        outside_vectors=encoder.frozen_words is not None,
        char_encoder=settings.char_encoder,
        char_dim=settings.char_dim,
        char_units=settings.char_units,
        hidden_units=settings.hidden_units,
        layers=settings.layers,
        dropout=settings.dropout,
        word_dropout=settings.word_dropout,
        gazetteer_dropout=settings.gazetteer_dropout if len(encoder.gazetteers) else 0.0,
        head=head_of(settings, prepared.splits.scheme),
    )


def trainable_words(prepared: Prepared) -> bool:
    """Whether training may move the word embeddings; frozen vectors of a continued run stay frozen."""
    start = prepared.start
    kept = start is None or start.origin.old.tagger.architecture.trainable_words
    return kept and not prepared.settings.freeze_vectors


def make_network(prepared: Prepared, architecture: Architecture) -> keras.Model:
    """Build and compile an untrained network. Seeds the randomness of numpy, Python and TensorFlow."""
    settings, encoder, vectors = prepared.settings, prepared.encoder, prepared.vectors
    keras.utils.set_random_seed(settings.seed)
    start = None
    if vectors is not None and prepared.start is None:
        spellings = vector_spellings(prepared.splits.arrays["train"], vectors)
        start = embedding_start(encoder.words, spellings, vectors, seed=settings.seed)
    with tf.distribute.get_strategy().scope():
        network = build_network(architecture, word_vectors=start)
        if prepared.start is not None:
            continue_network(network, prepared.start, encoder)
            freeze_parts(network, settings.freeze)
        adam = choose_adam(settings.word_updates, encoder.words.id_count)
        optimizer = adam(settings.learning_rate, averages=settings.average_epochs > 0)
        network.compile(optimizer, loss=keras_loss())
    return network


def continue_network(network: keras.Model, start: Start, encoder: Encoder) -> None:
    """Give a new network the weights of the run that it continues."""
    old = start.origin.old.tagger
    fresh = network_weights(network, copy_variable)
    set_network_weights(network, grow_weights(fresh, old, encoder, start.new_vectors))


def freeze_parts(network: keras.Model, parts: Sequence[FrozenPart]) -> None:
    """Keep the weights of these parts as they are in training. Call it before the network is compiled."""
    for layer in network.layers:
        if part_of(layer.name) in parts:
            layer.trainable = False


def part_of(layer: str) -> str:
    """The part of the network that a layer belongs to, as --freeze names it; '' for the output layer.

    >>> [part_of(name) for name in ("word_embedding", "suffix_2_embedding", "bilstm_1", "emissions")]
    ['words', 'features', 'bilstm', '']
    """
    if layer == WORD_TABLE:
        return "words"
    if layer.endswith("_embedding"):
        return "features"
    name = layer.partition("_")[0]
    return name if name in ("characters", "bilstm") else ""


def choose_adam(word_updates: WordUpdates, words: int) -> type[FusedAdam]:
    """The optimizer that the settings name. words: rows of the word table.

    Raises SettingsError for deferred updates with several replicas.
    """
    single = tf.distribute.get_strategy().num_replicas_in_sync == 1
    if word_updates == "deferred" and not single:
        raise SettingsError(
            "word_updates is 'deferred', but there are several replicas; give 'dense'"
        )
    many = word_updates == "auto" and words >= MANY_WORDS and single
    return DeferredAdam if many or word_updates == "deferred" else FusedAdam


def plan_of(settings: TrainSettings) -> TrainingPlan:
    """The settings that the training loop needs."""
    return TrainingPlan(
        epochs=settings.epochs,
        patience=settings.patience,
        select=settings.select,
        seed=settings.seed,
        clip_norm=settings.clip_norm,
        max_seconds=settings.max_seconds,
        average_epochs=settings.average_epochs,
        on_collapse=settings.on_collapse,
    )
