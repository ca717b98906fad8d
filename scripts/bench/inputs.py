"""The corpora to measure on: published or generated, whole or shortened."""

import argparse
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from corpora import folder

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
    group.add_argument("--corpus", choices=[*PUBLISHED, "generated"], default="ewt")
    group.add_argument("--sentences", type=int, help="take only the first so many of each split")
    group.add_argument("--generated-sentences", type=int, default=12_000)
    group.add_argument("--vocabulary", type=int, default=50_000, help="words of generated corpora")
    group.add_argument("--length", type=float, default=16.0, help="mean tokens of a sentence")


def corpus_files(name: str, options: argparse.Namespace, place: str | Path) -> Files:
    """Paths of the three splits. place: a folder for files that must be written."""
    place = Path(place)
    files = generated(options, place) if name == "generated" else published(name)
    if options.sentences is None:
        return files
    return {split: cut(path, options.sentences, place) for split, path in files.items()}


def title(name: str, options: argparse.Namespace) -> str:
    """The corpus's name on the page, with its size unless it is the whole published corpus."""
    out = TITLES[name]
    if name == "generated":
        out += f" ({options.generated_sentences:,} sentences of {options.length:g} tokens, {options.vocabulary:,} words)"
    return out if options.sentences is None else f"{out}, first {options.sentences:,} sentences"


def published(name: str) -> Files:
    """The files of a published corpus."""
    place, names = PUBLISHED[name]
    return {s: str(folder() / place / file) for s, file in zip(SPLITS, names, strict=True)}


def generated(options: argparse.Namespace, place: Path) -> Files:
    """Three generated files; validation and test are a tenth of training each."""
    sizes = {"train": options.generated_sentences}
    sizes |= dict.fromkeys(("valid", "test"), max(1, options.generated_sentences // 10))
    return {
        split: write(
            Recipe(sentences=size, vocabulary=options.vocabulary, length=options.length, seed=seed),
            place / f"generated-{split}.conll",
        )
        for seed, (split, size) in enumerate(sizes.items(), 1)
    }


def cut(path: str, sentences: int, place: Path) -> str:
    """Write the first sentences of a corpus to a file."""
    from seqlab import read_corpus, write_corpus

    out = place / f"cut-{Path(path).name}.jsonl"
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
