"""A study: settings trained on published corpora over seeds, and the page with the results.

The TOML file has the format of `seqlab compare`, plus a table for each corpus: its number of `seeds`, the settings to
skip (`without`), settings that differ on this corpus, and a table `settings` for values of one setting that do. In paths,
`$CORPORA` is the folder of corpora and `$RUNS` the project's `runs`.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli_w
from published import RUNS, folder, inputs_of, make

from seqlab.comparing.budget import make_budget
from seqlab.comparing.comparison import run_comparison
from seqlab.comparing.grid import split_table
from seqlab.comparing.judging import make_results
from seqlab.comparing.plan import Plan, make_plan
from seqlab.comparing.results import Results
from seqlab.comparing.store import cell_path, read_cell
from seqlab.machine.files import read_toml

MakePage = Callable[..., str]  # takes the results of each corpus, common=TOML, out=Path


@dataclass(frozen=True)
class Study:
    """Settings, corpora and seeds of a study. table: the TOML file."""

    table: Path

    @cached_property
    def corpora(self) -> Mapping[str, Mapping[str, Any]]:
        """The table of each corpus."""
        corpora: Mapping[str, Mapping[str, Any]] = read_toml(str(self.table))["corpora"]
        return corpora

    @cached_property
    def parts(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, Any]]:
        """The shared settings, the changes of each setting, and the options of the comparison."""
        whole = read_toml(str(self.table))
        kept = {key: value for key, value in whole.items() if key not in ("corpora", "goals")}
        return split_table(kept, source=self.table.name)

    def shared(self) -> str:
        """The settings that all runs share, and those that differ on a corpus, as TOML."""
        common, _, _ = self.parts
        own = {name: changed(table) for name, table in self.corpora.items()}
        return tomli_w.dumps({**common, **{name: table for name, table in own.items() if table}})

    def plan(
        self, name: str, settings: list[str] | None = None, seeds: list[int] | None = None
    ) -> Plan:
        """The trainings on one corpus: all its settings, or the baseline and the named settings.

        seeds: those to train with; by default those of the corpus.
        """
        common, tables, others = self.parts
        corpus = self.corpora[name]
        own = corpus.get("settings", {})
        chosen = {
            key: {
                option: with_folders(value) for option, value in (table | own.get(key, {})).items()
            }
            for key, table in tables.items()
            if key not in corpus.get("without", ())
            and (settings is None or key in settings or key == others["baseline"])
        }
        return make_plan(
            chosen,
            {**common, **changed(corpus), **inputs_of(name)},
            seeds=seeds or corpus["seeds"],
            baseline=others["baseline"],
        )

    def train(self, name: str, options: argparse.Namespace) -> None:
        """Train unfinished settings on one corpus."""
        print(name, flush=True)
        make(name)
        run_comparison(
            self.plan(name, options.settings, options.seeds),
            options.out / name,
            budget=make_budget(options.processes, None),
            resamples=1,
            overwrite=False,
            say=lambda text: print(text, flush=True),
        )

    def finished(self, name: str, options: argparse.Namespace) -> Results | None:
        """The results of settings finished with every seed; None if the baseline has not finished."""
        whole, out = self.plan(name, options.settings, options.seeds), options.out / name
        paths = {cell: cell_path(out, cell) for cell in whole.cells}
        missing = {cell.name for cell, path in paths.items() if not path.exists()}
        kept = {key: value for key, value in whole.changed.items() if key not in missing}
        if whole.baseline not in kept:
            return None
        cells = {key: {} for key in kept}
        for cell, path in paths.items():
            if cell.name in kept:
                cells[cell.name][cell.seed] = read_cell(path)
        part = replace(whole, changed=kept)
        return make_results(part, cells, {}, resamples=options.resamples)

    def make_parser(self, description: str) -> argparse.ArgumentParser:
        """The options of the command line."""
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--out", type=Path, required=True,
                            help="folder of finished trainings")  # fmt: skip
        parser.add_argument("--corpora", type=lambda t: t.split(","), default=list(self.corpora),
                            help="corpora, separated by commas (default: all)")  # fmt: skip
        parser.add_argument("--settings", type=lambda t: t.split(","),
                            help="settings, separated by commas (default: all)")  # fmt: skip
        parser.add_argument("--seeds", type=lambda t: [int(seed) for seed in t.split(",")],
                            help="seeds, separated by commas (default: those of the TOML file)")  # fmt: skip
        parser.add_argument("--processes", type=int,
                            help="trainings at a time (default: as `seqlab compare`)")  # fmt: skip
        parser.add_argument("--resamples", type=int, default=5000,
                            help="bootstrap samples of test sentences (default 5000)")  # fmt: skip
        parser.add_argument("--page", action="store_true",
                            help="train nothing; write the page")  # fmt: skip
        return parser

    def run(
        self,
        description: str,
        make_page: MakePage,
        target: Path,
        *,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        """Train unfinished settings and write the page. prepare: makes files that trainings need."""
        options = self.make_parser(description).parse_args()
        if not options.page:
            prepare()
            for name in options.corpora:
                self.train(name, options)
        results = {name: self.finished(name, options) for name in options.corpora}
        finished = {name: result for name, result in results.items() if result}
        text = make_page(finished, common=self.shared(), out=options.out)
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(f"written: {target}")


def changed(corpus: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that differ on a corpus."""
    others = ("seeds", "without", "settings")
    return {key: value for key, value in corpus.items() if key not in others}


def with_folders(value: Any) -> Any:
    """The value of a setting, with `$CORPORA` and `$RUNS` replaced in paths."""
    if isinstance(value, list):
        return [with_folders(each) for each in value]
    if not isinstance(value, str):
        return value
    return value.replace("$CORPORA", str(folder())).replace("$RUNS", str(RUNS))
