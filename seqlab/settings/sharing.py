"""Settings of the tools in which a training is followed, and of the model card."""

from dataclasses import dataclass

from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class SharingSettings(Settings):
    """Tools that receive the figures of each epoch, and the licence of the tagger."""

    heading = "Following and sharing"

    tensorboard: str | None = setting(None, path=True, affects_results=False)
    """Directory of TensorBoard. Each training writes its event files to a subdirectory named after its run directory."""
    mlflow: str | None = setting(None, affects_results=False)
    """Tracking URI of MLflow: a server, or a directory. Each training becomes a run of the experiment seqlab."""
    wandb: str | None = setting(None, affects_results=False)
    """Project of Weights & Biases. Each training becomes a run. The environment variable WANDB_MODE=offline keeps it on the
    disk."""
