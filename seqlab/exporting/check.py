"""What making a tagger smaller costs: the F1 of every class before and after, on a labelled file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.storing.file_notes import trained_on, unknown_classes
from seqlab.storing.run_settings import options_for, run_settings
from seqlab.tagging.tagger import Tagger


@dataclass(frozen=True, kw_only=True)
class ExportCheck:
    """The figures of a run's tagger and of the exported one on the same file.

    tokens: of the file. changed: tokens with another tag. notes: on the file.
    """

    before: Figures
    after: Figures
    tokens: int
    changed: int
    notes: tuple[str, ...] = ()


def check_export(run: str | Path, before: Tagger, after: Tagger, file: str | Path) -> ExportCheck:
    """Compare two taggers on a labelled file, which is read as the run's training corpus was.

    run: the run directory of `before`. Raises UserError for a file that cannot be read.
    """
    trained = run_settings(run)
    options = options_for(trained, file, before.encoder, {})
    sentences, notes = read_as(str(file), scheme=before.scheme, options=options)
    gold = [sentence.tags or () for sentence in sentences]
    unknown = unknown_classes(file, gold, before)
    notes = (*notes, *trained_on(file, trained), *unknown)
    return compare_taggers(before, after, sentences, notes=notes)


def compare_taggers(
    before: Tagger, after: Tagger, sentences: Sequence[Sentence], *, notes: tuple[str, ...] = ()
) -> ExportCheck:
    """Compare two taggers on sentences with gold tags."""
    gold = [sentence.tags or () for sentence in sentences]
    old, new = ([one.tags for one in tagger.predict(sentences)] for tagger in (before, after))
    return ExportCheck(
        before=score(gold, old, before.scheme),
        after=score(gold, new, before.scheme),
        tokens=sum(map(len, gold)),
        changed=sum(
            one != other
            for pair in zip(old, new, strict=True)
            for one, other in zip(*pair, strict=True)
        ),
        notes=notes,
    )
