"""The figures of numeric columns, by hand, and the warnings about them."""

import random

import numpy as np
import pytest

from seqlab import audit
from seqlab.auditing.audit_text import audit_text, numbers_text
from seqlab.auditing.corpora import audit_corpora
from seqlab.auditing.thresholds import Thresholds
from seqlab.errors import UserError


def write(path, columns, tags=("X", "O")):
    """One token per row; a sentence of each two rows. columns: lists of cells."""
    rows = zip(*columns, strict=True)
    lines = ["\t".join(("w", *row, tags[i % len(tags)])) for i, row in enumerate(rows)]
    path.write_text("".join(f"{line}\n" + "\n" * (i % 2) for i, line in enumerate(lines)))
    return str(path)


def audited(folder, train, valid, **options):
    paths = [
        write(folder / f"{name}.conll", [cells])
        for name, cells in (("train", train), ("valid", valid))
    ]
    return audit_corpora(*paths, scheme="plain", numeric_columns={"size": 1}, **options)


def warnings_of(report):
    return {
        (w.rule, w.split): w
        for w in report.warnings
        if w.rule in ("constant-number", "different-numbers", "missing-numbers")
    }


def test_figures_by_hand(tmp_path):
    report = audited(tmp_path, ["0", "2", "4", "NA"], ["1", "5", "NA", "NA"])
    train, valid = report.numbers["size"].values()
    assert (train.minimum, train.mean, train.maximum, train.missing) == (0, 2, 4, 1)
    assert (train.missing_share, train.shift, train.outside) == (0.25, None, None)
    assert (valid.minimum, valid.mean, valid.maximum, valid.missing) == (1, 3, 5, 2)
    assert valid.shift == pytest.approx((3 - 2) / np.std([0, 2, 4]))
    assert (valid.missing_share, valid.outside) == (0.5, 0.5)
    assert numbers_text(report).splitlines() == [
        "numbers      least  mean  most  missing  shift of mean  outside train",
        "size  train      0     2     4    25.0%              –              –",
        "size  valid      1     3     5    50.0%          +0.61          50.0%",
    ]
    assert numbers_text(report) in audit_text(report)
    assert report.to_json()["numbers"]["size"]["valid"]["outside"] == 0.5


def test_a_split_without_any_number(tmp_path):
    report = audited(tmp_path, ["0", "2"], ["NA", "NA"])
    assert report.numbers["size"]["valid"].mean is None
    assert numbers_text(report).splitlines()[2].split() == [
        "size", "valid", "–", "–", "–", "100.0%", "–", "–",
    ]  # fmt: skip
    warning = warnings_of(report)["missing-numbers", "valid"]
    assert warning.message == (
        "number 'size' is missing at 2 tokens of valid, but never in train: it is read as the mean there"
    )
    assert warning.value == 2


def test_numbers_alike_in_both_splits_give_no_warning(tmp_path):
    dice = random.Random(4)  # noqa: S311, no secret
    train, valid = ([f"{dice.gauss(5, 2):.3f}" for _ in range(400)] for _ in range(2))
    assert warnings_of(audited(tmp_path, train, valid)) == {}


def test_a_constant_column(tmp_path):
    warning = warnings_of(audited(tmp_path, ["7"] * 4, ["7"] * 2))["constant-number", "train"]
    assert warning.message == "number 'size' is 7 at every token of train: leave it out"


def test_other_units_are_named(tmp_path):
    found = warnings_of(audited(tmp_path, ["1", "3"] * 4, ["1000", "3000"]))
    warning = found["different-numbers", "valid"]
    assert warning.message == (
        "the mean of number 'size' in valid is +1998.00 training deviations from that of train: "
        "check its units and the order of columns, or split the data anew"
    )
    assert (warning.value, warning.threshold) == (1998, 0.5)


def test_numbers_outside_the_range_with_the_same_mean(tmp_path):
    found = warnings_of(audited(tmp_path, ["1", "3"] * 4, ["0", "4", "2", "2"]))
    warning = found["different-numbers", "valid"]
    assert warning.message == (
        "50.0% of number 'size' in valid lie outside the range of train: "
        "check its units and the order of columns, or split the data anew"
    )
    assert (warning.value, warning.threshold) == (0.5, 0.05)
    limits = Thresholds(number_outside=0.6)
    report = audited(tmp_path, ["1", "3"] * 4, ["0", "4", "2", "2"], thresholds=limits)
    assert warnings_of(report) == {}


def test_a_column_without_numbers_in_train(tmp_path):
    with pytest.raises(UserError, match="numeric column 'size' has no number in training"):
        audited(tmp_path, ["NA", "NA"], ["1", "2"])


def test_a_corpus_without_words_is_audited_without_them(tmp_path, capsys):
    paths = []
    for name in ("train", "valid"):
        rows = "".join(
            f"{i % 7}\t{'HOT' if i % 7 > 4 else 'COLD'}\n" + "\n" * (i % 3 == 0) for i in range(99)
        )
        paths.append(str(tmp_path / f"{name}.conll"))
        (tmp_path / f"{name}.conll").write_text(rows)
    assert audit.main([*paths, "--token-column", "none", "--numeric-columns", "heat=0"]) == 0
    text = capsys.readouterr().out
    assert "heat  valid" in text
    for words in ("unknown", "repeated", "odd tokens", "different tags", "texts"):
        assert words not in text
    report = audit_corpora(*paths, token_column="none", numeric_columns={"heat": 0})
    assert {w.rule for w in report.warnings} <= {"few-examples"}
