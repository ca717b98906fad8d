"""What a setting that is left open becomes, by the corpus that is trained on.

Which of them is best on average was measured: docs/accuracy.md, docs/imbalance.md.
"""

from dataclasses import replace

from seqlab.corpus.schemes import Scheme
from seqlab.settings.choices import HeadName, ResampleName
from seqlab.settings.combinations import SHIFTING_LOSSES
from seqlab.settings.training import TrainSettings

STEPS = 100  # in an epoch, where the corpus allows: a small corpus needs small batches to be learnt
SMALLEST_BATCH, LARGEST_BATCH = 8, 64


def settled(settings: TrainSettings, scheme: Scheme) -> TrainSettings:
    """The settings with what the scheme decides: what a run directory tells, and what repeats the run."""
    head, resample = head_of(settings, scheme), resample_of(settings, scheme)
    return replace(settings, head=head, resample=resample)


def head_of(settings: TrainSettings, scheme: Scheme) -> HeadName:
    """A chain for spans; softmax for plain tags, and where the loss shifts the scores of single tokens."""
    if settings.head is not None:
        return settings.head
    return "softmax" if scheme is Scheme.PLAIN or settings.loss in SHIFTING_LOSSES else "crf"


def resample_of(settings: TrainSettings, scheme: Scheme) -> ResampleName:
    """Copies of sentences with rare classes for spans, none for plain tags."""
    return settings.resample or ("none" if scheme is Scheme.PLAIN else "scr")


def batch_of(sentences: int) -> int:
    """Sentences in a batch, so that an epoch has about a hundred steps.

    >>> batch_of(200), batch_of(3_400), batch_of(2_000_000)
    (8, 34, 64)
    """
    return min(max(sentences // STEPS, SMALLEST_BATCH), LARGEST_BATCH)
