"""The command `seqlab convert`: a corpus in one format becomes a corpus in another."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.machine.progress import shown_on
from seqlab.machine.terminal import say, say_json, visible
from seqlab.machine.wording import plural
from seqlab.settings.choices import CorpusFormat, TagScheme
from seqlab.settings.reading import ReadingSettings

if TYPE_CHECKING:
    from seqlab.corpus.conversion import Conversion


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and convert. Returns the exit code."""
    return cli.run(cli.make_app("convert", convert, settings=ReadingSettings), argv)


def convert(
    source: Annotated[str, Parameter(name="IN")],
    target: Annotated[str, Parameter(name="OUT")],
    /,
    *,
    to: CorpusFormat,
    reading: Annotated[ReadingSettings, Parameter(name="*")] = ReadingSettings(),
    scheme: TagScheme | None = None,
    overwrite: Flag = False,
    report: str | None = None,
    json: Flag = False,
) -> None:
    """Convert a corpus from one format to another: files of tokens, and files of annotation tools.

    Prints the number of spans written per class, the spans that were dropped or adjusted, with their offsets, and what
    the new format cannot hold. Between two annotation tools, texts and spans are copied as they stand.

    Args:
        source: File or folder to read.
        target: File to write; a folder for brat, cas and parallel. For hf: Parquet if it ends in .parquet. For spacy: a
            DocBin if it ends in .spacy. For bioc: XML if it ends in .xml, JSON if in .json, else PubTator.
        to: Format to write.
        scheme: Tag scheme to write. [default: that of IN]
        overwrite: Replace OUT and the report if they exist.
        report: File that gets a JSON line for every span that was dropped or adjusted.
        json: Print JSON.
    """
    from seqlab.corpus.conversion import convert_corpus
    from seqlab.reporting.progress import terminal_progress

    with shown_on(terminal_progress()):
        conversion = convert_corpus(
            source,
            target,
            to=to,
            scheme=scheme,
            overwrite=overwrite,
            report=report,
            **reading.given(),
        )
    if json:
        say_json(conversion.to_json())
        return
    say(conversion_text(conversion))
    for note in conversion.notes:
        say(f"note: {visible(note)}")


def conversion_text(conversion: "Conversion") -> str:
    """What was converted: counts, a table of classes, and faulty spans."""
    from seqlab.auditing.span_faults import span_faults_text
    from seqlab.reporting.table import text_table

    counts = {"document": conversion.documents, "sentence": conversion.sentences}
    amounts = ", ".join(plural(count, noun) for noun, count in counts.items() if count is not None)
    formats = f"{conversion.read_as.value} to {conversion.written_as.value}"
    rows = [[visible(name), f"{count:,}"] for name, count in conversion.classes.items()]
    parts = [f"{formats}: {amounts} written to {visible(conversion.path)}"]
    if rows:
        parts.append(text_table(["class", conversion.unit], rows))
    if conversion.spans is not None:
        parts.append(span_faults_text({conversion.read_as.value: conversion.spans}))
    return "\n".join(filter(None, parts))


if __name__ == "__main__":
    sys.exit(main())
