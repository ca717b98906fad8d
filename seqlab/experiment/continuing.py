"""What a training takes from the run that it continues, and the old data that guard against forgetting.

Everything here follows from the settings and the files alone, so a resumed training finds the same. Does not import
keras.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.corpus_arrays import CorpusArrays, LazySentences, corpus_arrays
from seqlab.corpus.joined_arrays import rename_tags
from seqlab.corpus.reading_options import ReadingOptions, reading_options
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits, read_as
from seqlab.deciding.bias import DecisionRule
from seqlab.encoding.encoder import Encoder, is_column
from seqlab.encoding.growing import grow_encoder
from seqlab.encoding.vectors import WordVectors, vector_spellings
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary
from seqlab.errors import CorpusError, SettingsError, nearest
from seqlab.experiment.classes import classes_of
from seqlab.experiment.old_run import OldRun, read_old_run
from seqlab.machine.wording import listed, plural
from seqlab.reporting.continuing import reuse_text
from seqlab.reporting.figures_text import class_table
from seqlab.reporting.log import Log
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.settings.training import TrainSettings
from seqlab.storing.run_settings import reading_keywords, trained_columns
from seqlab.text.spelling import normalise
from seqlab.training.epoch_record import EpochRecord


@dataclass(frozen=True, kw_only=True)
class OldData:
    """A labelled corpus of the old run, with the tags of the new network."""

    path: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The run that a training continues, and the classes that its network loses."""

    old: OldRun
    dropped: tuple[str, ...]


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


def dropped_classes(settings: TrainSettings, old: OldRun) -> tuple[str, ...]:
    """The classes of the old run that --drop-tag names: entity types, or plain tags.

    All tags of an entity type may be named instead of the type.
    Raises SettingsError for an unknown name, for O, for some tags of a type only, and if no class would be left.
    """
    scheme, tags = old.tagger.scheme, old.tagger.encoder.tags.symbols
    known = classes_of(old.tagger.encoder, scheme)
    dropped: dict[str, None] = {}
    for name in settings.drop_tag:
        if name == OUTSIDE_TAG and name not in known:
            raise SettingsError("drop_tag is 'O': a network for spans needs it; leave it out")
        if name not in known and name not in tags:
            raise SettingsError(
                f"drop_tag is {name!r}, but {old.path} has {listed(list(map(repr, known)))}"
                f"{nearest(name, known)}"
            )
        if name not in known:
            entity_type = class_of_tag(name, scheme)
            others = [t for t in tags if class_of_tag(t, scheme) == entity_type]
            left = [tag for tag in others if tag not in settings.drop_tag]
            if left:
                raise SettingsError(
                    f"drop_tag is {name!r}, but {', '.join(left)} would be left: give the entity type "
                    f"{entity_type!r}"
                )
            name = entity_type
        dropped[name] = None
    if dropped and len(dropped) == len(known):
        raise SettingsError(
            f"drop_tag names every class of {old.path}: keep one, or train without init_from"
        )
    return tuple(dropped)


def tags_of(classes: Collection[str], encoder: Encoder, scheme: Scheme) -> tuple[str, ...]:
    """The tags of an encoder that belong to these classes."""
    return tuple(tag for tag in encoder.tags if class_of_tag(tag, scheme) in classes)


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


def without_classes(splits: Splits, dropped: Collection[str], log: Log) -> Splits:
    """The splits with the spans of dropped entity types read as O, and a note on each split.

    Raises CorpusError when plain tags that are dropped occur.
    """
    if not dropped:
        return splits
    notes, arrays = list[str](), {}
    for name, one in splits.arrays.items():
        counts = dropped_counts(one, splits.scheme, dropped)
        if counts and splits.scheme is Scheme.PLAIN:
            raise plain_dropped(name, counts)
        if counts:
            number = plural(sum(counts.values()), "token")
            notes.append(f"{name}: {number} of dropped entity types read as O")
            log(f"note: {notes[-1]}")
        arrays[name] = rename_tags(one, lambda tag: renamed(tag, splits.scheme, dropped))
    return replace(
        splits,
        train=LazySentences(arrays["train"]),
        valid=sentences_without(splits.valid, splits.scheme, dropped),
        test=None
        if splits.test is None
        else sentences_without(splits.test, splits.scheme, dropped),
        arrays=arrays,
        notes=(*splits.notes, *notes),
    )


def dropped_counts(
    arrays: CorpusArrays, scheme: Scheme, dropped: Collection[str]
) -> dict[str, int]:
    """How many tokens of a corpus have a tag of a dropped class, by tag."""
    counts = arrays.counts_by_tag().items()
    return {tag: count for tag, count in counts if class_of_tag(tag, scheme) in dropped}


def plain_dropped(name: str, counts: Mapping[str, int]) -> CorpusError:
    """The error for dropped plain tags in new data. name: the split."""
    tag, count = next(iter(counts.items()))
    return CorpusError(
        f"{plural(count, 'token')} with the dropped tag {tag!r}, and plain tags have no O to read it as; "
        f"give it another tag with --map-tag {tag}=NEW",
        path=name,
    )


def renamed(tag: str, scheme: Scheme, dropped: Collection[str]) -> str:
    """O for a tag of a dropped entity type, else the tag."""
    return OUTSIDE_TAG if tag and class_of_tag(tag, scheme) in dropped else tag


def sentences_without(
    sentences: Sequence[Sentence], scheme: Scheme, dropped: Collection[str]
) -> tuple[Sentence, ...]:
    """Sentences in which the tags of dropped entity types are O. Tags of other types stay legal."""
    if not dropped:
        return tuple(sentences)
    return tuple(
        sentence
        if sentence.tags is None
        else replace(sentence, tags=tuple(renamed(tag, scheme, dropped) for tag in sentence.tags))
        for sentence in sentences
    )


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
