"""Write docs/sec-filings.md: why a feature CRF is ahead on SEC filings, and which spans it and seqlab predict.

    .venv/bin/python scripts/studies/sec_filings.py FOLDER --out runs/feature-crf --run RUN

`feature_crf.py` trains the variants of the CRF. RUN is a run directory of seqlab that was trained on the same file.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from feature_crf import Sentence, counts, difference, f1, micro, read, spans, variants

import seqlab
from seqlab.corpus.schemes import convert
from seqlab.machine.files import read_toml
from seqlab.reporting.table import markdown_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sec-filings.md"
SHOWN = 5  # spans that a line names
HEAD = """\
# Why a feature CRF is ahead on SEC filings

On eight loan agreements, a linear CRF over hand-made features is ahead of seqlab ([peers](peers.md)). Each row
leaves out some of its features or changes its training. Intervals are 95 % of a bootstrap over the {sentences} test
sentences, which have {spans} spans. Written by

    PYTHON scripts/studies/feature_crf.py FOLDER --out runs/feature-crf
    .venv/bin/python scripts/studies/sec_filings.py FOLDER --out runs/feature-crf --run RUN

The heading of a class gives its number of test spans. The difference is in micro F1, from the CRF with all features, on the
same resampled sentences."""


def page(splits: Mapping[str, list[Sentence]], results: Mapping[str, Mapping[str, Any]]) -> str:
    """The page with all finished variants."""
    gold = {name: [[tag for _, tag in s] for s in splits[name]] for name in ("valid", "test")}
    classes = sorted(
        {label for rows in gold.values() for row in rows for _, _, label in spans(row)}
    )
    counted = {
        name: {split: counts(gold[split], result[split], classes) for split in gold}
        for name, result in results.items()
    }
    base = counted["all features"]["test"]
    support = base.sum(0)[:, 2]
    heads = [
        "",
        "micro F1",
        "difference",
        "macro F1",
        *(f"{c} ({n})" for c, n in zip(classes, support, strict=True)),
    ]
    rows = [row(name, each, base) for name, each in counted.items()]
    text = HEAD.format(sentences=len(gold["test"]), spans=support.sum())
    return f"{text}\n\n{markdown_table([*heads, 'validation, micro F1'], rows)}\n\n{words(counted, base)}\n"


def row(name: str, each: Mapping[str, Any], base: Any) -> list[str]:
    """One line of the table."""
    sums = each["test"].sum(0)
    shown = "–"
    if name != "all features":
        mean, low, high = difference(each["test"], base)
        shown = f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"
    figures = [
        f"{value:.3f}" for value in (f1(sums).mean(), *f1(sums), micro(each["valid"].sum(0)))
    ]
    return [name, f"{micro(sums):.3f}", shown, *figures]


def words(counted: Mapping[str, Mapping[str, Any]], base: Any) -> str:
    """The range of micro F1, and which variants are worse than all features, in words."""
    worse = [
        name
        for name, each in counted.items()
        if name != "all features" and difference(each["test"], base)[2] < 0
    ]
    figures = [float(micro(each["test"].sum(0))) for each in counted.values()]
    lost = "; ".join(worse) or "none"
    return (
        f"All variants lie between {min(figures):.3f} and {max(figures):.3f} in micro F1. "
        f"Worse than with all features, by an interval below 0: {lost}."
    )


def tags_of_run(run: Path, sentences: Sequence[Sentence]) -> list[list[str]]:
    """The IOB2 tags that a run predicts."""
    tagger = seqlab.load(run)
    tokens = [[token for token, _ in sentence] for sentence in sentences]
    return [list(convert(tagger.tag(each), tagger.scheme, seqlab.Scheme.IOB2)) for each in tokens]


def who_finds(
    sentences: Sequence[Sentence], ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]]
) -> Mapping[tuple[bool, str, bool, bool], Counter[str]]:
    """The texts of spans: by whether it is gold, its entity type, whether the network has it, and whether the CRF has it."""
    found: dict[tuple[bool, str, bool, bool], Counter[str]] = {}
    for sentence, mine, other in zip(sentences, ours, theirs, strict=True):
        gold, network, crf = (spans(tags) for tags in ([tag for _, tag in sentence], mine, other))
        for span in gold | network | crf:
            key = (span in gold, span[2], span in network, span in crf)
            words = " ".join(token for token, _ in sentence[span[0] : span[1] + 1])
            found.setdefault(key, Counter())[words] += 1
    return found


def error_rows(found: Mapping[tuple[bool, str, bool, bool], Counter[str]]) -> Iterator[list[str]]:
    """A line for each entity type of right and of wrong spans that only one of the two has."""
    kinds = {(gold, label) for gold, label, _, _ in found}
    for gold, label in sorted(kinds, key=lambda kind: (not kind[0], kind[1])):
        only = [found.get((gold, label, mine, not mine), Counter()) for mine in (True, False)]
        both = found.get((gold, label, True, True), Counter()).total()
        texts = ["right" if gold else "wrong", label, str(both)]
        for texts_of in only:
            named = ", ".join(f"{words} ({n})" for words, n in texts_of.most_common(SHOWN))
            texts.append(f"{texts_of.total()}: {named}" if named else "0")
        yield texts


def errors(splits: Mapping[str, list[Sentence]], run: Path, crf: Mapping[str, Any]) -> str:
    """The section on the spans that only the network or only the CRF has."""
    found = who_finds(splits["test"], tags_of_run(run, splits["test"]), crf["test"])
    heads = ["", "type", "both", "only seqlab", "only the feature CRF"]
    table = markdown_table(heads, list(error_rows(found)))
    config = read_toml(str(run / "config.toml"))
    head = (
        "## Spans that only one of the two predicts\n\nThe table counts the predicted spans of the test split. It names the "
        "most frequent ones. seqlab's run has "
        f"seed {config['seed']} and at most {config['epochs']} epochs."
    )
    return f"{head}\n\n{table}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", type=Path, help="folder of train.conll, valid.conll and test.conll"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of finished variants")
    parser.add_argument("--run", type=Path, help="run directory of seqlab")
    options = parser.parse_args()
    splits = {name: read(options.folder / f"{name}.conll") for name in ("train", "valid", "test")}
    paths = {name: options.out / f"{number}.json" for number, (name, _, _) in enumerate(variants())}
    results = {name: json.loads(p.read_text("utf-8")) for name, p in paths.items() if p.exists()}
    text = page(splits, results)
    if options.run:
        text += "\n" + errors(splits, options.run, results["all features"])
    PAGE.write_text(text, encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
