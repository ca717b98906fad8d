"""Corpora of the run that a training continues, and the figures of its tagger on them. Does not import keras."""

from dataclasses import dataclass, replace

from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.reading_options import ReadingOptions, reading_options
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.experiment.classes import classes_of
from seqlab.experiment.dropping import dropped_counts, plain_dropped, renamed, sentences_without
from seqlab.experiment.old_run import OldRun, Origin
from seqlab.reporting.log import Log
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.settings.training import TrainSettings
from seqlab.storing.run_settings import reading_keywords, trained_columns


@dataclass(frozen=True, kw_only=True)
class OldData:
    """A labelled corpus of the old run, with the tags of the new network."""

    path: str
    sentences: tuple[Sentence, ...]


def old_options(settings: TrainSettings, old: OldRun) -> ReadingOptions:
    """How the files of the old run are read: as its training read them.

    --map-tag and --accept of the new training are added, the new names going before those of the old run.
    """
    keywords = reading_keywords(old.trained)
    encoder = old.tagger.encoder
    for name in ("feature_columns", "numeric_columns"):
        keywords[name] = trained_columns(getattr(old.trained, name), getattr(encoder, name))
    keywords["map_tag"] = {**old.trained.map_tag, **settings.map_tag}
    keywords["accept"] = tuple(dict.fromkeys([*old.trained.accept, *settings.accept]))
    keywords["normalise"] = encoder.unicode_form
    return reading_options(**keywords)


def read_old_data(path: str, settings: TrainSettings, origin: Origin, log: Log) -> OldData:
    """Read a labelled corpus of the old run, in its scheme. Notes go to the log.

    Raises CorpusError for a file that cannot be read.
    """
    old, dropped = origin.old, origin.dropped
    scheme = old.tagger.scheme
    sentences, notes = read_as(path, scheme=scheme, options=old_options(settings, old))
    for note in notes:
        log(f"note: {note}")
    if scheme is Scheme.PLAIN and dropped:
        counts = dropped_counts(corpus_arrays(sentences), scheme, dropped)
        if counts:
            raise plain_dropped(path, counts)
    return OldData(path=path, sentences=sentences_without(sentences, scheme, dropped))


def old_figures(data: OldData, origin: Origin, *, constrained: bool) -> Figures:
    """The figures of the old tagger on its validation data, before the new training.

    Biases that were tuned after its training are left out, because no epoch of the new training has any.
    """
    tagger = replace(origin.old.tagger, decision=DecisionRule(), constrained=constrained)
    scheme = tagger.scheme
    predicted = [
        [renamed(tag, scheme, origin.dropped) for tag in prediction.tags]
        for prediction in tagger.predict(data.sentences)
    ]
    return score(
        [sentence.tags or () for sentence in data.sentences],
        predicted,
        scheme,
        strict=False,
        classes=kept_classes(origin),
    )


def kept_classes(origin: Origin) -> list[str]:
    """The classes of the old run that the new network has."""
    old = origin.old.tagger
    return [name for name in classes_of(old.encoder, old.scheme) if name not in origin.dropped]
