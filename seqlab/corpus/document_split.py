"""Split a corpus in two with whole documents, if it marks documents and has enough of them.

Sentences of one document share names and topics. With a document on both sides, scores look better than
they will be on new documents. The split goes sentence by sentence when documents are too few, when their
lengths are too unequal, or when one side would lack a class that is not tiny. A note says so.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.machine.wording import listed

FEWEST_DOCUMENTS = 10
# A rarer class is no reason to divide documents: its score would depend on one or two sentences anyway.
FEWEST_SENTENCES = 10
# Tolerated distance of the smaller side from its wanted size, as a share of that size.
FARTHEST = 0.5


@dataclass(frozen=True, kw_only=True)
class CorpusCut:
    """A corpus split in two, each side in the order of the corpus.

    documents: number of whole documents in `part`; 0 when the split went sentence by sentence.
    divided: why marked documents were divided, or ''.
    one_sided: classes that one side lacks because documents stay whole.
    """

    rest: tuple[Sentence, ...]
    part: tuple[Sentence, ...]
    documents: int = 0
    divided: str = ""
    one_sided: tuple[str, ...] = ()

    def manner(self, documents: int) -> str:
        """Describe the split for a note, with a comma in front; '' when the corpus marks no documents.

        documents: number of documents in the whole file.
        """
        if self.divided:
            return f", sentence by sentence because {self.divided}"
        return f", {self.documents} of {documents} documents whole" if self.documents else ""

    def remarks(self, name: str) -> list[str]:
        """Return a note on the classes that one side lacks, if any. name: the split in `part`."""
        if not self.one_sided:
            return []
        named = listed([*map(repr, self.one_sided)])
        return [f"{name}: classes on one side only, as too few documents hold them: {named}"]


def count_documents(sentences: Iterable[Sentence]) -> int:
    """Count the documents. All sentences without a known document count as one."""
    return len({sentence.document for sentence in sentences})


def split_off(
    sentences: Sequence[Sentence], share: float, *, scheme: Scheme, seed: int
) -> CorpusCut:
    """Split with `stratified_split`, keeping documents whole when three conditions hold.

    There are at least ten documents. The sides come near their sizes. No class of ten sentences or more is
    missing on a side that would have it if documents were divided.
    Raises as `stratified_split` does.
    """
    documents = count_documents(sentences)
    if documents < FEWEST_DOCUMENTS:
        rest, part = stratified_split(sentences, share, scheme=scheme, seed=seed)
        divided = f"{documents} documents are too few" if documents > 1 else ""
        return CorpusCut(rest=rest, part=part, divided=divided)
    units = [sentence.document for sentence in sentences]
    whole = stratified_split(sentences, share, scheme=scheme, seed=seed, units=units)
    missing = one_sided_classes(*whole, scheme)
    unequal = far_off(len(whole[1]) / len(sentences), share)
    if missing or unequal:
        rest, part = stratified_split(sentences, share, scheme=scheme, seed=seed)
        anyway = one_sided_classes(rest, part, scheme)
        missing = {name: count for name, count in missing.items() if name not in anyway}
        lost = [name for name, count in missing.items() if count >= FEWEST_SENTENCES]
        if unequal or lost:
            lengths = f"the {documents} documents are too unequal in length"
            divided = lengths if unequal else f"too few documents hold {lost[0]!r}"
            return CorpusCut(rest=rest, part=part, divided=divided)
    (rest, part), one_sided = whole, tuple(sorted(missing))
    return CorpusCut(rest=rest, part=part, documents=count_documents(part), one_sided=one_sided)


def far_off(actual: float, share: float) -> bool:
    """Tell whether the smaller side is far from its wanted size.

    >>> far_off(0.10, 0.15), far_off(0.05, 0.15), far_off(0.95, 0.85)
    (False, True, True)
    """
    return abs(actual - share) > FARTHEST * min(share, 1 - share)


def one_sided_classes(
    rest: Iterable[Sentence], part: Iterable[Sentence], scheme: Scheme
) -> dict[str, int]:
    """Return the classes that occur on one side only, with the number of their sentences."""
    here, there = sentences_by_class(rest, scheme), sentences_by_class(part, scheme)
    counts = (here + there).items()
    return {name: count for name, count in counts if not (here[name] and there[name])}


def sentences_by_class(sentences: Iterable[Sentence], scheme: Scheme) -> Counter[str]:
    """Count the sentences that hold each class."""
    counts: Counter[str] = Counter()
    for sentence in sentences:
        tags = {*(sentence.tags or ())}
        if scheme is not Scheme.PLAIN:
            tags.discard(OUTSIDE_TAG)
        counts.update({class_of_tag(tag, scheme) for tag in tags})
    return counts
