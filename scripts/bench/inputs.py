"""The corpora to measure on: published or generated, whole or shortened."""

import argparse
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import corpora

from bench.generate import Recipe, write

PUBLISHED = {
    "ewt": (
        "ud_english_ewt",
        ("en_ewt-ud-train.conllu", "en_ewt-ud-dev.conllu", "en_ewt-ud-test.conllu"),
    ),
    "wnut17": ("wnut17", ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")),
}
TITLES = {"ewt": "UD English EWT, UPOS", "wnut17": "WNUT-17", "generated": "generated"}
SPLITS = ("train", "valid", "test")
Files = dict[str, str]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the corpus."""
    group = parser.add_argument_group("corpora")
    group.add_argument("--corpus", choices=[*PUBLISHED, "generated"], default="ewt",
                       help="corpus of most parts (default %(default)s)")  # fmt: skip
    group.add_argument("--sentences", type=int, help="use only the first SENTENCES of each split")
    group.add_argument("--generated-sentences", type=int, default=12_000,
                       help="training sentences of generated corpora (default %(default)s)")  # fmt: skip
    group.add_argument("--vocabulary", type=int, default=50_000,
                       help="distinct words of generated corpora (default %(default)s)")  # fmt: skip
    group.add_argument("--length", type=float, default=16.0,
                       help="mean tokens per sentence of generated corpora (default %(default)s)")  # fmt: skip


def corpus_files(name: str, options: argparse.Namespace, folder: str | Path) -> Files:
    """Paths of the three splits. folder: folder for generated and shortened files."""
    folder = Path(folder)
    files = generated(options, folder) if name == "generated" else published(name)
    if options.sentences is None:
        return files
    return {split: cut(path, options.sentences, folder) for split, path in files.items()}


def title(name: str, options: argparse.Namespace) -> str:
    """The corpus's name on the page, with its size unless it is the whole published corpus."""
    out = TITLES[name]
    if name == "generated":
        out += f" ({options.generated_sentences:,} sentences of {options.length:g} tokens, {options.vocabulary:,} words)"
    return out if options.sentences is None else f"{out}, first {options.sentences:,} sentences"


def published(name: str) -> Files:
    """The files of a published corpus."""
    name, files = PUBLISHED[name]
    return {s: str(corpora.folder() / name / file) for s, file in zip(SPLITS, files, strict=True)}


def generated(options: argparse.Namespace, folder: Path) -> Files:
    """Generate three files; validation and test are a tenth of training each."""
    sizes = {"train": options.generated_sentences}
    sizes |= dict.fromkeys(("valid", "test"), max(1, options.generated_sentences // 10))
    return {
        split: write(
            Recipe(sentences=size, vocabulary=options.vocabulary, length=options.length, seed=seed),
            folder / f"generated-{split}.conll",
        )
        for seed, (split, size) in enumerate(sizes.items(), 1)
    }


def cut(path: str, sentences: int, folder: Path) -> str:
    """Write the first sentences of a corpus to a file."""
    from seqlab import read_corpus, write_corpus

    out = folder / f"cut-{Path(path).name}.jsonl"
    write_corpus(islice(read_corpus(path), sentences), out, format="jsonl")
    return str(out)


def write_two_columns(sentences: Iterable[Any], path: Path) -> str:
    """Write 'token tag' lines for tools that split at white space; white space inside a token becomes '_'."""
    with path.open("w", encoding="utf-8") as file:
        for sentence in sentences:
            for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
                file.write(re.sub(r"\s", "_", token) + f" {tag}\n")
            file.write("\n")
    return str(path)
