"""`seqlab vectors`: train word vectors on raw text, and show which words of a corpus have vectors."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import SettingsError, VectorsError
from seqlab.machine.atomic import atomic_file
from seqlab.machine.files import check_writable
from seqlab.machine.terminal import print_error, say, say_if_read, say_json
from seqlab.settings.vectors import VectorSettings

if TYPE_CHECKING:
    from seqlab.corpus.reading import Corpus
    from seqlab.encoding.raw_text import RawText
    from seqlab.encoding.vectors import WordVectors
    from seqlab.reporting.progress import TerminalProgress

STANDARD_INPUT = (
    "text is '-', but each epoch reads the text again and a pipe can be read only once; give a file"
)
TextFormat = Literal["conll", "conllu", "jsonl", "text"]


@dataclass(frozen=True, kw_only=True)
class TrainedVectors:
    """Trained word vectors. path: the file that holds them. words: the number of words in the text."""

    vectors: "WordVectors"
    path: Path
    words: int

    def to_json(self) -> dict[str, Any]:
        """The file, its size, and the number of words in the text."""
        rows, dimensions = self.vectors.vectors.shape
        return {
            "vectors": str(self.path),
            "rows": rows,
            "dimensions": dimensions,
            "words": self.words,
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options, then train vectors or show coverage. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if "-" in argv:
        return print_error(STANDARD_INPUT)
    return cli.run(cli.make_app("vectors", command, VectorSettings), argv)


def command(
    *text: str,
    out: str | None = None,
    settings: Annotated[VectorSettings, Parameter(name="*")] = VectorSettings(),
    format: TextFormat | None = None,
    tokenized: Flag = False,
    normalise: bool = True,
    overwrite: Flag = False,
    cover: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")] = (),
    vectors: str | None = None,
    quiet: Flag = False,
    json: Flag = False,
) -> None:
    """Train word vectors on raw text for `seqlab train --vectors`, or show the coverage of vectors.

    Text is tokenised as in `seqlab tag`. Each epoch reads it from disk, so that memory holds only the distinct
    words. word2vec vectors are written as text, gzipped if OUT ends in .gz. fasttext models are written in
    fastText's binary format and also give vectors to unseen words. With several workers gensim gives other
    numbers each time; --workers 1 repeats them.

    Coverage counts tokens, distinct tokens and tokens of entities. exact: the vectors have the token as
    written. lower-case: they have it only in lower case or with digits as 0. unknown: they lack it.

    Args:
        text: Plain text with one sentence per line, or a corpus. Files may be gzipped.
        out: File to write the vectors to.
        format: Format of the texts. [default: detected from their first lines]
        tokenized: The text is already tokenised; split it at white space only.
        normalise: Turn words to lower case and digits to 0, as the tagger looks them up.
        overwrite: Replace an existing file OUT.
        cover: Labelled corpora. Show how many of their words have a vector.
        vectors: File of existing vectors, used with --cover instead of TEXT and --out.
        quiet: Print the result only.
        json: Print the result only, as one JSON object.
    """
    check_inputs(text, out=out, cover=cover, vectors=vectors)
    from seqlab.reporting.progress import terminal_progress

    corpora: dict[str, Corpus] = {}
    if cover:
        from seqlab.corpus.reading import read_corpus

        corpora = {path: read_corpus(path) for path in cover}
    for path in cover:
        if out and Path(out).exists() and Path(out).samefile(path):
            raise SettingsError(
                f"out is {out!r}, which is one of the corpora to cover; give another file"
            )
    if vectors is not None:
        from seqlab.catalogue.named_vectors import load_vectors

        show_coverage(corpora, load_vectors(vectors), json=json)
        return
    trained = train_vectors(
        text,
        out=out or "",
        settings=settings,
        format=format,
        tokenized=tokenized,
        normalise=normalise,
        overwrite=overwrite,
        say=(lambda line: None) if quiet or json else say_if_read,
        progress=terminal_progress(quiet=quiet),
    )
    if json:
        show_coverage(corpora, trained.vectors, json=True, others=trained.to_json())
        return
    if corpora:
        show_coverage(corpora, trained.vectors)
    say(f"vectors: {trained.path}")


def check_inputs(
    text: Sequence[str], *, out: str | None, cover: Sequence[str], vectors: str | None
) -> None:
    """Raise SettingsError unless the options ask either for training or for the coverage of a file."""
    if vectors is None:
        if not out:
            raise SettingsError("out is missing; give TEXT and --out FILE, or --vectors FILE")
        return
    if text or out is not None:
        raise SettingsError("vectors is given together with text or out; give only one of them")
    if not cover:
        raise SettingsError("vectors is given without cover; give --cover CORPUS")


def show_coverage(
    corpora: "Mapping[str, Corpus]",
    vectors: "WordVectors",
    *,
    json: bool = False,
    others: Mapping[str, Any] | None = None,
) -> None:
    """Print a table of coverage. Corpora are named by file name, or by path when two file names are equal.

    json: print one JSON object instead, with the corpora by path. others: its other entries.
    """
    from seqlab.encoding.coverage import corpus_coverage
    from seqlab.reporting.coverage import coverage_text

    by_path = {path: corpus_coverage(corpus, vectors) for path, corpus in corpora.items()}
    if json:
        say_json(
            {**(others or {}), "coverage": {path: asdict(row) for path, row in by_path.items()}}
        )
        return
    by_name = {Path(path).name: covered for path, covered in by_path.items()}
    say(coverage_text(by_name if len(by_name) == len(by_path) else by_path))
    if vectors.ngrams is not None:
        say("unknown words get the vectors of their n-grams")


def train_vectors(
    texts: Iterable[str | Path] | str | Path,
    *,
    out: str | Path,
    settings: VectorSettings | None = None,
    format: TextFormat | None = None,
    tokenized: bool = False,
    normalise: bool = True,
    overwrite: bool = False,
    say: Callable[[str], None] = lambda text: None,
    progress: "TerminalProgress | None" = None,
) -> TrainedVectors:
    """Train word vectors on files of text and write them to a file, completely or not at all.

    texts, out, format, tokenized, normalise, overwrite: as the options of `seqlab vectors`.
    say: gets a line of progress for each pass over the text. progress: draws how far each pass is.
    Raises UserError when a text cannot be read, `out` cannot be written, or no word is frequent enough.
    """
    settings = settings or VectorSettings()
    texts = tuple(map(str, [texts] if isinstance(texts, str | Path) else texts))
    check_texts(texts, out=Path(out), settings=settings)
    check_writable(Path(out), overwrite=overwrite, error=VectorsError)
    from seqlab.encoding.raw_text import RawText
    from seqlab.experiment.vector_training import LONGEST
    from seqlab.reporting.reading_progress import ReadingProgress

    passes = ReadingProgress(settings.epochs, say=say, progress=progress)
    source = RawText(
        texts,
        format=format,
        tokenized=tokenized,
        normalised=normalise,
        longest=LONGEST,
        report=passes,
    )
    for path, detected in source.formats.items():
        if format is None and detected != "text":
            say(f"note: {path} is read as {detected}; --format text reads one sentence per line")
    try:
        trained = train_and_write(source, settings, Path(out), overwrite=overwrite)
    finally:
        passes.clear()
    rows, dim = trained.vectors.vectors.shape
    say(f"{rows:,} words of {dim} dimensions, from {trained.words:,} words of text")
    return trained


def train_and_write(
    source: "RawText", settings: VectorSettings, out: Path, *, overwrite: bool
) -> TrainedVectors:
    """Train vectors on a text and write them."""
    from seqlab.encoding.vector_file import load_vectors
    from seqlab.experiment.vector_training import train_model, vectors_of, write_model

    with atomic_file(out, overwrite=overwrite) as pending:
        model = train_model(source, settings)
        if source.error is not None:
            raise source.error
        write_model(model, pending.temporary)
    fasttext = settings.model == "fasttext"  # the n-grams are read back from the file
    vectors = load_vectors(str(pending.path)) if fasttext else vectors_of(model)
    return TrainedVectors(vectors=vectors, path=pending.path, words=source.words)


def check_texts(texts: Sequence[str], *, out: Path, settings: VectorSettings) -> None:
    """Raise UserError for a text that is missing, a pipe or `out` itself, and for a gzipped fastText model."""
    from seqlab.text.lines import open_corpus

    if settings.model == "fasttext" and out.suffix == ".gz":
        raise SettingsError(f"out is {str(out)!r}; a fasttext model cannot be gzipped; drop .gz")
    if not texts:
        raise SettingsError("no text is given; give files of text with one sentence per line")
    for path in texts:
        if path == "-":
            raise SettingsError(STANDARD_INPUT)
        if Path(path).exists() and not Path(path).is_file():
            raise SettingsError(
                f"{path}: not a regular file, but each epoch reads the text again; give a file"
            )
        # Reports a missing file, with the nearest name, before gensim is imported.
        open_corpus(path).close()
        if out.exists() and out.samefile(path):
            raise SettingsError(
                f"out is {str(out)!r}, which is one of the texts; give another file"
            )


if __name__ == "__main__":
    sys.exit(main())
