"""`python -m seqlab.vectors TEXT… --out FILE`: word vectors from raw text, and what vectors cover."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from seqlab import cli
from seqlab.errors import SettingsError, VectorsError
from seqlab.machine.atomic import atomic_file
from seqlab.machine.files import check_writable
from seqlab.machine.terminal import print_error, say, say_if_read
from seqlab.settings.vectors import VectorSettings

if TYPE_CHECKING:
    from seqlab.corpus.reading import Corpus
    from seqlab.encoding.vectors import WordVectors
    from seqlab.text.raw_text import RawText

STANDARD_INPUT = (
    "text '-': the text is read anew at each epoch, which a pipe cannot be; give a file"
)
TextFormat = Literal["conll", "conllu", "jsonl", "text"]


@dataclass(frozen=True, kw_only=True)
class TrainedVectors:
    """Word vectors that have been trained. path: where they stand. words: of the text, one pass."""

    vectors: "WordVectors"
    path: Path
    words: int


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options, train or show vectors. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if "-" in argv:
        return print_error(STANDARD_INPUT)
    app = cli.make_app("vectors", command, settings=VectorSettings)
    return cli.run(app, argv)


def command(
    *text: Annotated[
        str, Parameter(help="Plain text, one sentence a line, or a corpus; gzip or not.")
    ],
    out: Annotated[str | None, Parameter(help="File to write.")] = None,
    settings: Annotated[VectorSettings, Parameter(name="*")] = VectorSettings(),  # noqa: B008
    format: Annotated[
        TextFormat | None,
        Parameter(help="Format of the texts. [default: told by their first lines]"),
    ] = None,
    tokenized: Annotated[
        bool,
        Parameter(negative="", help="Text is tokenised already: split it at white space only."),
    ] = False,
    normalise: Annotated[
        bool, Parameter(help="Words in lower case, every digit a 0, as the tagger looks them up.")
    ] = True,
    overwrite: Annotated[bool, Parameter(negative="", help="Replace the file OUT.")] = False,
    cover: Annotated[
        tuple[str, ...],
        Parameter(
            consume_multiple=True,
            negative="",
            help="Labelled corpora: show how many of their words have a vector.",
        ),
    ] = (),
    vectors: Annotated[
        str | None,
        Parameter(help="With --cover, instead of TEXT and --out: vectors that there are already."),
    ] = None,
) -> None:
    """Train word vectors on raw text, for `seqlab.train --vectors`, or show what vectors cover.

    Text is tokenised as `seqlab.tag` does it and read from disk at each epoch: memory holds the distinct
    words, not the text. word2vec is written in its text format (a name in .gz: packed), fasttext in
    fastText's binary format, which gives vectors to unseen words too. With several workers gensim
    does not give the same numbers twice; --workers 1 does.

    Coverage is of tokens, of distinct tokens, and of the tokens of entities: spelt as in the file of
    vectors; there in lower case or with digits as 0 alone; not at all.
    """
    check_choice(text, out=out, cover=cover, vectors=vectors)
    corpora = read_corpora(cover)
    for path in cover:
        if out and Path(out).exists() and Path(out).samefile(path):
            raise SettingsError(f"out is {out!r}, which is one of the corpora to cover")
    if vectors is not None:
        from seqlab.encoding.vector_file import load_vectors

        show_coverage(corpora, load_vectors(vectors))
        return
    trained = train_vectors(
        text,
        out=out or "",
        settings=settings,
        format=format,
        tokenized=tokenized,
        normalise=normalise,
        overwrite=overwrite,
        say=say_if_read,
    )
    if corpora:
        show_coverage(corpora, trained.vectors)
    say(f"vectors: {trained.path}")


def check_choice(
    text: Sequence[str], *, out: str | None, cover: Sequence[str], vectors: str | None
) -> None:
    """Refuse what is neither a training nor a look at vectors that there are already."""
    if vectors is None:
        if not out:
            raise SettingsError("out is not given: expected TEXT and --out FILE, or --vectors FILE")
        return
    if text or out is not None:
        raise SettingsError("vectors is given, and text or out as well: choose one")
    if not cover:
        raise SettingsError("vectors is given without cover: expected --cover CORPUS")


def read_corpora(paths: Sequence[str]) -> "dict[str, Corpus]":
    """Labelled corpora by path."""
    if not paths:
        return {}
    from seqlab.corpus.reading import read_corpus

    return {path: read_corpus(path) for path in paths}


def show_coverage(corpora: "Mapping[str, Corpus]", vectors: "WordVectors") -> None:
    """Print the table."""
    from seqlab.encoding.corpus_coverage import corpus_coverage
    from seqlab.reporting.coverage import coverage_text

    found = {path: corpus_coverage(corpus, vectors) for path, corpus in corpora.items()}
    names = [Path(path).name for path in found]
    short = len({*names}) == len(names)
    say(coverage_text(dict(zip(names, found.values(), strict=True)) if short else found))
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
) -> TrainedVectors:
    """Train word vectors on files of text and write them, whole or not at all.

    Options as `python -m seqlab.vectors` has them; `say` gets a line a pass.
    Raises UserError for a text that cannot be read, or a place that cannot be written.
    """
    settings = settings or VectorSettings()
    texts = tuple(map(str, [texts] if isinstance(texts, str | Path) else texts))
    check_texts(texts, out=Path(out), settings=settings)
    check_writable(Path(out), overwrite=overwrite, error=VectorsError)
    from rich.console import Console

    from seqlab.encoding.vector_training import LONGEST
    from seqlab.reporting.reading_progress import ReadingProgress
    from seqlab.text.raw_text import RawText

    progress = ReadingProgress(settings.epochs, say=say, console=Console(stderr=True))
    source = RawText(
        texts,
        format=format,
        tokenized=tokenized,
        normalised=normalise,
        longest=LONGEST,
        report=progress,
    )
    for path, found in source.formats.items():
        if format is None and found != "text":
            say(f"note: {path} is read as {found}; --format text reads a sentence a line")
    try:
        made = learn_and_write(source, settings, Path(out), overwrite=overwrite)
    finally:
        progress.clear()
    rows, dim = made.vectors.vectors.shape
    say(f"{rows:,} words of {dim} dimensions, of {made.words:,} words of text")
    return made


def learn_and_write(
    source: "RawText", settings: VectorSettings, out: Path, *, overwrite: bool
) -> TrainedVectors:
    """Train on a text and write the vectors."""
    from seqlab.encoding.vector_file import load_vectors
    from seqlab.encoding.vector_training import train_model, vectors_of, write_model

    with atomic_file(out, overwrite=overwrite) as pending:
        model = train_model(source, settings)
        if source.error is not None:
            raise source.error
        write_model(model, pending.temporary)
    fasttext = settings.model == "fasttext"  # what unseen words get is read back with it
    vectors = load_vectors(str(pending.path)) if fasttext else vectors_of(model)
    return TrainedVectors(vectors=vectors, path=pending.path, words=source.words)


def check_texts(texts: Sequence[str], *, out: Path, settings: VectorSettings) -> None:
    """Refuse texts that cannot be read again at each epoch or would be written over, and a model that is packed."""
    from seqlab.corpus.lines import open_corpus

    if settings.model == "fasttext" and out.suffix == ".gz":
        raise SettingsError(f"out is {str(out)!r}: a fasttext model is mapped, and is not packed")
    if not texts:
        raise SettingsError("no text is given: expected files of text, one sentence a line")
    for path in texts:
        if path == "-":
            raise SettingsError(STANDARD_INPUT)
        if Path(path).exists() and not Path(path).is_file():
            raise SettingsError(f"{path}: is no regular file, and text is read again at each epoch")
        open_corpus(path).close()  # says so, with the nearest name, before gensim is imported
        if out.exists() and out.samefile(path):
            raise SettingsError(f"out is {str(out)!r}, which is one of the texts")


if __name__ == "__main__":
    sys.exit(main())
