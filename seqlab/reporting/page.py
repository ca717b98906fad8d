"""The report of a run: one HTML file that explains it and needs no network.

It is made from the content of the run's files alone, so `train` and `report` make the same page.
"""

from seqlab.reporting.run_values import RunValues
from seqlab.reporting.sections.browser import browser_section
from seqlab.reporting.sections.classes import classes_section
from seqlab.reporting.sections.epochs import epochs_section
from seqlab.reporting.sections.errors import errors_section
from seqlab.reporting.sections.settings import audit_section, settings_section
from seqlab.reporting.sections.thresholds import thresholds_section
from seqlab.reporting.sections.verdict import verdict_section
from seqlab.reporting.sections.weights import weights_section
from seqlab.reporting.shell import page_of

SECTIONS = (
    verdict_section,
    epochs_section,
    classes_section,
    errors_section,
    browser_section,
    weights_section,
    thresholds_section,
    audit_section,
    settings_section,
)


def report_page(run: RunValues) -> str:
    """The whole page, with the sections that the run has values for."""
    sections = [section for section in (make(run) for make in SECTIONS) if section is not None]
    return page_of(
        sections,
        title=run.title,
        facts=head_facts(run),
        command=run.details.command if run.details else "",
    )


def head_facts(run: RunValues) -> list[str]:
    """When the run ended, and what it read."""
    details = run.details
    if details is None:
        return [] if run.finished else ["training is not finished"]
    inputs = [
        f"{one.name} {one.sentences:,} sentences, {one.tokens:,} tokens"
        for one in details.inputs
        if one.sentences is not None and one.tokens is not None
    ]
    return [details.finished.replace("T", " ").removesuffix("Z") + " UTC", *inputs]
