"""The audit of a trained network: its invariance to padding, and labels that it doubts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqlab.auditing.invariance import Invariance, check_invariance
from seqlab.auditing.suspects import Suspects, find_suspects
from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.errors import SettingsError, nearest
from seqlab.machine.files import is_same_path
from seqlab.storing.run_settings import columns_for, run_settings, trained_feature_columns
from seqlab.storing.save_and_load import load_run

READER_OPTIONS = ("format", "token_column", "tag_column")


@dataclass(frozen=True, kw_only=True)
class NetworkAudit:
    """The results of both checks. suspects: None if they were not requested."""

    invariance: Invariance
    suspects: Suspects | None
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The checks as `--json` prints them."""
        return asdict(self)


def audit_network(
    run: str | Path,
    corpora: Sequence[str | Path] = (),
    *,
    suspects: int | None = None,
    reader: Mapping[str, str | None] | None = None,
) -> NetworkAudit:
    """Check the network of a run directory on labelled corpora, by default those of the run.

    suspects: how many labels that are probably wrong to list; None skips that check.
    reader: format, token_column and tag_column. What is not given, and the feature columns, are read as in
    the run's training corpus.
    Raises UserError for a run or a corpus that cannot be read, and for suspects if cleanlab is missing.
    """
    tagger = load_run(run)
    trained = run_settings(run)
    for name in reader or {}:
        if name not in READER_OPTIONS:
            raise SettingsError(f"reader: unknown option {name!r}{nearest(name, READER_OPTIONS)}")
    given = {name: value for name, value in (reader or {}).items() if value is not None}
    known = given.get("format", trained.format)
    columns = ChosenColumns(
        token=given.get("token_column"),
        tag=given.get("tag_column"),
        features=trained_feature_columns(trained, tagger.encoder.feature_columns),
    )
    sentences: list[Sentence] = []
    notes: list[str] = []
    if not corpora:
        corpora = corpora_of_run(trained.train, (trained.valid, trained.test))
        notes.append(f"no corpus is given: the check reads those of the run, {', '.join(corpora)}")
    for path in corpora:
        chosen = columns_for(trained, path, known, given=columns)
        labelled, noted = read_as(str(path), scheme=tagger.scheme, format=known, columns=chosen)
        sentences += labelled
        notes += noted
        if suspects is not None and is_same_path(path, trained.train):
            notes.append(
                f"{path}: the network was trained on this file and may have memorised its mistakes; "
                "suspects are more reliable in another file"
            )
    return NetworkAudit(
        invariance=check_invariance(tagger, sentences),
        suspects=None if suspects is None else find_suspects(tagger, sentences, most=suspects),
        notes=tuple(notes),
    )


def corpora_of_run(train: str | None, held_out: Sequence[str | None]) -> list[str]:
    """The files of a run: those that it was not trained on, if it has any."""
    paths = [path for path in held_out if path is not None]
    if not paths and train is None:
        raise SettingsError("the run does not record its training corpus; give a corpus")
    return paths or [str(train)]
