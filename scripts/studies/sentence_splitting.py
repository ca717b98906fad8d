"""Measure how well libraries split raw text into sentences, and how words of Chinese are found; write docs/raw-text.md.

    pip install pysbd nupunkt blingfire syntok segtok sentence-splitter
    .venv/bin/python scripts/studies/sentence_splitting.py

A library that is not installed is left out. The corpora are UD English EWT and UD French Sequoia, all three splits
of each, and UNER Chinese GSD, in ../shared/data or where SEQLAB_SHARED_DATA says.
"""

import argparse
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from seqlab.reporting.table import markdown_table
from seqlab.text.sentence_bounds import BLOCK, sentence_bounds
from seqlab.text.spelling import normalise
from seqlab.text.token_rules import TokenRules, learn_token_rules
from seqlab.text.tokenise import UNTRAINED, tokenise

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from corpora import folder

PAGE = Path(__file__).resolve().parents[2] / "docs" / "raw-text.md"
TEXT, SENTENCE_ID = "# text = ", "# sent_id = "
PARAGRAPH = 5  # sentences of Sequoia that are joined
HEAD = """\
# Raw text

Written by `.venv/bin/python scripts/studies/sentence_splitting.py` on {date}, {machine}.

## Which library splits sentences?

The sentences of a paragraph are joined by spaces, and the library splits them again. A boundary is right if a gold
sentence ends there; the end of a paragraph does not count. UD English EWT marks its paragraphs ({english} sentences).
UD French Sequoia does not ({french} sentences). There, {paragraph} consecutive sentences (by their ids), or all sentences
of a document, are taken as a paragraph. Many gold sentences end without punctuation (titles, signatures, list items), which
no library can see. Speed is in million characters per second of CPU.
"""
CHOICE = """
seqlab uses sentencex, but first hides some marks: it replaces each by another character, so that offsets stay the same.
sentencex ends no sentence inside quotation marks or brackets, nor anywhere after one that does not close. It also ends
a sentence after an initial (`J. Roe`, French `M. Dupont`). Of the others, nupunkt comes near, but its model is of
English, and it does not end sentences at the full stops of Chinese or Hindi. pysbd is the slowest.

seqlab gives sentencex blocks of at most {block:,} characters, and no line that holds no sentence end. Seconds of CPU for
one line, each of whose sentences opens a bracket and a quotation mark:

{growth}

## How well are words of Chinese found?

UNER Chinese GSD without spaces, cut by `learn_token_rules` from the {vocabulary} words of its training split, and
without training. A word is right if both its start and its end are.
"""
MARKED_SENTENCE = 'The cat sat. Mr. Roe (who was "here) left at 3 p.m. today. '
GROWTH = (2_500, 5_000, 10_000)  # repetitions of that sentence


class Score(NamedTuple):
    """Counts of boundaries or words."""

    correct: int
    predicted: int
    gold: int

    def cells(self) -> list[str]:
        """Precision, recall and F1."""
        shares = (
            self.correct / self.predicted,
            self.correct / self.gold,
            2 * self.correct / (self.predicted + self.gold),
        )
        return [f"{share:.3f}" for share in shares]


Splitter = Callable[[str], Sequence[str]]
Documents = list[list[str]]


def english(files: Iterable[Path]) -> Documents:
    """Return the sentences of each paragraph of EWT."""
    paragraphs: Documents = []
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            if line.startswith(("# newpar", "# newdoc")):
                paragraphs.append([])
            elif line.startswith(TEXT):
                paragraphs[-1].append(line.removeprefix(TEXT).strip())
    return [paragraph for paragraph in paragraphs if paragraph]


def french(files: Iterable[Path]) -> Documents:
    """Return the sentences of each document of Sequoia, in the order of their ids."""
    documents: dict[str, list[tuple[str, str]]] = {}
    for file in files:
        name = ""
        for line in file.read_text("utf-8").splitlines():
            if line.startswith(SENTENCE_ID):
                name = line.removeprefix(SENTENCE_ID)
            elif line.startswith(TEXT):
                text = line.removeprefix(TEXT).strip()
                documents.setdefault(name.rsplit("_", 1)[0], []).append((name, text))
    return [[text for _, text in sorted(its)] for its in documents.values()]


def splitters(language: str) -> Iterator[tuple[str, Splitter]]:
    """Yield the name and the function of each installed library that knows the language."""

    def ours(text: str) -> list[str]:
        return [text[start:end] for start, end in sentence_bounds(text, "split", language)]

    yield "seqlab (sentencex, marks hidden)", ours
    yield "`[.?!]` + space + no lower case", re.compile(r"(?<=[.?!])\s+(?=[^a-z])").split
    with suppress(ImportError):
        import sentencex

        yield "sentencex", lambda text: sentencex.segment(language, text)
    with suppress(ImportError):
        import pysbd

        yield "pysbd", pysbd.Segmenter(language=language, clean=False).segment
    with suppress(ImportError):
        import nupunkt

        yield "nupunkt", nupunkt.sent_tokenize
    with suppress(ImportError):
        import blingfire

        yield "blingfire", lambda text: blingfire.text_to_sentences(text).split("\n")
    with suppress(ImportError):
        from syntok import segmenter

        def by_syntok(text: str) -> list[str]:
            sentences = (tokens for part in segmenter.analyze(text) for tokens in part)
            return ["".join(token.spacing + token.value for token in its) for its in sentences]

        yield "syntok", by_syntok
    with suppress(ImportError):
        from segtok.segmenter import split_single

        yield "segtok", lambda text: list(split_single(text))
    with suppress(ImportError):
        from sentence_splitter import SentenceSplitter

        yield "sentence-splitter", SentenceSplitter(language=language).split


