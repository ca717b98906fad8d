"""How many tokens of a split the network would read as the unknown word, and what vectors know.

By the rules of `encoding`: the vocabulary of train, without words rarer than asked for unless vectors have them.
"""

from dataclasses import dataclass
from itertools import compress

from seqlab.auditing.views import SplitView
from seqlab.corpus.schemes import Scheme
from seqlab.encoding.vectors import Coverage, WordVectors, coverage
from seqlab.encoding.vocabulary import UNKNOWN
from seqlab.machine.wording import ratio


@dataclass(frozen=True, kw_only=True)
class VectorCoverage:
    """Shares of tokens that a file of vectors has: as spelt, only in lower case, not at all."""

    exact: float | None
    lower: float | None
    unknown: float | None


@dataclass(frozen=True, kw_only=True)
class UnknownWords:
    """One split. unknown, entity_unknown: shares of all tokens and of the tokens of spans (None for plain).

    new_spans: share of the spans whose text is no span of train (of train itself: occurs once).
    vectors, entity_vectors: coverage, None without vectors.
    """

    unknown: float | None
    entity_unknown: float | None
    new_spans: float | None
    vectors: VectorCoverage | None
    entity_vectors: VectorCoverage | None


def count_unknown(split: SplitView, train: SplitView, vectors: WordVectors | None) -> UnknownWords:
    """The unknown words of a split, by the vocabularies that it was encoded with."""
    unknown, entity = split.encoded.words == UNKNOWN, split.is_entity
    return UnknownWords(
        unknown=ratio(int(unknown.sum()), split.tokens),
        entity_unknown=ratio(int((unknown & entity).sum()), int(entity.sum())),
        new_spans=None if split is train else new_spans(split, train),
        vectors=covered(split, vectors, None),
        entity_vectors=covered(split, vectors, entity.tolist()),
    )


def new_spans(split: SplitView, train: SplitView) -> float | None:
    """The share of the spans whose text, as written, no training span has."""
    if split.scheme is Scheme.PLAIN:
        return None
    known = {train.span_text(span) for span in train.spans}
    new = sum(split.span_text(span) not in known for span in split.spans)
    return ratio(new, len(split.spans))


def covered(
    split: SplitView, vectors: WordVectors | None, chosen: list[bool] | None
) -> VectorCoverage | None:
    """How vectors cover a split's tokens, all or the chosen ones; None where there are none."""
    if vectors is None:
        return None
    tokens = [token for sentence in split.sentences for token in sentence.tokens]
    found: Coverage = coverage(tokens if chosen is None else compress(tokens, chosen), vectors)
    return VectorCoverage(
        exact=ratio(found.exact, found.total),
        lower=ratio(found.lower, found.total),
        unknown=ratio(found.unknown, found.total),
    )
