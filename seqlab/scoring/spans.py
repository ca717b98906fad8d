"""Count spans with seqeval, in default and strict mode. Only this file imports seqeval.

`score` takes its final figures from here. seqeval imports scikit-learn, which takes a second, and loops over
tokens in Python. So the figures of each epoch come from `span_counts`, which must give the same counts.
"""

from collections import Counter
from collections.abc import Hashable

from seqlab.corpus.schemes import Scheme
from seqlab.scoring.figures import ItemCounts
from seqlab.scoring.pairs import TagSequences
from seqlab.scoring.tags import parse_tag

LocatedSpan = tuple[str, Hashable]
"""A span's entity type and its location."""


def default_counts(
    gold: TagSequences, predicted: TagSequences, scheme: Scheme
) -> dict[str, ItemCounts]:
    """Correct, predicted and gold spans per entity type, in seqeval's default mode.

    As in conlleval, a span may begin with any prefix, so 'O I-PER' holds one.
    """
    return counts_per_type(default_spans(gold, scheme), default_spans(predicted, scheme))


def strict_counts(
    gold: TagSequences, predicted: TagSequences, scheme: Scheme
) -> dict[str, ItemCounts]:
    """Correct, predicted and gold spans per entity type, in seqeval's `mode='strict'`.

    Only spans that follow the scheme count: in IOB2, 'O I-PER' holds none.
    """
    return counts_per_type(strict_spans(gold, scheme), strict_spans(predicted, scheme))


def default_spans(sentences: TagSequences, scheme: Scheme) -> set[LocatedSpan]:
    """The spans of all sentences, located by (first, last) in the sentences laid end to end."""
    from seqeval.metrics.sequence_labeling import get_entities

    entities = get_entities(readable(sentences, scheme))
    return {(entity_type, (first, last)) for entity_type, first, last in entities}


def strict_spans(sentences: TagSequences, scheme: Scheme) -> set[LocatedSpan]:
    """The spans of all sentences, located by (sentence, start, end)."""
    from seqeval import scheme as schemes

    scheme_classes = {
        Scheme.IOB1: schemes.IOB1,
        Scheme.IOB2: schemes.IOB2,
        Scheme.IOBES: schemes.IOBES,
        Scheme.BMES: schemes.IOBES,
    }
    by_sentence = schemes.Entities(readable(sentences, scheme), scheme_classes[scheme]).entities
    return {(e.tag, (e.sent_id, e.start, e.end)) for entities in by_sentence for e in entities}


def readable(sentences: TagSequences, scheme: Scheme) -> list[list[str]]:
    """The sentences with tags that seqeval reads correctly, as lists, because seqeval refuses tuples."""
    rewritten = {tag: parse_tag(tag, scheme).tag for tag in {t for s in sentences for t in s}}
    return [[rewritten[tag] for tag in sentence] for sentence in sentences]


def counts_per_type(gold: set[LocatedSpan], predicted: set[LocatedSpan]) -> dict[str, ItemCounts]:
    """Correct, predicted and gold spans per entity type."""
    correct, guessed, support = (
        Counter(entity_type for entity_type, _ in spans)
        for spans in (gold & predicted, predicted, gold)
    )
    return {
        name: ItemCounts(correct=correct[name], predicted=guessed[name], support=support[name])
        for name in support.keys() | guessed.keys()
    }
