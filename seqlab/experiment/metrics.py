"""The figures of a trained tagger: the content of metrics.json, and the mentions in training."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqlab.arrays import UInt64Array
from seqlab.corpus.splits import VALID_SHARE
from seqlab.errors import RunError, UserError
from seqlab.experiment.identity import corpus_sha256
from seqlab.experiment.prepare import Prepared
from seqlab.machine.progress import watched
from seqlab.reporting.log import Log
from seqlab.reporting.scores_text import scores_text
from seqlab.scoring.evaluation import evaluate_sentences
from seqlab.scoring.seen import training_mentions
from seqlab.scoring.signature import UNKNOWN
from seqlab.settings.training import TrainSettings
from seqlab.storing.mentions_file import read_mentions
from seqlab.storing.metrics_file import METRICS
from seqlab.storing.run_files import open_run
from seqlab.tagging.tagger import Tagger


class ScoredTagger(NamedTuple):
    """A tagger, and the data that it was trained on."""

    tagger: Tagger
    trained_on: Prepared


def split_metrics(
    prepared: Prepared, taggers: Mapping[str, ScoredTagger], log: Log
) -> dict[str, Any]:
    """The entry "splits" of metrics.json: the scores of validation and test. They also go to the log.

    taggers: the tagger to score on each split, and the data that it was trained on.
    """
    splits = prepared.splits
    mentions = {id(one.trained_on): all_mentions(one.trained_on) for one in taggers.values()}
    evaluations = {}
    for name, sentences in (("valid", splits.valid), ("test", splits.test)):
        if sentences is not None:
            tagger, trained_on = taggers[name]
            sha256, cut = origin_of_split(name, prepared.settings)
            evaluation = evaluate_sentences(
                sentences,
                [
                    one.tags
                    for one in watched(
                        tagger.predict(sentences), f"scoring {name}", total=len(sentences)
                    )
                ],
                tagger.scheme,
                mentions=mentions[id(trained_on)],
                sha256=sha256,
                cut=cut,
            )
            log(scores_text(name, evaluation, elsewhere=METRICS))
            evaluations[name] = evaluation.to_json()
    return evaluations


def all_mentions(prepared: Prepared) -> UInt64Array:
    """The mentions of the training corpus, and those of the run that it continues."""
    mentions = training_mentions(prepared.splits.arrays["train"], prepared.splits.scheme)
    if prepared.start is not None:
        with suppress(RunError):  # the old run may have been moved since training began
            old = read_mentions(open_run(Path(prepared.start.origin.old.path)))
            if old is not None:
                mentions = np.union1d(mentions, old)
    return mentions


def origin_of_split(name: str, settings: TrainSettings) -> tuple[str, str]:
    """The sha256 of the file of a split, and how the split was cut off it; '' for the whole file."""
    path: str | None = getattr(settings, name)
    cut = ""
    if path is None:
        path = settings.train or ""
        share = (
            getattr(settings, f"{name}_share") or VALID_SHARE
        )  # only validation is cut off unasked
        cut = f"{name}_share={share},seed={settings.seed}"
    try:
        return corpus_sha256(path), cut
    except UserError:  # deleted or moved while the network was trained
        return UNKNOWN, cut
