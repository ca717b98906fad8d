"""`seqlab export RUN`: write a tagger as one file, to use it elsewhere."""

import sys
from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.machine.terminal import print_note, say, visible
from seqlab.machine.wording import file_size

ExportFormatName = Literal["wheel", "zip"]


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and export. Returns the exit code."""
    return cli.run(cli.make_app("export", export), argv)


def export(
    run: Annotated[str, Parameter(name="RUN")],
    /,
    *,
    format: ExportFormatName,
    name: str,
    out: str = ".",
    version: str = "1.0.0",
    overwrite: Flag = False,
) -> None:
    """Write the tagger of a run as one file, to use it where neither Keras nor TensorFlow is installed.

    The last line of the output is the file's path.

    Args:
        run: Run directory.
        format: Format of the file. wheel: a Python package with the code that tags. zip: a run for an installed seqlab.
        name: Name of the package, such as invoice-tagger.
        out: Directory of the file.
        version: Version of the package.
        overwrite: Replace the file if it exists.
    """
    from seqlab.exporting.export_tagger import export_tagger
    from seqlab.storing.save_and_load import unfinished_notes

    path = export_tagger(
        run, format=format, name=name, out=out, version=version, overwrite=overwrite
    )
    for note in unfinished_notes(run):
        print_note(note)
    say(f"{format} of {visible(run)}: {file_size(path.stat().st_size)}")
    say(visible(str(path)))


if __name__ == "__main__":
    sys.exit(main())
