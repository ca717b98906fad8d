"""Labels that are probably wrong: what a trained network doubts, by confident learning.

Confident learning (Northcutt, Jiang, Chuang 2021) compares the probability of each given label with
what the network gives that label on average; cleanlab decides which tokens are label issues. They
are ranked by the probability of the given tag, and dealt out class by class, so that a frequent
class does not fill the list. Only as good as the network: what it doubts in a class that it hardly
finds says nothing of the labels, so such classes are left out; and on sentences that it was trained
on, it may have learnt the mistakes by heart.
"""

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError
from seqlab.scoring.tags import class_of

if TYPE_CHECKING:
    from seqlab.tagging.tagger import Tagger
from pathlib import Path

from seqlab.corpus.lines import numbered_lines
from seqlab.errors import CorpusError


def token_places(tokens: Sequence[tuple[Sentence, int]]) -> list[str]:
    """'path:line' of each token, given as a sentence and a position; of its sentence at worst."""
    wanted: defaultdict[str, dict[int, Sentence]] = defaultdict(dict)
    for sentence, _ in tokens:
        path, line = split_source(sentence)
        wanted[path][line] = sentence
    lines = {path: lines_of_sentences(path, starts) for path, starts in wanted.items()}
    places = []
    for sentence, position in tokens:
        path, line = split_source(sentence)
        found = lines[path].get(line, [])
        places.append(f"{path}:{found[position]}" if position < len(found) else sentence.source)
    return places


def split_source(sentence: Sentence) -> tuple[str, int]:
    """The path and the line of a sentence; line 0 where its source says none."""
    path, _, line = sentence.source.rpartition(":")
    return (path, int(line)) if line.isdecimal() else (sentence.source, 0)


def lines_of_sentences(path: str, starts: Mapping[int, Sentence]) -> dict[int, list[int]]:
    """For the sentence that begins at each line, the line of every token as far as they are found."""
    found: dict[int, list[int]] = {line: [] for line in starts}
    current, tokens = 0, tuple[str, ...]()
    try:
        for number, text in numbered_lines(path) if Path(path).is_file() else ():
            if number in starts:
                current, tokens = number, starts[number].tokens
            done = len(found[current]) if current else 0
            if current and done < len(tokens) and tokens[done] in cells(text):
                found[current].append(number)
    except CorpusError:
        return {}  # the file has changed since it was read
    return found


def cells(text: str) -> list[str]:
    """What may be a token on a line of columns."""
    return text.split("\t") if "\t" in text else text.split(" ")


AROUND = 3  # tokens shown on either side
FOUND = 0.2  # share of a class's tokens that the network must find to be asked about it

Labels = list[list[int]]
Scores = list[FloatArray]
FindIssues = Callable[[Labels, Scores], Iterable[tuple[int, int]]]


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A token whose tag is probably wrong.

    source: 'path:line' of the token. context: the tokens around it, itself in brackets.
    score: the probability of the given tag, low is suspicious; suggested_score: of the suggested.
    rank_class: the rarer of the two classes, under which it is listed.
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
    """The suspects, and the classes that were left out: the share of their tokens that is found."""

    found: tuple[Suspect, ...]
    left_out: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """The suspects as `--json` prints them."""
        return asdict(self)


class Doubt(NamedTuple):
    """A token with an issue: its sentence and place, both tags, and their probabilities."""

    sentence: int
    position: int
    given: str
    suggested: str
    score: float
    suggested_score: float


def find_suspects(tagger: "Tagger", sentences: Sequence[Sentence], *, most: int) -> Suspects:
    """At most `most` tokens of labelled sentences, those of the rarest class first.

    Sentences are in the tagger's scheme; one with a tag that the tagger does not know is left out.
    Raises SettingsError without cleanlab, or when `most` is under 1.
    """
    if most < 1:
        raise SettingsError(f"suspects is {most!r}: expected a number at least 1")
    find_issues = cleanlab_issues()

    tags = tagger.encoder.tags
    known = [s for s in sentences if s.tags and all(tag in tags for tag in s.tags)]
    if not known:
        return Suspects(found=(), left_out={})
    scores = [np.exp(row) for row in tagger.token_log_probabilities(known)]
    classes = {tag: class_of(tag, tagger.scheme) for tag in tags}
    frequency = Counter(classes[tag] for s in known for tag in s.tags or ())
    recall = shares_found(known, scores, [classes[tag] for tag in tags], classes)
    left_out = {name: share for name, share in recall.items() if share < FOUND}
    doubted = [
        doubt
        for doubt in doubts(known, scores, tags.symbols, find_issues)
        if classes[doubt.given] not in left_out
    ]
    chosen = rarest_first(doubted, classes, frequency, most)
    places = token_places([(known[d.sentence], d.position) for _, d in chosen])
    found = tuple(
        as_suspect(doubt, name, known[doubt.sentence], place)
        for (name, doubt), place in zip(chosen, places, strict=True)
    )
    return Suspects(found=found, left_out=left_out)


