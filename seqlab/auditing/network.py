"""The checks of a trained network on labelled corpora: read them, check invariance, find suspects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.auditing.invariance import Invariance, check_invariance
from seqlab.auditing.suspects import Suspects, find_suspects
from seqlab.config import TrainSettings
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.errors import SettingsError, nearest
from seqlab.files import is_same
from seqlab.tagging.loading import load_run
from seqlab.tagging.run_settings import columns_for, feature_places, run_settings

READER = ("format", "token_column", "tag_column")


@dataclass(frozen=True, kw_only=True)
class NetworkAudit:
    """What the checks of a network found. suspects: None where they were not asked for."""

    invariance: Invariance
    suspects: Suspects | None
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The checks as `--json` prints them."""
        return {
            "invariance": self.invariance.to_json(),
            "suspects": None if self.suspects is None else self.suspects.to_json(),
            "notes": list(self.notes),
        }


def audit_network(
    run: str | Path,
    corpora: Sequence[str | Path] = (),
    *,
    suspects: int | None = None,
    reader: Mapping[str, str | None] | None = None,
) -> NetworkAudit:
    """Check the network of a run directory on labelled corpora, by default those of the run.

    suspects: how many labels that are probably wrong to look for.
    reader: format, token_column, tag_column; what it lacks, and the columns of features, are as the
    run's own corpus was read.
    Raises UserError for a run or a corpus that can't be read, and without cleanlab for suspects.
    """
    tagger = load_run(run)
    trained = run_settings(run)
    for name in reader or {}:
        if name not in READER:
            raise SettingsError(f"reader: unknown option {name!r}{nearest(name, READER)}")
    given = {name: value for name, value in (reader or {}).items() if value is not None}
    known = given.get("format", trained.format)
    features = feature_places(trained, tagger.encoder.feature_columns)
    sentences: list[Sentence] = []
    notes: list[str] = []
    if not corpora:
        notes.append(f"no corpus is named: reads the run's own, {', '.join(corpora_of(trained))}")
    for path in corpora or corpora_of(trained):
        columns = {**columns_for(trained, path, known), **given, "format": known}
        found, said = read_as(str(path), scheme=tagger.scheme, feature_columns=features, **columns)
        sentences += found
        notes += said
        if suspects is not None and is_same(path, trained.train):
            notes.append(
                f"{path}: the network was trained on this file and may have learnt its mistakes; "
                "suspects are surer in a file that it never saw"
            )
    return NetworkAudit(
        invariance=check_invariance(tagger, sentences),
        suspects=None if suspects is None else find_suspects(tagger, sentences, most=suspects),
        notes=tuple(notes),
    )


def corpora_of(settings: TrainSettings) -> list[str]:
    """The files of a run: those that it was not trained on, where there are any."""
    held_out = [path for path in (settings.valid, settings.test) if path is not None]
    if not held_out and settings.train is None:
        raise SettingsError("the run does not say what it was trained on; name a corpus")
    return held_out or [str(settings.train)]
