"""Two finished trainings in one table: what their losses and accuracies show, and every class's F1 on test.

    python scripts/side_by_side.py RUN RUN

`scripts/demo` ends with it.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from seqlab import read_corpus
from seqlab.machine.files import read_toml
from seqlab.reporting.table import figure, text_table

WINDOW = 150  # tokens to which the classic recipe pads each sentence


@dataclass(frozen=True)
class FinishedRun:
    """A run directory with a test split."""

    path: Path

    @cached_property
    def metrics(self) -> Mapping[str, Any]:
        """The content of metrics.json."""
        content: Mapping[str, Any] = json.loads((self.path / "metrics.json").read_text("utf-8"))
        return content

    @cached_property
    def history(self) -> list[Mapping[str, Any]]:
        """The epochs of history.jsonl."""
        lines = (self.path / "history.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @property
    def test_corpus(self) -> str:
        """The path of the test corpus."""
        return str(read_toml(str(self.path / "config.toml"))["test"])

    def split(self, name: str = "test") -> Mapping[str, Any]:
        """The figures of a split."""
        figures: Mapping[str, Any] = self.metrics["splits"][name]
        return figures

    def losses(self) -> str:
        """The validation loss of the first epoch and of the kept one."""
        kept = self.history[self.metrics["best_epoch"] - 1]
        return f"{self.history[0]['valid_loss']:.3f} to {kept['valid_loss']:.3f}"

    def alarmed(self) -> list[str]:
        """The classes that alarms name, in the order of the first alarm."""
        named = (alarm["name"] for epoch in self.history for alarm in epoch["alarms"])
        return list(dict.fromkeys(named))


def padded_accuracy(accuracy: float, lengths: list[int]) -> float:
    """The accuracy over sentences padded to `WINDOW` tokens, if padding counts as a class that is always right.

    lengths: tokens of each sentence.

    >>> padded_accuracy(0.9, [15, 15])  # 3 of 300 positions are wrong
    0.99
    """
    return 1 - (1 - accuracy) * sum(lengths) / (len(lengths) * WINDOW)


def side_by_side(runs: list[FinishedRun], lengths: list[int]) -> str:
    """The table. lengths: tokens of each test sentence."""
    tests = [run.split() for run in runs]
    accuracies = [test["token_accuracy"] for test in tests]
    rows = [
        ["validation loss, first to kept epoch", "", *(run.losses() for run in runs)],
        ["accuracy, padding counted as right", "",
         *(figure(padded_accuracy(value, lengths)) for value in accuracies)],
        ["accuracy of tokens", "", *map(figure, accuracies)],
        ["macro F1", "", *(figure(test["macro_f1"]) for test in tests)],
        *(class_cells(name, tests) for name in rarest_first(tests[0])),
    ]  # fmt: skip
    named = [f"alarms in {run.path}: {', '.join(run.alarmed()) or 'none'}" for run in runs]
    header = ["on test", "gold", *(run.path.name for run in runs)]
    return "\n".join([text_table(header, rows), *named])


def rarest_first(test: Mapping[str, Any]) -> list[str]:
    """The classes of a split, fewest gold items first."""
    return sorted(test["classes"], key=lambda name: test["classes"][name]["support"])


def class_cells(name: str, tests: list[Mapping[str, Any]]) -> list[str]:
    """A class as a row: gold items, and its F1 in each run; `lost` if no item was found."""
    support = str(tests[0]["classes"][name]["support"])
    scores = [
        "lost" if name in test["classes_never_found"] else figure(test["classes"][name]["f1"])
        for test in tests
    ]
    return [f"F1 of {name}", support, *scores]


def main() -> None:
    parser = argparse.ArgumentParser(description="Show two finished trainings side by side.")
    parser.add_argument("runs", type=Path, nargs=2, metavar="RUN")
    runs = [FinishedRun(path) for path in parser.parse_args().runs]
    lengths = [len(sentence.tokens) for sentence in read_corpus(runs[0].test_corpus)]
    print(side_by_side(runs, lengths))


if __name__ == "__main__":
    main()
