"""What a training takes from the run that it continues, and the old data that guard against forgetting.

Everything here follows from the settings and the files alone, so a resumed training finds the same. Does not import
keras.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.splits import Splits
from seqlab.encoding.encoder import Encoder, is_column
from seqlab.encoding.growing import grow_encoder
from seqlab.encoding.vectors import WordVectors, vector_spellings
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary
from seqlab.errors import CorpusError, SettingsError
from seqlab.experiment.dropping import dropped_classes, tags_of
from seqlab.experiment.old_data import OldData, old_figures, read_old_data
from seqlab.experiment.old_run import OldRun, Origin, read_old_run
from seqlab.machine.wording import plural
from seqlab.reporting.continuing import reuse_text
from seqlab.reporting.figures_text import class_table
from seqlab.reporting.log import Log
from seqlab.scoring.figures import Figures
from seqlab.settings.training import TrainSettings
from seqlab.text.spelling import normalise
from seqlab.training.epoch_record import EpochRecord


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a training starts from.

    new_vectors: float32 (words that the old run lacks, D), the first vectors of these words.
    report: the entry "continued" of metrics.json.
    valid: the old validation data; None without --valid-old. before: the figures of the old tagger on them, without the
    biases that were tuned after its training.
    """

    origin: Origin
    new_vectors: FloatArray
    report: Mapping[str, Any]
    valid: OldData | None = None
    before: Figures | None = None


def origin_of(settings: TrainSettings) -> Origin | None:
    """The run of --init-from; None without it.

    Raises RunError when there is no finished run, and SettingsError for --drop-tag and --freeze that do not fit it.
    """
    if settings.init_from is None:
        return None
    old = read_old_run(settings.init_from)
    check_frozen_parts(settings, old)
    return Origin(old=old, dropped=dropped_classes(settings, old))


def grown_encoder(origin: Origin, fresh: Encoder) -> Encoder:
    """The encoder of the new network. fresh: fitted to the new training corpus."""
    old = origin.old.tagger
    dropped = tags_of(origin.dropped, old.encoder, old.scheme)
    return grow_encoder(old.encoder, fresh, dropped=dropped)


def start_of(
    origin: Origin,
    settings: TrainSettings,
    encoder: Encoder,
    train: CorpusArrays,
    vectors: WordVectors | None,
    log: Log,
) -> Start:
    """What the training starts from; it is described in the log.

    encoder: of the new network. train: the new training corpus. vectors: of --vectors.
    """
    report = reuse_report(settings, origin, encoder)
    log(reuse_text(report))
    new_vectors = start_vectors(train, encoder.words, origin.old, vectors)
    start = Start(origin=origin, new_vectors=new_vectors, report=report)
    if settings.valid_old is None:
        return start
    valid = read_old_data(settings.valid_old, settings, origin, log)
    before = old_figures(valid, origin, constrained=settings.constrained)
    log(f"old validation data, before training:\n{class_table(before)}")
    return replace(start, valid=valid, before=before)


def check_same_task(splits: Splits, old: OldRun) -> None:
    """Raise CorpusError for span tags in a training on plain tags, unless the old run has such tags too."""
    if splits.scheme is not Scheme.PLAIN:
        return
    new = splits.arrays["train"].counts_by_tag()
    known = set(old.tagger.encoder.tags)
    if known.isdisjoint(new):
        raise CorpusError(
            f"no tag of this corpus is one of the plain tags of {old.path}, such as "
            f"{old.tagger.encoder.tags.symbols[0]!r}: it is another task; train without --init-from",
            path=splits.arrays["train"].name or "train",
        )


def start_vectors(
    train: CorpusArrays, words: Vocabulary, old: OldRun, vectors: WordVectors | None
) -> FloatArray:
    """float32 (words that the old run lacks, D): their first vectors.

    words: the vocabulary of the new network. vectors: of --vectors.
    A word that `vectors` has gets its vector, else the vector that the old tagger read for the word: its frozen vector,
    or that of the unknown word. So the old tags of a text are the same before the first step, except for new vectors.
    """
    first = len(old.tagger.encoder.words.symbols)
    symbols = words.symbols[first:]
    if not old.tagger.architecture.reads_words:
        return np.zeros((len(symbols), 0), np.float32)
    table = old.tagger.weights["word_embedding/0"]
    starts = np.tile(table[UNKNOWN], (len(symbols), 1)).astype(np.float32)
    frozen = old.tagger.encoder.frozen_words
    if frozen is not None and symbols:
        spellings = most_frequent_spellings(train, symbols)
        known, rows = frozen.look_up([spellings.get(symbol, symbol) for symbol in symbols])
        starts[known] = rows
    if vectors is not None:
        spelt = vector_spellings(train, vectors)
        for row, symbol in enumerate(symbols):
            if symbol in spelt:
                starts[row] = vectors.vector(spelt[symbol])
    return starts


