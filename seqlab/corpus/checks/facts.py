"""What the checks look at: counts of all tags, and the first tokens of a corpus.

Reading has already made the counts, or makes them on the way. So the checks cost little on a large corpus.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.corpus.checks.limits import SAMPLE_TOKENS
from seqlab.corpus.corpus_arrays import BLOCK, LazySentences
from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading import Corpus
from seqlab.corpus.reading_options import DEFAULT_OPTIONS, ReadingOptions
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, split_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.token_lines import token_sources
from seqlab.machine.cached_property import cached_property


@dataclass(frozen=True, kw_only=True)
class CorpusFacts:
    """What was read from one file.

    path, format, options: the file, and how it was read.
    sentences: in memory, or built when accessed. tag_counts: tokens with each tag, as the file has them.
    scheme: the scheme that the tags are wanted in; None takes any. training: the file is the training corpus.
    """

    path: str
    format: Format
    options: ReadingOptions = DEFAULT_OPTIONS
    sentences: Sequence[Sentence]
    tag_counts: Mapping[str, int]
    scheme: Scheme | None = None
    training: bool = True

    @cached_property
    def tokens(self) -> int:
        """All tokens with a tag."""
        return sum(self.tag_counts.values())

    @cached_property
    def sample(self) -> Sequence[Sentence]:
        """The first sentences, with `SAMPLE_TOKENS` tokens or a few more."""
        sample, tokens = [], 0
        for sentence in self.sentences:
            sample.append(sentence)
            tokens += len(sentence)
            if tokens >= SAMPLE_TOKENS:
                break
        return sample

    @cached_property
    def sample_tokens(self) -> Counter[str]:
        """How often each token occurs in the sample."""
        return Counter(chain.from_iterable(sentence.tokens for sentence in self.sample))

    @cached_property
    def sample_tags(self) -> Counter[str]:
        """How often each tag occurs in the sample."""
        return count_tags(self.sample)

    def first_places(self, tags: Sequence[str]) -> dict[str, str]:
        """'path:line' of the first token with each of some tags; a tag that does not occur is left out."""
        first = dict(first_tokens(self.sentences, tags))
        return dict(zip(first, token_sources(list(first.values())), strict=True))


def facts_of(
    corpus: Corpus,
    *,
    options: ReadingOptions = DEFAULT_OPTIONS,
    scheme: Scheme | None = None,
    training: bool = False,
) -> CorpusFacts:
    """Return the facts of a corpus in memory. options: how it was read. Other arguments as for `CorpusFacts`."""
    return CorpusFacts(
        path=corpus.path,
        format=corpus.format,
        options=options,
        sentences=corpus.sentences,
        tag_counts=count_tags(corpus.sentences),
        scheme=scheme,
        training=training,
    )


def count_tags(sentences: Iterable[Sentence]) -> Counter[str]:
    """Count the tags of sentences."""
    return Counter(chain.from_iterable(sentence.tags or () for sentence in sentences))


def is_span_tag(tag: str) -> bool:
    """Tell whether a tag is PREFIX-TYPE."""
    return split_tag(tag) is not None


def fits_spans(tag: str) -> bool:
    """Tell whether a tag is O or PREFIX-TYPE."""
    return tag == OUTSIDE_TAG or is_span_tag(tag)


def first_tokens(
    sentences: Sequence[Sentence], tags: Collection[str]
) -> Iterator[tuple[str, tuple[Sentence, int]]]:
    """Yield each of some tags with the first token that has it: its sentence, and its position there."""
    missing = set(tags)
    if isinstance(sentences, LazySentences):
        yield from first_cached_tokens(sentences, missing)
        return
    for sentence in sentences:
        if not missing:
            return
        if missing.isdisjoint(sentence.tags or ()):
            continue
        for position, tag in enumerate(sentence.tags or ()):
            if tag in missing:
                missing.remove(tag)
                yield tag, (sentence, position)


def first_cached_tokens(
    sentences: LazySentences, tags: Collection[str]
) -> Iterator[tuple[str, tuple[Sentence, int]]]:
    """Yield the same from arrays. Only the sentences of the result are built."""
    arrays = sentences.arrays
    for tag in tags:
        if tag not in arrays.tags:
            continue
        token = first_index(arrays.tag_ids, arrays.tags.index(tag))
        number = int(np.searchsorted(arrays.offsets, token, side="right")) - 1
        yield tag, (sentences.sentence(number), token - int(arrays.offsets[number]))


def first_index(ids: AnyArray, wanted: int) -> int:
    """Return where an id occurs first, reading block by block. The id occurs."""
    for start in range(0, len(ids), BLOCK):
        where = np.flatnonzero(ids[start : start + BLOCK] == wanted)
        if where.size:
            return start + int(where[0])
    return 0
