"""The files of a named corpus in the cache, one for each split."""

from pathlib import Path

from seqlab.catalogue.downloading import data_directory, fetch
from seqlab.catalogue.entries import NamedCorpus
from seqlab.machine.atomic import atomic_file

BLANK = b" \t\r\n"


def corpus_directory(corpus: NamedCorpus) -> Path:
    """The directory of a corpus in the cache."""
    return data_directory() / "corpora" / corpus.name


def split_paths(corpus: NamedCorpus) -> dict[str, Path]:
    """Where the file of each split is, or will be."""
    directory = corpus_directory(corpus)
    return {
        split: directory / (f"{split}.conll" if is_made(corpus, split) else files[0].name)
        for split, files in corpus.files.items()
    }


def is_made(corpus: NamedCorpus, split: str) -> bool:
    """Whether the file of a split is made from the published files."""
    return corpus.skip_empty_tokens or len(corpus.files[split]) > 1


def fetch_corpus(corpus: NamedCorpus, *, offline: bool = False) -> dict[str, Path]:
    """The file of each split, downloaded if need be. Raises UserError as `fetch` does."""
    directory, paths = corpus_directory(corpus), split_paths(corpus)
    for split, files in corpus.files.items():
        parts = [fetch(file, directory, title=corpus.name, offline=offline) for file in files]
        if is_made(corpus, split):
            contents = [part.read_bytes() for part in parts]
            write_joined(contents, paths[split], skip_empty_tokens=corpus.skip_empty_tokens)
    return paths


def has_token(line: bytes) -> bool:
    """Whether the first column of a line holds more than spaces."""
    return bool(line.partition(b"\t")[0].strip(b" "))


def write_joined(contents: list[bytes], path: Path, *, skip_empty_tokens: bool) -> None:
    """Write several CoNLL files as one, unless it is there already."""
    lines = [line for content in contents for line in [*content.strip(b"\r\n").split(b"\n"), b""]]
    if skip_empty_tokens:
        lines = [line for line in lines if has_token(line) or not line.strip(BLANK)]
    joined = b"\n".join(lines)
    if path.exists() and path.read_bytes() == joined:
        return
    with atomic_file(path, overwrite=True) as pending:
        pending.temporary.write_bytes(joined)
