"""The tools in which a training is followed: which ones, under which name, and what they get at its end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqlab.corpus.schemes import OUTSIDE_TAGS
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError
from seqlab.reporting.log import Say
from seqlab.reporting.markdown_text import markdown_escaped
from seqlab.scoring.tags import class_of
from seqlab.settings.training import TrainSettings
from seqlab.streaming.output import marked_text

if TYPE_CHECKING:
    import keras

    from seqlab.experiment.fit import TrainedTagger
    from seqlab.experiment.prepare import Prepared
    from seqlab.training.tracker import Tracker

TOOLS = ("tensorboard", "mlflow", "wandb")
"""The settings that name a tool; each is also the name of its package and of the extra that installs it."""
SAMPLES = 12
"""Sentences that are sent as samples."""


@dataclass(frozen=True, kw_only=True)
class TrackedName:
    """What a training is called in other tools. identity: marks it when it is resumed; None if it cannot be."""

    name: str | None
    identity: str | None = None


def check_tools(settings: TrainSettings) -> None:
    """Raise SettingsError for a tool that is not installed."""
    for tool in TOOLS:
        if getattr(settings, tool) is None:
            continue
        found = find_spec(tool)
        if found is None or found.origin is None:  # a folder of this name is no package
            raise SettingsError(f"{tool} needs {tool}: pip install 'seqlab[{tool}]'")


def has_tools(settings: TrainSettings) -> bool:
    """Whether settings name a tool."""
    return any(getattr(settings, tool) is not None for tool in TOOLS)


@contextmanager
def followed(
    settings: TrainSettings,
    callbacks: "Sequence[keras.callbacks.Callback]",
    *,
    called: TrackedName,
    say: Say,
) -> "Iterator[list[keras.callbacks.Callback]]":
    """Give the callbacks with those of the tools. Within the block, the tools follow the training.

    Raises SettingsError if a tool cannot be reached.
    """
    from seqlab.training.tracker import Tracker  # imports keras

    everything = [*callbacks, *tool_callbacks(settings, called, say)]
    trackers = [callback for callback in everything if isinstance(callback, Tracker)]
    begun: list[Tracker] = []
    finished = False
    try:
        for tracker in trackers:
            tracker.follow({name: v for name, v in settings.items() if name not in TOOLS})
            begun.append(tracker)
        yield everything
        finished = True
    finally:
        for tracker in begun:
            tracker.end(finished=finished)


def tool_callbacks(settings: TrainSettings, called: TrackedName, say: Say) -> "list[Tracker]":
    """The callback of each tool that settings name."""
    trackers: list[Tracker] = []
    if settings.tensorboard is not None:
        from seqlab.reporting.tensorboard_tracker import TensorBoardTracker

        folder = Path(settings.tensorboard) / (called.name or "")
        trackers.append(TensorBoardTracker(folder, say=say))
    named: dict[str, Any] = {"run_name": called.name, "identity": called.identity, "say": say}
    if settings.mlflow is not None:
        from seqlab.reporting.mlflow_tracker import MlflowTracker

        trackers.append(MlflowTracker(settings.mlflow, **named))
    if settings.wandb is not None:
        from seqlab.reporting.wandb_tracker import WandbTracker

        trackers.append(WandbTracker(settings.wandb, **named))
    return trackers


def send_results(
    callbacks: "Sequence[keras.callbacks.Callback]",
    prepared: "Prepared",
    fitted: "TrainedTagger",
    path: Path | None,
) -> None:
    """Send the results of a finished training to its trackers. path: the run directory."""
    from seqlab.training.tracker import TrackedResults, Tracker

    trackers = [callback for callback in callbacks if isinstance(callback, Tracker)]
    if trackers:
        samples = samples_text(prepared, fitted)
        results = TrackedResults(metrics=fitted.metrics, samples=samples, path=path)
        for tracker in trackers:
            tracker.finish(results)


def samples_text(prepared: "Prepared", fitted: "TrainedTagger") -> str:
    """Sentences of the validation split with gold and predicted tags, as a table in Markdown."""
    sentences, scheme = samples(prepared), prepared.splits.scheme
    if not sentences:
        return ""
    rows = ["| gold | predicted |", "|---|---|"]
    for sentence, prediction in zip(sentences, fitted.tagger.predict(sentences), strict=True):
        pair = (sentence.tags or (), prediction.tags)
        cells = [marked_text(sentence.tokens, tags, scheme) for tags in pair]
        rows.append("| " + " | ".join(map(markdown_escaped, cells)) + " |")
    return "\n".join(rows)


def samples(prepared: "Prepared") -> list[Sentence]:
    """The first sentence of each class in validation, rarest classes first; then the first sentences with any class."""
    scheme = prepared.splits.scheme
    classes = [
        {class_of(tag, scheme) for tag in s.tags or ()} - OUTSIDE_TAGS
        for s in prepared.splits.valid
    ]
    counts = Counter(chain.from_iterable(classes))
    rarest = sorted(counts, key=lambda name: (counts[name], name))
    chosen = dict.fromkeys(next(n for n, c in enumerate(classes) if name in c) for name in rarest)
    chosen |= dict.fromkeys(number for number, names in enumerate(classes) if names)
    return [prepared.splits.valid[number] for number in islice(chosen, SAMPLES)]
