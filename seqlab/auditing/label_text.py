"""What an audit found in sentences and labels, and its warnings, as a person reads them."""

import textwrap
from collections.abc import Iterator, Sequence

from seqlab.auditing.consistency import Inconsistency
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.label_rules import readings
from seqlab.auditing.numbers import percent
from seqlab.corpus.checks import plural
from seqlab.corpus.schemes import Scheme
from seqlab.errors import shorten
from seqlab.reporting.table import text_table, visible

WIDTH = 100
LISTED = 5  # texts of each kind of inconsistency


def sentences_text(audit: Audit) -> str:
    """Repeated sentences, illegal tags and cut spans in a table each line of which is a question."""
    rows = []
    for found in audit.repeats:
        where = (
            f"within {found.later}"
            if found.earlier == found.later
            else f"of {found.later} in {found.earlier} too"
        )
        counts = (f"{found.sentences:,}", percent(found.share), f"{found.long_sentences:,}")
        rows.append([where, *counts])
    table = text_table(
        ["repeated sentences", "all", "share", "of 8 tokens or more"], rows, indent=0
    )
    illegal = ", ".join(f"{split} {found.tags:,}" for split, found in audit.illegal.items())
    lines = [table, f"sentences that occur with different tags: {len(audit.contradictions):,}"]
    if audit.scheme is not Scheme.PLAIN:
        windows = audit.windows["train"]
        lines.append(f"tags that can't stand where they do: {illegal}")
        lines.append(
            f"spans of train across two windows of {windows.max_tokens} tokens: {windows.cut_spans:,}"
        )
    odd = (
        f"{split} {found.tokens} {kind}"
        for split, kinds in audit.odd_tokens.items()
        for kind, found in kinds.items()
    )
    lines.append(f"odd tokens: {', '.join(odd) or 'none'}")
    return "\n".join(lines)


def consistency_text(audit: Audit) -> Iterator[str]:
    """The texts that are labelled in several ways, the most doubtful first."""
    found = audit.consistency
    noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
    if found.different_texts:
        yield (
            f"texts with several classes: {found.different_texts:,} "
            f"({percent(found.different_share)} of the {noun} are not of their text's main class)"
        )
        yield from listed(found.different_classes)
    if found.outside_texts:
        yield (
            f"texts of spans that are also O elsewhere: {found.outside_texts:,} "
            f"({percent(found.outside_share)} of all their places go against the majority)"
        )
        yield from listed(found.outside_elsewhere)


def listed(texts: Sequence[Inconsistency]) -> Iterator[str]:
    """The first few, a line each."""
    for text in texts[:LISTED]:
        yield f"  {visible(readings(text))}"


def warnings_text(warnings: Sequence[AuditWarning]) -> str:
    """Every warning: its rule, the fact, what to do, and the evidence."""
    if not warnings:
        return "no warnings"
    lines = [f"{plural(len(warnings), 'warning')}"]
    for warning in warnings:
        lines.append(wrapped(f"! {warning.message} [{warning.rule}]", "  "))
        lines += [wrapped(shorten(detail, 300), "    ") for detail in warning.details]
    return "\n".join(line for line in lines if line.strip())


def wrapped(text: str, indent: str) -> str:
    """A text in lines of `WIDTH` characters, paths left whole."""
    return textwrap.fill(
        visible(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
