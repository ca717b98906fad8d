"""Defaults that depend on the corpus. docs/accuracy.md and docs/imbalance.md show the measurements behind them."""

from dataclasses import replace

from seqlab.corpus.chosen_columns import NO_TOKENS
from seqlab.corpus.schemes import Scheme
from seqlab.settings.choices import HeadName, ResampleName
from seqlab.settings.training import SHIFTING_LOSSES, TrainSettings

STEPS_PER_EPOCH = 100  # a small corpus needs small batches to be learnt
SMALLEST_BATCH, LARGEST_BATCH = 8, 64


def settled(settings: TrainSettings, scheme: Scheme) -> TrainSettings:
    """The settings with the defaults that depend on the tag scheme; the run directory keeps them, to repeat the run."""
    return replace(settings, head=head_of(settings, scheme), resample=resample_of(settings, scheme))


def head_of(settings: TrainSettings, scheme: Scheme) -> HeadName:
    """The output layer; default: crf for spans, softmax for plain tags and for losses that shift logits."""
    if settings.head is not None:
        return settings.head
    return "softmax" if scheme is Scheme.PLAIN or settings.loss in SHIFTING_LOSSES else "crf"


def resample_of(settings: TrainSettings, scheme: Scheme) -> ResampleName:
    """The resampling; default: copies of windows with rare entity types for spans, none for plain tags."""
    return settings.resample or ("none" if scheme is Scheme.PLAIN else "scr")


def batch_of(sentences: int) -> int:
    """The default number of sentences per batch, which makes about 100 steps per epoch.

    >>> batch_of(200), batch_of(3_400), batch_of(2_000_000)
    (8, 34, 64)
    """
    return min(max(sentences // STEPS_PER_EPOCH, SMALLEST_BATCH), LARGEST_BATCH)


def reads_words(settings: TrainSettings) -> bool:
    """Whether the corpus has words; `--token-column none` reads numbers only."""
    return settings.token_column != NO_TOKENS
