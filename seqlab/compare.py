"""`python -m seqlab.compare`: train several settings under several seeds, and tell them apart."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from seqlab import cli
from seqlab.errors import SettingsError, UserError
from seqlab.machine.files import read_toml
from seqlab.machine.interrupts import signals_as_interrupts
from seqlab.machine.terminal import print_error, say
from seqlab.settings.training import TrainSettings

if TYPE_CHECKING:
    from seqlab.comparing.comparison import Show

Tables = dict[str, dict[str, Any]]


class CellsFailed(Exception):  # noqa: N818 - an answer, no error
    """Some cells failed; the results of the others stand."""


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and compare. Returns the exit code: 1 when a training failed."""
    argv = sys.argv[1:] if argv is None else argv
    path = cli.option_value(argv, "--config")
    try:
        if cli.option_value(argv, "--seed") is not None:
            raise SettingsError("seed cannot be set: the seeds are those of --seeds")
        values, tables = ({}, {}) if path is None else read_file(path)
    except UserError as error:
        return print_error(str(error))
    app = cli.make_app(
        "compare",
        command(tables),
        settings=TrainSettings,
        values=cli.without_rivals(TrainSettings, values, argv),
        source=path or "",
    )
    try:
        return cli.run(app, argv)
    except CellsFailed:
        return 1


def read_file(path: str) -> tuple[dict[str, Any], Tables]:
    """The defaults of the options, and the tables [settings.NAME], that a file gives."""
    from seqlab.comparing.grid import split_table

    common, tables, others = split_table(read_toml(path), source=path)
    seeds = others.get("seeds")
    if isinstance(seeds, list):
        others["seeds"] = ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")
    elif seeds is not None:
        others["seeds"] = str(seeds)
    if "seed" in common:
        raise SettingsError(f"{path}: seed cannot be set: the seeds are those of seeds")
    return {**common, **others}, tables


def command(tables: Tables) -> Any:
    """The command, with the settings that its file names."""

    def compare(
        *,
        settings: Annotated[TrainSettings, Parameter(name="*")] = TrainSettings(),  # noqa: B008
        vary: Annotated[
            tuple[str, ...],
            Parameter(
                help="NAME=VALUE,VALUE: settings to compare; several times: all combinations."
            ),
        ] = (),
        seeds: Annotated[str, Parameter(help="How many seeds, or a list: 3 or 7,8,9.")] = "5",
        baseline: Annotated[
            str | None, Parameter(help="What the others are held against. [default: the first]")
        ] = None,
        processes: Annotated[
            int | None, Parameter(help="Trainings at once. [default: one a core]")
        ] = None,
        memory: Annotated[
            float | None, Parameter(help="GB for all of them. [default: 80 % of the machine's]")
        ] = None,
        resamples: Annotated[int, Parameter(help="Resamples of the bootstrap.")] = 5000,
        config: Annotated[
            str | None,
            Parameter(
                help="TOML file of settings, with tables [settings.NAME]; options go before it."
            ),
        ] = None,
    ) -> None:
        """Train every setting under every seed, and say which differ from the baseline and which do not.

        Every option of train is a setting that all share. Cells run in parallel; a comparison that
        was killed goes on where it was. A finished cell whose settings or corpora have changed is
        refused, and trained again with --overwrite. Writes results.md, .json, .csv and .svg to OUT.
        Exits with 1 when a cell failed.
        """
        del config  # read before parsing
        compare_all(
            settings,
            chosen(tables, vary),
            parse_seeds(seeds),
            baseline,
            processes,
            memory,
            resamples,
        )

    return compare


def compare_all(
    settings: TrainSettings,
    changed: Tables,
    seeds: int | list[int],
    baseline: str | None,
    processes: int | None,
    memory: float | None,
    resamples: int,
) -> None:
    """Run the comparison and print its page."""
    from seqlab.comparing.budget import make_budget
    from seqlab.comparing.comparison import run_comparison
    from seqlab.comparing.markdown import results_markdown
    from seqlab.comparing.plan import make_plan
    from seqlab.train import run_name

    plan = make_plan(changed, dict(settings.items()), seeds=seeds, baseline=baseline)
    out = Path(settings.out or Path("runs") / f"compare-{run_name(settings)}")
    with signals_as_interrupts():
        found = run_comparison(
            plan,
            out,
            budget=make_budget(processes, memory),
            resamples=resamples,
            overwrite=settings.overwrite,
            say=say,
            show=live_show(),
        )
    say(results_markdown(found.results))
    say(f"comparison: {out}")
    if found.failed:
        raise CellsFailed


def chosen(tables: Tables, vary: Sequence[str]) -> Tables:
    """The settings of --vary, or those of the file."""
    if tables and vary:
        raise SettingsError("--vary and [settings.NAME] tables are both given: choose one")
    from seqlab.comparing.grid import vary as combine

    return tables or combine(vary)


def parse_seeds(text: str) -> int | list[int]:
    """A number of seeds, or seeds.

    >>> parse_seeds("3"), parse_seeds("7,9"), parse_seeds("7,")
    (3, [7, 9], [7])
    """
    try:
        if "," in text:
            return [int(word) for word in text.split(",") if word.strip()]
        return int(text)
    except ValueError:
        raise SettingsError(
            f"seeds is {text!r}: expected a number of seeds, or seeds with commas"
        ) from None


def live_show() -> "Show | None":
    """A live table where a person looks at the terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        return None
    from seqlab.comparing.watching import live_watch

    return lambda plan, out: live_watch(plan, out, console)


if __name__ == "__main__":
    sys.exit(main())
