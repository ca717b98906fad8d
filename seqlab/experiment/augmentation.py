"""The augmenter of a training, from its settings and its training split."""

from dataclasses import replace

import numpy as np

from seqlab.augmenting.augmenter import WindowAugmenter, mention_bank, positions_by_tag
from seqlab.augmenting.segments import find_segments
from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.encoder import Encoder
from seqlab.errors import SettingsError
from seqlab.machine.wording import percent, plural
from seqlab.settings.training import TrainSettings

CASES = (str.lower, str.upper)


def with_cased_spellings(settings: TrainSettings, arrays: CorpusArrays) -> CorpusArrays:
    """The corpus, with its spellings in lower and in upper case behind the others if --augment case needs them."""
    if "case" not in settings.augment:
        return arrays
    spellings = tuple(
        dict.fromkeys([*arrays.spellings, *(c(s) for c in CASES for s in arrays.spellings)])
    )
    unused = np.zeros(len(spellings) - len(arrays.spellings), np.int64)
    counts = np.concatenate([arrays.spelling_counts, unused])
    return replace(arrays, spellings=spellings, spelling_counts=counts)


def augmenter_of(
    settings: TrainSettings,
    scheme: Scheme,
    encoder: Encoder,
    arrays: CorpusArrays,
    train: EncodedCorpus,
) -> WindowAugmenter | None:
    """What changes training windows; None without --augment.

    arrays: the training corpus, from `with_cased_spellings`. train: the same, encoded.
    Raises SettingsError for mentions of plain tags.
    """
    methods = settings.augment
    if not methods:
        return None
    if scheme is Scheme.PLAIN and "mentions" in methods:
        raise SettingsError("augment is 'mentions', but plain tags have no mentions: leave it out")
    segments = find_segments(train, encoder.tags, scheme)
    ids = {spelling: number for number, spelling in enumerate(arrays.spellings)}
    cased = [
        np.array([ids.get(case(spelling), 0) for spelling in arrays.spellings], np.int64)
        for case in (CASES if "case" in methods else ())
    ]
    return WindowAugmenter(
        methods=methods,
        share=settings.augment_share,
        segments=segments,
        bank=mention_bank(train, segments) if "mentions" in methods else (),
        same_tag=positions_by_tag(train) if "tokens" in methods else (),
        cased=cased,
    )


def augmentation_text(augmenter: WindowAugmenter) -> str:
    """One line: the share of changed windows, the methods, and the number of mentions to draw from."""
    share = percent(augmenter.share, digits=0)
    line = (
        f"augmentation: {share} of an epoch's windows are changed: {', '.join(augmenter.methods)}"
    )
    if not len(augmenter.bank):
        return line
    sizes = {
        name: len(bank)
        for name, bank in zip(augmenter.segments.names, augmenter.bank, strict=True)
        if name != OUTSIDE_TAG
    }
    mentions = plural(sum(sizes.values()), "distinct mention")
    fewest = min(sizes, key=lambda name: (sizes[name], name))
    return f"{line}; {mentions} in training, fewest for {fewest}: {sizes[fewest]:,}"
