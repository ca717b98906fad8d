"""What went wrong with each span: six kinds of error, one per gold span without a correct prediction, one per invented span.

Spans are those of seqeval's default mode. The number of errors of a class, without `invented`, equals its gold
spans less its correct ones.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from seqlab.corpus.schemes import Scheme, TypedSpan, decode_spans, parse_scheme
from seqlab.scoring.pairs import TagSequences, check_lengths, check_side
from seqlab.scoring.tags import parse_tag


class ErrorKind(StrEnum):
    """What happened to a gold span; or, for INVENTED, to a predicted span.

    WRONG_TYPE: same tokens or an overlap, but no prediction of its class.
    WRONG_BOUNDARY: a prediction of its class overlaps it.
    SPLIT: two or more predictions overlap this gold span and no other.
    MERGED: a single prediction overlaps this gold span and another one.
    MISSED: no prediction overlaps it. INVENTED: no gold span overlaps the prediction.
    """

    WRONG_TYPE = "wrong type"
    WRONG_BOUNDARY = "wrong boundary"
    SPLIT = "split"
    MERGED = "merged"
    MISSED = "missed"
    INVENTED = "invented"


class SpanError(NamedTuple):
    """One error. class_name: of the gold span; of the predicted span if that is invented.

    gold, predicted: index into the spans of the sentence; None if the error has no such span.
    Of the predictions that split a span, `predicted` is the one that shares most tokens with it.
    """

    kind: ErrorKind
    class_name: str
    gold: int | None
    predicted: int | None


class SentenceErrors(NamedTuple):
    """The spans of both sides of one sentence as (start, end exclusive, class), and its errors in order."""

    gold: tuple[TypedSpan, ...]
    predicted: tuple[TypedSpan, ...]
    errors: tuple[SpanError, ...]


def span_errors(
    gold: TagSequences, predicted: TagSequences, scheme: Scheme | str
) -> list[SentenceErrors]:
    """The errors of each sentence.

    gold, predicted: N sentences of tags, of the same lengths. scheme: the tag scheme of both.
    Plain tags: the spans are the tokens whose tags differ, and each is a wrong type.
    Raises UserError when lengths differ, and for an unknown scheme.

    >>> gold, predicted = ["B-PER", "I-PER", "O", "B-LOC"], ["B-PER", "O", "O", "B-ORG"]
    >>> [(e.kind.value, e.class_name, e.gold, e.predicted) for e in span_errors([gold], [predicted], "iob2")[0].errors]
    [('wrong boundary', 'PER', 0, 0), ('wrong type', 'LOC', 1, 1)]
    """
    scheme = parse_scheme(scheme)
    check_side(gold, "gold")
    check_side(predicted, "predicted")
    check_lengths(gold, predicted)
    return [sentence_errors(*pair, scheme) for pair in zip(gold, predicted, strict=True)]


def sentence_errors(
    gold: Sequence[str], predicted: Sequence[str], scheme: Scheme
) -> SentenceErrors:
    """The errors of one sentence. gold, predicted: its tags, equally many."""
    if scheme is Scheme.PLAIN:
        return token_errors(gold, predicted)
    ours, theirs = tag_spans(gold, scheme), tag_spans(predicted, scheme)
    return SentenceErrors(ours, theirs, () if ours == theirs else errors_of_spans(ours, theirs))


def tag_spans(tags: Sequence[str], scheme: Scheme) -> tuple[TypedSpan, ...]:
    """The spans that are scored, as (start, end exclusive, class), in order; tags may be illegal."""
    return tuple(decode_spans([parse_tag(tag, scheme).tag for tag in tags], scheme))


def token_errors(gold: Sequence[str], predicted: Sequence[str]) -> SentenceErrors:
    """The wrong tokens of a sentence with plain tags."""
    wrong = [i for i, (a, b) in enumerate(zip(gold, predicted, strict=True)) if a != b]
    return SentenceErrors(
        tuple((i, i + 1, gold[i]) for i in wrong),
        tuple((i, i + 1, predicted[i]) for i in wrong),
        tuple(SpanError(ErrorKind.WRONG_TYPE, gold[i], n, n) for n, i in enumerate(wrong)),
    )


def errors_of_spans(
    gold: Sequence[TypedSpan], predicted: Sequence[TypedSpan]
) -> tuple[SpanError, ...]:
    """The errors of a sentence in the order of its tokens. Spans of one side do not overlap each other."""
    over_gold, over_predicted = overlaps(gold, predicted)
    alone = [len(golds) == 1 for golds in over_predicted]
    errors = []
    for index, span in enumerate(gold):
        over = over_gold[index]
        if any(predicted[other] == span for other in over):
            continue
        kind, other = ErrorKind.MISSED, None
        if over:
            kind = kind_of(span, over, predicted, alone, over_gold, over_predicted)
            same_class = kind is ErrorKind.WRONG_BOUNDARY
            candidates = [o for o in over if not same_class or predicted[o][2] == span[2]]
            other = max(candidates, key=lambda o: (shared_tokens(span, predicted[o]), -o))
        errors.append(SpanError(kind, span[2], index, other))
    errors += [
        SpanError(ErrorKind.INVENTED, span[2], None, index)
        for index, span in enumerate(predicted)
        if not over_predicted[index]
    ]

    def start(error: SpanError) -> int:
        return gold[error.gold][0] if error.gold is not None else predicted[error.predicted or 0][0]

    return tuple(sorted(errors, key=start))


def kind_of(
    span: TypedSpan,
    over: Sequence[int],
    predicted: Sequence[TypedSpan],
    alone: Sequence[bool],
    over_gold: Sequence[Sequence[int]],
    over_predicted: Sequence[Sequence[int]],
) -> ErrorKind:
    """What happened to a gold span that predictions overlap.

    over: the indices of those predictions. alone: for each prediction, whether it overlaps one gold span only.
    """
    if sum(alone[other] for other in over) >= 2:
        return ErrorKind.SPLIT
    if len(over) == 1 and sum(len(over_gold[g]) == 1 for g in over_predicted[over[0]]) >= 2:
        return ErrorKind.MERGED
    same_class = any(predicted[other][2] == span[2] for other in over)
    return ErrorKind.WRONG_BOUNDARY if same_class else ErrorKind.WRONG_TYPE


def overlaps(
    gold: Sequence[TypedSpan], predicted: Sequence[TypedSpan]
) -> tuple[list[list[int]], list[list[int]]]:
    """For each gold span the predictions that overlap it, and for each prediction the gold spans, by index."""
    over_gold: list[list[int]] = [[] for _ in gold]
    over_predicted: list[list[int]] = [[] for _ in predicted]
    i = j = 0
    while i < len(gold) and j < len(predicted):  # both sides are in order: one walk finds all pairs
        if shared_tokens(gold[i], predicted[j]) > 0:
            over_gold[i].append(j)
            over_predicted[j].append(i)
        if gold[i][1] <= predicted[j][1]:
            i += 1
        else:
            j += 1
    return over_gold, over_predicted


def shared_tokens(one: TypedSpan, other: TypedSpan) -> int:
    """The number of tokens in both spans; not above 0 if they share none."""
    return min(one[1], other[1]) - max(one[0], other[0])
