"""The annotated spans that could not become tags as they stood: a table per class, and where they are."""

from collections.abc import Iterator, Mapping

from seqlab.annotations.span_report import FaultySpan, SpanFault, SpanReport
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.machine.terminal import visible
from seqlab.machine.wording import plural
from seqlab.reporting.table import text_table

MOST_EXAMPLES = 2  # for each fault and class


def span_faults_text(reports: Mapping[str, SpanReport]) -> str:
    """A table for each split with faulty spans: classes by faults, and examples; '' if there are none."""
    return "\n\n".join(_report_text(name, one) for name, one in reports.items() if one.counts)


def _report_text(name: str, report: SpanReport) -> str:
    counts = report.counts
    faults = [fault for fault in SpanFault if any(fault is key[0] for key in counts)]
    totals: dict[str, int] = {}
    for (_, label), count in counts.items():
        totals[label] = totals.get(label, 0) + count
    labels = sorted(totals, key=lambda label: (-totals[label], label))
    rows = [
        [visible(label), *(f"{counts[fault, label]:,}" for fault in faults)] for label in labels
    ]
    lost = report.dropped.total()
    summary = f"{report.spans:,} spans, {lost:,} dropped, {report.mended.total():,} adjusted"
    table = text_table(["class", *(fault.value for fault in faults)], rows)
    lines = [f"annotated spans of {name}: {summary}", table]
    if report.joined_sentences:
        ends = plural(report.joined_sentences, "sentence end")
        lines.append(f"  {ends} within spans removed")
    lines += [f"  {visible(str(one))}" for one in examples(report)]
    return "\n".join(lines)


def examples(report: SpanReport) -> list[FaultySpan]:
    """The first faulty spans of each fault and class, dropped ones first."""
    shown: dict[tuple[SpanFault, str], int] = {}
    chosen = []
    for one in sorted(report.examples, key=lambda one: one.kept):
        key = (one.fault, one.label)
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= MOST_EXAMPLES:
            chosen.append(one)
    return chosen


def span_warnings(audit: Audit) -> Iterator[AuditWarning]:
    """dropped-spans: annotated spans that did not become tags. cut-tokens: spans that begin or end within a token."""
    for name, report in audit.spans.items():
        dropped = report.dropped.total()
        if dropped:
            message = (
                f"{dropped:,} of {plural(report.spans, 'annotated span')} of {name} did not become tags: "
                "correct them in the annotation tool"
            )
            yield AuditWarning(
                "dropped-spans", name, message, one_of_each(report, kept=False), value=dropped
            )
        cuts = sum(n for (fault, _), n in report.mended.items() if fault is SpanFault.CUTS_WORD)
        if cuts:
            verb = "cuts a token, which was" if cuts == 1 else "cut tokens, which were"
            message = (
                f"{cuts:,} of {plural(report.spans, 'annotated span')} of {name} {verb} split: correct the offsets, "
                "or give --misaligned refuse to leave such spans out"
            )
            details = tuple(
                str(one)
                for one in examples(report)
                if one.kept and one.fault is SpanFault.CUTS_WORD
            )
            yield AuditWarning("cut-tokens", name, message, details[:MOST_EXAMPLES], value=cuts)


def one_of_each(report: SpanReport, *, kept: bool) -> tuple[str, ...]:
    """The first example of each fault, as lines. kept: of the spans that became tags, or of the dropped ones."""
    first: dict[SpanFault, str] = {}
    for one in report.examples:
        if one.kept is kept:
            first.setdefault(one.fault, str(one))
    return tuple(first.values())
