"""The last sections: what the audit found, and what repeats the run."""

from collections.abc import Mapping
from typing import Any

from seqlab.reporting.continuing import continued_section
from seqlab.reporting.html import render
from seqlab.reporting.run_details import AuditFinding, RunDetails
from seqlab.reporting.run_values import RunValues
from seqlab.reporting.shell import Section


def audit_section(run: RunValues) -> Section | None:
    """What was found in the corpora, problems first; None if nothing is known."""
    findings = list((run.details.audit if run.details else None) or ())
    known = {finding.text for finding in findings}
    findings += [AuditFinding(severity="note", text=n) for n in run.notes if n not in known]
    if not findings:
        return None
    findings.sort(key=lambda finding: finding.severity != "problem")
    return Section(
        id="audit",
        short="Audit",
        heading="What the audit found",
        body=render("sections/audit.html", findings=findings),
    )


def settings_section(run: RunValues) -> Section:
    """Settings that differ from their defaults, inputs with their hashes, versions, and config.toml."""
    details = run.details
    body = render(
        "sections/settings.html",
        changed=changed_rows(details),
        inputs=details.inputs if details else (),
        versions=versions_text(details.versions) if details else "",
        continued=continued_section(run.metrics),
        settings=run.settings,
        signatures=[
            (name, split["signature"])
            for name, split in run.splits.items()
            if split.get("signature")
        ],
    )
    return Section(id="settings", short="Settings", heading="Settings and versions", body=body)


def changed_rows(details: RunDetails | None) -> list[dict[str, Any]] | None:
    """A row for each changed setting; None if the defaults are unknown."""
    if details is None:
        return None
    return [
        {"name": name, "value": shown(change.value), "default": shown(change.default)}
        for name, change in details.changed.items()
    ]


def shown(value: object) -> str:
    """A setting's value as users write it."""
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={part}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def versions_text(versions: Mapping[str, str]) -> str:
    """All versions in a row."""
    return ", ".join(f"{name} {version}" for name, version in versions.items())
