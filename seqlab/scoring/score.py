"""Gold and predicted tags in, figures per class out: the door of this room."""

from collections.abc import Iterable

import numpy as np

from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.errors import UserError
from seqlab.scoring.figures import Figures, Summary, Sums, summarise
from seqlab.scoring.pairs import TagPairs, TagSequences, pair_tags
from seqlab.scoring.span_counts import span_sums
from seqlab.scoring.spans import default_sums, strict_sums


def token_sums(pairs: TagPairs) -> dict[str, Sums]:
    """Correct, predicted and gold tokens of every tag that occurs on either side."""
    size = len(pairs.names)
    correct = np.bincount(pairs.gold[pairs.gold == pairs.predicted], minlength=size)
    predicted = np.bincount(pairs.predicted, minlength=size)
    support = np.bincount(pairs.gold, minlength=size)
    columns = zip(correct.tolist(), predicted.tolist(), support.tolist(), strict=True)
    return {name: Sums(*sums) for name, sums in zip(pairs.names, columns, strict=True)}


def score(
    gold: TagSequences,
    predicted: TagSequences,
    scheme: Scheme | str,
    *,
    strict: bool = True,
    classes: Iterable[str] = (),
) -> Figures:
    """The figures of a split.

    gold: N sentences of tags; a tag that training never saw counts as gold, and as missed.
    predicted: N sentences of tags, each as long as its gold one.
    scheme: how both are written; spans are scored for all but `Scheme.PLAIN`.
    strict: for span schemes, also seqeval's strict mode. With it, both modes are counted by
        seqeval's own code (`spans`): so are final figures. Without it, the default mode alone is
        counted in numpy (`span_counts`): so are the figures of each epoch. The default mode's
        figures are the same.
    classes: classes to list (with undefined figures) even where neither side has them.
    Raises UserError when a side is no list of lists of tags, when their lengths differ, and for an unknown scheme.

    >>> figures = score([["B-PER", "I-PER", "O"]], [["O", "I-PER", "O"]], Scheme.IOB2)
    >>> figures.micro_f1, figures.token_accuracy, figures.classes_never_found
    (0.0, 0.6666666666666666, ('PER',))
    """
    scheme = parse_scheme(scheme)
    pairs = pair_tags(gold, predicted)
    if isinstance(classes, str):
        raise UserError(f"classes is one text, {classes!r}; expected a list of names")
    listed = dict.fromkeys(classes, Sums(correct=0, predicted=0, support=0))
    strict_summary: Summary | None = None
    if scheme is Scheme.PLAIN:
        sums = token_sums(pairs)
    elif strict:
        sums = default_sums(gold, predicted, scheme)
        strict_summary = summarise(listed | strict_sums(gold, predicted, scheme))
    else:
        sums = span_sums(pairs, scheme)
    summary = summarise(listed | sums)
    return Figures(
        micro_f1=summary.micro_f1,
        macro_f1=summary.macro_f1,
        token_accuracy=pairs.accuracy(),
        classes=summary.classes,
        classes_never_found=summary.classes_never_found,
        strict=strict_summary,
    )
