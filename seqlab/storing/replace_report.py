"""Replace the report of a run, and update the manifest, so that the run stays valid."""

from pathlib import Path

from seqlab.machine.atomic import atomic_file
from seqlab.storing.run_directory import (
    FINISHED,
    MANIFEST,
    REPORT,
    file_entry,
    os_errors_about,
    read_manifest,
    write_json,
)


def replace_report(run: Path, html: str) -> Path:
    """Write RUN/report.html. Returns its path.

    While a training is in progress its manifest does not list the page, and only the training writes the manifest.
    Raises RunError when it cannot be written.
    """
    path = run / REPORT
    with os_errors_about(path), atomic_file(path, overwrite=True) as pending:
        pending.temporary.write_text(html, encoding="utf-8", errors="xmlcharrefreplace")
    manifest = read_manifest(run)
    if manifest is not None and manifest.get("status", FINISHED) == FINISHED:
        manifest["files"][REPORT] = file_entry(path)
        with os_errors_about(path), atomic_file(run / MANIFEST, overwrite=True) as pending:
            write_json(pending.temporary, manifest)
    return path
