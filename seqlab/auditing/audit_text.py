"""The audit as text for the terminal: tables first, and the warnings last, next to the prompt."""

from collections.abc import Callable, Mapping

from seqlab.auditing.classes import ClassCounts
from seqlab.auditing.figures import Audit
from seqlab.auditing.gazetteers import gazetteers_text
from seqlab.auditing.imbalance import ClassRatio
from seqlab.auditing.label_text import consistency_text, sentences_text, warnings_text
from seqlab.auditing.loss_shares import WeighedClass, Weighting
from seqlab.auditing.span_faults import span_faults_text
from seqlab.auditing.unknown_words import UnknownWords
from seqlab.corpus.schemes import Scheme
from seqlab.machine.terminal import visible
from seqlab.machine.wording import UNDEFINED, percent_above_zero
from seqlab.reporting.table import text_table

ClassCell = Callable[[ClassCounts], str]


def audit_text(audit: Audit) -> str:
    """The whole audit."""
    parts = [
        files_text(audit),
        "\n".join(f"note: {visible(note)}" for note in audit.notes),
        span_faults_text(audit.spans),
        classes_text(audit),
        weighting_text(audit.weighting),
        imbalance_text(audit),
        numbers_text(audit),
        gazetteers_text(audit),
        words_text(audit) if audit.unknown_words else "",
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
        long_sentences = audit.windows[split].long_sentences
        rows.append([f"{split:<5}  {visible(path)}", *sizes, f"{long_sentences:,}"])
    over = f"over {audit.windows['train'].max_tokens} tokens"
    table = text_table([f"tags: {audit.scheme}", "sentences", "tokens", "longest", over], rows)
    return f"corpora\n{table}"


def classes_text(audit: Audit) -> str:
    """Two tables of classes: how often each occurs, and how varied it is."""
    amounts: dict[str, ClassCell] = {
        "spans": lambda c: UNDEFINED if c.spans is None else f"{c.spans:,}",
        "tokens": lambda c: f"{c.tokens:,}",
        "share": lambda c: percent_above_zero(c.share),
    }
    if audit.scheme is Scheme.PLAIN:
        del amounts["spans"]
    variety: dict[str, ClassCell] = {
        "sentences": lambda c: f"{c.sentences:,}",
        "texts": lambda c: f"{c.forms:,}",
        "unknown": lambda c: percent_above_zero(c.unknown),
    }
    if not audit.unknown_words:  # a corpus without words
        return f"classes: counts, and share of all tokens\n{split_columns(audit, amounts)}"
    return (
        f"classes: counts, and share of all tokens\n{split_columns(audit, amounts)}\n\n"
        "classes: sentences that contain them, different texts, and share of unknown words\n"
        f"{split_columns(audit, variety)}"
    )


def split_columns(audit: Audit, columns: Mapping[str, ClassCell]) -> str:
    """A row for each class; a group of columns for each measure, with one column per split."""
    splits = list(audit.splits)
    header = ["", *(cell for title in columns for cell in [*[""] * (len(splits) - 1), title])]
    rows = [["class", *(split for _ in columns for split in splits)]]
    for name in audit.splits["train"].classes:
        counts = [audit.splits[split].classes[name] for split in splits]
        rows.append([visible(name), *(cell(c) for cell in columns.values() for c in counts)])
    return text_table(header, rows)


def weighting_text(weighting: Weighting) -> str:
    """The weight of every class under every scheme, and its share of the loss."""
    columns: dict[str, Mapping[str, WeighedClass]] = dict(weighting.schemes)
    if weighting.chosen is not None:
        columns["yours"] = weighting.chosen

    def table(cell: Callable[[WeighedClass], str]) -> str:
        rows = [
            [visible(name), *(cell(weighed[name]) for weighed in columns.values())]
            for name in weighting.tokens
        ]
        return text_table(["class", *columns], rows)

    return (
        "weight of a token under each --class-weights (mean over train 1)\n"
        f"{table(lambda weighed: weight_text(weighed.weight))}\n"
        "share of the loss, if every token has the same loss\n"
        f"{table(lambda weighed: percent_above_zero(weighed.loss_share))}"
    )


def weight_text(weight: float) -> str:
    """A weight with three digits, never as a power of ten.

    >>> weight_text(0.14963), weight_text(9.0), weight_text(1234.5)
    ('0.150', '9.00', '1,234')
    """
    digits = 3 if weight < 1 else 2 if weight < 10 else 1 if weight < 100 else 0
    return f"{weight:,.{digits}f}"


def imbalance_text(audit: Audit) -> str:
    """The imbalance of train, the majority baseline, and the distance of the other splits."""
    imbalance = audit.imbalance
    noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
    lines = ["imbalance"]
    if audit.scheme is not Scheme.PLAIN:
        lines.append(f"  counted in tokens, {ratio_text(imbalance.by_tokens)}")
    if imbalance.by_examples is not None:
        lines.append(f"  counted in {noun}, {ratio_text(imbalance.by_examples)}")
    accuracies = ", ".join(
        f"{split} {percent_above_zero(share)}"
        for split, share in imbalance.majority.accuracy.items()
    )
    tag = visible(imbalance.majority.tag)
    lines.append(f"  token accuracy of always predicting {tag!r}: {accuracies}")
    for split, shift in imbalance.differences.items():
        if shift.total_variation is not None:
            lines.append(
                f"  classes of {split} against train: total variation {shift.total_variation:.3f} "
                f"(by chance {shift.by_chance:.3f})"
            )
    return "\n".join(lines)


def ratio_text(classes: ClassRatio) -> str:
    """'O is 1,200.0 times as frequent as law', or 'O is the only class'."""
    if classes.ratio is None:
        return f"{visible(classes.largest)} is the only class"
    return (
        f"{visible(classes.largest)} is {classes.ratio:,.1f} times as frequent as "
        f"{visible(classes.smallest)}"
    )


def numbers_text(audit: Audit) -> str:
    """A row for each numeric column and split: its range, its missing numbers, and its drift from train."""
    if not audit.numbers:
        return ""
    header = ["numbers", "least", "mean", "most", "missing", "shift of mean", "outside train"]
    rows = []
    for name, splits in audit.numbers.items():
        for split, figures in splits.items():
            levels = (figures.minimum, figures.mean, figures.maximum)
            cells = [UNDEFINED if level is None else f"{level:.6g}" for level in levels]
            shift = UNDEFINED if figures.shift is None else f"{figures.shift:+.2f}"
            shares = [percent_above_zero(one) for one in (figures.missing_share, figures.outside)]
            rows.append([f"{name}  {split}", *cells, shares[0], shift, shares[1]])
    return text_table(header, rows, indent=0)


def words_text(audit: Audit) -> str:
    """Unknown words, and the coverage by word vectors."""
    header = ["words", "unknown"]
    columns: list[Callable[[UnknownWords], float | None]] = [lambda u: u.unknown]
    if audit.scheme is not Scheme.PLAIN:
        header += ["unknown in spans", "span texts new to train"]
        columns += [lambda u: u.entity_unknown, lambda u: u.new_spans]
    if any(words.vectors for words in audit.unknown_words.values()):
        header.append("without vector")
        columns.append(lambda u: u.vectors.unknown if u.vectors else None)
        if audit.scheme is not Scheme.PLAIN:
            header.append("in spans")
            columns.append(lambda u: u.entity_vectors.unknown if u.entity_vectors else None)
    rows = [
        [split, *(percent_above_zero(column(words)) for column in columns)]
        for split, words in audit.unknown_words.items()
    ]
    return text_table(header, rows, indent=0)
