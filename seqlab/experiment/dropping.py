"""The classes that a continued network loses (--drop-tag), and corpora without them. Does not import keras."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from seqlab.corpus.corpus_arrays import CorpusArrays, LazySentences
from seqlab.corpus.joined_arrays import rename_tags
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits
from seqlab.encoding.encoder import Encoder
from seqlab.errors import CorpusError, SettingsError, nearest
from seqlab.experiment.classes import classes_of
from seqlab.experiment.old_run import OldRun
from seqlab.machine.wording import listed, plural
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings


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
