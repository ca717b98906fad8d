"""Settings of the epoch table, of the model card, and of the tools that show a training."""

import re
from dataclasses import dataclass

from seqlab.errors import SettingsError
from seqlab.settings import choices
from seqlab.settings.declaring import Settings, setting

LICENCE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
PASSWORD = re.compile(r"[\w+.-]+://[^/]*@")


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class SharingSettings(Settings):
    """Tools that receive the figures of each epoch, and the licence of the tagger."""

    heading = "Following and sharing"

    table: choices.TableName = setting("worst", affects_results=False)
    """Classes that the log shows at each epoch. all: every class. worst: all of up to 12 classes; of more, the ten with
    the lowest F1. none: no table. history.jsonl has every class."""
    license: str = setting("unknown", affects_results=False)
    """Licence of the tagger in its model card README.md: an identifier of the Hugging Face hub, such as mit or cc-by-4.0."""
    tensorboard: str | None = setting(None, path=True, affects_results=False)
    """Directory of TensorBoard. Each training writes its event files to a subdirectory named after its run directory."""
    mlflow: str | None = setting(None, affects_results=False)
    """Tracking URI of MLflow: a server, or a directory. Each training becomes a run of the experiment seqlab."""
    wandb: str | None = setting(None, affects_results=False)
    """Project of Weights & Biases. Each training becomes a run. The environment variable WANDB_MODE=offline keeps it on the
    disk."""


def check_sharing(settings: SharingSettings) -> None:
    """Raise SettingsError for a licence that is no identifier of the hub, and for a password that reports would show."""
    if settings.mlflow is not None and PASSWORD.match(settings.mlflow):
        raise SettingsError(
            "mlflow holds a password, which reports would show: expected MLFLOW_TRACKING_USERNAME and "
            "MLFLOW_TRACKING_PASSWORD in the environment instead"
        )
    if not LICENCE.fullmatch(settings.license):
        raise SettingsError(
            f"license is {settings.license!r}: expected an identifier in lower case, such as mit, apache-2.0 or cc-by-4.0"
        )
