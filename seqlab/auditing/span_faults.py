"""The annotated spans that could not become tags as they stood: a table per class, and where they are."""

from collections.abc import Iterator, Mapping

from seqlab.annotations.span_report import FaultySpan, SpanFault, SpanReport
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.machine.terminal import visible
from seqlab.machine.wording import plural
from seqlab.reporting.table import text_table

MOST_DETAILS = 3
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
    summary = f"{report.spans:,} spans, {lost:,} dropped, {report.mended.total():,} mended"
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
    """dropped-spans: annotated spans that did not become tags."""
    for name, report in audit.spans.items():
        dropped = report.dropped.total()
        if dropped:
            message = (
                f"{dropped:,} of {plural(report.spans, 'annotated span')} of {name} did not become tags: "
                "correct them in the annotation tool"
            )
            details = tuple(str(one) for one in examples(report) if not one.kept)[:MOST_DETAILS]
            yield AuditWarning("dropped-spans", name, message, details, value=dropped)
