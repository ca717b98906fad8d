"""Prove that the offsets of raw text are exact on a million lines of published corpora.

    .venv/bin/python scripts/chaos/exact_offsets.py [--lines 1000000]

Each line is a line of a file in ../shared/data, or of the folder that SEQLAB_SHARED_DATA names: raw text, CoNLL-U and
other columns as they stand. Batches of lines are joined by LF, CRLF, CR, a space or a TAB in turn, and cut as lines and
as split sentences, with rules learned from the batch itself and without. Stops at the first wrong offset.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from seqlab.text.cutting import TextRules, cut_text
from seqlab.text.offset_units import offset_table
from seqlab.text.spelling import normalise
from seqlab.text.token_rules import learn_token_rules
from seqlab.text.tokenise import UNTRAINED

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from corpora import folder

BATCH = 500
JOINTS = ("\n", "\r\n", "\r", " ", "\t")
SUFFIXES = {".txt", ".conllu", ".conll", ".tsv", ".iob2", ".train", ".test", ".annotated"}


def lines(data: Path) -> Iterator[str]:
    """Yield the lines of all text files, raw text first; no file is read twice."""
    files = [path for path in sorted(data.rglob("*")) if path.suffix.lower() in SUFFIXES]
    files = [path for path in files if "vectors" not in path.parts]
    for path in sorted(files, key=lambda path: "raw_text" not in path.parts):
        with path.open(encoding="utf-8", newline="") as file:
            for line in file:
                yield line.rstrip("\r\n")


def check(text: str, rules: TextRules) -> int:
    """Check every token of a text. Returns their number; raises ValueError at the first fault."""
    position = tokens = 0
    for sentence in cut_text(text, rules):
        for start, end in zip(*sentence, strict=True):
            token = text[start:end]
            if text[position:start].strip() or not token or token.split() != [token]:
                raise ValueError(f"wrong token {token!r} at {start} of {text!r}")
            position = end
            tokens += 1
    if text[position:].strip():
        raise ValueError(f"text is lost after {position} of {text!r}")
    return tokens


def check_units(text: str, rules: TextRules) -> None:
    """Check the offsets in UTF-16 units and in bytes of the tokens of a text."""
    utf16, utf8 = text.encode("utf-16-le"), text.encode("utf-8")
    units, places = offset_table(text, "utf16"), offset_table(text, "bytes")
    for sentence in cut_text(text, rules):
        for start, end in zip(*sentence, strict=True):
            token = text[start:end]
            in_units = utf16[2 * units[start] : 2 * units[end]].decode("utf-16-le")
            if not token == in_units == utf8[places[start] : places[end]].decode("utf-8"):
                raise ValueError(
                    f"wrong UTF-16 or UTF-8 offset of {token!r} at {start} of {text!r}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    wanted = parser.parse_args().lines
    stream, start = islice(lines(folder()), wanted), time.process_time()
    seen, tokens = 0, Counter()
    for joint in cycle(JOINTS):
        batch = list(islice(stream, BATCH))
        if not batch:
            break
        text = joint.join(batch)
        words = Counter(normalise(word) for word in text.split())
        learned = learn_token_rules([word for word, _ in words.most_common()])
        for sentences in ("line", "split"):
            for name, rules in (("learned", learned), ("untrained", UNTRAINED)):
                cut = TextRules(sentences=sentences, token_rules=rules)
                tokens[sentences, name] += check(text, cut)
        check_units(text, cut)
        seen += len(batch)
    for (sentences, name), count in tokens.items():
        print(f"{sentences}, {name}: {count:,} tokens, all offsets exact")
    print(f"{seen:,} lines in {time.process_time() - start:.0f} s of CPU")
    if seen < wanted:
        sys.exit(f"the corpora have {seen:,} lines, fewer than {wanted:,}")


if __name__ == "__main__":
    main()
