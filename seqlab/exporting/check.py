"""What making a tagger smaller costs: the F1 of every class before and after, on a labelled file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.errors import SettingsError
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.storing.file_notes import trained_on, unknown_classes
from seqlab.storing.run_settings import options_for, run_settings
from seqlab.storing.save_and_load import load_run
from seqlab.tagging.tagger import Tagger

CHECK_NEEDS_FILE = "--check needs --format wheel or zip; a zip with the same options has the same tags as the ONNX network"


@dataclass(frozen=True, kw_only=True)
class CheckFile:
    """A labelled file, and the tagger of the run that an export is compared with. notes: about the file."""

    path: Path
    tagger: Tagger
    sentences: Sequence[Sentence]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExportCheck:
    """The figures of a run's tagger and of the exported one on the same sentences.

    file: name of the file with the sentences. tokens: of the sentences. changed: tokens with another tag.
    """

    before: Figures
    after: Figures
    tokens: int
    changed: int
    file: str = ""


def read_check_file(run: str | Path, file: str | Path, format: str) -> CheckFile:
    """Read a labelled file as the run's training corpus was read. format: of the export.

    Raises SettingsError for a format whose tagger seqlab cannot load.
    Raises UserError for a run or a file that cannot be read, and if the tagger knows no class of the file.
    """
    if format == "onnx":
        raise SettingsError(CHECK_NEEDS_FILE)
    tagger, trained = load_run(run), run_settings(run)
    options = options_for(trained, file, tagger.encoder, {})
    sentences, notes = read_as(str(file), scheme=tagger.scheme, options=options)
    gold = [sentence.tags or () for sentence in sentences]
    unknown = unknown_classes(file, gold, tagger, advice="give a file with its classes")
    notes = (*notes, *trained_on(file, trained), *unknown)
    return CheckFile(path=Path(file), tagger=tagger, sentences=sentences, notes=notes)


def compare_taggers(
    before: Tagger, after: Tagger, sentences: Sequence[Sentence], *, file: str = ""
) -> ExportCheck:
    """Compare two taggers on sentences with gold tags. file: the name of their file."""
    gold = [sentence.tags or () for sentence in sentences]
    old, new = ([one.tags for one in tagger.predict(sentences)] for tagger in (before, after))
    return ExportCheck(
        file=file,
        before=score(gold, old, before.scheme),
        after=score(gold, new, before.scheme),
        tokens=sum(map(len, gold)),
        changed=sum(
            one != other
            for pair in zip(old, new, strict=True)
            for one, other in zip(*pair, strict=True)
        ),
    )
