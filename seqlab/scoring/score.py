"""Score predicted tags: the functions that other packages call."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.corpus.sentence_checks import tuple_of_strings
from seqlab.scoring.confusion import ConfusionMatrix, confusion
from seqlab.scoring.figures import Figures, ItemCounts, Summary, summarise
from seqlab.scoring.pairs import TagPairs, TagSequences, pair_tags
from seqlab.scoring.score_details import ScoreDetails
from seqlab.scoring.span_counts import counts_by_class, span_counts
from seqlab.scoring.spans import default_counts, strict_counts


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The figures of one split, its confusion matrix, and notes on its file.

    details: how sure the figures are, and which errors they count; None if not asked for.
    """

    figures: Figures
    confusion: ConfusionMatrix
    notes: tuple[str, ...] = ()
    details: ScoreDetails | None = None

    def to_json(self) -> dict[str, Any]:
        """One split of metrics.json; it holds no notes."""
        split = {**self.figures.to_json(), "confusion": self.confusion.to_json()}
        return split if self.details is None else self.details.added_to(split)


def score(
    gold: TagSequences,
    predicted: TagSequences,
    scheme: Scheme | str,
    *,
    strict: bool = True,
    classes: Iterable[str] = (),
) -> Figures:
    """The figures of a split.

    gold: N sentences of tags. A tag that training never saw counts as missed.
    predicted: N sentences of tags, of the same lengths.
    scheme: the tag scheme of both. Spans are scored in all schemes except `Scheme.PLAIN`.
    strict: also count spans in seqeval's strict mode. Then seqeval's own code counts both modes, as for
        final figures. Otherwise numpy counts the default mode only, as for the figures of each epoch.
        The default mode's figures are the same.
    classes: classes to list, with undefined figures, even if neither side has them.
    Raises UserError when a side is not a list of lists of tags, when lengths differ, and for an unknown scheme.

    >>> figures = score([["B-PER", "I-PER", "O"]], [["O", "I-PER", "O"]], Scheme.IOB2)
    >>> figures.micro_f1, figures.token_accuracy, figures.classes_never_found
    (0.0, 0.6666666666666666, ('PER',))
    """
    scheme = parse_scheme(scheme)
    pairs = pair_tags(gold, predicted)
    names = tuple_of_strings(classes, "classes takes a list of class names")
    listed = dict.fromkeys(names, ItemCounts(correct=0, predicted=0, support=0))
    strict_summary: Summary | None = None
    if strict and scheme is not Scheme.PLAIN:
        counts = default_counts(gold, predicted, scheme)
        strict_summary = summarise(listed | strict_counts(gold, predicted, scheme))
    else:
        counts = item_counts(pairs, scheme)
    summary = summarise(listed | counts)
    return Figures(
        micro_f1=summary.micro_f1,
        macro_f1=summary.macro_f1,
        token_accuracy=pairs.accuracy(),
        classes=summary.classes,
        classes_never_found=summary.classes_never_found,
        strict=strict_summary,
    )


def evaluate_tags(
    gold: TagSequences, predicted: TagSequences, scheme: Scheme, *, notes: Iterable[str] = ()
) -> Evaluation:
    """The figures of a split in both modes, with its confusion matrix. Arguments as in `score`."""
    return Evaluation(
        figures=score(gold, predicted, scheme),
        confusion=confusion(gold, predicted, scheme),
        notes=tuple(notes),
    )


def item_counts(pairs: TagPairs, scheme: Scheme) -> dict[str, ItemCounts]:
    """Correct, predicted and gold items per class: spans in default mode, or tokens of plain tags."""
    if scheme is not Scheme.PLAIN:
        return span_counts(pairs, scheme)
    correct = pairs.gold[pairs.gold == pairs.predicted]
    return counts_by_class(pairs.names, correct, pairs.predicted, pairs.gold)
