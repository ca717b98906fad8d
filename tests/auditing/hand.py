"""Hand-made corpora. A sentence is written 'token/tag token/tag'."""

from pathlib import Path

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus

CLEAN_TRAIN = [
    f"{name}/B-PER lives/O in/O {place}/B-LOC near/O the/O old/O {thing}/O"
    for name in ("Ada", "Boris", "Clara", "Dmitri", "Elena")
    for place in ("Paris", "Oslo", "Cairo", "Lima")
    for thing in ("mill", "quay")
]
CLEAN_VALID = [
    f"{place}/B-LOC was/O where/O young/O {name}/B-PER met/O us/O"
    for name in ("Ada", "Boris", "Clara", "Dmitri", "Elena")
    for place in ("Paris", "Oslo", "Cairo", "Lima")
]


def sentence(text: str) -> Sentence:
    """Parse 'Ada/B-PER left/O'."""
    pairs = [word.rpartition("/")[::2] for word in text.split()]
    tokens, tags = zip(*pairs, strict=True)
    return Sentence(tokens=tokens, tags=tags)


def write(path: Path, *texts: str) -> str:
    """Write one sentence per text to a CoNLL file."""
    write_corpus(map(sentence, texts), path, format="conll")
    return str(path)


def clean(folder: Path) -> tuple[str, str]:
    """Write train and valid files without any problem."""
    return write(folder / "train.conll", *CLEAN_TRAIN), write(folder / "valid.conll", *CLEAN_VALID)
