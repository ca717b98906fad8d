"""What word vectors know of a labelled corpus: its tokens, its distinct tokens, the tokens of its entities."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.vectors import Coverage, WordVectors, coverage


@dataclass(frozen=True, kw_only=True)
class CorpusCoverage:
    """Each part's coverage. entity_tokens: those with another tag than O; None for plain tags, and without tags."""

    tokens: Coverage
    types: Coverage
    entity_tokens: Coverage | None


def corpus_coverage(sentences: Iterable[Sentence], vectors: WordVectors) -> CorpusCoverage:
    """How vectors cover a corpus. A token is covered as the tagger would look it up."""
    everything: Counter[str] = Counter()
    entities: Counter[str] = Counter()
    patterns: set[tuple[str, ...]] = set()
    for sentence in sentences:
        everything.update(sentence.tokens)
        if sentence.tags is None:
            continue
        patterns.add(sentence.tags)
        pairs = zip(sentence.tokens, sentence.tags, strict=True)
        entities.update(token for token, tag in pairs if tag != OUTSIDE_TAG)
    plain = not patterns or detect_scheme(patterns) is Scheme.PLAIN
    return CorpusCoverage(
        tokens=coverage(everything, vectors),
        types=coverage(everything.keys(), vectors),
        entity_tokens=None if plain else coverage(entities, vectors),
    )
