"""Labels that are probably wrong: tokens whose given tag has a low probability, and another tag a higher one.

The probability of the given tag is multiplied by the square root of the frequency of the rarer of both classes. So errors
of rare classes come first, and a frequent class does not fill the list. docs/suspects.md compares the order with that
of confident learning (Northcutt, Jiang, Chuang 2021). The list is only as good as the network. Classes that it hardly finds
are left out, and it may have memorised mistakes of the sentences that it was trained on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqlab.arrays import AnyFloatArray
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.token_lines import token_sources
from seqlab.errors import SettingsError
from seqlab.scoring.tags import class_of

if TYPE_CHECKING:
    from seqlab.tagging.tagger import Tagger

CONTEXT = 3  # tokens shown on either side
LEAST_RECALL = 0.2  # a class with a smaller share of its tokens found is left out
LEAST_PROBABILITY = 1e-4  # smaller ones say nothing, but would outweigh any frequency

Probabilities = Sequence[AnyFloatArray]
"""float (T, C) per sentence."""


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A token whose tag is probably wrong.

    source: 'path:line' of the token. context: the tokens around it, itself in brackets.
    score: probability of the given tag; low is suspicious. suggested_score: of the suggested tag.
    rank_class: the rarer class of the two tags; the suspect is listed under it.
    """

    source: str
    token: str
    context: str
    given: str
    suggested: str
    score: float
    suggested_score: float
    rank_class: str


@dataclass(frozen=True, kw_only=True)
class Suspects:
    """The suspects. left_out: classes with a low token recall, and that recall."""

    found: tuple[Suspect, ...]
    left_out: Mapping[str, float]


class LabelIssue(NamedTuple):
    """A token whose most probable tag is not the given one: its sentence and position, both tags, their probabilities.

    rank_class: the rarer class of the two tags.
    """

    sentence: int
    position: int
    given: str
    suggested: str
    score: float
    suggested_score: float
    rank_class: str


@dataclass(frozen=True, kw_only=True)
class SuspectOrder:
    """All label issues, the most suspicious first. frequency: tokens by class. left_out: as in `Suspects`."""

    issues: tuple[LabelIssue, ...]
    frequency: Mapping[str, int]
    left_out: Mapping[str, float]


def find_suspects(tagger: "Tagger", sentences: Sequence[Sentence], *, most: int) -> Suspects:
    """Find at most `most` suspects in labelled sentences, those of the rarest class first.

    sentences: in the tagger's scheme. A sentence with a tag that the tagger does not know is skipped.
    Raises SettingsError if `most` is below 1.
    """
    check_most(most)
    tags = tagger.encoder.tags
    known = [s for s in sentences if s.tags and all(tag in tags for tag in s.tags)]
    probabilities = [np.exp(logs) for logs in tagger.token_log_probabilities(known)]
    return rank_suspects(known, probabilities, tags.symbols, scheme=tagger.scheme, most=most)


def check_most(most: int) -> None:
    """Raise SettingsError for a number of suspects below 1."""
    if most < 1:
        raise SettingsError(f"suspects is {most!r}: expected 1 or more")


def rank_suspects(
    sentences: Sequence[Sentence],
    probabilities: Probabilities,
    tags: Sequence[str],
    *,
    scheme: Scheme,
    most: int,
) -> Suspects:
    """Find at most `most` suspects from the probabilities of a tagger, those of the rarest class first.

    sentences: with tags. probabilities: float (T, C) per sentence. tags: C tags, all that the sentences have.
    """
    order = suspect_order(sentences, probabilities, tags, scheme=scheme)
    chosen = rarest_first(order.issues[:most], order.frequency)
    sources = token_sources([(sentences[issue.sentence], issue.position) for issue in chosen])
    suspects = tuple(
        as_suspect(issue, sentences[issue.sentence], source)
        for issue, source in zip(chosen, sources, strict=True)
    )
    return Suspects(found=suspects, left_out=order.left_out)


def suspect_order(
    sentences: Sequence[Sentence],
    probabilities: Probabilities,
    tags: Sequence[str],
    *,
    scheme: Scheme,
) -> SuspectOrder:
    """All label issues, the most suspicious first. Arguments as for `rank_suspects`."""
    classes = {tag: class_of(tag, scheme) for tag in tags}
    frequency = Counter(classes[tag] for s in sentences for tag in s.tags or ())
    recall = token_recall(sentences, probabilities, [classes[tag] for tag in tags], classes)
    left_out = {name: share for name, share in recall.items() if share < LEAST_RECALL}
    issues = [
        issue
        for issue in label_issues(sentences, probabilities, tags, classes, frequency)
        if classes[issue.given] not in left_out
    ]

    def doubt(issue: LabelIssue) -> float:
        return max(issue.score, LEAST_PROBABILITY) * sqrt(frequency[issue.rank_class])

    return SuspectOrder(
        issues=tuple(sorted(issues, key=doubt)), frequency=frequency, left_out=left_out
    )


def token_recall(
    sentences: Sequence[Sentence],
    probabilities: Probabilities,
    class_of_column: Sequence[str],
    classes: Mapping[str, str],
) -> dict[str, float]:
    """For each class, the share of its tokens whose most probable tag is of the class.

    probabilities: float32 (T, C) per sentence. class_of_column: C class names. classes: class by tag.
    """
    tokens: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for sentence, rows in zip(sentences, probabilities, strict=True):
        for tag, best in zip(sentence.tags or (), rows.argmax(axis=1).tolist(), strict=True):
            tokens[classes[tag]] += 1
            right[classes[tag]] += class_of_column[best] == classes[tag]
    return {name: right[name] / count for name, count in tokens.items()}


def label_issues(
    sentences: Sequence[Sentence],
    probabilities: Probabilities,
    tags: Sequence[str],
    classes: Mapping[str, str],
    frequency: Mapping[str, int],
) -> list[LabelIssue]:
    """The tokens whose most probable tag is not the given one. classes: class by tag. frequency: tokens by class."""
    number = {tag: index for index, tag in enumerate(tags)}
    issues = []
    for place, (sentence, rows) in enumerate(zip(sentences, probabilities, strict=True)):
        best = rows.argmax(axis=1)
        given = np.array([number[tag] for tag in sentence.tags or ()], np.int64)
        for at in np.flatnonzero(best != given).tolist():
            old, new = tags[given[at]], tags[best[at]]
            pair = (float(rows[at, given[at]]), float(rows[at, best[at]]))
            rarer = min((classes[old], classes[new]), key=lambda name: (frequency[name], name))
            issues.append(LabelIssue(place, at, old, new, *pair, rarer))
    return issues


def rarest_first(issues: Iterable[LabelIssue], frequency: Mapping[str, int]) -> list[LabelIssue]:
    """The issues from the rarest class on, the most doubtful token first."""
    return sorted(issues, key=lambda i: (frequency[i.rank_class], i.rank_class, i.score))


def as_suspect(issue: LabelIssue, sentence: Sentence, source: str) -> Suspect:
    """An issue with the text around its token."""
    at, tokens = issue.position, sentence.tokens
    before, after = tokens[max(0, at - CONTEXT) : at], tokens[at + 1 : at + 1 + CONTEXT]
    return Suspect(
        source=source,
        token=tokens[at],
        context=" ".join([*before, f"[{tokens[at]}]", *after]),
        given=issue.given,
        suggested=issue.suggested,
        score=issue.score,
        suggested_score=issue.suggested_score,
        rank_class=issue.rank_class,
    )
