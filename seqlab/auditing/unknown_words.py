"""How many tokens the network would read as the unknown word, and how many have a word vector.

A word is unknown if the vocabulary of train lacks it, because it does not occur there or is too rare.
With word vectors, all their words are known.
"""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import BoolArray
from seqlab.auditing.views import SplitView
from seqlab.corpus.schemes import Scheme
from seqlab.encoding.coverage import count_coverage
from seqlab.encoding.vectors import WordVectors
from seqlab.machine.wording import ratio
from seqlab.settings.choices import UnicodeFormName
from seqlab.text.spelling import normalise
from seqlab.text.unicode_form import in_form

FORMS: tuple[UnicodeFormName, ...] = ("nfc", "nfkc")


@dataclass(frozen=True, kw_only=True)
class VectorCoverage:
    """Shares of the tokens whose vector is found as written, found only in lower case, or not found."""

    exact: float | None
    lower: float | None
    unknown: float | None


@dataclass(frozen=True, kw_only=True)
class UnknownWords:
    """The unknown words of one split.

    unknown: share of all tokens. entity_unknown: share of the tokens in spans; None for plain tags.
    new_spans: share of the spans whose text is not the text of a span of train; None for train itself.
    other_form: share of the unknown tokens that are words of train in another Unicode form. form: the form in
        which they are equal, 'nfc' or 'nfkc'; None without such tokens.
    vectors, entity_vectors: coverage of all tokens and of those in spans; None without vectors.
    """

    unknown: float | None
    entity_unknown: float | None
    new_spans: float | None
    other_form: float
    form: UnicodeFormName | None
    vectors: VectorCoverage | None
    entity_vectors: VectorCoverage | None


def count_unknown(split: SplitView, train: SplitView, vectors: WordVectors | None) -> UnknownWords:
    """Count the unknown words of a split."""
    unknown, in_span = split.unknown, split.in_span
    other_form, form = words_in_other_form(split, train)
    everywhere = np.ones(split.tokens, np.bool_)
    return UnknownWords(
        unknown=ratio(int(unknown.sum()), split.tokens),
        entity_unknown=ratio(int((unknown & in_span).sum()), int(in_span.sum())),
        new_spans=None if split is train else new_span_share(split, train),
        other_form=other_form,
        form=form,
        vectors=None if vectors is None else vector_coverage(split, vectors, everywhere),
        entity_vectors=None if vectors is None else vector_coverage(split, vectors, in_span),
    )


def words_in_other_form(split: SplitView, train: SplitView) -> tuple[float, UnicodeFormName | None]:
    """The share of the unknown tokens that are words of train in another Unicode form, and the form.

    nfc if that makes them equal, else nfkc. (0.0, None) without such tokens.
    """
    spellings = split.arrays.spellings
    counts = np.bincount(split.arrays.spelling_ids[split.unknown], minlength=len(spellings))
    words = set(map(normalise, train.arrays.spellings))
    unknown = {spellings[index]: int(counts[index]) for index in np.flatnonzero(counts)}
    unknown = {word: count for word, count in unknown.items() if normalise(word) not in words}
    best: tuple[float, UnicodeFormName | None] = 0.0, None
    for form in FORMS if unknown else ():
        known = {normalise(in_form(word, form)) for word in train.arrays.spellings}
        equal = sum(count for w, count in unknown.items() if normalise(in_form(w, form)) in known)
        best = max(best, (equal / int(counts.sum()), form), key=lambda pair: pair[0])
    return best


def new_span_share(split: SplitView, train: SplitView) -> float | None:
    """The share of the spans whose text, as written, no span of train has; None for plain tags."""
    if split.scheme is Scheme.PLAIN:
        return None
    known = {train.span_text(span) for span in train.spans}
    new = sum(split.span_text(span) not in known for span in split.spans)
    return ratio(new, len(split.spans))


def vector_coverage(split: SplitView, vectors: WordVectors, chosen: BoolArray) -> VectorCoverage:
    """The coverage of some tokens of a split. chosen: bool (tokens,)."""
    spellings = split.arrays.spellings
    counts = np.bincount(split.arrays.spelling_ids[chosen], minlength=len(spellings)).tolist()
    covered = count_coverage(dict(zip(spellings, counts, strict=True)), vectors)
    return VectorCoverage(
        exact=ratio(covered.exact, covered.total),
        lower=ratio(covered.lower, covered.total),
        unknown=ratio(covered.unknown, covered.total),
    )