def most_frequent_spellings(train: CorpusArrays, symbols: Sequence[str]) -> dict[str, str]:
    """For each symbol the spelling that occurs most often in training."""
    wanted, spellings = set(symbols), dict[str, str]()
    by_count = sorted(train.counts_by_spelling().items(), key=lambda pair: -pair[1])
    for spelling, _ in by_count:
        entry = normalise(spelling)
        if entry in wanted:
            spellings.setdefault(entry, spelling)
    return spellings


def check_vectors_fit(settings: TrainSettings, old: OldRun, vectors: WordVectors | None) -> None:
    """Raise SettingsError when the vectors of --vectors have another size than the old word embeddings."""
    wanted = old.tagger.architecture.word_dim
    if vectors is not None and vectors.dim != wanted:
        raise SettingsError(
            f"{settings.vectors}: its vectors have {plural(vectors.dim, 'dimension')}, but the word "
            f"embeddings of {old.path} have {wanted}; give other vectors, or none"
        )


def check_frozen_parts(settings: TrainSettings, old: OldRun) -> None:
    """Raise SettingsError for a part of --freeze that the old network lacks."""
    architecture = old.tagger.architecture
    has = {
        "words": architecture.reads_words,
        "characters": architecture.reads_characters,
        "features": bool(architecture.features),
        "bilstm": True,
    }
    for part in settings.freeze:
        if not has[part]:
            raise SettingsError(
                f"freeze is {part!r}, but the network of {old.path} has no such part; leave it out"
            )


def reuse_report(settings: TrainSettings, origin: Origin, encoder: Encoder) -> dict[str, Any]:
    """The entry "continued" of metrics.json: what of the old run is reused."""
    old, old_encoder = origin.old.tagger, origin.old.tagger.encoder
    frozen = list(settings.freeze)
    if not old.architecture.trainable_words and "words" not in frozen:
        frozen = ["words", *frozen]
    pairs = {"words": (old_encoder.words, encoder.words)}
    pairs["characters"] = (old_encoder.characters, encoder.characters)
    features, new_features = old_encoder.features, encoder.features
    counts = {name: kept_and_new(*pair) for name, pair in pairs.items()}
    grown = {name: kept_and_new(features[name], new_features[name]) for name in features}
    old_tags, tags = old_encoder.tags.symbols, encoder.tags.symbols
    return {
        "from": origin.old.path,
        **counts,
        "features": {
            n.removeprefix("column_"): c for n, c in grown.items() if c["new"] or is_column(n)
        },
        "tags": {
            "kept": [tag for tag in old_tags if tag in encoder.tags],
            "new": [tag for tag in tags if tag not in old_encoder.tags],
            "dropped": list(tags_of(origin.dropped, old_encoder, old.scheme)),
        },
        "layers": list(dict.fromkeys(name.rpartition("/")[0] for name in old.weights)),
        "frozen": frozen,
    }


def continued_metrics(start: Start, best: EpochRecord) -> dict[str, Any]:
    """The entries of metrics.json on what was reused, and on the old validation data before training and at the kept epoch.

    best: the record of the kept epoch.
    """
    metrics: dict[str, Any] = {"continued": start.report}
    if start.valid is not None and start.before is not None and best.old_figures is not None:
        metrics["old_validation"] = {
            "file": start.valid.path,
            "before": start.before.to_json(),
            "after": best.old_figures.to_json(),
        }
    return metrics


def kept_and_new(old: Vocabulary, new: Vocabulary) -> dict[str, int]:
    """The numbers of symbols that were kept, and that are new."""
    kept = len(old.symbols)
    return {"kept": kept, "new": len(new.symbols) - kept}
