"""Compare finished runs on one labelled file: which of these networks would be better on other sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from seqlab.comparing.bootstrap import check_resamples
from seqlab.comparing.judging import make_results
from seqlab.comparing.plan import Plan
from seqlab.comparing.results import Results
from seqlab.comparing.store import FinishedCell
from seqlab.comparing.writing import new_comparison, write_results
from seqlab.corpus.reading_options import ReadingKeywords
from seqlab.corpus.splits import read_as
from seqlab.errors import RunError, SettingsError, UserError, nearest, shorten
from seqlab.machine.json_text import parse_json
from seqlab.machine.wording import plural
from seqlab.scoring.by_sentence import sentence_counts
from seqlab.scoring.score import score
from seqlab.storing.file_notes import trained_on, unknown_classes
from seqlab.storing.metrics_file import METRICS
from seqlab.storing.run_directory import check_run
from seqlab.storing.run_files import open_run
from seqlab.storing.run_settings import options_for, run_settings
from seqlab.storing.save_and_load import load_run, unfinished_notes

RUN_SEED = 1  # finished runs have one result each


@dataclass(frozen=True, kw_only=True)
class ScoredRun:
    """A run with its predictions for the file.

    cell: its figures. words: number of words of each sentence. notes: for the user.
    trained: whether it was trained on this very file.
    """

    cell: FinishedCell
    words: tuple[int, ...]
    notes: tuple[str, ...]
    trained: bool


def compare_runs(
    runs: Sequence[str | PathLike[str]],
    file: str | PathLike[str],
    *,
    baseline: str | None = None,
    resamples: int = 5000,
    out: str | PathLike[str] | None = None,
    command: str = "",
    **keywords: Unpack[ReadingKeywords],
) -> Results:
    """Score two or more runs on one labelled file, and test their differences by a paired bootstrap.

    baseline: the name of the run that the others are compared with; by default the first. A run is named after its
        directory.
    out: a new directory for the results. command: repeats the comparison; the page shows it.
    keywords: how to read the file, where that differs from training.
    Raises UserError for a run or a file that cannot be read, for runs that read the file differently, and for a run that
    was trained on the file while another was not.

    results = seqlab.compare_runs(["runs/none", "runs/focal"], "test.conll")
    results.settings[1].class_differences["PER"].verdict
    """
    check_resamples(resamples)
    named = run_names(runs)
    chosen = chosen_baseline(baseline, named)
    path = None if out is None else new_comparison(Path(fspath(out)))
    for run in named.values():
        check_run(run)
    scored = {name: scored_run(run, fspath(file), keywords) for name, run in named.items()}
    refuse_unlike(scored, fspath(file))
    refuse_unfair(scored, fspath(file))
    plan = Plan(cells=(), changed={name: {} for name in named}, seeds=(RUN_SEED,), baseline=chosen)
    cells = {name: {RUN_SEED: run.cell} for name, run in scored.items()}
    results = make_results(plan, cells, {}, resamples=resamples, trained=False)
    results = replace(results, split=Path(file).name, notes=shared_notes(scored), command=command)
    if path is not None:
        write_results(results, cells, path)
    return results


def run_names(runs: Sequence[str | PathLike[str]]) -> dict[str, Path]:
    """The directories by names that differ: the last parts of their paths, as many as are needed.

    >>> list(run_names(["a/x/seed-1", "a/y/seed-1"])), list(run_names(["runs/a", "b"]))
    (['x/seed-1', 'y/seed-1'], ['a', 'b'])
    """
    if isinstance(runs, str) or not isinstance(runs, Sequence):
        raise UserError(f"runs is {shorten(repr(runs))}: expected a list of run directories")
    paths = [Path(fspath(run)) for run in runs]
    if len(paths) < 2:
        raise SettingsError(f"{plural(len(paths), 'run')} to compare: expected 2 or more")
    whole = [path.resolve().parts for path in paths]
    if len(set(whole)) < len(whole):
        raise SettingsError("a run is given twice: expected different runs")
    for count in range(1, max(map(len, whole)) + 1):
        names = ["/".join(parts[-count:]) for parts in whole]
        if len(set(names)) == len(names):
            break
    return dict(zip(names, paths, strict=True))


def chosen_baseline(baseline: str | None, named: Mapping[str, Path]) -> str:
    """The baseline: the first run, or the one with this name or path."""
    if baseline is None:
        return next(iter(named))
    for name, path in named.items():
        if baseline in (name, str(path)):
            return name
    raise SettingsError(
        f"baseline is {baseline!r}: expected one of {shorten(', '.join(named))}{nearest(baseline, named)}"
    )


def scored_run(run: Path, file: str, keywords: ReadingKeywords) -> ScoredRun:
    """Tag the file with a run, and score it as `evaluate` does."""
    tagger, trained = load_run(run), run_settings(run)
    options = options_for(trained, file, tagger.encoder, keywords)
    sentences, notes = read_as(file, scheme=tagger.scheme, options=options)
    gold = [sentence.tags or () for sentence in sentences]
    unknown = unknown_classes(file, gold, tagger)
    predicted = [prediction.tags for prediction in tagger.predict(sentences)]
    used = trained_on(file, trained)
    cell = FinishedCell(
        split=file,
        metrics=score(gold, predicted, tagger.scheme, strict=False).to_json(),
        seconds=seconds_of(run),
        sums=sentence_counts(gold, predicted, tagger.scheme),
        documents=tuple(sentence.document for sentence in sentences),
    )
    return ScoredRun(
        cell=cell,
        words=tuple(map(len, gold)),
        notes=(*unfinished_notes(run), *notes, *used, *unknown),
        trained=any("was trained on" in note for note in used),
    )


def shared_notes(scored: Mapping[str, ScoredRun]) -> tuple[str, ...]:
    """The notes of all runs, each once; one that not all runs have begins with the names of those that do."""
    holders: dict[str, list[str]] = {}
    for name, run in scored.items():
        for note in run.notes:
            holders.setdefault(note, []).append(name)
    return tuple(
        note if len(names) == len(scored) else f"{', '.join(names)}: {note}"
        for note, names in holders.items()
    )


def seconds_of(run: Path) -> float | None:
    """How long the run was trained; None if it does not say."""
    try:
        with open_run(run).open(METRICS) as file:
            metrics: dict[str, Any] = parse_json(file.read())
        return float(metrics["seconds"])
    except (ValueError, KeyError, TypeError, UserError):
        return None


def refuse_unlike(scored: Mapping[str, ScoredRun], file: str) -> None:
    """Raise RunError for runs that do not find the same gold in the file."""
    first, *others = scored
    for other in others:
        one, two = scored[first], scored[other]
        names = tuple(sorted({*one.cell.sums.names, *two.cell.sums.names}))
        golds = [run.cell.sums.aligned(names)[..., 2] for run in (one, two)]
        if one.words != two.words or not np.array_equal(golds[0], golds[1]):
            raise RunError(
                f"{file}: {first!r} and {other!r} read different tokens or gold tags in it: their figures cannot be "
                "compared; give the options for reading the file, such as --tag-column or --map-tag"
            )


def refuse_unfair(scored: Mapping[str, ScoredRun], file: str) -> None:
    """Raise RunError if some of the runs were trained on the file."""
    trained = [name for name, run in scored.items() if run.trained]
    if trained and len(trained) < len(scored):
        other = next(name for name in scored if name not in trained)
        raise RunError(
            f"{file}: {trained[0]!r} was trained on it and {other!r} was not: give a file that no run was trained on"
        )
