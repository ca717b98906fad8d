"""The command `report RUN…`: the report of a run, made again from its files, or several runs side by side."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import RunError, SettingsError
from seqlab.machine.atomic import atomic_file
from seqlab.machine.terminal import say

COMPARISON_PAGE = "results.html"

if TYPE_CHECKING:
    from seqlab.reporting.run_values import RunValues


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and write the report. Returns the exit code."""
    return cli.run(cli.make_app("report", report), argv)


def report(*runs: str, out: str | None = None, overwrite: Flag = False) -> None:
    """Write the report of a run or a comparison again from its files, or lay several runs side by side.

    The report is one HTML file that needs no network. A training in progress has a report too.

    Args:
        runs: Run directories, or the directory of a comparison.
        out: File to write; required for several runs. [default: report.html or results.html in the given directory]
        overwrite: Replace the file at --out if it exists.
    """
    if not runs:
        raise SettingsError("no run is given: give at least one run directory")
    if out is None and len(runs) > 1:
        raise SettingsError(f"a report of {len(runs)} runs needs --out FILE")
    if out is not None and Path(out).exists() and not (overwrite and Path(out).is_file()):
        raise SettingsError(f"{out}: exists already; give another --out, or --overwrite for a file")
    path = write_report(runs, out=out)
    say(f"report: {os.path.relpath(path) if out is None else out}")


def write_report(runs: Sequence[str | Path], *, out: str | Path | None = None) -> Path:
    """Write the report of one run, or of several runs side by side. Returns its path.

    out: the file, which is replaced if it exists; None for report.html in the directory of a single run.
    Raises UserError for a run that cannot be read, and for a path that cannot be written.
    """
    from seqlab.comparing.page import comparison_page, is_comparison
    from seqlab.reporting.page import report_page
    from seqlab.reporting.read_run import page_errors, read_run
    from seqlab.reporting.shell import write_page
    from seqlab.reporting.side_by_side import side_by_side_page
    from seqlab.storing.replace_report import replace_report
    from seqlab.storing.run_directory import os_errors_about

    paths = [Path(run) for run in runs]
    if len(paths) == 1 and is_comparison(paths[0]):
        target = paths[0] / COMPARISON_PAGE if out is None else Path(out)
        with os_errors_about(target), atomic_file(target, overwrite=True) as pending:
            write_page(pending.temporary, comparison_page(paths[0]))
        return target
    if len({path.resolve() for path in paths}) < len(paths):
        raise SettingsError("a run is given twice: give different runs")
    values = {}
    for path in paths:
        if is_comparison(path):
            raise SettingsError(f"{path}: is a comparison: give it alone, or only runs")
        with page_errors(path):
            values[path] = read_run(path)
    if len(paths) == 1:
        with page_errors(paths[0]):
            html = report_page(values[paths[0]])
        if out is None:
            return replace_report(paths[0], html)
    else:
        if out is None:
            raise SettingsError(f"a report of {len(runs)} runs needs --out FILE")
        with page_errors(paths[0]):
            html = side_by_side_page(named(values))
    target = Path(out)
    if not target.parent.is_dir():
        raise RunError(f"{target}: its directory does not exist")
    with os_errors_about(target), atomic_file(target, overwrite=True) as pending:
        write_page(pending.temporary, html)
    return target


def named(values: "Mapping[Path, RunValues]") -> "dict[str, RunValues]":
    """The runs by names that differ: the last parts of their paths, as many as are needed.

    >>> from pathlib import Path
    >>> list(named({Path("a/x"): None, Path("b/x"): None}))
    ['a/x', 'b/x']
    """
    paths = [path.resolve() for path in values]
    longest = max(len(path.parts) for path in paths)
    for count in range(1, longest + 1):
        names = [str(Path(*path.parts[-count:])) for path in paths]
        if len(set(names)) == len(names):
            break
    return dict(zip(names, values.values(), strict=True))


if __name__ == "__main__":
    sys.exit(main())
