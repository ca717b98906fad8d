"""Count how many tokens, distinct tokens and tokens of entities have word vectors."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seqlab.corpus.corpus_arrays import CorpusArrays, corpus_arrays
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.vectors import WordVectors


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many tokens (or distinct tokens) have a vector.

    exact: found as written. lower: found only in lower case or normalised. unknown: not found.
    """

    exact: int
    lower: int
    unknown: int

    @property
    def total(self) -> int:
        """The sum of all three."""
        return self.exact + self.lower + self.unknown

    def __str__(self) -> str:
        if not self.total:
            return "nothing to cover"
        counts = {"exact": self.exact, "lower-case": self.lower, "unknown": self.unknown}
        return ", ".join(f"{count / self.total:.1%} {name}" for name, count in counts.items())


def count_coverage(tokens: Iterable[str] | Mapping[str, int], vectors: WordVectors) -> Coverage:
    """Count the coverage of tokens. tokens: a list, or the count of each distinct token."""
    exact = lower = unknown = 0
    for token, count in Counter(tokens).items():
        if token in vectors.rows:
            exact += count
        elif vectors.find(token) is not None:
            lower += count
        else:
            unknown += count
    return Coverage(exact=exact, lower=lower, unknown=unknown)


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
        tokens=count_coverage(token_counts, vectors),
        types=count_coverage(token_counts.keys(), vectors),
        entity_tokens=None if plain else count_coverage(entity_counts, vectors),
    )


def describe_coverage(
    name: str, sentences: Sequence[Sentence] | CorpusArrays, vectors: WordVectors
) -> str:
    """Return one line with the coverage of a split, by token and by distinct token."""
    counts = corpus_arrays(sentences).counts_by_spelling()
    by_type = count_coverage(counts.keys(), vectors)
    return f"{name} by token: {count_coverage(counts, vectors)}; by type: {by_type}"
