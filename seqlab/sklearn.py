"""A scikit-learn estimator: `fit` on lists of tokens and of tags, `predict` lists of tags.

>>> from seqlab.sklearn import SequenceTagger
>>> SequenceTagger(class_weights="balanced", epochs=3)
SequenceTagger(class_weights='balanced', epochs=3)
"""

import inspect
import logging
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.retag import Retagger
from seqlab.corpus.schemes import Scheme, convert
from seqlab.errors import SettingsError, UserError, nearest
from seqlab.experiment.given_lists import sentences_of_lists, trainable
from seqlab.experiment.in_memory import train_in_memory
from seqlab.inference.scorer import log_softmax
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.scoring.score import score
from seqlab.settings.corpora import WordSettings
from seqlab.settings.declaring import declared
from seqlab.settings.network import NetworkSettings, OptimizationSettings, RareClassSettings
from seqlab.settings.presets import PresetSettings
from seqlab.settings.training import TrainSettings, chosen_settings
from seqlab.settings.weights import LossSettings, SamplingSettings, WeightSettings

try:
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted
except ImportError:
    raise ImportError("seqlab.sklearn needs scikit-learn: pip install 'seqlab[sklearn]'") from None

GROUPS = (
    PresetSettings,
    WordSettings, WeightSettings, SamplingSettings, LossSettings, NetworkSettings, OptimizationSettings, RareClassSettings,
)  # fmt: skip
WITHOUT_FILES = ("scheme", "valid_share")
"""Settings of corpora that sentences in memory have too."""
OF_METADATA = ("weight_field", "confidence_field", "date_field", "half_life", "newest_date")
OF_RUN_DIRECTORIES = ("checkpoint_minutes",)


def parameter_names() -> list[str]:
    """The settings of `seqlab train` that the estimator takes: those that name no file, column or metadata."""
    grouped = {name for group in GROUPS for name in group.__annotations__}
    grouped -= {*OF_METADATA, *OF_RUN_DIRECTORIES, "heading"}
    return [name for name in declared(TrainSettings) if name in grouped or name in WITHOUT_FILES]


def estimator_signature() -> inspect.Signature:
    """The parameters with the defaults of `seqlab train`. A default that scikit-learn does not allow, a mapping, is None."""
    settings = declared(TrainSettings)
    allowed = (str, int, float, bool, tuple, type(None))
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    defaults = {name: settings[name].default for name in parameter_names()} | {"verbose": False}
    for name, default in defaults.items():
        shown = default if isinstance(default, allowed) else None
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(name, keyword, default=shown))
    return inspect.Signature(parameters)