def ends(pieces: Iterable[str]) -> set[int]:
    """Return the number of characters, white space aside, up to each end but the last."""
    return set(list(accumulate(len("".join(piece.split())) for piece in pieces))[:-1])


def measure(documents: Documents, split: Splitter) -> tuple[Score, float]:
    """Return the score over all boundaries, and characters per second of CPU."""
    texts = [" ".join(sentences) for sentences in documents]
    start = time.process_time()
    predicted = [split(text) for text in texts]
    seconds = time.process_time() - start
    pairs = [(ends(gold), ends(its)) for gold, its in zip(documents, predicted, strict=True)]
    correct = sum(len(gold & its) for gold, its in pairs)
    score = Score(correct, sum(len(its) for _, its in pairs), sum(len(gold) for gold, _ in pairs))
    return score, sum(map(len, texts)) / seconds


def sentence_table(language: str, documents: Documents) -> str:
    """Return one row per library."""
    rows = []
    for name, split in splitters(language):
        split("A. B.")  # loads the library
        score, rate = measure(documents, split)
        with suppress(Exception):
            name = f"{name} {version(name)}"
        rows.append([name, *score.cells(), f"{rate / 1e6:.2f}"])
        print(language, rows[-1], flush=True)
    return markdown_table(["library", "precision", "recall", "F1", "M characters/s"], rows)


def growth_table() -> str:
    """Return the seconds of seqlab and of sentencex alone on lines of growing length."""
    wanted = ("seqlab", "sentencex")
    chosen = {name: split for name, split in splitters("en") if name.startswith(wanted)}
    rows = []
    for times in GROWTH:
        document = [[MARKED_SENTENCE * times]]
        length = len(document[0][0])
        seconds = [length / measure(document, split)[1] for split in chosen.values()]
        rows.append([f"{length:,} characters", *(f"{value:.3f}" for value in seconds)])
    return markdown_table(["line", *chosen], rows)


def chinese(file: Path) -> list[list[str]]:
    """Return the words of each sentence."""
    blocks = file.read_text("utf-8").split("\n\n")
    sentences = [[line.split("\t")[1] for line in block.splitlines() if line[:1].isdigit()] for block in blocks]  # fmt: skip
    return [["".join(word.split()) for word in words] for words in sentences if words]


def word_score(sentences: list[list[str]], rules: TokenRules) -> Score:
    """Return the score over the words of text without spaces."""
    correct = predicted = gold = 0
    for words in sentences:
        right = set(spans(words))
        its = set(spans(tokenise("".join(words), rules)))
        correct, predicted, gold = (
            correct + len(right & its),
            predicted + len(its),
            gold + len(right),
        )
    return Score(correct, predicted, gold)


def spans(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each word of text without spaces."""
    for end, word in zip(accumulate(map(len, words)), words, strict=True):
        yield end - len(word), end


def word_table(train: list[list[str]], splits: dict[str, list[list[str]]]) -> tuple[str, int]:
    """Return one row per split and kind of rules, and the size of the training vocabulary."""
    counts = Counter(normalise(word) for words in train for word in words)
    learned = learn_token_rules([word for word, _ in counts.most_common()])
    rows = [
        [f"{split}, {name}", *word_score(sentences, rules).cells()]
        for split, sentences in splits.items()
        for name, rules in (("trained", learned), ("not trained", UNTRAINED))
    ]
    return markdown_table(["split", "precision", "recall", "F1"], rows), len(counts)


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    data = folder()
    ewt = english(sorted((data / "ud_english_ewt").glob("*.conllu")))
    sequoia = french(sorted((data / "ud_french_sequoia").glob("*.conllu")))
    fives = [its[i : i + PARAGRAPH] for its in sequoia for i in range(0, len(its), PARAGRAPH)]
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        english=f"{sum(map(len, ewt)):,}",
        french=f"{sum(map(len, sequoia)):,}",
        paragraph=PARAGRAPH,
    )
    gsd = {
        split: chinese(data / "uner_chinese_gsd" / f"zh_gsd-ud-{split}.iob2")
        for split in ("train", "dev", "test")
    }
    words, vocabulary = word_table(gsd["train"], {"dev": gsd["dev"], "test": gsd["test"]})
    parts = [
        head,
        f"EWT, {len(ewt):,} paragraphs:\n\n{sentence_table('en', ewt)}\n",
        f"Sequoia, {len(fives)} paragraphs of {PARAGRAPH} sentences:\n\n{sentence_table('fr', fives)}\n",
        f"Sequoia, {len(sequoia)} documents:\n\n{sentence_table('fr', sequoia)}",
        CHOICE.format(vocabulary=f"{vocabulary:,}", block=BLOCK, growth=growth_table()),
        f"{words}\n",
    ]
    PAGE.write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