def cleanlab_issues() -> FindIssues:
    """The finder of label issues in token classification that cleanlab has.

    Raises SettingsError where cleanlab is not installed.
    """
    try:
        from cleanlab.token_classification.filter import find_label_issues
    except ImportError:
        raise SettingsError("suspects needs cleanlab: pip install 'seqlab[audit]'") from None

    def find(labels: Labels, scores: Scores) -> Iterable[tuple[int, int]]:
        with warnings.catch_warnings():
            # A class of very few tokens: it may have more issues than it says.
            warnings.simplefilter("ignore", UserWarning)
            found: Iterable[tuple[int, int]] = find_label_issues(labels, scores, n_jobs=1)
        return found

    return find


def shares_found(
    sentences: Sequence[Sentence],
    scores: Scores,
    class_of_column: Sequence[str],
    classes: Mapping[str, str],
) -> dict[str, float]:
    """For each class, the share of its tokens whose most probable tag is of the class."""
    tokens: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for sentence, rows in zip(sentences, scores, strict=True):
        for tag, best in zip(sentence.tags or (), rows.argmax(axis=1).tolist(), strict=True):
            tokens[classes[tag]] += 1
            right[classes[tag]] += class_of_column[best] == classes[tag]
    return {name: right[name] / count for name, count in tokens.items()}


def doubts(
    sentences: Sequence[Sentence], scores: Scores, tags: Sequence[str], find_issues: FindIssues
) -> list[Doubt]:
    """The tokens with an issue whose most probable tag is another than the given one.

    scores: float32 (T, C) for each sentence, classes in the order of `tags`.
    """
    number = {tag: index for index, tag in enumerate(tags)}
    labels = [[number[tag] for tag in s.tags or ()] for s in sentences]
    # In 64 bits: float32 rows miss the sum of 1 by more than some checks of probabilities allow.
    issues = find_issues(labels, [row.astype(np.float64) for row in scores])
    found = []
    for sentence, position in issues:
        row, given = scores[sentence][position], labels[sentence][position]
        best = int(row.argmax())
        if best != given:
            probabilities = (float(row[given]), float(row[best]))
            found.append(Doubt(sentence, position, tags[given], tags[best], *probabilities))
    return found


def rarest_first(
    found: Iterable[Doubt], classes: Mapping[str, str], frequency: Mapping[str, int], most: int
) -> list[tuple[str, Doubt]]:
    """At most `most` of the doubts with their class: the rarer of the given and the suggested.

    The classes take turns, each giving its most doubtful token, until there are enough; they are
    listed from the rarest on, the most doubtful first.
    """
    by_class: defaultdict[str, list[Doubt]] = defaultdict(list)
    for doubt in found:
        pair = (classes[doubt.given], classes[doubt.suggested])
        by_class[min(pair, key=lambda name: (frequency.get(name, 0), name))].append(doubt)
    order = sorted(by_class, key=lambda name: (frequency.get(name, 0), name))
    queues = [[(n, d) for d in sorted(by_class[n], key=lambda d: d.score)] for n in order]
    turns = [pair for turn in zip_longest(*queues) for pair in turn if pair is not None]
    return sorted(turns[:most], key=lambda pair: (order.index(pair[0]), pair[1].score))


def as_suspect(doubt: Doubt, rank_class: str, sentence: Sentence, place: str) -> Suspect:
    """A doubt with the text around it."""
    at, tokens = doubt.position, sentence.tokens
    before, after = tokens[max(0, at - AROUND) : at], tokens[at + 1 : at + 1 + AROUND]
    return Suspect(
        source=place,
        token=tokens[at],
        context=" ".join([*before, f"[{tokens[at]}]", *after]),
        given=doubt.given,
        suggested=doubt.suggested,
        score=doubt.score,
        suggested_score=doubt.suggested_score,
        rank_class=rank_class,
    )
