"""The parts of the audit's text about sentences and labels, and its warnings."""

import textwrap
from collections.abc import Iterator, Sequence

from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.label_counts import Inconsistency
from seqlab.auditing.label_rules import labels_text
from seqlab.auditing.repeats import Repeats
from seqlab.corpus.schemes import Scheme
from seqlab.errors import shorten
from seqlab.machine.terminal import visible
from seqlab.machine.wording import percent_above_zero, plural
from seqlab.reporting.table import text_table

WIDTH = 100
MOST_TEXTS = 5


def sentences_text(audit: Audit) -> str:
    """A table of repeated sentences; lines about contradictions, illegal tags, cut spans and odd tokens."""
    header = ["repeated sentences", "all", "share", "of 8 tokens or more"]
    lines = []
    if audit.repeats:
        lines += [
            text_table(header, [repeats_row(repeats) for repeats in audit.repeats], indent=0),
            f"sentences that occur with different tags: {len(audit.contradictions):,}",
        ]
    if audit.scheme is not Scheme.PLAIN:
        illegal = ", ".join(f"{split} {tags.tags:,}" for split, tags in audit.illegal.items())
        train = audit.windows["train"]
        cut = f"spans of train cut by windows of {train.max_tokens} tokens: {train.cut_spans:,}"
        lines += [f"tags that break the tag scheme: {illegal}", cut]
    odd = (
        f"{split} {tokens.tokens} {oddity}"
        for split, by_oddity in audit.odd_tokens.items()
        for oddity, tokens in by_oddity.items()
    )
    if audit.odd_tokens:
        lines.append(f"odd tokens: {', '.join(odd) or 'none'}")
    return "\n".join(lines)


def repeats_row(repeats: Repeats) -> list[str]:
    """The splits, and the numbers of repeated sentences."""
    within = repeats.earlier == repeats.later
    return [
        f"within {repeats.later}" if within else f"of {repeats.later} also in {repeats.earlier}",
        f"{repeats.sentences:,}",
        percent_above_zero(repeats.share),
        f"{repeats.long_sentences:,}",
    ]


def consistency_text(audit: Audit) -> Iterator[str]:
    """The texts that are labelled in several ways, the worst first."""
    consistency = audit.consistency
    noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
    if consistency.different_texts:
        share = percent_above_zero(consistency.different_share)
        yield (
            f"texts with several classes: {consistency.different_texts:,} "
            f"({share} of the {noun} do not have the most frequent class of their text)"
        )
        yield from inconsistency_lines(consistency.different_classes)
    if consistency.outside_texts:
        share = percent_above_zero(consistency.outside_share)
        yield (
            f"texts of spans that are also O elsewhere: {consistency.outside_texts:,} "
            f"({share} of their occurrences do not have the text's most frequent label)"
        )
        yield from inconsistency_lines(consistency.outside_elsewhere)


def inconsistency_lines(inconsistencies: Sequence[Inconsistency]) -> Iterator[str]:
    """A line for each of the first few."""
    for inconsistency in inconsistencies[:MOST_TEXTS]:
        yield f"  {visible(labels_text(inconsistency))}"


def warnings_text(warnings: Sequence[AuditWarning]) -> str:
    """Each warning with its message, its rule and the evidence."""
    if not warnings:
        return "no warnings"
    lines = [plural(len(warnings), "warning")]
    for warning in warnings:
        lines.append(wrapped(f"! {warning.message} [{warning.rule}]", "  "))
        lines += [wrapped(shorten(detail, 300), "    ") for detail in warning.details]
    return "\n".join(line for line in lines if line.strip())


def wrapped(text: str, indent: str) -> str:
    """A text in lines of `WIDTH` characters; paths are not broken."""
    return textwrap.fill(
        visible(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
