"""Score a labelled split in full: figures, how sure they are, which errors there are, and the signature."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version

from seqlab.arrays import UInt64Array
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.scoring.by_length import by_sentence_length, by_span_length
from seqlab.scoring.figures import Summary
from seqlab.scoring.items import ScoredItems, scored_items
from seqlab.scoring.pairs import TagSequences
from seqlab.scoring.score import Evaluation, evaluate_tags
from seqlab.scoring.score_details import ScoreDetails, error_counts
from seqlab.scoring.seen import seen_recall
from seqlab.scoring.semeval import Match, MatchSummary, match_spans
from seqlab.scoring.signature import CONLLEVAL, EXACT, NO_REPAIR, SEQEVAL_STRICT, UNKNOWN, Signature
from seqlab.scoring.span_errors import span_errors
from seqlab.scoring.uncertainty import certainty


def evaluate_sentences(
    sentences: Sequence[Sentence],
    predicted: TagSequences,
    scheme: Scheme,
    *,
    mentions: UInt64Array | None = None,
    sha256: str = UNKNOWN,
    cut: str = "",
    notes: Iterable[str] = (),
) -> Evaluation:
    """The figures of a split with all details.

    sentences: with gold tags in `scheme`, and their documents if these are known. predicted: their predicted tags.
    mentions: those of training, as `training_mentions` gives them; None if unknown.
    sha256: of the file of the split. cut: how the split was cut off that file.
    """
    gold = [sentence.tags or () for sentence in sentences]
    evaluation = evaluate_tags(gold, predicted, scheme, notes=notes)
    figures, plain = evaluation.figures, scheme is Scheme.PLAIN
    items = scored_items(gold, predicted, scheme)
    errors = span_errors(gold, predicted, scheme)
    matches = {} if plain else match_spans(errors)
    details = ScoreDetails(
        certainty=certainty(items, [sentence.document for sentence in sentences]),
        matches=matches,
        signatures=signatures(
            items, scheme, figures, figures.strict, matches, sha256=sha256, cut=cut
        ),
        errors=error_counts(errors, list(figures.classes)),
        seen=None
        if mentions is None
        else seen_recall(items, [sentence.tokens for sentence in sentences], mentions, scheme),
        by_length=None if plain else by_span_length(items),
        by_sentence_length=by_sentence_length(items),
    )
    return Evaluation(
        figures=figures, confusion=evaluation.confusion, notes=evaluation.notes, details=details
    )


def signatures(
    items: ScoredItems,
    scheme: Scheme,
    figures: Summary,
    strict: Summary | None,
    matches: dict[Match, MatchSummary],
    *,
    sha256: str,
    cut: str,
) -> dict[str, str]:
    """The signature of each micro F1 of a split, by match; 'strict' is seqeval's strict mode."""

    def signature(match: str, correct: int, predicted: int, gold: int) -> str:
        return str(
            Signature(
                match=match,
                scheme=str(scheme),
                repair=NO_REPAIR
                if scheme is Scheme.PLAIN or match == SEQEVAL_STRICT
                else CONLLEVAL,
                correct=correct,
                predicted=predicted,
                gold=gold,
                sentences=len(items.lengths),
                tokens=int(items.lengths.sum()),
                sha256=sha256,
                cut=cut,
                version=version("seqlab"),
            )
        )

    written = {EXACT: signature(EXACT, *totals(figures))}
    if strict is not None:
        written["strict"] = signature(SEQEVAL_STRICT, *totals(strict))
    for match, summary in matches.items():
        counts = summary.overall
        written[match] = signature(match, counts.correct, counts.predicted, counts.gold)
    return written


def totals(summary: Summary) -> tuple[int, int, int]:
    """The correct, predicted and gold items of all classes."""
    rows = summary.classes.values()
    return (
        sum(row.correct for row in rows),
        sum(row.predicted for row in rows),
        sum(row.support for row in rows),
    )