class SequenceTagger(BaseEstimator):
    """A tagger as a scikit-learn estimator.

    Its parameters are the settings of `seqlab train` that name no file, with the same defaults. None means the default.
    A `preset` fills the parameters that have their default.
    `verbose=True` prints the log. `fit` checks all parameters.

    Attributes after `fit`:
        tagger_: the `seqlab.Tagger`.
        classes_: its tags, in the order of the columns of `predict_proba`.
        scheme_: the tag scheme of y.
        metrics_: the content of metrics.json. history_: one record per epoch. n_iter_: the number of epochs.
        notes_: remarks on the sentences.

    >>> X, y = [["Ada", "saw", "Oslo"], ["It", "rained"]], [["B-PER", "O", "B-LOC"], ["O", "O"]]
    >>> SequenceTagger(epochs=5).fit(X, y).predict(X)  # doctest: +SKIP
    [['B-PER', 'O', 'B-LOC'], ['O', 'O']]
    """

    verbose: bool

    def __init__(self, **settings: Any) -> None:
        parameters = list(estimator_signature().parameters.values())[1:]
        known = {one.name: one.default for one in parameters}
        for name in settings:
            if name not in known:
                raise SettingsError(f"SequenceTagger has no parameter {name!r}{why(name, known)}")
        for name, default in known.items():
            setattr(self, name, settings.get(name, default))

    __init__.__signature__ = estimator_signature()  # type: ignore[attr-defined]  # read by get_params and clone

    def fit(
        self,
        X: Sequence[Sequence[str]],  # noqa: N803, scikit-learn's name
        y: Sequence[Sequence[str]],
        *,
        valid: tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]] | None = None,
        sample_weight: Sequence[float] | None = None,
    ) -> Self:
        """Train on sentences.

        X: N sentences, lists of tokens. y: their tags, one per token, in any scheme that `seqlab train` reads.
        valid: X and y of the validation sentences, which decide the epoch; default: a share of X is split off.
        sample_weight: N weights, one per sentence.
        Raises UserError, a ValueError, for input of another shape and for settings that do not fit.
        """
        if y is None:
            raise UserError("SequenceTagger requires y to be passed, but the target y is None")
        settings = self.settings()
        train = trainable(sentences_of_lists(X, y, sample_weight))
        held_out = None if valid is None else trainable(sentences_of_lists(*valid))
        with without_retracing_messages():
            trained = train_in_memory(
                settings, train, held_out, say=self.say(), load_keras=keras_without_messages
            )
        run = trained.run
        self.tagger_, self.scheme_ = run.tagger, str(trained.given_scheme)
        self.classes_ = np.array(run.tagger.encoder.tags.symbols, dtype=object)
        self.metrics_, self.history_, self.notes_ = run.metrics, run.history, run.notes
        self.n_iter_ = len(run.history)
        return self

    def predict(self, X: Sequence[Sequence[str]]) -> list[list[str]]:  # noqa: N803
        """The tags of each sentence, in the scheme of the y of `fit`."""
        check_is_fitted(self)
        source, target = self.tagger_.scheme, Scheme(self.scheme_)
        tags = [one.tags for one in self.tagger_.predict(sentences_of_lists(X))]
        return [list(one if source is target else convert(one, source, target)) for one in tags]

    def predict_proba(self, X: Sequence[Sequence[str]]) -> list[FloatArray]:  # noqa: N803
        """Per sentence float32 (T, C): the calibrated probabilities of each token's tags, in the order of `classes_`.

        `predict` finds the best legal sequence, so a token's tag need not be its most probable one.
        """
        check_is_fitted(self)
        logs = self.tagger_.token_log_probabilities(sentences_of_lists(X))
        decision = self.tagger_.decision
        temperature = np.float32(decision.temperature)
        return [
            decision.doubted(np.exp(log_softmax(one / temperature)), tags=one.shape[-1])
            for one in logs
        ]

    def score(self, X: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> float:  # noqa: N803
        """Macro F1 over the classes that occur in y: of spans, or of plain tags per token. NaN if there are none."""
        check_is_fitted(self)
        gold, scheme = sentences_of_lists(X, y), self.tagger_.scheme
        retagger = Retagger(Scheme(self.scheme_), scheme)
        plain = scheme is Scheme.PLAIN
        tags = [one.tags or () if plain else retagger.tags(one.tags or ()) for one in gold]
        predicted = [one.tags for one in self.tagger_.predict(gold)]
        macro_f1 = score(tags, predicted, scheme, strict=False).macro_f1
        return math.nan if macro_f1 is None else macro_f1

    def settings(self) -> TrainSettings:
        """The settings of the training. Raises SettingsError for values that no training could use."""
        defaults = TrainSettings()
        given = {name: python_value(getattr(self, name)) for name in parameter_names()}
        given = {name: v for name, v in given.items() if v not in (None, getattr(defaults, name))}
        return chosen_settings(**given)

    def say(self) -> Callable[[str], None]:
        """Where the log goes."""
        return print if self.verbose else lambda text: None

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect: lists instead of a table, and a y."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.target_tags.required = True
        return tags


def why(name: str, known: Iterable[str]) -> str:
    """A clause: why a name is no parameter."""
    if name in declared(TrainSettings):
        return ": it trains on the lists that `fit` gets, and writes no files"
    return nearest(name, known)


def python_value(value: Any) -> Any:
    """A parameter as a value of Python: searches of scikit-learn draw scalars of numpy."""
    return value.item() if isinstance(value, np.generic) else value


def keras_without_messages() -> list[Any]:
    """Import TensorFlow without its messages, unless the program has imported it. Returns no callbacks."""
    if "tensorflow" not in sys.modules:
        import_tensorflow()
    return []


@contextmanager
def without_retracing_messages() -> Iterator[None]:
    """Within the block, TensorFlow does not warn that a search compiles a new network for each training."""
    logger = logging.getLogger("tensorflow")

    def keep(record: logging.LogRecord) -> bool:
        return "retracing" not in record.getMessage()

    logger.addFilter(keep)
    try:
        yield
    finally:
        logger.removeFilter(keep)
