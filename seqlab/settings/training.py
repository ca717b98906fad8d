"""All settings of a training run: how they are made from keywords and TOML files, and which do not fit together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlab.errors import SettingsError, nearest
from seqlab.machine.files import read_toml
from seqlab.settings.continuing import ContinueSettings
from seqlab.settings.corpora import CorpusSettings, WordSettings
from seqlab.settings.declaring import declared
from seqlab.settings.network import NetworkSettings, OptimizationSettings, RareClassSettings
from seqlab.settings.presets import PresetSettings, with_preset
from seqlab.settings.reading import ReadingSettings
from seqlab.settings.sharing import SharingSettings, check_sharing
from seqlab.settings.teaching import TeachingSettings
from seqlab.settings.values import plain
from seqlab.settings.weights import LossSettings, SamplingSettings, WeightSettings

SHIFTING_LOSSES = ("logit-adjusted", "ldam")
SELECTIONS = ("macro_f1", "micro_f1", "min_f1", "valid_loss")
CORPUS_WEIGHT_KEYS = ("weight", "token_weights")
TOKEN_SETTINGS = ("loss", "token_weight_column", "reweight_from", "replay_outside")
CLASS_WEIGHT_SETTINGS = (
    "class_weights", "class_weight", "weight_cap", "weight_beta", "share_prefix_weights",
)  # fmt: skip
"""Both act on single tokens. With the likelihood of a whole sentence, only their defaults are allowed."""


@dataclass(frozen=True, kw_only=True)
class TrainSettings(
    # Python collects the fields of the last base first: these groups stand in reverse order.
    SharingSettings,
    RareClassSettings,
    OptimizationSettings,
    NetworkSettings,
    LossSettings,
    SamplingSettings,
    WeightSettings,
    WordSettings,
    TeachingSettings,
    ReadingSettings,
    ContinueSettings,
    PresetSettings,
    CorpusSettings,
):
    """What one training run does. Every field is an option of `seqlab train` and a key of its TOML file."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_combinations(self)


def setting_names() -> list[str]:
    """The names of all settings of a training run."""
    return list(declared(TrainSettings))


def make_settings(**values: Any) -> TrainSettings:
    """Settings from keyword values.

    Raises SettingsError for an unknown name, with the nearest, and for values that no run could use.

    >>> make_settings(epochs=3).epochs
    3
    """
    check_names(values)
    return TrainSettings(**values)


def chosen_settings(**values: Any) -> TrainSettings:
    """Settings from what a user gives: those that are not given have the value of the preset, if it has one.

    Raises as `make_settings` does.

    >>> chosen_settings(preset="fast", patience=9).patience
    9
    """
    return make_settings(**with_preset(values, TrainSettings))


def check_names(names: Mapping[str, Any]) -> None:
    """Raise SettingsError for a name that is no setting."""
    known = setting_names()
    for name in names:
        if name not in known:
            raise SettingsError(f"unknown setting {name!r}{nearest(name, known)}")


def read_settings(path: str) -> dict[str, Any]:
    """The settings in a TOML file, spelt with `_` or `-`.

    Raises SettingsError when the file is missing or is not TOML, and as `table_settings` does.
    """
    return table_settings(read_toml(path), source=path)


def table_settings(table: Mapping[str, Any], *, source: str) -> dict[str, Any]:
    """The settings in a TOML table, in types that TOML has. source: where the table is, for messages.

    Raises SettingsError for an unknown name and for a value of another type.
    """
    values = {name.replace("-", "_"): value for name, value in table.items()}
    settings = declared(TrainSettings)
    try:
        check_names(values)
        return {name: plain(settings[name].read(value)) for name, value in values.items()}
    except SettingsError as error:
        raise SettingsError(f"{source}: {error}") from None


def check_combinations(settings: TrainSettings) -> None:
    """Raise SettingsError for settings that do not fit each other."""
    check_selection_name(settings.select)
    check_sharing(settings)
    if settings.weight_field in CORPUS_WEIGHT_KEYS:
        raise SettingsError(
            f"weight_field is {settings.weight_field!r}: a corpus's weights of this name are used anyway; "
            "leave weight_field out"
        )
    if settings.resample == "balanced" and settings.batch_tokens is not None:
        raise SettingsError("resample is 'balanced': it fills batch_sentences, not batch_tokens")
    if settings.token_column == "none" and settings.vectors is not None:  # noqa: S105, no secret
        raise SettingsError(
            "token_column is 'none', so there are no words for vectors: leave it out"
        )
    if settings.gazetteer_dropout != type(settings).gazetteer_dropout and not (
        settings.gazetteer or settings.init_from
    ):
        raise SettingsError("gazetteer_dropout is given, but gazetteer is not given")
    if settings.token_column == "none" and settings.gazetteer:  # noqa: S105, no secret
        raise SettingsError(
            "token_column is 'none', so there are no words for gazetteers: leave them out"
        )
    if settings.init_from is not None and settings.gazetteer:
        raise SettingsError(
            f"gazetteer is given, but {settings.init_from} keeps the lists of its own training: leave it out"
        )
    check_raw_text(settings)
    for name in ("init_from", "teacher"):
        run = getattr(settings, name)
        if run is not None and settings.out is not None and is_same_directory(settings.out, run):
            raise SettingsError(f"out and {name} are both {run}; choose another --out")
    if settings.refit and settings.init_from is not None:
        raise SettingsError(
            "refit is True, but init_from is given: refit trains a new network; leave one of them out"
        )
    check_output_layer(settings)
    check_soft_labels(settings)


