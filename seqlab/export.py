"""`seqlab export RUN`: write a tagger as one file, to use it elsewhere."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.machine.terminal import print_note, say, visible
from seqlab.machine.wording import file_size

ExportFormatName = Literal["wheel", "zip", "onnx"]
NumberTypeName = Literal["float32", "float16", "int8"]


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
    weights: NumberTypeName = "float32",
    vectors: NumberTypeName | None = None,
    keep_words: int | None = None,
    check: str | None = None,
    overwrite: Flag = False,
) -> None:
    """Write the tagger of a run for use where neither Keras nor TensorFlow is installed.

    The last line of the output is the path of the wheel, the zip or the ONNX directory.

    Args:
        run: Run directory.
        format: Format of the output. wheel: Python package. zip: run directory. onnx: for C#, Java and browsers.
        name: Name of the package, such as invoice-tagger.
        out: Directory to write into.
        version: Version of the package.
        weights: Number type of the weights: 4, 2 or 1 bytes per number.
        vectors: Number type of the vectors of words outside the vocabulary. [default: as in the run]
        keep_words: Keep the vectors of only this number of words outside the vocabulary: the most frequent. [default: all]
        check: Labelled file. Print the F1 of every class before and after the export.
        overwrite: Replace an earlier export.
    """
    from seqlab.exporting.check import read_check_file
    from seqlab.exporting.check_text import export_check_text
    from seqlab.exporting.export_tagger import write_export
    from seqlab.exporting.smaller import Smaller
    from seqlab.exporting.wheel import PackageFacts
    from seqlab.storing.save_and_load import unfinished_notes

    checked = None if check is None else read_check_file(run, check, format)
    written = write_export(
        run,
        PackageFacts(name=name, version=version),
        format=format,
        out=out,
        overwrite=overwrite,
        smaller=Smaller(weights=weights, vectors=vectors, keep_words=keep_words),
        checked=checked,
    )
    path = written.path
    for note in (*unfinished_notes(run), *(checked.notes if checked else ())):
        print_note(note)
    files = [path] if path.is_file() else path.iterdir()
    size = sum(file.stat().st_size for file in files)
    say(f"{format} of {visible(run)}: {file_size(size)}; the run has {file_size(run_size(run))}")
    if written.check is not None:
        say(export_check_text(written.check))
    say(visible(str(path)))


def run_size(run: str) -> int:
    """The bytes of all files of a run."""
    return sum(file.stat().st_size for file in Path(run).rglob("*") if file.is_file())


if __name__ == "__main__":
    sys.exit(main())
