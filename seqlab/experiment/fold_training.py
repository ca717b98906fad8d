"""Train a tagger for each fold, on all other folds. So taggers that were and were not trained on a sentence judge it.

The held-out tagger of a sentence is the one that was not trained on it: it cannot have memorised wrong labels. The other
taggers know the names in the sentence, so they judge its labels better, unless they have memorised them. The held-out
tagger has half of the weight, and the mean of the others the other half. docs/suspects.md shows what each finds.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.corpus.folds import fold_of_sentences
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import splits_of
from seqlab.errors import SettingsError
from seqlab.experiment.prepare import prepare
from seqlab.experiment.resume import stored_settings
from seqlab.experiment.sentence_weights import weigh_splits
from seqlab.machine.progress import watched
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings, chosen_settings
from seqlab.tagging.tagger import Tagger

OWN_SHARE = 0.5
"""Weight of the held-out tagger."""
LEFT_OUT = (
    "train", "valid", "test", "valid_share", "test_share", "folds", "fold", "out", "overwrite", "cache",
    "init_from", "drop_tag", "fill_old", "freeze", "valid_old", "replay", "replay_share", "replay_outside",
    "teacher", "teacher_share", "self_train", "extra_train", "refit",
)  # fmt: skip
"""Settings that a training on folds does not take: those of files, of splits, of continued trainings and of teachers.

A refit would train on the held-out fold."""


@dataclass(frozen=True, kw_only=True)
class FoldDone:
    """A fold whose tagger is trained. number: from 1. sentences: how many the tagger was trained on."""

    number: int
    folds: int
    sentences: int
    seconds: float

    def text(self) -> str:
        """One line for the user.

        >>> FoldDone(number=2, folds=5, sentences=1200, seconds=14.2).text()
        'fold 2 of 5: trained on 1,200 sentences in 14 s; about 43 s left'
        """
        left = (self.folds - self.number) * self.seconds
        rest = f"; about {left:.0f} s left" if left else ""
        noun = "sentence" if self.sentences == 1 else "sentences"
        trained = f"trained on {self.sentences:,} {noun} in {self.seconds:.0f} s"
        return f"fold {self.number} of {self.folds}: {trained}{rest}"


@dataclass(frozen=True, kw_only=True)
class FoldProbabilities:
    """The probability of each tag, from the taggers of all folds.

    own: float32 (tokens, C), of the held-out tagger. others: float32 (tokens, C), the mean of the other taggers.
    ends: int64 (N,), where each sentence ends.
    """

    own: FloatArray
    others: FloatArray
    ends: Int64Array

    @property
    def mixed(self) -> list[FloatArray]:
        """float32 (T, C) per sentence: the weighted mean of both."""
        mixed = OWN_SHARE * self.own + (1 - OWN_SHARE) * self.others
        return np.split(mixed.astype(np.float32), self.ends[:-1])


OnFold = Callable[[FoldDone], None]


def settings_for_folds(run: str | Path | None, values: Mapping[str, Any]) -> TrainSettings:
    """The settings of the training without each fold. run: a run directory whose settings are the defaults.

    Raises SettingsError for a setting that has no effect here.
    """
    for name in LEFT_OUT:
        if name in values:
            raise SettingsError(f"{name} has no effect with folds: leave it out")
    stored = {} if run is None else stored_settings(Path(run))
    if stored.get("init_from"):
        raise SettingsError(f"{run} continues another run, but folds are trained from scratch")
    kept = {name: value for name, value in stored.items() if name not in LEFT_OUT}
    return chosen_settings(**{**kept, **values})


def probabilities_by_folds(
    sentences: Sequence[Sentence],
    settings: TrainSettings,
    *,
    folds: int,
    tags: Sequence[str],
    scheme: Scheme,
    on_fold: OnFold = lambda done: None,
) -> FoldProbabilities:
    """The probability of each tag at each token, from the taggers of all folds.

    tags: C tags. A tag that a tagger does not know has probability 0 in its opinion.
    Raises UserError as `fold_of_sentences` and training do.
    """
    fold_of = np.array(fold_of_sentences(sentences, folds=folds, scheme=scheme))
    lengths = [len(sentence) for sentence in sentences]
    fold_of_token = np.repeat(fold_of, lengths)
    column = {tag: index for index, tag in enumerate(tags)}
    own, others = (np.zeros((len(fold_of_token), len(tags)), np.float32) for _ in range(2))
    for fold, tagger in taggers_of_folds(sentences, fold_of.tolist(), settings, scheme, on_fold):
        columns = [column[tag] for tag in tagger.encoder.tags.symbols]
        rows = np.exp(np.concatenate(tagger.token_log_probabilities(sentences)))
        lacked = (fold_of_token == fold)[:, None]
        own[:, columns] += np.where(lacked, rows, 0)
        others[:, columns] += np.where(lacked, 0, rows / (folds - 1))
    return FoldProbabilities(own=own, others=others, ends=np.cumsum(lengths))


def taggers_of_folds(
    sentences: Sequence[Sentence],
    fold_of: Sequence[int],
    settings: TrainSettings,
    scheme: Scheme,
    on_fold: OnFold,
) -> Iterator[tuple[int, Tagger]]:
    """For each fold, its number from 1 and the tagger trained without it. The fold only chooses the epoch."""
    folds = max(fold_of)
    for fold in watched(range(1, folds + 1), "folds", total=folds, slow=True):
        started = time.monotonic()
        rest = [s for s, own in zip(sentences, fold_of, strict=True) if own != fold]
        held_out = [s for s, own in zip(sentences, fold_of, strict=True) if own == fold]
        tagger = train_on(rest, held_out, settings, scheme=scheme)
        seconds = time.monotonic() - started
        on_fold(FoldDone(number=fold, folds=folds, sentences=len(rest), seconds=seconds))
        yield fold, tagger


def train_on(
    train: Sequence[Sentence],
    valid: Sequence[Sentence],
    settings: TrainSettings,
    *,
    scheme: Scheme,
) -> Tagger:
    """Train on sentences in memory. Nothing is logged or saved.

    settings: of the training, without corpora. Raises KeyboardInterrupt when a signal stops the training.
    """
    if "tensorflow" not in sys.modules:
        import_tensorflow()
    from seqlab.experiment.fit import fit  # imports keras

    log = Log(lambda text: None, None)
    splits, _ = weigh_splits(settings, splits_of(train, valid, scheme=scheme))
    fitted = fit(prepare(settings, log, splits=splits), log)
    if fitted.metrics["interrupted"]:
        raise KeyboardInterrupt
    return fitted.tagger
