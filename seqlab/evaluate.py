"""The command `evaluate RUN FILE`: score a trained tagger on a labelled corpus."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import CorpusError
from seqlab.machine.files import is_same_path
from seqlab.machine.terminal import say, say_json
from seqlab.settings.by_name import ColumnByFeature
from seqlab.settings.choices import TaskFormat
from seqlab.storing.run_settings import (
    columns_for,
    other_columns,
    run_settings,
    trained_feature_columns,
)

if TYPE_CHECKING:
    from seqlab.scoring.score import Evaluation
    from seqlab.settings.training import TrainSettings
    from seqlab.tagging.tagger import Tagger


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and evaluate. Returns the exit code."""
    return cli.run(cli.make_app("evaluate", evaluate), argv)


def evaluate(
    run: str,
    file: str,
    /,
    *,
    format: TaskFormat | None = None,
    token_column: str | None = None,
    tag_column: str | None = None,
    feature_columns: ColumnByFeature = ColumnByFeature(),
    json: Flag = False,
) -> None:
    """Score a trained tagger on a labelled corpus.

    Prints the figures of every class in seqeval's default and strict mode, the token accuracy and the
    confusion matrix. Format and columns are those of the run's training corpus unless options change them.

    Args:
        run: Run directory.
        file: Labelled corpus, in any format that train reads.
        format: Format of the file. [default: as in training]
        token_column: Column of the tokens. [default: as in training]
        tag_column: Column of the tags. [default: as in training]
        feature_columns: Column of a feature, if it is not the column of training. May be repeated.
        json: Print JSON: one split as in metrics.json.
    """
    from seqlab.storing.run_directory import check_run

    check_run(Path(run))
    from seqlab.reporting.confusion import confusion_text
    from seqlab.reporting.figures_text import split_text

    evaluation = evaluate_tagger(
        run,
        file,
        format=format,
        token_column=token_column,
        tag_column=tag_column,
        feature_columns=feature_columns,
    )
    if json:
        say_json(evaluation.to_json())
        return
    for note in evaluation.notes:
        say(f"note: {note}")
    say(split_text(Path(file).name, evaluation.figures))
    say(confusion_text(evaluation.confusion))


def evaluate_tagger(
    run: str | Path,
    file: str | Path,
    *,
    format: str | None = None,
    token_column: str | int | None = None,
    tag_column: str | int | None = None,
    feature_columns: Mapping[str, str] | None = None,
) -> "Evaluation":
    """Score the tagger of a run directory on a labelled file.

    As in training, tags are converted to the tagger's scheme and illegal transitions are repaired.
    A tag that training never saw counts as missed.
    feature_columns: by feature name, the column of each feature that is not where it was in training.
    Raises UserError for a run or a corpus that cannot be read.
    """
    from seqlab.corpus.chosen_columns import ChosenColumns
    from seqlab.corpus.splits import read_as
    from seqlab.scoring.score import evaluate_tags
    from seqlab.storing.save_and_load import load_run

    tagger = load_run(run)
    trained = run_settings(run)
    known = format or trained.format
    features = trained_feature_columns(trained, tagger.encoder.feature_columns)
    given = ChosenColumns(
        token=token_column,
        tag=tag_column,
        features=other_columns(features, feature_columns or {}),
    )
    columns = columns_for(trained, file, known, given=given)
    try:
        sentences, notes = read_as(str(file), scheme=tagger.scheme, format=known, columns=columns)
    except CorpusError:
        if format is None:
            refuse_text(file, tagger)
        raise
    gold = [sentence.tags or () for sentence in sentences]
    predicted = [prediction.tags for prediction in tagger.predict(sentences)]
    notes = (*notes, *trained_on(file, trained), *unknown_classes(gold, tagger))
    return evaluate_tags(gold, predicted, tagger.scheme, notes=notes)


def refuse_text(file: str | Path, tagger: "Tagger") -> None:
    """Raise CorpusError if the file holds plain text. The reader's own error would ask for columns."""
    from seqlab.text.inputs import guess_format, open_lines

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


def trained_on(file: str | Path, trained: "TrainSettings") -> list[str]:
    """A note if the run was trained on this file, or chose its epoch by it."""
    uses = {"the network was trained on": trained.train, "the epoch was chosen on": trained.valid}
    return [
        f"{Path(file).name}: {use} this file: the figures flatter the tagger"
        for use, path in uses.items()
        if is_same_path(file, path)
    ]


def unknown_classes(gold: "Sequence[Sequence[str]]", tagger: "Tagger") -> list[str]:
    """A note on the classes of the corpus that are unknown to the tagger, if there are any."""
    from seqlab.corpus.schemes import OUTSIDE_TAG, class_of_tag

    known = {class_of_tag(tag, tagger.scheme) for tag in tagger.encoder.tags} | {OUTSIDE_TAG}
    classes = {class_of_tag(tag, tagger.scheme) for tags in gold for tag in tags} - {OUTSIDE_TAG}
    missing = sorted(classes - known)
    if not missing:
        return []
    return [
        f"{len(missing)} of the {len(classes)} classes are unknown to this tagger and score as missed: "
        + ", ".join(missing)
    ]


if __name__ == "__main__":
    sys.exit(main())
