"""Every setting of a training run, once: its name, type, default and meaning.

The command line, `run.toml` and `seqlab.train_tagger(...)` all read this one class. It knows nothing
of files or networks: what a value does is said where it is used; which values no run could use, in
`setting_rules`.
"""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from seqlab.errors import SettingsError, nearest
from seqlab.machine.files import read_toml
from seqlab.machine.numbers import is_number, is_whole
from seqlab.settings.choices import (
    CharacterEncoderName,
    CrfLossName,
    DecideName,
    HeadName,
    KeepVectors,
    LossName,
    OnCollapse,
    ResampleName,
    SentenceWeightName,
    TagScheme,
    TaskFormat,
    WordFeatureName,
    WordUpdates,
)
from seqlab.settings.features import NONE
from seqlab.settings.rules import check_settings
from seqlab.settings.types import check_type

COLUMNS = ("token_column", "tag_column", "token_weight_column")
NAMED_VALUES = ("class_weight", "recall", "feature_columns")
TUPLES = (*NAMED_VALUES, "sentence_weights", "word_features")


@dataclass(frozen=True, kw_only=True)
class TrainSettings:
    """What one training run does. Every field is an option of `train` and a key of `run.toml`."""

    train: str | None = None
    """Training corpus: a file, or a directory that holds seq.in and seq.out. [default: the bundled sample]"""

    valid: str | None = None
    """Validation corpus: it chooses the checkpoint. [default: a stratified part of the training corpus]"""

    test: str | None = None
    """Test corpus: scored once, after training."""

    out: str | None = None
    """Run directory to write. [default: runs/NAME-1, or the next free number]"""

    overwrite: bool = False
    """Replace the finished run that OUT already holds."""

    cache: str | None = None
    """Directory that keeps the training corpus as numbers: it is read once and never held in memory. Needs --valid."""

    format: TaskFormat | None = None
    """Format of the corpus files. [default: found by looking at each file]"""

    token_column: str | None = None
    """Column of the token, from 0, or its CoNLL-U name. [default: the first]"""

    tag_column: str | None = None
    """Column of the tag, from 0 (-1: the last); CoNLL-U: a column's name or FEATS key. [default: the last; upos]"""

    token_weight_column: str | None = None
    """Column of token weights in CoNLL files, from 0 (-1: the last). [default: none]"""

    scheme: TagScheme | None = None
    """Tag scheme to convert to before training; plain reads tags as they are. [default: that of the data]"""

    valid_share: float | None = None
    """Share of train split off for validation, stratified by class, documents whole. [default: 0.15 without --valid]"""

    test_share: float | None = None
    """Share of train split off for testing, stratified by class, documents whole."""

    vectors: str | None = None
    """Word vectors: word2vec text or binary, GloVe or fastText text, gzip or not; a fastText model (.bin)."""

    vectors_limit: int | None = None
    """Read only the first so many rows of the vectors' file."""

    keep_vectors: KeepVectors = "all"
    """Words of the vectors' file that the tagger knows: all, those that training lacks frozen; or those of training."""

    freeze_vectors: bool = False
    """Keep the word vectors as they are in the file."""

    min_word_count: int = 1
    """Words rarer than this in training are read as the unknown word, unless the vectors' file has them."""

    word_dropout: float = 0.05
    """Share of words that each training step reads as the unknown word."""

    max_tokens: int = 150
    """Tokens in a training window; longer sentences train in several, and are tagged whole."""

    max_chars: int = 15
    """Characters of a word that are read; a longer word keeps its first 8 and its last 7."""

    class_weights: str = "none"
    """none, balanced, inverse, sqrt-inverse, log, effective-number, median-frequency, or a TOML table of NAME = VALUE."""

    class_weight: tuple[str, ...] = ()
    """NAME=VALUE, one class's weight by hand, in the scale of --class-weights; may be given several times."""

    weight_cap: float | None = None
    """Largest weight allowed, as a multiple of the smallest."""

    weight_beta: float = 0.9999
    """Beta of effective-number."""

    share_prefix_weights: bool = True
    """B-, I-, E- and S- of one entity type carry one weight."""

    sentence_weights: tuple[SentenceWeightName, ...] = ()
    """How sentences are weighed; may be given several times, and they multiply."""

    weight_field: str | None = None
    """Of field: the metadata that holds a sentence's weight (`# NAME = 0.5`, a key in JSONL)."""

    confidence_field: str = "confidence"
    """Of confidence: the metadata that holds it, from 0 to 1."""

    date_field: str = "date"
    """Of recency: the metadata that holds a sentence's date, ISO 8601."""

    half_life: float | None = None
    """Of recency: days in which a sentence loses half of its weight."""

    newest_date: str | None = None
    """Of recency: the date from which age counts. [default: that of the newest training sentence]"""

    reweight_from: int = 1
    """Epoch from which class weights act; before it all classes weigh the same (deferred re-weighting)."""

    resample: ResampleName | None = None
    """How often an epoch holds a sentence: once; copies for rare spans; or drawn evenly. [default: scr; plain tags: none]"""

    keep_empty: float = 1.0
    """Share of the sentences without spans that an epoch holds, drawn anew each epoch."""

    loss: LossName = "cross-entropy"
    """Loss of a token; class weights multiply it, whichever it is."""

    smoothing: float = 0.1
    """Of label-smoothing: the share spread over all classes."""

    focal_gamma: float = 2.0
    """Of focal: how fast tokens that are already right stop counting."""

    dice_alpha: float = 0.01
    """Of dice: how fast tokens that are already right stop counting; at 1 sure and wrong costs what sure and right does."""

    logit_tau: float = 1.0
    """Of logit-adjusted: how much of the log frequency is taken off the network's hands."""

    ldam_margin: float = 1.0
    """Of ldam: the margin of the rarest class, in nats."""

    head: HeadName | None = None
    """How tags are scored: each alone, or whole paths. [default: crf; plain tags, losses that shift scores: softmax]"""

    crf_loss: CrfLossName = "marginal"
    """Of crf: -log of each token's marginal, which class weights weigh, or of the whole sentence's likelihood."""

    emission_weights: bool = False
    """Of likelihood: class weights scale the scores of tags in training (as AllenNLP's label_weights do)."""

    word_dim: int = 100
    """Size of a word's embedding; that of the vectors' file where one is given."""

    char_dim: int = 25
    """Size of a character's embedding."""

    char_units: int = 25
    """Units of the character encoder, a direction."""

    char_encoder: CharacterEncoderName = "cnn"
    """How a word's characters are read."""

    word_features: tuple[WordFeatureName, ...] = ("case", "prefix", "suffix", "shape")
    """What of a word's looks is fed as small embeddings; may be given several times. none: nothing."""

    feature_columns: tuple[str, ...] = ()
    """NAME=COLUMN, a further column (POS, chunk, gazetteer) that is read like --tag-column; may be given several times."""

    hidden_units: int = 100
    """Units of each BiLSTM layer, a direction."""

    layers: int = 1
    """BiLSTM layers."""

    dropout: float = 0.5
    """Share of inputs dropped before and after the BiLSTM layers in training."""

    epochs: int = 50
    """Epochs at most."""

    patience: int = 6
    """Epochs without a better validation figure before training stops."""

    max_seconds: float | None = None
    """Seconds of training at most: after the first no epoch begins that would end after them. [default: no limit]"""

    batch_sentences: int | None = None
    """Sentences in a batch. [default: a hundredth of the training sentences, 8 to 64]"""

    batch_tokens: int | None = None
    """Tokens in a batch, instead of a number of sentences."""

    learning_rate: float = 0.002
    """Step size of Adam."""

    word_updates: WordUpdates = "auto"
    """Updates of the word table. dense: all rows every step. deferred: same result, each row when it is next used.
    auto: deferred from 4,000 words on, else dense."""

    clip_norm: float = 5.0
    """Largest norm of the gradient of a step; longer ones are scaled down."""

    seed: int = 1
    """The same seed, data and machine give the same numbers."""

    select: str = "macro_f1"
    """What chooses the checkpoint: macro_f1, micro_f1, min_f1, f1:NAME or valid_loss."""

    on_collapse: OnCollapse = "warn"
    """What to do when a class collapses: say so, stop, restore the best epoch, or raise the class's weight."""

    constrained: bool = True
    """Of spans: say the best path that the tag scheme allows, so that no tag follows one that it cannot."""

    decide: DecideName = "none"
    """What a bias for every class, tuned on validation after training, is to better; none leaves the tags alone."""

    decide_tau: float | None = None
    """Of logit-adjust: how much of the log frequency is taken off. [default: tuned for macro-F1]"""

    costs: str | None = None
    """Of cost: TOML file with a table for each class, miss = COST and false_alarm = COST; 1 where not given."""

    recall: tuple[str, ...] = ()
    """Of recall: NAME=VALUE, the recall wanted of a class; may be given several times."""

    def __post_init__(self) -> None:
        check_settings(self)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Every setting that has a value, by name."""
        for entry in dataclasses.fields(self):
            value = getattr(self, entry.name)
            if value is not None:
                yield entry.name, list(value) if isinstance(value, tuple) else value


def setting_names() -> list[str]:
    """The name of every setting."""
    return [entry.name for entry in dataclasses.fields(TrainSettings)]


def make_settings(**values: Any) -> TrainSettings:
    """Settings from keyword values, an unknown name refused with its nearest.

    >>> make_settings(epochs=3).epochs
    3
    """
    known = setting_names()
    for name in values:
        if name not in known:
            raise SettingsError(f"unknown setting {name!r}{nearest(name, known)}")
    return TrainSettings(**{name: as_setting(name, value) for name, value in values.items()})


def as_setting(name: str, value: Any) -> Any:
    """A value as the setting holds it: paths and column numbers as text, NAME=VALUE as a tuple of texts."""
    if name in NAMED_VALUES and isinstance(value, Mapping):
        return tuple(f"{key}={weight}" for key, weight in value.items())
    if name in TUPLES and isinstance(value, str | list):
        value = (value,) if isinstance(value, str) else tuple(value)
    if name == "word_features" and value == ():
        return (NONE,)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if is_whole(value):
        return str(value) if name in COLUMNS else int(value)
    return float(value) if is_number(value) else value


def read_settings(path: str) -> dict[str, Any]:
    """The settings that a TOML file names, spelt with `_` or `-`; a table `[class_weight]` is allowed.

    Raises SettingsError when the file is missing, is not TOML, names an unknown setting, or gives one a
    value of another type.
    """
    return table_settings(read_toml(path), place=path)


def table_settings(table: Mapping[str, Any], *, place: str) -> dict[str, Any]:
    """The settings of a TOML table, names and types checked. place: where it stands, for messages."""
    values = {name.replace("-", "_"): value for name, value in table.items()}
    known = setting_names()
    for name in values:
        if name not in known:
            raise SettingsError(f"{place}: unknown setting {name!r}{nearest(name, known)}")
    hints = get_type_hints(TrainSettings)
    values = {name: as_setting(name, value) for name, value in values.items()}
    try:
        for name, value in values.items():
            check_type(name, value, hints[name])
    except SettingsError as error:
        raise SettingsError(f"{place}: {error}") from None
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}
