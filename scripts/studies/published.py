"""The published corpora of the studies, and the files of their splits in the folder of corpora."""

import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from seqlab import read_corpus, write_corpus

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from corpora import folder

RUNS = Path(__file__).resolve().parents[2] / "runs"
SPLITS: Mapping[str, Mapping[str, str]] = {
    "crossner_science": {"train": "train.txt", "valid": "dev.txt", "test": "test.txt"},
    "sec_filings": {
        "train": "CONLL-format/data/train/FIN5.txt",
        "test": "CONLL-format/data/test/FIN3.txt",
    },
    "gum_ner": {
        "train": "CONLL-format/data/train/gum-train.conll",
        "test": "CONLL-format/data/test/gum-test.conll",
    },
    "wnut17": {
        "train": "wnut17train.conll",
        "valid": "emerging.dev.conll",
        "test": "emerging.test.annotated",
    },
    "anem": {"train": "CONLL-format/data/AnEM.train", "test": "CONLL-format/data/AnEM.test"},
    "ncbi_disease_iob": {"train": "train.tsv", "valid": "devel.tsv", "test": "test.tsv"},
    "ud_english_ewt": {
        "train": "en_ewt-ud-train.conllu",
        "valid": "en_ewt-ud-dev.conllu",
        "test": "en_ewt-ud-test.conllu",
    },
    "ud_french_sequoia": {
        "train": "fr_sequoia-ud-train.conllu",
        "valid": "fr_sequoia-ud-dev.conllu",
        "test": "fr_sequoia-ud-test.conllu",
    },
    "bc5cdr_iob": {"train": "train.tsv", "valid": "devel.tsv", "test": "test.tsv"},
    "broad_twitter": {"valid": "g.conll", "test": "h.conll"},
    "uner_chinese_gsd": {
        "train": "zh_gsd-ud-train.iob2",
        "valid": "zh_gsd-ud-dev.iob2",
        "test": "zh_gsd-ud-test.iob2",
    },
}
READING: Mapping[str, Mapping[str, str]] = {
    "uner_chinese_gsd": {"token_column": "1", "tag_column": "2"}
}
"""The options with which a corpus is read."""
JOINED: Mapping[str, tuple[str, ...]] = {
    "broad_twitter": ("a.conll", "b.conll", "e.conll", "f.conll")
}
"""Corpora whose training split is several files."""

FIRST: Mapping[str, tuple[str, int]] = {"ud_english_ewt_4000": ("ud_english_ewt", 4000)}
"""Corpora with only the first training sentences of another corpus."""


def files_of(name: str) -> dict[str, str]:
    """The files of a corpus by split. A shortened or joined corpus must first be written by `make`."""
    if name in FIRST:
        whole, _ = FIRST[name]
        return {**files_of(whole), "train": str(RUNS / name / "train.jsonl")}
    files = {split: str(folder() / name / path) for split, path in SPLITS[name].items()}
    return {"train": str(RUNS / name / "train.conll"), **files}


def inputs_of(name: str) -> dict[str, str]:
    """The files of a corpus by split, and the options with which they are read."""
    return {**files_of(name), **READING.get(name, {})}


def make(name: str) -> None:
    """Write the training split of a shortened or joined corpus, unless it exists."""
    path = Path(files_of(name)["train"])
    if path.exists() or name not in {*FIRST, *JOINED}:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if name in FIRST:
        whole, sentences = FIRST[name]
        first = islice(read_corpus(files_of(whole)["train"]), sentences)
        write_corpus(first, path, format="jsonl")
    else:
        parts = [folder() / name / part for part in JOINED[name]]
        path.write_bytes(b"\n".join(part.read_bytes() for part in parts))
