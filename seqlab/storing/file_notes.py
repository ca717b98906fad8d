"""Notes on a labelled file that a run is scored on: files of its training, and classes that it does not know."""

from collections.abc import Sequence
from pathlib import Path

from seqlab.corpus.schemes import OUTSIDE_TAG, class_of_tag
from seqlab.errors import CorpusError
from seqlab.machine.files import is_same_content, is_same_path
from seqlab.machine.wording import listed
from seqlab.settings.training import TrainSettings
from seqlab.tagging.tagger import Tagger


def trained_on(file: str | Path, trained: TrainSettings) -> list[str]:
    """A note if the run was trained on this file or a copy of it, or chose its epoch on it."""
    uses = {"the network was trained on": trained.train, "the epoch was chosen on": trained.valid}
    return [
        f"{Path(file).name}: {use} this file: the figures are too high"
        for use, path in uses.items()
        if is_same_path(file, path) or is_same_content(file, path)
    ]


OTHER_TAGS = "choose another column with --tag-column, rename with --map-tag, or give another file"
"""What to do about a file of unknown classes."""


def unknown_classes(
    file: str | Path, gold: Sequence[Sequence[str]], tagger: Tagger, *, advice: str = OTHER_TAGS
) -> list[str]:
    """A note on the classes of the file that are unknown to the tagger, if there are any.

    gold: the tags of the file. advice: for the error. Raises CorpusError if all its classes are unknown.
    """
    scheme = tagger.scheme
    known = {class_of_tag(tag, scheme) for tag in tagger.encoder.tags} - {OUTSIDE_TAG}
    classes = {class_of_tag(tag, scheme) for tags in gold for tag in tags} - {OUTSIDE_TAG}
    missing = sorted(classes - known)
    if not missing:
        return []
    if len(missing) == len(classes):
        raise CorpusError(
            f"this tagger knows no class of the file: the file has {listed(missing)}, the tagger "
            f"{listed(sorted(known))}; {advice}",
            path=str(file),
        )
    return [
        f"{len(missing)} of the {len(classes)} classes are unknown to this tagger and score as missed: "
        + ", ".join(missing)
    ]
