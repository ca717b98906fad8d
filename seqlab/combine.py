"""`seqlab combine RUN RUN …`: combine the taggers of several runs into one."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab import cli
from seqlab.cli import Flag
from seqlab.machine import threads
from seqlab.machine.progress import shown_on
from seqlab.machine.terminal import print_note, say
from seqlab.machine.wording import plural

if TYPE_CHECKING:
    from seqlab.experiment.combining import Combination


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and combine. Returns the exit code."""
    return cli.run(cli.make_app("combine", combine), argv)


def combine(
    run: str,
    /,
    *runs: str,
    out: str,
    valid: str | None = None,
    overwrite: Flag = False,
) -> None:
    """Combine the taggers of several runs into one, by the mean of their log-probabilities.

    The result is a run directory for tag, evaluate, serve and export (wheel, zip). Tagging takes the time of all runs
    together. With train --teacher, one network learns the probabilities of the combination.

    Args:
        run: Run directory of the first run.
        runs: Run directories of the others. All runs must have the same tags.
        out: Run directory to write.
        valid: Labelled file, such as the validation corpus. It calibrates the combination. F1 of all runs is printed.
        overwrite: Replace the run in the directory --out.
    """
    from seqlab.storing.run_directory import check_run

    threads.limit_blas_threads()
    for path in (run, *runs):
        check_run(Path(path))
    from seqlab.experiment.combining import combine_runs
    from seqlab.reporting.progress import terminal_progress

    with shown_on(terminal_progress()):
        combined = combine_runs((run, *runs), out, valid=valid, overwrite=overwrite)
    for note in combined.notes:
        print_note(note)
    say(combination_text((run, *runs), valid, combined))


def combination_text(runs: Sequence[str], valid: str | None, combined: "Combination") -> str:
    """What was combined; with --valid a table of the figures of every run and of the combination."""
    from seqlab.reporting.table import figure, short, text_table

    lines = [f"{plural(len(runs), 'run')} combined: {combined.path}"]
    if valid is None:
        mean = combined.tagger.decision.temperature
        lines.append(f"temperature {mean:.3g}, the mean of the runs; --valid FILE fits it")
        return "\n".join(lines)
    rows = [
        (
            short(Path(name).resolve().name),
            figure(one.micro_f1),
            figure(one.macro_f1),
            figure(one.calibration_error, digits=4),
            figure(one.temperature),
        )
        for name, one in zip((*runs, "combined"), combined.figures, strict=True)
    ]
    header = (Path(valid).name, "micro F1", "macro F1", "calibration error", "temperature")
    return "\n".join([text_table(header, rows), *lines])


if __name__ == "__main__":
    sys.exit(main())
