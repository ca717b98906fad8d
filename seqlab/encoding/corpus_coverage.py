"""Count which part of a labelled corpus has word vectors: tokens, distinct tokens, and tokens of entities."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.vectors import Coverage, WordVectors, coverage


@dataclass(frozen=True, kw_only=True)
class CorpusCoverage:
    """The coverage of a corpus.

    types: of distinct tokens.
    entity_tokens: of tokens with another tag than O; None for plain tags.
    """

    tokens: Coverage
    types: Coverage
    entity_tokens: Coverage | None


def corpus_coverage(sentences: Iterable[Sentence], vectors: WordVectors) -> CorpusCoverage:
    """Count the coverage of a corpus. Tokens are looked up as the tagger looks them up."""
    token_counts: Counter[str] = Counter()
    entity_counts: Counter[str] = Counter()
    tag_sequences: set[tuple[str, ...]] = set()
    for sentence in sentences:
        token_counts.update(sentence.tokens)
        if sentence.tags is None:
            continue
        tag_sequences.add(sentence.tags)
        pairs = zip(sentence.tokens, sentence.tags, strict=True)
        entity_counts.update(token for token, tag in pairs if tag != OUTSIDE_TAG)
    plain = not tag_sequences or detect_scheme(tag_sequences) is Scheme.PLAIN
    return CorpusCoverage(
        tokens=coverage(token_counts, vectors),
        types=coverage(token_counts.keys(), vectors),
        entity_tokens=None if plain else coverage(entity_counts, vectors),
    )
