"""The classes of a run: which ones are scored, their weights, and how often their windows are drawn."""

from collections.abc import Iterator, Mapping

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.splits import Splits
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.encoder import Encoder
from seqlab.errors import SettingsError, nearest, shorten
from seqlab.experiment.defaults import resample_of
from seqlab.settings.training import TrainSettings
from seqlab.training.checkpoint_selection import check_selection
from seqlab.weighting.resampling import (
    Resampler,
    describe_resampling,
    make_resampler,
    sentence_class_counts,
)
from seqlab.weighting.weight_options import stated_tag_weights

WINDOWS_PER_BLOCK = 1 << 16


def classes_of(encoder: Encoder, scheme: Scheme) -> tuple[str, ...]:
    """The classes that have an F1: the entity types, or all plain tags."""
    names = dict.fromkeys(class_of_tag(tag, scheme) for tag in encoder.tags)
    return tuple(name for name in names if scheme is Scheme.PLAIN or name != OUTSIDE_TAG)


def check_validation_gold(
    settings: TrainSettings, splits: Splits, classes: tuple[str, ...]
) -> None:
    """Raise SettingsError when the settings select by, or want a recall of, a class without gold in validation."""
    gold = {class_of_tag(tag, splits.scheme) for tag in splits.arrays["valid"].counts_by_tag()}
    supported = gold if splits.scheme is Scheme.PLAIN else gold - {OUTSIDE_TAG}
    check_selection(settings.select, classes, supported)
    for name in settings.recall:
        if name not in classes:
            expected = shorten(", ".join(classes))
            raise SettingsError(
                f"recall names {name!r}: expected one of {expected}{nearest(name, classes)}"
            )
        if name not in gold:
            raise SettingsError(
                f"recall names {name!r}, but the validation split has no gold for it: "
                "give more validation data"
            )


def weights_of_tags(
    settings: TrainSettings, scheme: Scheme, encoder: Encoder, counts: Int64Array
) -> FloatArray:
    """float32 (C,): the weight of each tag. counts: int64 (C,), training tokens with each tag.

    A continued run can have tags that training lacks. They get the mean weight of a token: a formula would give the
    largest weight, which would rule the validation loss. A weight that the user states stays.
    """
    weights = stated_tag_weights(
        dict(zip(encoder.tags, counts.tolist(), strict=True)),
        class_weights=settings.class_weights,
        class_weight=settings.class_weight,
        tag_scheme=scheme,
        share_prefixes=settings.share_prefix_weights,
        beta=settings.weight_beta,
        cap=settings.weight_cap,
    )
    by_tag = np.array([weights[tag] for tag in encoder.tags], np.float32)
    mean = float(counts @ by_tag / max(counts.sum(), 1))
    for number, tag in enumerate(encoder.tags):
        if not counts[number] and not {tag, class_of_tag(tag, scheme)} & {*settings.class_weight}:
            by_tag[number] = mean
    return by_tag


def tag_weight_notes(
    settings: TrainSettings, scheme: Scheme, weights: Mapping[str, float]
) -> Iterator[str]:
    """Yield a line for each weight that is set for one tag of an entity type that has more tags.

    weights: by tag. Tables show entity types, so the weight of one tag does not appear there.
    """
    for tag in settings.class_weight:
        if scheme is Scheme.PLAIN or tag not in weights or tag == OUTSIDE_TAG:
            continue
        entity_type = class_of_tag(tag, scheme)
        others = [t for t in weights if t != tag and class_of_tag(t, scheme) == entity_type]
        if others:
            kept = ", ".join(f"{other} {weights[other]:.3g}" for other in others)
            yield (
                f"class weights: {tag} {weights[tag]:.3g}, as given; {kept}, computed; tables show the mean of "
                f"{entity_type} over its tokens"
            )


def resampler_of(
    settings: TrainSettings, scheme: Scheme, encoder: Encoder, windows: EncodedCorpus
) -> tuple[Resampler | None, str]:
    """The resampler of training windows and a note on it; None when each window occurs once per epoch.

    The note is '' if the settings ask for no resampling.

    Raises SettingsError when plain tags, which have no spans, come with a share of sentences without spans.
    """
    name = resample_of(settings, scheme)
    if name == "none" and settings.keep_empty == 1:
        return None, ""
    if scheme is Scheme.PLAIN and settings.keep_empty != 1:
        raise SettingsError(f"keep_empty is {settings.keep_empty!r}: plain tags have no spans")
    classes = classes_of(encoder, scheme)
    counts = window_class_counts(encoder, scheme, classes, windows)
    resampler = make_resampler(name, counts, windows.lengths, keep_empty=settings.keep_empty)
    note = describe_resampling(name, resampler, counts, windows.lengths, classes)
    if resampler is not None and settings.resample != "none" and settings.class_weights != "none":
        note += (
            "; class weights favour the same classes a second time (--resample none avoids that)"
        )
    return resampler, note


def window_class_counts(
    encoder: Encoder, scheme: Scheme, classes: tuple[str, ...], windows: EncodedCorpus
) -> Int64Array:
    """int64 (N, E): tokens of each class in each window."""
    class_ids = {name: number for number, name in enumerate(classes)}
    of_tags = [class_ids.get(class_of_tag(tag, scheme), -1) for tag in encoder.tags]
    by_label = np.array([-1, *of_tags])[windows.tag_labels]
    counts = np.zeros((len(windows), len(classes)), np.int64)
    for start in range(0, len(windows), WINDOWS_PER_BLOCK):  # bounds the memory of a large corpus
        offsets = windows.offsets[start : start + WINDOWS_PER_BLOCK + 1]
        tags = windows.tags[offsets[0] : offsets[-1]]
        counts[start : start + WINDOWS_PER_BLOCK] = sentence_class_counts(
            by_label[tags], offsets - offsets[0], number=len(classes)
        )
    return counts
