"""Make the sample corpus: sentences of a harbour town's newspaper, with six imbalanced entity types.

    python scripts/make_sample.py            # writes data/train.conll, valid.conll, test.conll
    python scripts/make_sample.py --counts   # prints counts of the existing files

Of several candidate sentences the script takes the one that brings the rates of names closest to `NAMES_PER_TOKEN`.
"""

import argparse
from collections import Counter
from pathlib import Path

from sample_names import Dice, Names
from sample_text import Token, write

from seqlab.reporting.table import markdown_table

NAMES_PER_TOKEN = {
    "PER": 0.0225, "LOC": 0.0160, "ORG": 0.0105, "VES": 0.0062, "LAW": 0.00140, "MED": 0.00160,
}  # fmt: skip
RARER_IN_TRAIN = {"LAW": 0.5, "MED": 0.5}
SENTENCES = {"train": 2400, "valid": 500, "test": 700}
BORROWED = {"train": 0.0, "valid": 0.5, "test": 0.2}
CANDIDATES = 8
POOLS = {
    "PLACEWORD": 130, "SURNAME": 420, "LOC": 170, "PER": 620, "PER_last": 260, "ORG": 230,
    "VES": 110, "LAW": 44, "MED": 44,
}  # fmt: skip
DATA = Path(__file__).parent.parent / "data"

Corpus = list[list[Token]]


def make(seed: int) -> dict[str, Corpus]:
    """All splits. The same seed gives the same sentences."""
    dice, taken, seen = Dice(seed), set[str](), set[str]()
    train = Names(dice, taken, POOLS)
    corpora = {}
    for split, size in SENTENCES.items():
        names = train
        if split != "train":
            own = {kind: 8 + count * size // SENTENCES["train"] for kind, count in POOLS.items()}
            names = Names(dice, taken, own, train, BORROWED[split])
        rates = NAMES_PER_TOKEN
        if split == "train":
            rates = {kind: rate * RARER_IN_TRAIN.get(kind, 1) for kind, rate in rates.items()}
        corpora[split] = make_split(dice, names, size, seen, rates)
    return corpora


def make_split(
    dice: Dice, names: Names, size: int, seen: set[str], rates: dict[str, float]
) -> Corpus:
    """Make `size` sentences that are not in `seen`, and add them to it."""
    counts: Counter[str] = Counter()
    sentences: Corpus = []
    while len(sentences) < size:
        candidates = [s for s in (write(dice, names) for _ in range(CANDIDATES)) if s]
        candidates = [s for s in candidates if key(s) not in seen]
        if candidates:
            best = min(candidates, key=lambda sentence: distance(counts + starts(sentence), rates))
            counts += starts(best)
            seen.add(key(best))
            sentences.append(best)
    return dice.shuffled(sentences)


def key(sentence: list[Token]) -> str:
    """The key of a sentence: its words in lower case."""
    return " ".join(word for word, _ in sentence).casefold()


def tally(sentence: list[Token]) -> Counter[str]:
    """Tokens of each class, including `O`."""
    return Counter(tag[2:] or "O" for _, tag in sentence)


def starts(sentence: list[Token]) -> Counter[str]:
    """Names of each entity type, and `tokens`."""
    names = Counter(tag[2:] for _, tag in sentence if tag.startswith("B-"))
    return names + Counter(tokens=len(sentence))


def distance(counts: Counter[str], rates: dict[str, float]) -> float:
    """The sum of squared relative differences between the rates of names and the intended rates."""
    return sum((counts[kind] / (counts["tokens"] * rate) - 1) ** 2 for kind, rate in rates.items())


def save(corpora: dict[str, Corpus], folder: Path) -> None:
    """Write each split with two columns: token and IOB2 tag."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, sentences in corpora.items():
        blocks = ["".join(f"{word}\t{tag}\n" for word, tag in s) for s in sentences]
        (folder / f"{split}.conll").write_text("\n".join(blocks), encoding="utf-8", newline="\n")


def load(folder: Path) -> dict[str, Corpus]:
    """Read the splits back."""
    corpora = {}
    for split in SENTENCES:
        blocks = (folder / f"{split}.conll").read_text(encoding="utf-8").strip().split("\n\n")
        corpora[split] = [
            [(word, tag) for word, tag in (line.split("\t") for line in block.splitlines())]
            for block in blocks
        ]
    return corpora


def mentions(sentences: Corpus) -> list[tuple[str, str]]:
    """Every name in order, as (entity type, words in lower case)."""
    names: list[tuple[str, str]] = []
    for word, tag in (token for sentence in sentences for token in sentence):
        if tag.startswith("B-"):
            names.append((tag[2:], word.casefold()))
        elif tag != "O":
            names[-1] = (tag[2:], f"{names[-1][1]} {word.casefold()}")
    return names


def counts_table(corpora: dict[str, Corpus]) -> str:
    """Tokens (share) and names (share unseen in train) of each class and split, as Markdown."""
    known = set(mentions(corpora["train"]))
    header = ["class", *(head for s in corpora for head in (f"{s} tokens", f"{s} names"))]
    rows: list[list[str]] = []
    for class_name in ("O", *NAMES_PER_TOKEN, "all"):
        rows.append([class_name])
        for sentences in corpora.values():
            rows[-1].extend(cells(class_name, sentences, known))
    rows.append(["sentences"])
    for sentences in corpora.values():
        rows[-1].extend([f"{len(sentences):,}", ""])
    return markdown_table(header, rows)


def cells(class_name: str, sentences: Corpus, known: set[tuple[str, str]]) -> list[str]:
    """The two cells of one class in one split."""
    counts = sum((tally(sentence) for sentence in sentences), Counter())
    tokens = counts.total() if class_name == "all" else counts[class_name]
    names = [name for name in mentions(sentences) if class_name in (name[0], "all")]
    unseen = sum(name not in known for name in names)
    share = f"{tokens:,} ({tokens / counts.total():.2%})"
    return [share, f"{len(names):,} ({unseen / len(names):.0%} unseen)" if names else ""]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sample corpus.")
    parser.add_argument(
        "--out", type=Path, default=DATA, help="folder of the corpus files (default data)"
    )
    parser.add_argument("--seed", type=int, default=7, help="seed (default 7)")
    parser.add_argument(
        "--counts", action="store_true", help="print counts of the existing files; write nothing"
    )
    arguments = parser.parse_args()
    if not arguments.counts:
        save(make(arguments.seed), arguments.out)
    print(counts_table(load(arguments.out)))


if __name__ == "__main__":
    main()
