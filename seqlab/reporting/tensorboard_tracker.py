"""TensorBoard: event files with the numbers of each epoch, alarms, settings, samples and the confusion picture.

The only file that imports tensorboard.
"""

import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any

from seqlab.reporting.confusion_picture import confusion_picture
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.keras_callback import TrackClasses
from seqlab.training.tracker import TrackedResults, Tracker, missing_package

FILE_SUFFIX = ".seqlab"
SHOWN_METRICS = ("average/macro_f1", "average/micro_f1")


class TensorBoardTracker(Tracker):
    """A Keras callback that writes event files of TensorBoard.

    Steps are epochs, from 1. A training that is resumed goes on in the same directory: TensorBoard drops the epochs that
    are trained again. Numbers are float32, as always in TensorBoard.

    Args:
        directory: directory of the event files, one for each training.
        track, say: see `Tracker`.

    Raises SettingsError if tensorboard is not installed.
    """

    name = "tensorboard"

    def __init__(
        self,
        directory: str | Path,
        *,
        track: TrackClasses | None = None,
        say: Callable[[str], None] = warnings.warn,
    ) -> None:
        super().__init__(track=track, say=say)
        self.directory = Path(directory)
        self.events: Any = None
        self.started, self.settings = False, dict[str, Any]()
        writer_module()

    def open(self, settings: Mapping[str, Any]) -> None:
        """Create the event file."""
        self.directory.mkdir(parents=True, exist_ok=True)
        writer = writer_module().EventFileWriter
        self.events = writer(str(self.directory), filename_suffix=FILE_SUFFIX)
        self.started, self.settings = False, dict(settings)

    def write_epoch(
        self, epoch: int, scalars: Mapping[str, float], record: EpochRecord | None
    ) -> None:
        """Write the numbers of an epoch, and its alarms as text."""
        if not self.started:
            self.start(epoch)
        values = [scalar_value(name, number) for name, number in scalars.items()]
        if record is not None and record.alarms:
            alarms = "\n".join(f"- {alarm.message()}" for alarm in record.alarms)
            values.append(text_value("alarms", alarms))
        self.add(epoch, values)

    def start(self, epoch: int) -> None:
        """Begin with an epoch. TensorBoard then drops earlier records of it and of later epochs."""
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog

        self.started = True
        session = SessionLog(status=SessionLog.START)
        self.events.add_event(Event(wall_time=time(), step=epoch, session_log=session))
        if self.settings:
            from tensorboard.plugins.hparams.summary_v2 import Metric, hparams_config_pb, hparams_pb

            metrics = [Metric(name) for name in SHOWN_METRICS]
            self.add(0, hparams_config_pb([], metrics).value)
            named = hyperparameters(self.settings)
            self.add(0, hparams_pb(named, trial_id=self.directory.name).value)

    def write_results(self, results: TrackedResults) -> None:
        """Write samples and the confusion picture, at the step of the kept epoch."""
        epoch = results.metrics["best_epoch"]
        values = [text_value("samples", results.samples)] if results.samples else []
        for split, figures in results.metrics["splits"].items():
            picture = confusion_picture(figures["confusion"])
            if picture is not None:
                values.append(image_value(f"confusion/{split}", picture))
        self.add(epoch, values)

    def close(self, *, finished: bool) -> None:
        """Close the event file."""
        if self.events is None:
            return
        if self.settings and self.started:
            from tensorboard.compat.proto.summary_pb2 import Summary
            from tensorboard.plugins.hparams import api_pb2
            from tensorboard.plugins.hparams.summary import session_end_pb

            status = api_pb2.STATUS_SUCCESS if finished else api_pb2.STATUS_FAILURE
            # Its type is that of TensorFlow.
            self.add(0, Summary.FromString(session_end_pb(status).SerializeToString()).value)
        self.events.close()
        self.events = None

    def add(self, step: int, values: Any) -> None:
        """Write summaries of a step to disk, where TensorBoard sees them at once."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        self.events.add_event(Event(wall_time=time(), step=step, summary=Summary(value=values)))
        self.events.flush()


def writer_module() -> Any:
    """The module that writes event files. Raises SettingsError if tensorboard is not installed."""
    try:
        from tensorboard.summary.writer import event_file_writer
    except ImportError:
        raise missing_package("tensorboard", "tensorboard") from None
    return event_file_writer


def scalar_value(name: str, number: float) -> Any:
    """A number of a curve."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary.Value(tag=name, simple_value=number)


def text_value(name: str, text: str) -> Any:
    """A text in Markdown."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.text import metadata
    from tensorboard.util.tensor_util import make_tensor_proto

    about = metadata.create_summary_metadata(display_name=name, description="")
    raw = text.encode("utf-8", "replace")
    return Summary.Value(tag=name, metadata=about, tensor=make_tensor_proto([raw]))


def image_value(name: str, picture: Any) -> Any:
    """A picture of Pillow."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    file = BytesIO()
    picture.save(file, format="PNG")
    image = Summary.Image(
        width=picture.width,
        height=picture.height,
        colorspace=3,
        encoded_image_string=file.getvalue(),
    )
    return Summary.Value(tag=name, image=image)


def hyperparameters(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the types of TensorBoard: numbers and booleans as they are, all others as text."""
    return {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in settings.items()
    }
