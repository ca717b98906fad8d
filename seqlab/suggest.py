"""The command `seqlab suggest`: which texts to label next, with predictions in the form of the annotation tool."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.corpus.schemes import Scheme
from seqlab.errors import SettingsError, UserError
from seqlab.machine import threads
from seqlab.machine.progress import shown_on
from seqlab.machine.terminal import print_note, say, write_data
from seqlab.machine.wording import plural
from seqlab.settings.reading import InputSettings

if TYPE_CHECKING:
    from seqlab.annotations.annotated_text import AnnotatedText
    from seqlab.settings.training import TrainSettings
    from seqlab.tagging.tagger import Tagger

Tool = Literal["label-studio", "doccano", "prodigy", "brat"]


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and suggest. Returns the exit code."""
    return cli.run(cli.make_app("suggest", suggest, settings=InputSettings), argv)


def suggest(
    run: str,
    /,
    *texts: str,
    tool: Annotated[Tool, Parameter(name="--for")],
    reading: Annotated[InputSettings, Parameter(name="*")] = InputSettings(),
    out: str | None = None,
    most: int | None = None,
    overwrite: Flag = False,
) -> None:
    """Put the texts most worth labelling first, with predictions that an annotation tool can show.

    A text is worth much if the tagger is uncertain about it, and if classes that were rare in training may be in it.
    Repeated texts come late. All texts are in memory.

    Args:
        run: Run directory.
        texts: Files or folders of raw text (a document per line), of annotation tools, or of tokens.
        tool: Tool to write for. Label Studio gets predictions, doccano labels, Prodigy spans, brat a folder of .ann files.
        out: File to write, or folder for brat. [default: standard output]
        most: Number of texts to write. [default: all]
        overwrite: Replace the file at --out if it exists.
    """
    from seqlab.storing.run_directory import check_run

    threads.limit_blas_threads()
    check_run(Path(run))
    check_options(texts, tool, out, most, overwrite=overwrite)
    from seqlab.annotations.suggestions import suggestion_lines, write_suggestions
    from seqlab.reporting.progress import terminal_progress
    from seqlab.storing.run_settings import run_settings, text_options_for
    from seqlab.storing.save_and_load import load_run, unfinished_notes
    from seqlab.tagging.suggesting import suggest_texts

    tagger, trained = load_run(run), run_settings(run)
    for note in unfinished_notes(run):
        print_note(note)
    options = text_options_for(trained, reading_keywords_of(reading))
    rules = tagger.text_rules(
        sentences=options.rules.sentences,
        language=options.rules.language,
        tokenized=options.rules.tokenized,
    )
    documents = (one for path in texts for one in read_texts(path, reading, tagger, trained))
    counts = training_counts(run, trained, tagger)
    with shown_on(terminal_progress()):
        suggestions = suggest_texts(tagger, documents, counts=counts, rules=rules, most=most)
    if not suggestions:
        raise UserError(f"{', '.join(texts)}: there is no text to label")
    model = Path(run).resolve().name
    if out is None:
        for line in suggestion_lines(suggestions, tool, model):
            write_data(line.encode())
        return
    write_suggestions(suggestions, Path(out), tool, model)
    say(f"{plural(len(suggestions), 'text')} written to {out}")


def check_options(
    texts: Sequence[str], tool: Tool, out: str | None, most: int | None, *, overwrite: bool
) -> None:
    """Raise UserError for options that make no sense, before the run is loaded."""
    if not texts:
        raise SettingsError("no texts are given: name the files to choose from")
    if most is not None and most < 1:
        raise SettingsError(f"most is {most}: expected 1 or more")
    if out is None:
        if tool == "brat":
            raise SettingsError("brat needs a folder: give --out")
        return
    path = Path(out)
    if path.exists() and not (overwrite and path.is_file()) and not is_empty_folder(path):
        raise UserError(f"{out}: exists already; give another --out, or --overwrite for a file")


def is_empty_folder(path: Path) -> bool:
    """Whether a path is a folder that holds nothing."""
    return path.is_dir() and not any(path.iterdir())


def reading_keywords_of(reading: InputSettings) -> Any:
    """The given options that say how a corpus is read, as keywords of `read_corpus`."""
    return {k: v for k, v in reading.given().items() if k not in ("documents", "id_column")}


def read_texts(
    path: str, reading: InputSettings, tagger: "Tagger", trained: "TrainSettings"
) -> Iterator["AnnotatedText"]:
    """Yield the texts of a file or folder, in any format. Raises UserError if it cannot be read."""
    from seqlab.corpus.annotation_reading import read_annotated_texts
    from seqlab.corpus.annotation_writing import annotated_texts
    from seqlab.corpus.format_detection import ANNOTATION_FORMATS
    from seqlab.corpus.reading import annotation_format, stream_corpus
    from seqlab.corpus.sentence import Sentence
    from seqlab.corpus.text_input import guess_format, open_lines, read_items
    from seqlab.storing.run_settings import options_for, text_options_for

    keywords = reading_keywords_of(reading)
    known: str | None = reading.format or annotation_format(path)
    if known in ANNOTATION_FORMATS:
        options = text_options_for(trained, keywords)
        yield from read_annotated_texts(path, known, options, Counter(), unlabelled=True)
        return
    if Path(path).is_dir():
        options = options_for(trained, path, tagger.encoder, keywords)
        _, sentences = stream_corpus(path, options, tagged=False, notes=Counter())
        yield from annotated_texts(sentences)
        return
    is_line = reading.documents == "line"
    first, lines = open_lines(path, name=path, encoding=reading.encoding, ends=not is_line)
    known = known or guess_format(first, name=path, tags=tagger.encoder.tags)
    if known == "text":
        options = text_options_for(trained, keywords)
    else:
        options = options_for(trained, path, tagger.encoder, keywords | {"format": known})
    items = read_items(
        lines,
        name=path,
        format=known,
        options=options,
        documents=reading.documents,
        id_column=reading.id_column,
    )
    for item in items:
        if isinstance(item, Sentence):
            yield from annotated_texts([item])
        else:
            yield item


def training_counts(run: str, trained: "TrainSettings", tagger: "Tagger") -> dict[str, int]:
    """The spans of each class that the run was trained on.

    They are counted in its training corpus. If that is not there any more, they are those of the validation split, of which
    training made sure that it holds the classes in the same shares. Without either, all classes count as equally rare.
    """
    from seqlab.corpus.reading_options import reading_options
    from seqlab.corpus.schemes import decode_spans
    from seqlab.corpus.splits import read_as
    from seqlab.storing.run_settings import reading_keywords

    try:
        options = reading_options(**reading_keywords(trained))
        sentences, _ = read_as(trained.train or "", scheme=tagger.scheme, options=options)
    except UserError:
        return validation_counts(run)
    counts: Counter[str] = Counter()
    if tagger.scheme is not Scheme.PLAIN:
        for sentence in sentences:
            counts.update(name for _, _, name in decode_spans(sentence.tags or (), tagger.scheme))
    return counts


def validation_counts(run: str) -> dict[str, int]:
    """The spans of each class in the validation split, from metrics.json; empty if there is none.

    Raises RunError for a metrics.json that is damaged or was changed.
    """
    from seqlab.storing.metrics_file import METRICS, support_by_class
    from seqlab.storing.run_files import open_run

    files = open_run(Path(run))
    return support_by_class(files, "valid") if files.has(METRICS) else {}


if __name__ == "__main__":
    sys.exit(main())
