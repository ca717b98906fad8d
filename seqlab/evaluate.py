"""The command `evaluate RUN FILE`: score a trained tagger on a labelled corpus."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Unpack

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import CorpusError
from seqlab.machine.files import as_path
from seqlab.machine.progress import shown_on, watched
from seqlab.machine.terminal import say, say_json
from seqlab.settings.reading import ReadingSettings

UNKNOWN_RECALL = "recall of seen and unseen mentions is unknown"
NO_MENTIONS = f"this run has no mentions.npz: {UNKNOWN_RECALL}"
NO_RUN = f"a Tagger without its run does not know the mentions of its training: {UNKNOWN_RECALL}"

if TYPE_CHECKING:
    from seqlab.corpus.reading_options import ReadingKeywords
    from seqlab.scoring.score import Evaluation
    from seqlab.tagging.tagger import Tagger


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and evaluate. Returns the exit code."""
    return cli.run(cli.make_app("evaluate", evaluate, settings=ReadingSettings), argv)


def evaluate(
    run: str,
    file: str,
    /,
    *,
    reading: Annotated[ReadingSettings, Parameter(name="*")] = ReadingSettings(),
    json: Flag = False,
) -> None:
    """Score a trained tagger on a labelled corpus.

    It prints the figures of every class, rarest first, with 95 % intervals and the smallest difference that the file
    can show. Then it prints SemEval scores, errors by kind, recall of seen and unseen mentions, scores by length, and
    the confusion matrix. The file is read as the run's training corpus was, unless options change that.

    Args:
        run: Run directory.
        file: Labelled corpus, in any format that train reads.
        json: Print one JSON object, with the entries of a split in metrics.json.
    """
    from seqlab.storing.run_directory import check_run

    check_run(Path(run))
    from seqlab.reporting.colours import painter
    from seqlab.reporting.confusion import confusion_text
    from seqlab.reporting.progress import terminal_progress
    from seqlab.reporting.scores_text import details_text, scores_text

    with shown_on(terminal_progress()):
        evaluation = evaluate_tagger(run, file, **reading.given())
    if json:
        say_json(evaluation.to_json())
        return
    for note in evaluation.notes:
        say(f"note: {note}")
    say(scores_text(Path(file).name, evaluation), paint=painter(sys.stdout))
    say(details_text(evaluation))
    say(confusion_text(evaluation.confusion))


def evaluate_tagger(
    run: "str | Path | Tagger", file: str | Path, **keywords: "Unpack[ReadingKeywords]"
) -> "Evaluation":
    """Score the tagger of a run directory on a labelled file.

    run: the run directory, or a Tagger. Of a Tagger it is not known how its training read its corpus.

    As in training, tags are converted to the tagger's scheme and illegal transitions are repaired.
    A tag that training never saw counts as missed.
    keywords: how to read the file, as in `read_corpus`, where it differs from the training corpus.
    Raises UserError for a run or a corpus that cannot be read, and if the tagger knows no class of the corpus.
    """
    from seqlab.corpus.splits import read_as
    from seqlab.scoring.evaluation import evaluate_sentences
    from seqlab.settings.training import TrainSettings
    from seqlab.storing.file_notes import trained_on, unknown_classes
    from seqlab.storing.mentions_file import read_mentions
    from seqlab.storing.run_files import open_run
    from seqlab.storing.run_settings import options_for, run_settings
    from seqlab.storing.save_and_load import load_run, unfinished_notes
    from seqlab.tagging.tagger import Tagger

    path = None if isinstance(run, Tagger) else as_path(run, "a run directory")
    tagger = run if isinstance(run, Tagger) else load_run(run)
    trained = TrainSettings() if path is None else run_settings(path)
    options = options_for(trained, file, tagger.encoder, keywords)
    try:
        sentences, notes = read_as(str(file), scheme=tagger.scheme, options=options)
    except CorpusError:
        if keywords.get("format") is None:
            refuse_text(file, tagger)
        raise
    gold = [sentence.tags or () for sentence in sentences]
    unknown = unknown_classes(file, gold, tagger)
    tagged = watched(tagger.predict(sentences), "tagging", total=len(sentences))
    predicted = [prediction.tags for prediction in tagged]
    unfinished = [] if path is None else unfinished_notes(path)
    notes = (*unfinished, *notes, *trained_on(file, trained), *unknown)
    mentions = None if path is None else read_mentions(open_run(path))
    if mentions is None:
        notes = (*notes, NO_RUN if path is None else NO_MENTIONS)
    return evaluate_sentences(
        sentences, predicted, tagger.scheme, mentions=mentions, sha256=checksum(file), notes=notes
    )


def checksum(file: str | Path) -> str:
    """The sha256 of a corpus; 'unknown' for a pipe, which can be read only once."""
    from seqlab.experiment.identity import corpus_sha256
    from seqlab.scoring.signature import UNKNOWN

    return corpus_sha256(str(file)) if Path(file).is_file() or Path(file).is_dir() else UNKNOWN


def refuse_text(file: str | Path, tagger: "Tagger") -> None:
    """Raise CorpusError if the file holds plain text. The reader's own error would ask for columns."""
    from seqlab.corpus.text_input import guess_format, open_lines

    if not Path(file).is_file():  # a pipe cannot be read again
        return
    first, _ = open_lines(file, name=str(file))
    known = tagger.encoder.tags
    rows = [line.split() for line in first]
    cells = {len(row) for row in rows}
    # Columns with one wrong line still end in tags.
    like_columns = len(cells) == 1 < len(rows) or any(row[-1] in known for row in rows)
    if rows and not like_columns and guess_format(first, name=str(file), tags=known) == "text":
        raise CorpusError(
            "plain text, but evaluate needs sentences with tags; seqlab tag reads plain text",
            path=str(file),
        )


if __name__ == "__main__":
    sys.exit(main())
