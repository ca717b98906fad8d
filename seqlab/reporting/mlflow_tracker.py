"""MLflow: a run with the settings as parameters, the numbers of each epoch as metrics, and the files of the result.

The only file that imports mlflow.
"""

import os
import re
import warnings
from collections.abc import Callable, Mapping
from time import time
from typing import Any

from seqlab.errors import SettingsError
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.epoch_scalars import result_scalars
from seqlab.training.keras_callback import TrackClasses
from seqlab.training.tracker import TrackedResults, Tracker, missing_package

EXPERIMENT = "seqlab"
IDENTITY_TAG = "seqlab.training"
EPOCH_METRIC = "training/learning_rate"
"""Every epoch has it; so its history tells which epochs MLflow has."""
UNSAFE, DOT = re.compile(r"[^\w. -]"), re.compile(r"\.")
MOST_METRICS, MOST_PARAMETERS = 1000, 100  # of one call
LONGEST_PARAMETER = 500
DEFAULT_VARIABLES = {
    "MLFLOW_ALLOW_FILE_STORE": "true",  # a directory, if the caller names one
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # 7 hold up a training for minutes when the server has gone
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
"""Variables of MLflow that are set unless the caller has set them."""
RESULT_FILES = ("report.html", "README.md", "metrics.json", "config.toml")


class MlflowTracker(Tracker):
    """A Keras callback that logs to MLflow.

    Steps are epochs, from 1. A training with an `identity` goes on with its run; epochs that MLflow already has are not
    logged again. In `fit`, an active run of `mlflow.start_run()` is used and left open.

    Args:
        uri: tracking URI: a server, or a directory. None: that of MLflow.
        experiment: name of the experiment; it is created if it does not exist.
        run_name: name of the run.
        identity: text that marks the training, so that it can be resumed.
        track, say: see `Tracker`.

    Raises SettingsError if mlflow is not installed.
    """

    name = "mlflow"

    def __init__(
        self,
        uri: str | None = None,
        *,
        experiment: str | None = None,
        run_name: str | None = None,
        identity: str | None = None,
        track: TrackClasses | None = None,
        say: Callable[[str], None] = warnings.warn,
    ) -> None:
        super().__init__(track=track, say=say)
        self.uri, self.run_name, self.identity = uri, run_name, identity
        self.experiment = experiment or os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        self.client: Any = None
        self.run_id, self.owned = "", True
        self.known_epochs: set[int] = set()
        mlflow_module()

    def open(self, settings: Mapping[str, Any]) -> None:
        """Create the run, or find that of the training that is resumed."""
        mlflow = mlflow_module()
        active = None if self.managed else mlflow.active_run()
        if active is not None:
            self.client, self.run_id, self.owned = mlflow.MlflowClient(), active.info.run_id, False
            return
        for variable, value in DEFAULT_VARIABLES.items():
            os.environ.setdefault(variable, value)
        try:
            self.client, self.owned = mlflow.MlflowClient(tracking_uri=self.uri), True
        except mlflow.exceptions.MlflowException as error:
            if "unsupported URI" not in str(error):
                raise
            raise SettingsError(
                f"mlflow-skinny does not reach {self.uri}; expected a server or a directory, or: pip install mlflow"
            ) from None
        experiment = self.client.get_experiment_by_name(self.experiment)
        number = experiment.experiment_id if experiment else None
        number = number or self.client.create_experiment(self.experiment)
        self.run_id = self.found_run(number) or self.new_run(number, settings)

    def found_run(self, experiment: str) -> str | None:
        """The id of the run of this training, which is set to running again."""
        if self.identity is None:
            return None
        query = f"tags.`{IDENTITY_TAG}` = '{self.identity}'"
        for run in self.client.search_runs([experiment], filter_string=query, max_results=1):
            history = self.client.get_metric_history(run.info.run_id, EPOCH_METRIC)
            self.known_epochs = {metric.step for metric in history}
            self.client.update_run(run.info.run_id, status="RUNNING")
            return str(run.info.run_id)
        return None

    def new_run(self, experiment: str, settings: Mapping[str, Any]) -> str:
        """Create a run with the settings as parameters. Returns its id."""
        from mlflow.entities import Param

        tags = {} if self.identity is None else {IDENTITY_TAG: self.identity}
        run = self.client.create_run(experiment, run_name=self.run_name, tags=tags)
        parameters = [
            Param(name, str(value)[:LONGEST_PARAMETER]) for name, value in settings.items()
        ]
        for first in range(0, len(parameters), MOST_PARAMETERS):
            part = parameters[first : first + MOST_PARAMETERS]
            self.client.log_batch(run.info.run_id, params=part)
        self.known_epochs = set()
        return str(run.info.run_id)

    def write_epoch(
        self, epoch: int, scalars: Mapping[str, float], record: EpochRecord | None
    ) -> None:
        """Log the numbers of an epoch, unless MLflow has them."""
        if epoch not in self.known_epochs:
            self.log(epoch, scalars)

    def log(self, step: int, scalars: Mapping[str, float]) -> None:
        """Log some metrics."""
        from mlflow.entities import Metric

        now = int(1000 * time())
        metrics = [Metric(metric_name(name), value, now, step) for name, value in scalars.items()]
        for first in range(0, len(metrics), MOST_METRICS):
            self.client.log_batch(self.run_id, metrics=metrics[first : first + MOST_METRICS])

    def write_results(self, results: TrackedResults) -> None:
        """Log the figures at the kept epoch, and the files that people read."""
        self.log(results.metrics["best_epoch"], result_scalars(results.metrics))
        if results.path is None:
            return
        for name in RESULT_FILES:
            if (results.path / name).is_file():
                self.client.log_artifact(self.run_id, str(results.path / name))

    def close(self, *, finished: bool) -> None:
        """Set the status of the run."""
        if self.client is not None and self.owned:
            self.client.set_terminated(self.run_id, "FINISHED" if finished else "KILLED")
        self.client = None


def mlflow_module() -> Any:
    """The library. Raises SettingsError if it is not installed."""
    try:
        import mlflow
    except ImportError:
        raise missing_package("mlflow", "mlflow") from None
    return mlflow


def metric_name(name: str) -> str:
    """The name of a metric in characters that MLflow takes. The class stands behind the first slash.

    >>> metric_name("f1/PRP$"), metric_name("f1/."), metric_name("f1/A.b")
    ('f1/PRP:24:', 'f1/:2e:', 'f1/A.b')
    """
    group, slash, class_name = name.partition("/")
    unsafe = DOT if class_name.strip(".") == "" else UNSAFE
    return group + slash + unsafe.sub(lambda found: f":{ord(found[0]):x}:", class_name)
