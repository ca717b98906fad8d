"""One corpus cut in two with its documents whole, where it tells them and there are enough of them.

Sentences of one document share names and topics: on both sides they make scores look better than those
of new documents will be. Where documents are too few, too unequal, or alone hold a class that is not
tiny, the cut is made sentence by sentence, and the manner of the cut says so.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.machine.wording import listed

FEWEST_DOCUMENTS = 10
# A class of fewer sentences is not worth dividing documents for: its score would hang on one or two.
FEWEST_SENTENCES = 10
FARTHEST = 0.5  # how far the smaller side may be from its size, as a share of that


@dataclass(frozen=True, kw_only=True)
class CorpusCut:
    """A corpus in two, each side in the order of the corpus.

    documents: how many documents `part` has, all whole; 0 where the cut is not by documents.
    divided: why documents that the corpus tells are not kept whole, else ''.
    alone: classes that one side lacks because documents are whole.
    """

    rest: tuple[Sentence, ...]
    part: tuple[Sentence, ...]
    documents: int = 0
    divided: str = ""
    alone: tuple[str, ...] = ()

    def manner(self, documents: int) -> str:
        """How the corpus was cut, for a note, with a comma before it; '' where it tells no documents.

        documents: how many the whole file has.
        """
        if self.divided:
            return f", sentence by sentence as {self.divided}"
        return f", {self.documents} of {documents} documents whole" if self.documents else ""

    def remarks(self, name: str) -> list[str]:
        """A note on the classes that one side lacks, or none. name: that of `part`."""
        if not self.alone:
            return []
        named = listed([*map(repr, self.alone)])
        return [f"{name}: too few documents to have on both sides: {named}"]


def count_documents(sentences: Iterable[Sentence]) -> int:
    """How many documents the sentences are of; those of no known document are together one."""
    return len({sentence.document for sentence in sentences})


def split_off(
    sentences: Sequence[Sentence], share: float, *, scheme: Scheme, seed: int
) -> CorpusCut:
    """Cut as `stratified_split` does, with documents for units where that is sensible.

    It is with ten documents or more, when the sides come near to their sizes, and when no class of
    ten sentences or more is missing on a side where it would be if documents were divided.
    Raises as `stratified_split` does.
    """
    told = count_documents(sentences)
    if told < FEWEST_DOCUMENTS:
        rest, part = stratified_split(sentences, share, scheme=scheme, seed=seed)
        divided = f"{told} documents are too few" if told > 1 else ""
        return CorpusCut(rest=rest, part=part, divided=divided)
    units = [sentence.document for sentence in sentences]
    whole = stratified_split(sentences, share, scheme=scheme, seed=seed, units=units)
    alone = one_sided(*whole, scheme)
    unequal = far_off(len(whole[1]) / len(sentences), share)
    if alone or unequal:
        rest, part = stratified_split(sentences, share, scheme=scheme, seed=seed)
        anyhow = one_sided(rest, part, scheme)
        alone = {kind: count for kind, count in alone.items() if kind not in anyhow}
        lost = [kind for kind, count in alone.items() if count >= FEWEST_SENTENCES]
        if unequal or lost:
            unlike = f"the {told} documents are too unequal in length"
            divided = unlike if unequal else f"too few documents hold {lost[0]!r}"
            return CorpusCut(rest=rest, part=part, divided=divided)
    rest, part = whole
    return CorpusCut(
        rest=rest, part=part, documents=count_documents(part), alone=tuple(sorted(alone))
    )


def far_off(found: float, share: float) -> bool:
    """Whether the smaller side is not near its size.

    >>> far_off(0.10, 0.15), far_off(0.05, 0.15), far_off(0.95, 0.85)
    (False, True, True)
    """
    return abs(found - share) > FARTHEST * min(share, 1 - share)


def one_sided(rest: Iterable[Sentence], part: Iterable[Sentence], scheme: Scheme) -> dict[str, int]:
    """How many sentences hold each class that stands on one side alone."""
    here, there = holders(rest, scheme), holders(part, scheme)
    return {
        kind: count for kind, count in (here + there).items() if not (here[kind] and there[kind])
    }


def holders(sentences: Iterable[Sentence], scheme: Scheme) -> Counter[str]:
    """How many sentences hold each class."""
    counts: Counter[str] = Counter()
    for sentence in sentences:
        tags = {*(sentence.tags or ())}
        if scheme is not Scheme.PLAIN:
            tags.discard(OUTSIDE_TAG)
        counts.update({class_of_tag(tag, scheme) for tag in tags})
    return counts
