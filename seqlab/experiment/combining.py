"""Combine the taggers of several runs into one run directory. Does not import keras."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tomli_w

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import UserError, with_type
from seqlab.experiment.decide import score_labelled
from seqlab.machine.files import as_path
from seqlab.machine.progress import watched
from seqlab.scoring.figures import summarise
from seqlab.settings.declaring import declared
from seqlab.settings.reading import ReadingSettings
from seqlab.settings.training import TrainSettings
from seqlab.storing.file_notes import unknown_classes
from seqlab.storing.mentions_file import read_mentions, write_mentions
from seqlab.storing.run_directory import (
    ON_COMMAND_LINE,
    Remedy,
    check_free,
    new_run,
    os_errors_about,
)
from seqlab.storing.run_files import open_run
from seqlab.storing.run_settings import CONFIG, options_for, run_settings
from seqlab.storing.save_and_load import load_run, unfinished_notes
from seqlab.storing.tagger_files import save_tagger
from seqlab.tagging.combining import combine_taggers
from seqlab.tagging.tagger import Tagger
from seqlab.tuning.calibration import calibrated, expected_calibration_error
from seqlab.tuning.labelled_scores import LabelledScores
from seqlab.tuning.temperature import cross_fit_temperature

CONFIG_NOTE = "# combined from several runs: how the first of them read its corpora\n"
KEPT = ("train", "valid", "test", *declared(ReadingSettings))


@dataclass(frozen=True, kw_only=True)
class TaggerFigures:
    """Figures of one tagger on the sentences of --valid, at its temperature."""

    micro_f1: float | None
    macro_f1: float | None
    calibration_error: float | None
    temperature: float


@dataclass(frozen=True, kw_only=True)
class Combination:
    """A combined tagger. path: its run directory. figures: of each run, then of the combination; empty without --valid."""

    tagger: Tagger
    path: Path
    figures: tuple[TaggerFigures, ...] = ()
    notes: tuple[str, ...] = ()


def combine_runs(
    runs: Sequence[str | Path],
    out: str | Path,
    *,
    valid: str | Path | None = None,
    overwrite: bool = False,
    remedy: Remedy = ON_COMMAND_LINE,
) -> Combination:
    """Write one run directory whose tagger gives the mean of the log-probabilities of several.

    runs: finished runs of the same tags. Tagging takes the time of all of them.
    valid: labelled file that the temperature is fitted on; without it the temperature is the mean of theirs.
    Raises UserError for runs that do not fit each other, RunError if `out` is taken or a run is damaged.

    seqlab.combine_runs(["runs/seed-1", "runs/seed-2"], "runs/both", valid="dev.conll")
    """
    if isinstance(runs, str | Path):
        raise UserError(f"runs is {with_type(runs)}: expected a list of run directories")
    paths, path = [as_path(run, "a run directory") for run in runs], as_path(out, "out")
    refuse_repeated(paths)
    refuse_member(paths, path)
    check_free(path, overwrite=overwrite, remedy=remedy)
    taggers = [load_run(run) for run in paths]
    notes = [note for run in paths for note in unfinished_notes(run)]
    tagger = combine_taggers(taggers, names=[str(run) for run in paths])
    figures: tuple[TaggerFigures, ...] = ()
    if valid is not None:
        sentences, more = read_valid(paths[0], valid, tagger)
        tagger, figures = with_temperature(tagger, sentences)
        notes += more
    with new_run(path, overwrite=overwrite, remedy=remedy) as pending, os_errors_about(path):
        save_tagger(tagger, pending.temporary)
        text = CONFIG_NOTE + tomli_w.dumps(stated(run_settings(paths[0])))
        (pending.temporary / CONFIG).write_text(text, encoding="utf-8")
        copy_mentions(paths, pending.temporary)
    return Combination(tagger=tagger, path=pending.path, figures=figures, notes=tuple(notes))


def refuse_repeated(runs: Sequence[Path]) -> None:
    """Raise UserError for a run that is given twice: it would count double."""
    seen: dict[Path, Path] = {}
    for run in runs:
        if run.resolve() in seen:
            raise UserError(f"{run}: is given twice; give each run once")
        seen[run.resolve()] = run


def refuse_member(runs: Sequence[Path], out: Path) -> None:
    """Raise UserError if the combination would replace one of its runs, which --overwrite allows for other runs."""
    for run in runs:
        if run.resolve() == out.resolve():
            raise UserError(
                f"out is {out}, which is one of the runs to combine; choose another --out"
            )


def read_valid(
    run: Path, file: str | Path, tagger: Tagger
) -> tuple[Sequence[Sentence], tuple[str, ...]]:
    """Read a labelled file as the training corpus of a run was read. Returns its sentences, and notes on it."""
    options = options_for(run_settings(run), file, tagger.encoder, {})
    sentences, notes = read_as(str(file), scheme=tagger.scheme, options=options)
    gold = [sentence.tags or () for sentence in sentences]
    return sentences, (*notes, *unknown_classes(file, gold, tagger))


def with_temperature(
    tagger: Tagger, sentences: Sequence[Sentence]
) -> tuple[Tagger, tuple[TaggerFigures, ...]]:
    """A combined tagger that is calibrated on labelled sentences. Returns also the figures of all taggers."""
    members = watched(tagger.members, "scoring", total=len(tagger.members), slow=True)
    figures = [figures_of(member, score_labelled(member, sentences)) for member in members]
    data = score_labelled(tagger, sentences)
    fitted = cross_fit_temperature(data)
    decision = DecisionRule(
        temperature=fitted.temperature, doubt=fitted.doubt, bias=tagger.decision.bias
    )
    tagger = replace(tagger, decision=decision)
    return tagger, (*figures, figures_of(tagger, data))


def figures_of(tagger: Tagger, data: LabelledScores) -> TaggerFigures:
    """F1 and calibration error of a tagger's decisions."""
    decided = data.decide_legally(tagger.bias)
    summary = summarise(data.counts(decided))
    decision = tagger.decision
    probabilities = calibrated(data.log_probabilities, decision.temperature, decision.doubt)
    confidence = probabilities[np.arange(len(decided)), decided]
    return TaggerFigures(
        micro_f1=summary.micro_f1,
        macro_f1=summary.macro_f1,
        calibration_error=expected_calibration_error(confidence, decided == data.labels),
        temperature=decision.temperature,
    )


def stated(settings: TrainSettings) -> dict[str, object]:
    """The corpora of a run and how it read them, as TOML holds them."""
    return {name: value for name, value in settings.items() if name in KEPT}


def copy_mentions(runs: Sequence[Path], directory: Path) -> None:
    """Write the mentions that all runs have seen in training, if every run knows them."""
    mentions = [read_mentions(open_run(run)) for run in runs]
    known = [each for each in mentions if each is not None]
    if len(known) == len(runs):
        write_mentions(np.unique(np.concatenate(known)), directory)
