"""`seqlab compare`: train several settings under several seeds, and test which of them differ."""

import shlex
import sys
from collections.abc import Callable, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import SettingsError, UserError
from seqlab.machine.files import read_toml
from seqlab.machine.interrupts import signals_as_interrupts
from seqlab.machine.terminal import print_error, say, say_if_read, say_json
from seqlab.settings.declaring import declared
from seqlab.settings.reading import ReadingSettings
from seqlab.settings.training import TrainSettings

if TYPE_CHECKING:
    from seqlab.comparing.comparison import Show
    from seqlab.comparing.results import Results

NamedChanges = dict[str, dict[str, Any]]


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and compare. Returns the exit code: 1 when a training failed."""
    argv = sys.argv[1:] if argv is None else argv
    path = cli.option_value(argv, "--config")
    try:
        if cli.option_value(argv, "--seed") is not None:
            raise SettingsError("seed cannot be set: the seeds are those of --seeds")
        values, changes = ({}, {}) if path is None else read_config(path)
    except UserError as error:
        return print_error(str(error))
    values = cli.with_preset_values(values, argv)
    named = {*values, *cli.typed_settings(TrainSettings, argv)}
    compare = command(changes, shlex.join(["seqlab", "compare", *argv]), named)
    app = cli.make_app("compare", compare, TrainSettings, values=values, argv=argv, source=path)
    return cli.run(app, argv)


def read_config(path: str) -> tuple[dict[str, Any], NamedChanges]:
    """The values of options, and the tables [settings.NAME], in a TOML file.

    Raises SettingsError as `split_table` does, and for a seed outside of `seeds`.
    """
    from seqlab.comparing.grid import split_table

    common, changes, others = split_table(read_toml(path), source=path)
    seeds = others.get("seeds")
    if isinstance(seeds, list):
        others["seeds"] = ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")
    elif seeds is not None:
        others["seeds"] = str(seeds)
    if seeds is not None:
        try:
            parse_seeds(others["seeds"])
        except SettingsError as error:
            raise SettingsError(f"{path}: {error}") from None
    if "seed" in common:
        raise SettingsError(f"{path}: seed cannot be set: the seeds are those of seeds")
    return {**common, **others}, changes


def common_values(settings: TrainSettings, named: Set[str]) -> dict[str, Any]:
    """The settings that all trainings share: those that are given, so that a preset that varies can fill the others.

    named: settings that the command line, the TOML file or the preset names, perhaps with their defaults.
    """
    defaults = dict(TrainSettings().items())
    return {n: v for n, v in settings.items() if n in named or v != defaults.get(n)}


def command(changes: NamedChanges, typed: str, named: Set[str]) -> Callable[..., None]:
    """The command.

    changes: the tables [settings.NAME] of its TOML file. typed: the whole command line. named: settings that are given.
    """

    def compare(
        *runs: str,
        settings: Annotated[TrainSettings, Parameter(name="*")] = TrainSettings(),
        vary: Annotated[tuple[str, ...], Parameter(show_default=False)] = (),
        seeds: str = "5",
        baseline: str | None = None,
        processes: int | None = None,
        memory: float | None = None,
        resamples: int = 5000,
        file: str | None = None,
        quiet: Flag = False,
        json: Flag = False,
        config: Annotated[
            str | None,
            Parameter(
                help="TOML file of settings, with a table [settings.NAME] for each setting to compare. An "
                "option on the command line overrides its value."
            ),
        ] = None,
    ) -> None:
        """Train several settings under several seeds, and test which of them differ from the baseline.

        An option of seqlab train applies to all trainings. Trainings run in parallel. An interrupted
        comparison continues where it stopped. It refuses a finished training whose settings or corpora have
        changed since, or repeats it with --overwrite. The results go to results.md, .html, .json, .csv and .svg in
        the directory --out. The exit code is 1 when a training failed.

        With run directories and --file, compare trains nothing: it scores these runs on the file, and tests which of them
        differ from the first.

        Args:
            runs: Run directories to compare on --file, instead of settings.
            vary: Values of a setting to compare, as NAME=VALUE,VALUE. May be repeated: all combinations are compared.
            seeds: Number of seeds (3: seeds 1 to 3), or a list of seeds (7,8,9).
            baseline: Name of the setting or run that all others are compared with. [default: the first]
            processes: Trainings that run at once. [default: one per core]
            memory: Memory for all trainings together, in GB. [default: 80 % of the machine's]
            resamples: Number of bootstrap resamples.
            file: Labelled corpus on which to compare finished runs.
            quiet: Print the results only.
            json: Print results.json only.
        """
        del config  # `main` has read it
        show_results = print_results(json)
        if runs or file is not None:
            if changes or vary:
                raise SettingsError("runs are given: leave out --vary and [settings.NAME] tables")
            show_results(
                runs_on_file(
                    runs, file, settings, baseline=baseline, resamples=resamples, command=typed
                )
            )
            return
        if changes and vary:
            raise SettingsError("--vary and [settings.NAME] tables are both given: choose one")
        from seqlab.comparing.budget import make_budget
        from seqlab.comparing.comparison import run_comparison
        from seqlab.comparing.grid import vary as combinations
        from seqlab.comparing.plan import make_plan
        from seqlab.train import run_name

        plan = make_plan(
            changes or combinations(vary),
            common_values(settings, named),
            seeds=parse_seeds(seeds),
            baseline=baseline,
        )
        with signals_as_interrupts():
            comparison = run_comparison(
                plan,
                Path(settings.out or Path("runs") / f"compare-{run_name(settings)}"),
                budget=make_budget(processes, memory),
                resamples=resamples,
                overwrite=settings.overwrite,
                say=(lambda text: None) if quiet or json else say_if_read,
                show=None if quiet else live_show(),
                command=typed,
            )
        show_results(comparison.results)
        if not json:
            say(f"comparison: {comparison.path}")
        if comparison.failed:
            raise cli.ResultFails

    return compare


def print_results(json: bool) -> "Callable[[Results], None]":
    """A function that prints results: the text of results.md, or JSON."""

    def show(results: "Results") -> None:
        from seqlab.comparing.markdown import results_markdown

        if json:
            say_json(results.to_json())
        else:
            say(results_markdown(results))

    return show


def runs_on_file(
    runs: Sequence[str], file: str | None, settings: TrainSettings, **options: Any
) -> "Results":
    """The comparison of finished runs.

    Raises SettingsError without a file, and for a setting of training.
    """
    if file is None:
        is_corpus = len(runs) == 1 and Path(runs[0]).is_file()
        fact = f"{runs[0]}: a run directory needs --file, the labelled corpus to compare runs on"
        raise SettingsError(
            f"unexpected {runs[0]!r}: give --train {runs[0]}" if is_corpus else fact
        )
    reading = declared(ReadingSettings)
    given = {
        name: value for name, value in settings.given().items() if name not in ("out", "overwrite")
    }
    for name in given:
        if name not in reading:
            raise SettingsError(f"{name} is given, but the runs are trained already: leave it out")
    from seqlab.comparing.runs import compare_runs

    return compare_runs(runs, file, out=settings.out, **options, **given)


def parse_seeds(text: str) -> int | list[int]:
    """A number of seeds, or a list of seeds if the text has a comma.

    Raises SettingsError for other text.

    >>> parse_seeds("3"), parse_seeds("7,9"), parse_seeds("7,")
    (3, [7, 9], [7])
    """
    try:
        if "," in text:
            return [int(word) for word in text.split(",") if word.strip()]
        return int(text)
    except ValueError:
        raise SettingsError(
            f"seeds is {text!r}: expected a number of seeds, or a list of seeds such as 7,8,9"
        ) from None


def live_show() -> "Show | None":
    """The live table, if standard error is a terminal."""
    from seqlab.reporting.progress import terminal_console

    console = terminal_console()
    if console is None:
        return None
    from seqlab.comparing.watching import live_watch

    return lambda plan, out: live_watch(plan, out, console)


if __name__ == "__main__":
    sys.exit(main())
