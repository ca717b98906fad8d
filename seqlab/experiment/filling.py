"""Old entity types that the new training corpus is not labelled with (--fill-old). Does not import keras.

New data are often labelled with a new type alone. Then every old entity in them is O, and the network learns to forget
its type. The old tagger can label these types first: this is self-training on the old classes, as in 'Continual Learning
for Named Entity Recognition' (Monaikul et al. 2021), with hard labels.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from seqlab.corpus.corpus_arrays import (
    CorpusArrays,
    LazySentences,
    SymbolIds,
    count_ids,
    smallest_id_type,
)
from seqlab.corpus.schemes import Scheme, class_of_tag, decode_spans, encode_spans
from seqlab.corpus.splits import Splits
from seqlab.errors import SettingsError
from seqlab.experiment.old_data import kept_classes
from seqlab.experiment.old_run import Origin
from seqlab.machine.wording import listed, plural
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.tagging.tagger import Tagger


def filled(settings: TrainSettings, splits: Splits, origin: Origin, log: Log) -> Splits:
    """The splits; with --fill-old, training has the old tagger's spans of the types that it has no span of.

    Without it, a note names these types.
    Raises SettingsError for --fill-old with plain tags.
    """
    if splits.scheme is Scheme.PLAIN:
        if settings.fill_old:
            raise SettingsError("fill_old is True, but plain tags have no O to fill: leave it out")
        return splits
    arrays = splits.arrays["train"]
    found = {class_of_tag(tag, splits.scheme) for tag in arrays.counts_by_tag()}
    missing = [name for name in kept_classes(origin) if name not in found]
    if not missing:
        return splits
    if not settings.fill_old:
        note = (
            f"train: no span of {listed(list(map(repr, missing)))}, so the network learns that no token is in one; "
            "if some are, label them or give --fill-old"
        )
    else:
        arrays, counts = fill(arrays, origin.old.tagger, missing)
        shown = ", ".join(f"{name} {counts[name]:,}" for name in missing)
        note = f"train: {plural(counts.total(), 'span')} of the old run filled in: {shown}"
        splits = replace(
            splits, train=LazySentences(arrays), arrays={**splits.arrays, "train": arrays}
        )
    log(f"note: {note}")
    return replace(splits, notes=(*splits.notes, note))


def fill(
    arrays: CorpusArrays, tagger: Tagger, types: Collection[str]
) -> tuple[CorpusArrays, Counter[str]]:
    """The corpus with the tagger's spans of some entity types where all tokens are O, and their numbers by type."""
    symbols = SymbolIds()
    for tag in arrays.tags:
        symbols[tag]
    tag_ids = arrays.tag_ids.astype(np.int32)
    sentences, counts = LazySentences(arrays), Counter[str]()
    for number, prediction in enumerate(tagger.predict(sentences)):
        spans = decode_spans(prediction.tags, tagger.scheme)
        wanted = [span for span in spans if span[2] in types]
        if not wanted:
            continue
        start, stop = arrays.offsets[number : number + 2].tolist()
        gold = decode_spans([arrays.tags[i] for i in arrays.tag_ids[start:stop]], tagger.scheme)
        taken = {position for begin, end, _ in gold for position in range(begin, end)}
        added = [span for span in wanted if taken.isdisjoint(range(span[0], span[1]))]
        counts.update(entity_type for _, _, entity_type in added)
        tags = encode_spans([*gold, *added], stop - start, tagger.scheme)
        tag_ids[start:stop] = [symbols[tag] for tag in tags]
    return replace(
        arrays,
        tags=tuple(symbols),
        tag_ids=tag_ids.astype(smallest_id_type(len(symbols))),
        tag_counts=count_ids(tag_ids, len(symbols)),
    ), counts
