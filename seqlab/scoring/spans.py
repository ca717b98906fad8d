"""Spans as seqeval finds them, in default and in strict mode; seqeval stands in this file alone.

`score` takes its final figures from here. seqeval brings scikit-learn along, which takes a second
to import, and walks over tokens in Python: the figures of each epoch come from `span_counts`,
which counts the default mode's spans in numpy and is held equal to this file by its tests.
"""

from collections import Counter
from collections.abc import Hashable, Sequence

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.figures import Sums
from seqlab.scoring.pairs import TagSequences
from seqlab.scoring.tags import parse_tag

LocatedSpan = tuple[str, Hashable]
"""A span's type, and where it lies."""


def default_sums(gold: TagSequences, predicted: TagSequences, scheme: Scheme) -> dict[str, Sums]:
    """Correct, predicted and gold spans per type, as `seqeval` counts without a mode.

    That is conlleval's reading: a span may start with any prefix, so 'O I-PER' holds one.
    """
    return _sums(default_spans(_legible(gold, scheme)), default_spans(_legible(predicted, scheme)))


def strict_sums(gold: TagSequences, predicted: TagSequences, scheme: Scheme) -> dict[str, Sums]:
    """Correct, predicted and gold spans per type, as `seqeval` counts with `mode='strict'`.

    Only what the scheme spells out is a span: in IOB2 'O I-PER' holds none.
    """
    return _sums(
        strict_spans(_legible(gold, scheme), scheme),
        strict_spans(_legible(predicted, scheme), scheme),
    )


def default_spans(sentences: Sequence[list[str]]) -> set[LocatedSpan]:
    """The spans of all sentences; a place is (start, end) in the sentences laid end to end."""
    from seqeval.metrics.sequence_labeling import get_entities

    return {(name, (start, end)) for name, start, end in get_entities(sentences)}


def strict_spans(sentences: Sequence[list[str]], scheme: Scheme) -> set[LocatedSpan]:
    """The spans of all sentences; a place is (sentence, start, end)."""
    from seqeval import scheme as schemes

    classes = {
        Scheme.IOB1: schemes.IOB1,
        Scheme.IOB2: schemes.IOB2,
        Scheme.IOBES: schemes.IOBES,
        Scheme.BMES: schemes.IOBES,
    }
    found = schemes.Entities(sentences, classes[scheme]).entities
    return {(e.tag, (e.sent_id, e.start, e.end)) for entities in found for e in entities}


def _legible(sentences: TagSequences, scheme: Scheme) -> list[list[str]]:
    """The sentences in tags that seqeval knows; also as lists, for it refuses tuples."""
    spelling = {tag: parse_tag(tag, scheme).tag for tag in {t for s in sentences for t in s}}
    return [[spelling[tag] for tag in sentence] for sentence in sentences]


def _sums(gold: set[LocatedSpan], predicted: set[LocatedSpan]) -> dict[str, Sums]:
    correct = Counter(name for name, _ in gold & predicted)
    guessed = Counter(name for name, _ in predicted)
    support = Counter(name for name, _ in gold)
    return {
        name: Sums(correct=correct[name], predicted=guessed[name], support=support[name])
        for name in support.keys() | guessed.keys()
    }
