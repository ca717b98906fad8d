"""An audit as a person reads it: tables first, warnings last, next to the prompt."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence

from seqlab.auditing.classes import ClassCounts
from seqlab.auditing.consistency import Inconsistency
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.imbalance import Ratio
from seqlab.auditing.label_rules import readings
from seqlab.auditing.loss_shares import Weighed, Weighting
from seqlab.auditing.unknown_words import UnknownWords
from seqlab.corpus.schemes import Scheme
from seqlab.errors import shorten
from seqlab.machine.wording import UNDEFINED, percent_above_zero, plural
from seqlab.reporting.table import text_table, visible

WIDTH = 100
LISTED = 5  # texts of each kind of inconsistency


def sentences_text(audit: Audit) -> str:
    """Repeated sentences, illegal tags and cut spans in a table each line of which is a question."""
    rows = []
    for found in audit.repeats:
        where = (
            f"within {found.later}"
            if found.earlier == found.later
            else f"of {found.later} in {found.earlier} too"
        )
        counts = (
            f"{found.sentences:,}",
            percent_above_zero(found.share),
            f"{found.long_sentences:,}",
        )
        rows.append([where, *counts])
    table = text_table(
        ["repeated sentences", "all", "share", "of 8 tokens or more"], rows, indent=0
    )
    illegal = ", ".join(f"{split} {found.tags:,}" for split, found in audit.illegal.items())
    lines = [table, f"sentences that occur with different tags: {len(audit.contradictions):,}"]
    if audit.scheme is not Scheme.PLAIN:
        windows = audit.windows["train"]
        lines.append(f"tags that can't stand where they do: {illegal}")
        lines.append(
            f"spans of train across two windows of {windows.max_tokens} tokens: {windows.cut_spans:,}"
        )
    odd = (
        f"{split} {found.tokens} {kind}"
        for split, kinds in audit.odd_tokens.items()
        for kind, found in kinds.items()
    )
    lines.append(f"odd tokens: {', '.join(odd) or 'none'}")
    return "\n".join(lines)


def consistency_text(audit: Audit) -> Iterator[str]:
    """The texts that are labelled in several ways, the most doubtful first."""
    found = audit.consistency
    noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
    if found.different_texts:
        yield (
            f"texts with several classes: {found.different_texts:,} "
            f"({percent_above_zero(found.different_share)} of the {noun} are not of their text's main class)"
        )
        yield from inconsistency_lines(found.different_classes)
    if found.outside_texts:
        yield (
            f"texts of spans that are also O elsewhere: {found.outside_texts:,} "
            f"({percent_above_zero(found.outside_share)} of all their places go against the majority)"
        )
        yield from inconsistency_lines(found.outside_elsewhere)


def inconsistency_lines(texts: Sequence[Inconsistency]) -> Iterator[str]:
    """The first few, a line each."""
    for text in texts[:LISTED]:
        yield f"  {visible(readings(text))}"


def warnings_text(warnings: Sequence[AuditWarning]) -> str:
    """Every warning: its rule, the fact, what to do, and the evidence."""
    if not warnings:
        return "no warnings"
    lines = [f"{plural(len(warnings), 'warning')}"]
    for warning in warnings:
        lines.append(wrapped(f"! {warning.message} [{warning.rule}]", "  "))
        lines += [wrapped(shorten(detail, 300), "    ") for detail in warning.details]
    return "\n".join(line for line in lines if line.strip())


def wrapped(text: str, indent: str) -> str:
    """A text in lines of `WIDTH` characters, paths left whole."""
    return textwrap.fill(
        visible(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def amount(weight: float) -> str:
    """A weight with three digits, never as a power of ten.

    >>> amount(0.14963), amount(9.0), amount(1234.5)
    ('0.150', '9.00', '1,234')
    """
    digits = 3 if weight < 1 else 2 if weight < 10 else 1 if weight < 100 else 0
    return f"{weight:,.{digits}f}"


Cell = Callable[[ClassCounts], str]


def audit_text(audit: Audit) -> str:
    """The whole audit."""
    parts = [
        files_text(audit),
        "\n".join(f"note: {visible(note)}" for note in audit.notes),
        classes_text(audit),
        weighting_text(audit.weighting),
        imbalance_text(audit),
        words_text(audit),
        sentences_text(audit),
        "\n".join(consistency_text(audit)),
        warnings_text(audit.warnings),
    ]
    return "\n\n".join(filter(None, parts))


def files_text(audit: Audit) -> str:
    """The files and their sizes."""
    rows = []
    for split, counts in audit.splits.items():
        sizes = (f"{n:,}" for n in (counts.sentences, counts.tokens, counts.longest))
        path = audit.paths.get(split, "split off train")
        windows = audit.windows[split]
        rows.append([f"{split:<5}  {visible(path)}", *sizes, f"{windows.long_sentences:,}"])
    over = f"over {audit.windows['train'].max_tokens} tokens"
    table = text_table([f"tags: {audit.scheme}", "sentences", "tokens", "longest", over], rows)
    return f"corpora\n{table}"


def classes_text(audit: Audit) -> str:
    """Two tables of classes: how much there is of each, and how varied it is."""
    amounts: dict[str, Cell] = {
        "spans": lambda c: UNDEFINED if c.spans is None else f"{c.spans:,}",
        "tokens": lambda c: f"{c.tokens:,}",
        "share": lambda c: percent_above_zero(c.share),
    }
    if audit.scheme is Scheme.PLAIN:
        del amounts["spans"]
    variety: dict[str, Cell] = {
        "sentences": lambda c: f"{c.sentences:,}",
        "texts": lambda c: f"{c.forms:,}",
        "unknown": lambda c: percent_above_zero(c.unknown),
    }
    return (
        f"classes: how many, and their share of all tokens\n{by_split(audit, amounts)}\n\n"
        "classes: sentences that hold them, different texts, and tokens that are unknown words\n"
        f"{by_split(audit, variety)}"
    )


def by_split(audit: Audit, columns: Mapping[str, Cell]) -> str:
    """A table of classes with a group of columns for each measure, one column a split."""
    splits = list(audit.splits)
    header = ["", *(cell for title in columns for cell in [*[""] * (len(splits) - 1), title])]
    rows = [["class", *(split for _ in columns for split in splits)]]
    for name in audit.splits["train"].classes:
        found = [audit.splits[split].classes[name] for split in splits]
        rows.append([visible(name), *(cell(c) for cell in columns.values() for c in found)])
    return text_table(header, rows)


def weighting_text(weighting: Weighting) -> str:
    """The weight of every class under every scheme, and its share of the loss."""
    columns: dict[str, Mapping[str, Weighed]] = dict(weighting.schemes)
    if weighting.chosen is not None:
        columns["yours"] = weighting.chosen
    header = ["class", *columns]

    def table(cell: Callable[[Weighed], str]) -> str:
        rows = (
            [visible(name), *(cell(found[name]) for found in columns.values())]
            for name in weighting.tokens
        )
        return text_table(header, list(rows))

    return (
        "weight of a token under each --class-weights (mean over train 1)\n"
        f"{table(lambda found: amount(found.weight))}\n"
        "share of the loss, while every token has the same loss\n"
        f"{table(lambda found: percent_above_zero(found.loss_share))}"
    )


def imbalance_text(audit: Audit) -> str:
    """The imbalance of train and the majority baseline."""
    found = audit.imbalance
    noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
    lines = ["imbalance"]
    if audit.scheme is not Scheme.PLAIN:
        lines.append(f"  by tokens: {ratio_text(found.by_tokens)}")
    if found.by_examples is not None:
        lines.append(f"  by {noun}: {ratio_text(found.by_examples)}")
    scores = ", ".join(
        f"{split} {percent_above_zero(share)}" for split, share in found.majority.accuracy.items()
    )
    lines.append(f"  token accuracy of always saying {visible(found.majority.tag)!r}: {scores}")
    for split, gap in found.differences.items():
        if gap.total_variation is not None:
            lines.append(
                f"  classes of {split} against train: total variation {gap.total_variation:.3f} "
                f"(by chance {gap.by_chance:.3f})"
            )
    return "\n".join(lines)


def ratio_text(found: Ratio) -> str:
    """'O is 1,200 times law', or that there is one class only."""
    if found.ratio is None:
        return f"{visible(found.largest)} is the only class"
    return f"{visible(found.largest)} is {found.ratio:,.1f} times {visible(found.smallest)}"


def words_text(audit: Audit) -> str:
    """Unknown words and the coverage of vectors."""
    header = ["words", "unknown"]
    columns: list[Callable[[UnknownWords], float | None]] = [lambda u: u.unknown]
    if audit.scheme is not Scheme.PLAIN:
        header += ["unknown in spans", "span texts new to train"]
        columns += [lambda u: u.entity_unknown, lambda u: u.new_spans]
    if any(found.vectors for found in audit.unknown_words.values()):
        header.append("without vector")
        columns.append(lambda u: u.vectors.unknown if u.vectors else None)
        if audit.scheme is not Scheme.PLAIN:
            header.append("in spans")
            columns.append(lambda u: u.entity_vectors.unknown if u.entity_vectors else None)
    rows = [
        [split, *(percent_above_zero(column(found)) for column in columns)]
        for split, found in audit.unknown_words.items()
    ]
    return text_table(header, rows, indent=0)
