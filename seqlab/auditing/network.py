"""The audit of a trained network: its invariance to padding, and labels that it doubts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Unpack

from seqlab.auditing.invariance import Invariance, check_invariance
from seqlab.auditing.suspects import Suspects, find_suspects
from seqlab.corpus.reading_options import ReadingKeywords
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.errors import SettingsError
from seqlab.machine.files import is_same_path
from seqlab.storing.run_settings import options_for, run_settings
from seqlab.storing.save_and_load import load_run, unfinished_notes


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
    **keywords: Unpack[ReadingKeywords],
) -> NetworkAudit:
    """Check the network of a run directory on labelled corpora, by default those of the run.

    suspects: how many labels that are probably wrong to list; None skips that check.
    keywords: how to read the corpora, as in `read_corpus`, where they differ from the training corpus.
    Raises UserError for a run or a corpus that cannot be read.
    """
    tagger = load_run(run)
    trained = run_settings(run)
    sentences: list[Sentence] = []
    notes = unfinished_notes(run)
    if not corpora:
        corpora = corpora_of_run(trained.train, (trained.valid, trained.test))
        keywords = {"encoding": trained.encoding, **keywords}
        notes.append(f"no corpus is given: the check reads those of the run, {', '.join(corpora)}")
    for path in corpora:
        options = options_for(trained, path, tagger.encoder, keywords)
        labelled, noted = read_as(str(path), scheme=tagger.scheme, options=options)
        sentences += labelled
        notes += noted
        if suspects is not None and is_same_path(path, trained.train):
            notes.append(
                f"{path}: the network was trained on this file and may have memorised its mistakes; "
                "--folds 5 trains taggers that lack a part of it"
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
