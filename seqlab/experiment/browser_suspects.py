"""Probable label errors for the error browser: only of classes that the tagger finds well enough to be believed."""

from collections import defaultdict
from collections.abc import Sequence

from seqlab.experiment.class_details import is_outside
from seqlab.experiment.scored_split import ScoredSplit
from seqlab.machine.wording import plural
from seqlab.reporting.run_details import SuspectMark
from seqlab.scoring.score import score
from seqlab.tuning.label_doubts import doubt_labels

MOST_SUSPECTS = 200
LEAST_F1 = 0.5
"""F1 of a class on the split. Most doubts about a class with less are errors of the tagger."""


def class_f1(split: ScoredSplit) -> dict[str, float]:
    """F1 of each class with gold or predicted items, without `O` of a span task; 0 where it is undefined."""
    gold = [one.tags or () for one in split.sentences]
    predicted = [one.tags for one in split.predictions]
    scheme = split.data.scheme
    rows = score(gold, predicted, scheme, strict=False).classes
    return {name: row.f1 or 0.0 for name, row in rows.items() if not is_outside(name, scheme)}


def suspects_of(split: ScoredSplit) -> dict[int, list[SuspectMark]]:
    """The tokens whose gold tags are probably wrong, by the index of their sentence.

    Both classes, the given and the suggested one, have an F1 of LEAST_F1 or more on the split; `O` needs none.
    """
    data, probabilities = split.data, split.probabilities
    weak = {name for name, f1 in class_f1(split).items() if f1 < LEAST_F1}
    believed = [name not in weak for name in data.classes]
    doubts = doubt_labels(probabilities, data.labels)
    sentence_of = data.first.cumsum() - 1
    starts = data.first.nonzero()[0]
    pairs = (
        (token, int(data.labels[token]), suggested)
        for token, suggested in zip(doubts.tokens.tolist(), doubts.suggested.tolist(), strict=True)
    )
    kept = [pair for pair in pairs if believed[pair[1]] and believed[pair[2]]]
    marks: defaultdict[int, list[SuspectMark]] = defaultdict(list)
    for token, given, suggested in kept[:MOST_SUSPECTS]:
        sentence = int(sentence_of[token])
        position = token - int(starts[sentence])
        confidence = round(float(probabilities[token, given]), 6)
        mark = SuspectMark(position, data.tags[given], data.tags[suggested], confidence)
        marks[sentence].append(mark)
    return marks


def suspects_rule(splits: Sequence[ScoredSplit]) -> str:
    """Sentences on which labels are doubted, and on how many classes are left out."""
    text = (
        "A probable label error is listed only if the given and the suggested class each have an F1 of at least "
        f"{LEAST_F1} on the split."
    )
    left_out = [part for part in map(left_out_of, splits) if part]
    return f"{text} This leaves out {' and '.join(left_out)}." if left_out else text


def left_out_of(split: ScoredSplit) -> str:
    """How many classes of a split are left out; empty if none is."""
    f1 = class_f1(split)
    weak = sum(value < LEAST_F1 for value in f1.values())
    share = "all" if weak == len(f1) > 1 else f"{weak} of"
    return f"{share} {plural(len(f1), 'class')} in {split.name}" if weak else ""
