"""What a gazetteer covers: how many spans of a corpus are a phrase of the list, and how many phrases are no span."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.encoding.gazetteer import Gazetteers
from seqlab.encoding.gazetteer_features import PhraseSearch
from seqlab.machine.wording import ratio
from seqlab.scoring.pairs import TagPairs
from seqlab.scoring.seen import sentence_blocks
from seqlab.scoring.span_counts import mark_spans
from seqlab.settings.choices import UnicodeFormName

FEWEST_SPANS = 20  # of a class in either split, for a comparison of the splits
SMALLEST_GAP = 0.25  # by which the share of covered spans is larger in train
DEVIATIONS = 4.0  # of the difference, if both splits had the same share


@dataclass(frozen=True)
class ClassCoverage:
    """The spans of one class. covered: those that are a whole phrase of the list."""

    spans: int
    covered: int

    @property
    def share(self) -> float | None:
        """The share of covered spans; None without spans."""
        return ratio(self.covered, self.spans)


@dataclass(frozen=True, kw_only=True)
class GazetteerCoverage:
    """A list in one split. matches: phrases in its text. classes: by entity type; empty for plain tags."""

    matches: int
    classes: Mapping[str, ClassCoverage]

    @property
    def total(self) -> ClassCoverage:
        """All classes together."""
        counts = self.classes.values()
        return ClassCoverage(sum(c.spans for c in counts), sum(c.covered for c in counts))

    def __str__(self) -> str:
        text = f"{self.matches:,} {'match' if self.matches == 1 else 'matches'}"
        if not self.classes:
            return text
        total = self.total
        covering = f"{total.covered:,} of {total.spans:,} spans"
        named = [
            f"{name} {one.share:.0%}"
            for name, one in sorted(self.classes.items(), key=lambda pair: -pair[1].covered)
            if one.share is not None and one.covered
        ]
        return f"{text}, {covering}" + (f" ({', '.join(named[:3])})" if named else "")


def measure_coverage(
    gazetteers: Gazetteers,
    arrays: CorpusArrays,
    scheme: Scheme,
    unicode_form: UnicodeFormName = "none",
) -> dict[str, GazetteerCoverage]:
    """By list, count its matches in a corpus, and the spans that are a whole match."""
    search = PhraseSearch.of(gazetteers, arrays.spellings, unicode_form)
    matches = dict.fromkeys(gazetteers, 0)
    spans, covered = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for start, stop in sentence_blocks(arrays.offsets):
        offsets = arrays.offsets[start : stop + 1] - arrays.offsets[start]
        tokens = slice(arrays.offsets[start], arrays.offsets[stop])
        every = search.matches(np.array(arrays.spelling_ids[tokens]), offsets)
        for number, name in enumerate(gazetteers):
            found = every.of_list(number)
            matches[name] += len(found.starts)
            ends_of_match = np.full(offsets[-1], -1)
            ends_of_match[found.starts] = found.starts + found.lengths - 1
            for type_name, count, hits in block_spans(
                arrays, tokens, offsets, scheme, ends_of_match
            ):
                spans[name, type_name] += count
                covered[name, type_name] += hits
    return {
        name: GazetteerCoverage(
            matches=matches[name],
            classes={
                own: ClassCoverage(count, covered[name, own])
                for (listed, own), count in spans.items()
                if listed == name and count
            },
        )
        for name in gazetteers
    }


def block_spans(
    arrays: CorpusArrays,
    tokens: slice,
    offsets: Int64Array,
    scheme: Scheme,
    ends_of_match: Int64Array,
) -> Iterator[tuple[str, int, int]]:
    """Yield each class of a block of sentences, its spans, and how many of them are a whole match.

    offsets: int64 (sentences + 1,), within the block. ends_of_match: int64 (tokens,), the last token of the match that
    begins at a token, or -1.
    """
    tags = arrays.tag_ids[tokens]
    if scheme is Scheme.PLAIN or not len(tags):
        return
    first = np.zeros(len(tags), np.bool_)
    first[offsets[:-1][np.diff(offsets) > 0]] = True
    marked = mark_spans(TagPairs(names=arrays.tags, gold=tags, predicted=tags, first=first), scheme)
    hits = ends_of_match[marked.gold] == marked.gold_last
    for number, name in enumerate(marked.names):
        if name != OUTSIDE_TAG:
            own = marked.gold_class == number
            yield name, int(own.sum()), int((own & hits).sum())


def suspicious_class(train: GazetteerCoverage, valid: GazetteerCoverage) -> str | None:
    """The class that a list covers far better in train than in validation; None if there is none.

    Such a list was probably made from the training mentions. The network would trust it, and miss what it lacks.
    """
    for name, one in train.classes.items():
        other = valid.classes.get(name, ClassCoverage(0, 0))
        if one.share is None or other.share is None or min(one.spans, other.spans) < FEWEST_SPANS:
            continue
        pooled = (one.covered + other.covered) / (one.spans + other.spans)
        deviation = np.sqrt(pooled * (1 - pooled) * (1 / one.spans + 1 / other.spans))
        gap = one.share - other.share
        if gap >= SMALLEST_GAP and gap > DEVIATIONS * deviation:
            return name
    return None


def coverage_warnings(
    name: str, train: GazetteerCoverage, valid: GazetteerCoverage
) -> Iterator[str]:
    """Yield what speaks against a list: it matches nothing, or it looks made from the training mentions."""
    if not train.matches:
        yield f"gazetteer {name!r} has no phrase that occurs in training: it carries no information"
    suspect = suspicious_class(train, valid)
    if suspect is not None:
        shares = [one.classes[suspect].share or 0 for one in (train, valid)]
        yield (
            f"gazetteer {name!r} covers {shares[0]:.0%} of the {suspect} spans of train, but {shares[1]:.0%} of "
            "those of valid: it looks made from the training mentions; use a list from another source"
        )
