"""The page on what suspects find: tables of shares over seeds, for each corpus."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from finding import ALL, LISTED, SENTENCES, TOKENS, Looked

from seqlab.reporting.table import markdown_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "suspects.md"
SUSPECTS, LACKING, LEARNT, CLEANLAB = "suspects", "held-out only", "others only", "cleanlab"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What each ranking has shown of the planted errors of one corpus under one seed.

    sentences, tokens, errors: how many there are. looked: by name of the ranking.
    random: by share of the sentences, the share of errors seen in each random order. best: in the best order.
    """

    corpus: str
    seed: int
    sentences: int
    tokens: int
    errors: int
    looked: Mapping[str, Looked]
    random: Mapping[float, Sequence[float]]
    best: Mapping[float, float]


HEAD = """\
# What do the suspects find?

`seqlab audit FILE --suspects N --folds K` lists labels that are probably wrong. Here the label errors are known, because
they were planted. Their number is {share:.0%} of the number of spans, or of tokens for plain tags. A quarter of them are of
each of four kinds. This command wrote the page:

    .venv/bin/python scripts/studies/suspects.py --out runs/suspects --seeds {seeds} --write

A sentence has the rank of its first suspect. Sentences without a suspect come last, in random order. The tables show the
share of the planted errors in the first sentences: the mean over seeds {seeds}, and the smallest and largest value.
Random order: mean and 95 % interval over 200 orders per seed. Best order: the sentences with most planted errors first.

{folds} taggers were trained on folds, with these settings:
{settings}.
The order of the suspects and the number of epochs were chosen with another seed, 1, on the same
corpora.

| Order | Probability of the given tag |
|---|---|
| {suspects} | As the command: half from the held-out tagger, half from the mean of the others |
| {lacking} | From the held-out tagger: the one that was not trained on the sentence |
| {learnt} | From the mean of the other taggers, which were trained on the sentence |
| {cleanlab} | From the held-out tagger; issues and order of cleanlab's token classification |

Span errors. Wrong type: another type, all equally probable. Wrong boundary: one end moved by one token. Missed: the span is
`O`. Invented: a span that begins at a capitalised word or a longer word in turn, with the length and type of random spans.

Tag errors. Confusable tag: another tag that words with this tag have, by frequency. Random tag: any other tag. Rare tag
made the most frequent: a tag of the rarer half became the most frequent tag. Neighbours swapped: two neighbours exchanged
tags.

The corpora also have errors that nobody planted. Among the first {listed} suspects these count as false alarms, so the true
share of errors is higher.

## The first {last:.0%} of the sentences

{summary}

In EWT no order shows all errors in 20% of the sentences, because more than half of the sentences hold one. The list shows
fewest of the missed spans in GUM, and of the rare tags made the most frequent in EWT. In the first sentences, the taggers
that were trained on a sentence show more errors than the held-out tagger. But they have memorised some errors and do not
doubt them. Among 20% of the tokens, the held-out tagger shows more errors in wikigold and EWT, and about as many in GUM.
"""


def page_text(
    found: Sequence[Finding], *, settings: Mapping[str, Any], folds: int, share: float
) -> str:
    """The page."""
    head = HEAD.format(
        share=share,
        folds=folds,
        seeds=",".join(dict.fromkeys(str(one.seed) for one in found)),
        settings=", ".join(f"{name} {value}" for name, value in settings.items()),
        suspects=SUSPECTS,
        lacking=LACKING,
        learnt=LEARNT,
        cleanlab=CLEANLAB,
        listed=LISTED,
        last=SENTENCES[-1],
        summary=summary_table(found),
    )
    parts = [head]
    for corpus in dict.fromkeys(one.corpus for one in found):
        parts += corpus_parts(corpus, [one for one in found if one.corpus == corpus])
    return "\n".join(parts)


def summary_table(found: Sequence[Finding]) -> str:
    """A row for each corpus: the share of all errors that the main orders show."""
    last, rows = SENTENCES[-1], []
    for corpus in dict.fromkeys(one.corpus for one in found):
        mine = [one for one in found if one.corpus == corpus]
        orders = (
            spread(mine, lambda f, n=name: f.looked[n].sentences[last][ALL])
            for name in (SUSPECTS, CLEANLAB)
        )
        precision = spread(mine, lambda f: f.looked[SUSPECTS].precision)
        best = spread(mine, lambda f: f.best[last])
        rows.append([corpus, *orders, interval(mine, last), best, precision])
    header = ["Corpus", SUSPECTS, CLEANLAB, "random", "best", f"planted among the first {LISTED}"]
    return markdown_table(header, rows)


def corpus_parts(corpus: str, found: Sequence[Finding]) -> list[str]:
    """The tables of one corpus."""
    first = found[0]
    about = (
        f"{first.sentences:,} sentences, {first.tokens:,} tokens, {first.errors:,} planted errors."
    )
    return [
        f"## {corpus}\n\n{about}\n",
        order_table(found) + "\n",
        f"By kind, in the order of the command:\n\n{kind_table(found)}\n",
        f"All tokens as they are listed, instead of sentences:\n\n{listed_table(found)}\n",
    ]


def order_table(found: Sequence[Finding]) -> str:
    """The share of all errors in the first sentences of each order."""
    rows = [
        [
            name,
            *(
                spread(found, lambda f, s=share, n=name: f.looked[n].sentences[s][ALL])
                for share in SENTENCES
            ),
        ]
        for name in found[0].looked
    ]
    rows.append(["random", *(interval(found, share) for share in SENTENCES)])
    rows.append(["best", *(spread(found, lambda f, s=share: f.best[s]) for share in SENTENCES)])
    return markdown_table(["Order", *(f"first {share:.0%}" for share in SENTENCES)], rows)


def kind_table(found: Sequence[Finding]) -> str:
    """The share of each kind of error in the first sentences."""
    kinds = [kind for kind in found[0].looked[SUSPECTS].sentences[SENTENCES[0]] if kind != ALL]
    rows = [
        [
            kind,
            *(
                spread(found, lambda f, s=share, k=kind: f.looked[SUSPECTS].sentences[s][k])
                for share in SENTENCES
            ),
        ]
        for kind in kinds
    ]
    return markdown_table(["Kind", *(f"first {share:.0%}" for share in SENTENCES)], rows)


def listed_table(found: Sequence[Finding]) -> str:
    """The precision of the first tokens listed, and the share of errors among the first tokens."""
    rows = []
    for name in found[0].looked:
        seen = [
            spread(found, lambda f, s=share, n=name: f.looked[n].tokens[s][ALL]) for share in TOKENS
        ]
        precision = spread(found, lambda f, n=name: f.looked[n].precision)
        read = spread(found, lambda f, n=name: f.looked[n].read[SENTENCES[-1]])
        rows.append([name, precision, *seen, read])
    header = ["Order", f"planted among the first {LISTED}"]
    header += [f"errors in {share:.0%} of tokens" for share in TOKENS]
    return markdown_table([*header, f"tokens in {SENTENCES[-1]:.0%} of sentences"], rows)


def spread(found: Sequence[Finding], value: Callable[[Finding], float]) -> str:
    """The mean over seeds, with the smallest and largest value."""
    values = [value(one) for one in found]
    return f"{statistics.fmean(values):.0%} ({min(values):.0%} to {max(values):.0%})"


def interval(found: Sequence[Finding], share: float) -> str:
    """The mean over random orders, with the 95 % interval."""
    values = [value for one in found for value in one.random[share]]
    low, high = np.quantile(values, (0.025, 0.975))
    return f"{statistics.fmean(values):.0%} ({low:.0%} to {high:.0%})"
