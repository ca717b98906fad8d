"""Draw training windows and change some of them, anew in each epoch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqlab.arrays import AnyIntArray, Int64Array
from seqlab.augmenting.segments import Segments
from seqlab.augmenting.window_tokens import (
    WindowTokens,
    replace_mentions,
    replace_tokens,
    shuffle_segments,
)
from seqlab.encoding.batches import BatchTokens
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.settings.choices import AugmentName


@dataclass(frozen=True, kw_only=True)
class WindowAugmenter:
    """Changes a share of the windows of each batch. Each of these windows is changed by one method.

    methods: drawn evenly. share: the probability that a window is changed.
    bank: per entity type, int64 (mentions, 2), the bounds of its distinct mentions.
    same_tag: per tag id of the corpus, int64 (tokens,), its positions.
    cased: for lower and upper case, int64 (spellings,), the spelling in this case.
    """

    methods: tuple[AugmentName, ...]
    share: float
    segments: Segments
    bank: Sequence[Int64Array] = ()
    same_tag: Sequence[Int64Array] = ()
    cased: Sequence[Int64Array] = ()

    def draw(
        self, corpus: EncodedCorpus, windows: AnyIntArray, random: np.random.Generator
    ) -> BatchTokens:
        """The tokens of some windows, some of them changed. windows: integers (B,)."""
        rows, spellings, changed = [], [], []
        for number in windows.tolist():
            start, stop = corpus.offsets[number : number + 2].tolist()
            positions = np.arange(start, stop)
            window, cased = WindowTokens(words=positions, labels=positions), None
            changed.append(False)
            if random.random() < self.share and len(positions):
                changed[-1] = True
                method = self.methods[int(random.integers(len(self.methods)))]
                if method == "case":
                    cased = self.cased[int(random.integers(len(self.cased)))]
                else:
                    window = self.changed(method, window, corpus, random)
            ids = corpus.spelling_ids[window.words]
            rows.append(window)
            spellings.append(ids if cased is None else cased[ids])
        return replace(padded(rows, spellings), changed=np.array(changed, np.bool_))

    def changed(
        self, method: str, window: WindowTokens, corpus: EncodedCorpus, random: np.random.Generator
    ) -> WindowTokens:
        """A window that a method other than `case` has changed."""
        if method == "mentions":
            return replace_mentions(window, self.segments, self.bank, random)
        if method == "tokens":
            tags = corpus.tags[window.labels]
            return replace_tokens(window, self.same_tag, tags.astype(np.int64), random)
        return shuffle_segments(window, self.segments, random)


def padded(rows: Sequence[WindowTokens], spellings: Sequence[AnyIntArray]) -> BatchTokens:
    """The windows of a batch as arrays (B, T); padding has position 0 and mask False."""
    width = max((len(row.words) for row in rows), default=1) or 1
    shape = (len(rows), width)
    words, labels = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    ids, mask = np.zeros(shape, np.int32), np.zeros(shape, np.bool_)
    for number, (row, of_row) in enumerate(zip(rows, spellings, strict=True)):
        length = len(row.words)
        words[number, :length], labels[number, :length] = row.words, row.labels
        ids[number, :length], mask[number, :length] = of_row, True
    return BatchTokens(spelling_ids=ids, words=words, labels=labels, mask=mask)


def mention_bank(corpus: EncodedCorpus, segments: Segments) -> list[Int64Array]:
    """Per entity type, int64 (mentions, 2), the bounds of its distinct mentions, in order of first occurrence."""
    distinct: list[dict[bytes, tuple[int, int]]] = [{} for _ in segments.names]
    bounds = zip(segments.starts.tolist(), segments.stops.tolist(), strict=True)
    for (start, stop), number in zip(bounds, segments.types.tolist(), strict=True):
        words = corpus.spelling_ids[start:stop].tobytes()
        distinct[number].setdefault(words, (start, stop))
    return [np.array([*of_type.values()], np.int64).reshape(-1, 2) for of_type in distinct]


def positions_by_tag(corpus: EncodedCorpus) -> list[Int64Array]:
    """Per tag of the corpus, int64 (tokens,), the positions of its tokens."""
    order = np.argsort(corpus.tags, kind="stable")
    counts = np.bincount(corpus.tags, minlength=len(corpus.tag_labels))
    return np.split(order, np.cumsum(counts)[:-1])
