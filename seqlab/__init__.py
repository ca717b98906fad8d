"""seqlab: sequence labelling for imbalanced labels.

Importing this package is light: each public name is imported when it is first used. A program that only
reads a corpus does not wait for keras.

>>> import seqlab
>>> seqlab.class_weights({"O": 90, "PER": 10}, "balanced")["PER"]
5.0
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqlab.architecture import Architecture
    from seqlab.auditing.corpora import audit_corpora
    from seqlab.auditing.figures import Audit
    from seqlab.auditing.fold_suspects import audit_folds
    from seqlab.auditing.loss_shares import WeightChoice
    from seqlab.auditing.network import audit_network
    from seqlab.catalogue.named_vectors import load_vectors
    from seqlab.comparing.comparison import Comparison, compare_settings
    from seqlab.comparing.runs import compare_runs
    from seqlab.corpus.arrow_writing import dataset_of_sentences
    from seqlab.corpus.conversion import Conversion, convert_corpus
    from seqlab.corpus.hugging_face import sentences_of_dataset
    from seqlab.corpus.reading import Corpus, read_corpus
    from seqlab.corpus.schemes import Scheme
    from seqlab.corpus.sentence import Sentence
    from seqlab.corpus.splits import Splits, load_splits
    from seqlab.corpus.writing import write_corpus
    from seqlab.encoding.batches import Batcher
    from seqlab.encoding.encoder import Encoder, fit_encoder
    from seqlab.errors import UserError
    from seqlab.evaluate import evaluate_tagger
    from seqlab.experiment.combining import combine_runs
    from seqlab.experiment.finished_run import Run
    from seqlab.exporting.export_tagger import export_tagger
    from seqlab.modeling.from_keras import tagger_of_network
    from seqlab.modeling.keras_loss import keras_loss
    from seqlab.modeling.network import build_network
    from seqlab.modeling.network_file import load_network
    from seqlab.reporting.mlflow_tracker import MlflowTracker
    from seqlab.reporting.tensorboard_tracker import TensorBoardTracker
    from seqlab.reporting.wandb_tracker import WandbTracker
    from seqlab.scoring.score import score
    from seqlab.storing.save_and_load import load_run as load
    from seqlab.storing.save_and_load import save_run as save
    from seqlab.tagging.tagger import Tagger
    from seqlab.train import resume, train_tagger
    from seqlab.training.keras_callback import TrackClasses
    from seqlab.vectors import train_vectors
    from seqlab.weighting.class_weights import class_weights, tag_weights
    from seqlab.weighting.sample_weight import check_sample_weight
    from seqlab.weighting.temporal import temporal_weights

PLACES = {
    "Audit": "auditing.figures",
    "WeightChoice": "auditing.loss_shares",
    "audit_corpora": "auditing.corpora",
    "audit_folds": "auditing.fold_suspects",
    "audit_network": "auditing.network",
    "Comparison": "comparing.comparison",
    "compare_settings": "comparing.comparison",
    "compare_runs": "comparing.runs",
    "dataset_of_sentences": "corpus.arrow_writing",
    "sentences_of_dataset": "corpus.hugging_face",
    "Conversion": "corpus.conversion",
    "convert_corpus": "corpus.conversion",
    "Corpus": "corpus.reading",
    "read_corpus": "corpus.reading",
    "write_corpus": "corpus.writing",
    "Scheme": "corpus.schemes",
    "Sentence": "corpus.sentence",
    "Splits": "corpus.splits",
    "load_splits": "corpus.splits",
    "Batcher": "encoding.batches",
    "Encoder": "encoding.encoder",
    "fit_encoder": "encoding.encoder",
    "load_vectors": "catalogue.named_vectors",
    "UserError": "errors",
    "evaluate_tagger": "evaluate",
    "combine_runs": "experiment.combining",
    "Run": "experiment.finished_run",
    "resume": "train",
    "train_tagger": "train",
    "Architecture": "architecture",
    "export_tagger": "exporting.export_tagger",
    "keras_loss": "modeling.keras_loss",
    "build_network": "modeling.network",
    "load_network": "modeling.network_file",
    "MlflowTracker": "reporting.mlflow_tracker",
    "TensorBoardTracker": "reporting.tensorboard_tracker",
    "WandbTracker": "reporting.wandb_tracker",
    "score": "scoring.score",
    "load": "storing.save_and_load",
    "save": "storing.save_and_load",
    "tagger_of_network": "modeling.from_keras",
    "Tagger": "tagging.tagger",
    "TrackClasses": "training.keras_callback",
    "train_vectors": "vectors",
    "class_weights": "weighting.class_weights",
    "tag_weights": "weighting.class_weights",
    "check_sample_weight": "weighting.sample_weight",
    "temporal_weights": "weighting.temporal",
}
RENAMED = {"load": "load_run", "save": "save_run"}

__all__ = [*PLACES]


def __getattr__(name: str) -> Any:
    if name == "plot":
        return import_module("seqlab.plot")
    if name == "__version__":
        return _version()
    if name not in PLACES:
        raise AttributeError(f"module 'seqlab' has no attribute {name!r}")
    try:
        found = getattr(import_module(f"seqlab.{PLACES[name]}"), RENAMED.get(name, name))
    except ModuleNotFoundError as error:
        from seqlab.tagging.keras_part import missing_keras

        raise missing_keras(f"seqlab.{name}", error) from error
    globals()[name] = found
    return found


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("seqlab")
    except PackageNotFoundError as error:  # a copy of the code that pip has not installed
        raise AttributeError("seqlab is not installed, so its version is unknown") from error


def __dir__() -> list[str]:
    return sorted({*globals(), *PLACES, "__version__"})