def is_same_directory(one: str, other: str) -> bool:
    """Whether two paths name the same directory, which need not exist."""
    return Path(one).resolve() == Path(other).resolve()


def check_soft_labels(settings: TrainSettings) -> None:
    """Refuse a loss that cannot be mixed with a teacher's probabilities, and self-training without a teacher."""
    if settings.self_train and settings.teacher is None:
        raise SettingsError("self_train is True, but teacher is not given")
    for name in ("folds", "test_share"):
        if settings.teacher is not None and getattr(settings, name) is not None:
            raise SettingsError(
                f"teacher and {name} are both given, but the teacher may have learnt from test sentences: choose one"
            )
    if settings.teacher is None and settings.extra_train is None:
        return
    given = "teacher" if settings.teacher is not None else "extra_train"
    if settings.loss in SHIFTING_LOSSES:
        raise SettingsError(
            f"{given} is given, but loss is {settings.loss!r}, which shifts logits: "
            "expected cross-entropy, label-smoothing or focal"
        )
    if settings.crf_loss == "likelihood":
        raise SettingsError(
            f"{given} is given, but crf_loss is 'likelihood', a loss of whole sentences: "
            "choose crf_loss 'marginal'"
        )


def check_raw_text(settings: TrainSettings) -> None:
    """Raise SettingsError if the network cannot read what --raw-text gives."""
    if settings.raw_text is None:
        return
    if settings.token_column == "none":  # noqa: S105, no secret
        raise SettingsError(
            "token_column is 'none', so there are no words for raw_text: leave it out"
        )
    if settings.init_from is not None:
        raise SettingsError(
            f"raw_text is given, but {settings.init_from} keeps the words of its own training: leave it out"
        )


def check_selection_name(select: str) -> None:
    """Raise SettingsError unless the text names a validation figure."""
    if select not in SELECTIONS and not (select.startswith("f1:") and len(select) > 3):
        expected = f"{', '.join(SELECTIONS)}, f1:NAME{nearest(select, SELECTIONS)}"
        raise SettingsError(f"select is {select!r}: expected one of {expected}")


def check_output_layer(settings: TrainSettings) -> None:
    """Refuse a loss or weights that the output layer cannot use."""
    if settings.head == "crf" and settings.loss in SHIFTING_LOSSES:
        raise SettingsError(
            f"loss is {settings.loss!r}: it shifts logits, and the marginals of head 'crf' are not logits; "
            "expected cross-entropy, label-smoothing or focal, or head 'softmax'"
        )
    if settings.crf_loss == "marginal":
        if settings.emission_weights:
            fact = "head is 'softmax'" if settings.head == "softmax" else "crf_loss is 'marginal'"
            missing = "" if settings.head == "crf" else "head 'crf' and "
            raise SettingsError(
                f"emission_weights is True, but {fact}, where class weights multiply the loss of each token: "
                f"leave it out, or choose {missing}crf_loss 'likelihood'"
            )
        return
    if settings.head != "crf":
        fact = f"head is {settings.head!r}" if settings.head else "head is not given"
        raise SettingsError(f"crf_loss is {settings.crf_loss!r}, but {fact}: expected 'crf'")
    check_likelihood(settings)


def check_likelihood(settings: TrainSettings) -> None:
    """Refuse settings that act on single tokens: the likelihood of a whole sentence cannot use them."""
    for name in TOKEN_SETTINGS:
        refuse_unless_default(settings, name, "crf_loss 'marginal', which honours it")
    if settings.on_collapse == "reweight":
        raise SettingsError(
            "on_collapse is 'reweight', but crf_loss is 'likelihood', a loss of whole sentences: expected "
            "'warn', 'stop' or 'restore', or choose crf_loss 'marginal', which honours it"
        )
    if not settings.emission_weights:
        others = "crf_loss 'marginal' or emission_weights, which honour it"
        for name in CLASS_WEIGHT_SETTINGS:
            refuse_unless_default(settings, name, others)
    elif settings.class_weights == "none" and not settings.class_weight:
        raise SettingsError(
            "emission_weights is True, but class_weights is 'none' and no class_weight is given: "
            "choose class weights"
        )


def refuse_unless_default(settings: TrainSettings, name: str, other: str) -> None:
    """Refuse a setting that the likelihood cannot use. other: the settings that can."""
    value: Any = getattr(settings, name)
    default: Any = getattr(type(settings), name)
    if value != default:
        expected = f"expected {default!r}" if default not in (None, {}) else "leave it out"
        raise SettingsError(
            f"{name} is {value!r}, but crf_loss is 'likelihood', a loss of whole sentences: "
            f"{expected}, or choose {other}"
        )
