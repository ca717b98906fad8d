"""The command `seqlab download`: list the corpora and word vectors that have a name, and download them ahead of time."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import SettingsError, nearest
from seqlab.machine.progress import shown_on
from seqlab.machine.terminal import say, say_json


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options, then list or download. Returns the exit code."""
    return cli.run(cli.make_app("download", download), argv)


def download(*names: str, quiet: Flag = False, json: Flag = False) -> None:
    """List the corpora and word vectors that have a name, or download some of them.

    train, compare and audit take --corpus NAME, and train takes --vectors NAME. They download what is missing. This command
    does so ahead of time, for a machine without network. Files are kept in the directory that the environment variable
    SEQLAB_DATA names, or in the cache directory of the system. A broken download is resumed. Each file is checked against
    its sha256.

    Args:
        names: Names of corpora or vectors to download, or addresses of vectors. Without any, all names are listed.
        quiet: Draw no progress on standard error.
        json: Print one JSON object.
    """
    from seqlab.catalogue.named_vectors import VECTOR_NAMES
    from seqlab.reporting.progress import terminal_progress

    if not names:
        rows = list(listing())
        if json:
            say_json({"corpora": rows, "vectors": VECTOR_NAMES})
        else:
            say("\n".join(listing_lines(rows, VECTOR_NAMES)))
        return
    check_names(names)
    with shown_on(terminal_progress(quiet=quiet)):
        places = {name: download_named(name) for name in names}
    if json:
        say_json(places)
        return
    for name, files in places.items():
        for what, path in files.items():
            say(f"{name} {what}: {path}")


def listing() -> Iterable[dict[str, Any]]:
    """Yield the facts about each corpus."""
    from seqlab.catalogue.entries import named_corpora

    for corpus in named_corpora().values():
        yield {
            "name": corpus.name,
            "title": corpus.title,
            "language": corpus.language,
            "licence": corpus.licence,
            "bytes": corpus.size,
            "splits": list(corpus.files),
        }


def listing_lines(rows: Sequence[dict[str, Any]], vectors: dict[str, str]) -> Iterable[str]:
    """Yield the lines of the list."""
    yield "corpora, for --corpus"
    for row in rows:
        size = f"{row['bytes'] / 1e6:.1f} MB"
        yield f"  {row['name']:<17} {row['title']}"
        yield f"  {'':<17} {row['language']}, {size}, {row['licence']}; {', '.join(row['splits'])}"
    yield "vectors, for --vectors"
    for name, title in vectors.items():
        yield f"  {name:<17} {title}"


def check_names(names: Sequence[str]) -> None:
    """Raise SettingsError for an unknown name, before anything is downloaded."""
    from seqlab.catalogue.addresses import is_address
    from seqlab.catalogue.entries import named_corpora
    from seqlab.catalogue.named_vectors import VECTOR_NAMES

    known = [*named_corpora(), *VECTOR_NAMES]
    for name in names:
        if name not in known and not is_address(name):
            raise SettingsError(
                f"{name!r} is no name of a corpus or of vectors: expected one of {', '.join(known)}{nearest(name, known)}"
            )


def download_named(name: str) -> dict[str, str]:
    """Download a corpus. Returns the path of each split, or of the vectors."""
    from seqlab.catalogue.corpora import fetch_corpus
    from seqlab.catalogue.entries import corpus_of_name
    from seqlab.catalogue.named_vectors import has_no_path, vectors_location

    if has_no_path(name):
        return {"vectors": vectors_location(name)}
    corpus = corpus_of_name(name)
    files = {split: str(path) for split, path in fetch_corpus(corpus).items()}
    return {**files, "licence": corpus.licence}


if __name__ == "__main__":
    sys.exit(main())
