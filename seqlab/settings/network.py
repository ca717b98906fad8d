"""Settings of the network, of its training, and of how classes and decisions are watched and tuned."""

from dataclasses import dataclass

from seqlab.settings import choices
from seqlab.settings.by_name import NumberByClass
from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class NetworkSettings(Settings):
    """Sizes and inputs of the network."""

    heading = "Network"

    word_dim: int = setting(100, at_least=1)
    """Size of the word embeddings; with --vectors, the size in that file."""
    char_dim: int = setting(25, at_least=1, needs=("char_encoder", "cnn", "lstm"))
    """Size of the character embeddings."""
    char_units: int = setting(25, at_least=1, needs=("char_encoder", "cnn", "lstm"))
    """Units of the character encoder, per direction."""
    char_encoder: choices.CharacterEncoderName = "cnn"
    """Network that reads the characters of a word. lstm: a BiLSTM. cnn: a convolution. none: characters are not read."""
    word_features: tuple[choices.WordFeatureName, ...] = ("case", "prefix", "suffix", "shape")
    """Features of a word's spelling, each read through a small embedding. May be repeated. none: no such features."""
    hidden_units: int = setting(100, at_least=1)
    """Units of each BiLSTM layer, per direction."""
    layers: int = setting(1, at_least=1, at_most=1000)
    """Number of BiLSTM layers."""
    dropout: float = setting(0.5, at_least=0, below=1)
    """Share of inputs dropped before and after the BiLSTM layers in training."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class OptimizationSettings(Settings):
    """Epochs, batches and the optimizer."""

    heading = "Training"

    epochs: int = setting(50, at_least=1)
    """Largest number of epochs."""
    patience: int = setting(6, at_least=1)
    """Epochs without a better validation figure after which training stops."""
    max_seconds: float | None = setting(None, above=0)
    """Time limit of training in seconds. After the first epoch, no epoch starts that would end later. [default: no
    limit]"""
    checkpoint_minutes: float = setting(5.0, at_least=0, affects_results=False)
    """Minutes between two checkpoints within an epoch. Each epoch also ends with a checkpoint. --resume starts from the last
    checkpoint."""
    batch_sentences: int | None = setting(None, at_least=1)
    """Sentences per batch. [default: a hundredth of the training sentences, from 8 to 64]"""
    batch_tokens: int | None = setting(None, at_least=1, excludes="batch_sentences")
    """Tokens per batch, instead of a number of sentences."""
    learning_rate: float = setting(0.002, above=0)
    """Learning rate of Adam."""
    word_updates: choices.WordUpdates = "auto"
    """How Adam updates the word embeddings. dense: update all rows every step. deferred: same result, each row updated when
    next used. auto: deferred from 4,000 words on, else dense."""
    average_epochs: float = setting(0.0, at_least=0)
    """Average the weights over about this many past epochs (exponential moving average). The average is validated, and kept
    as the tagger's weights. 0: no average."""
    clip_norm: float = setting(5.0, above=0)
    """Largest norm of a step's gradient. A larger gradient is scaled down to it."""
    refit: bool = False
    """After the best epoch is chosen, train a new network on the training and validation corpora together, for as many
    updates as the first needed to reach its best epoch. The run keeps the second network."""
    seed: int = setting(1, at_least=0, at_most=2**32 - 1)
    """Seed of all random numbers. The same seed, data and machine give the same numbers."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class RareClassSettings(Settings):
    """The figure that is maximised, the answer to an alarm, and the decisions after training."""

    heading = "Rare classes: checkpoint, alarm, decision"

    select: str = "macro_f1"
    """Validation figure by which the best epoch is chosen: macro_f1, micro_f1, min_f1, valid_loss, or f1:NAME for the F1 of
    one class."""
    on_collapse: choices.OnCollapse = "warn"
    """What to do when a class collapses. warn: print an alarm. stop: end training. restore: return to the best epoch.
    reweight: raise the weight of the class."""
    constrained: bool = True
    """For span tasks, output only legal tag sequences."""
    calibrate: choices.CalibrateName = "auto"
    """Calibrate the probabilities on validation after training. auto: with a temperature, as far as held-out sentences
    confirm it; no probability is 0 or 1. none: keep the network's own probabilities."""
    decide: choices.DecideName = "none"
    """What per-class biases, tuned on validation after training, should improve. none: no biases. logit-adjust: one bias
    formula from class frequencies. macro_f1, min_f1: that figure. cost: the cost of mistakes. recall: the recall of named
    classes."""
    decide_tau: float | None = setting(None, at_least=0, needs=("decide", "logit-adjust"))
    """Multiple of the log class frequency that is subtracted from the scores; used with --decide logit-adjust. [default:
    tuned for macro F1]"""
    costs: str | None = setting(None, path=True, needs=("decide", "cost"), needed=True)
    """TOML file with a table for each class: miss = COST and false_alarm = COST, 1 if not given; used with --decide
    cost."""
    recall: NumberByClass = setting(
        NumberByClass(), above=0, at_most=1, needs=("decide", "recall"), needed=True
    )
    """Wanted recall of one class, from 0 to 1; used with --decide recall. May be repeated."""
