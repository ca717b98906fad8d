"""Which settings no run could use: out of range, or at odds with each other.

Here settings are any object with the attributes of `config.TrainSettings`, which calls `check_settings`
when it is made.
"""

from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

from seqlab.errors import SettingsError, nearest
from seqlab.settings.choices import SentenceWeightName
from seqlab.settings.features import check_word_features, column_places
from seqlab.settings.types import check_type

LARGEST = 2**31 - 1
ANY = "a value"
AT_LEAST_ONE = (
    "vectors_limit", "min_word_count", "max_tokens", "word_dim", "char_dim", "char_units",
    "hidden_units", "layers", "epochs", "patience", "batch_sentences", "batch_tokens", "max_chars",
    "reweight_from",
)  # fmt: skip
FROM_ZERO_BELOW_ONE = ("word_dropout", "dropout", "weight_beta", "smoothing")
AT_LEAST_ZERO = ("focal_gamma", "dice_alpha", "logit_tau", "ldam_margin", "decide_tau")
BETWEEN_ZERO_AND_ONE = ("valid_share", "test_share")
ABOVE_ZERO = ("learning_rate", "clip_norm", "half_life", "max_seconds")
EXCLUDING = (
    ("batch_sentences", "batch_tokens"),
    ("valid", "valid_share"),
    ("test", "test_share"),
)
PATHS = ("train", "valid", "test", "out", "cache", "vectors", "costs")
OWN_WEIGHTS = ("weight", "token_weights")  # keys and comments of a corpus
NEEDED = {"field": "weight_field", "recency": "half_life"}
OF_DECIDE = (
    ("costs", "cost", True),
    ("recall", "recall", True),
    ("decide_tau", "logit-adjust", False),
)
"""A setting, the value of `decide` that reads it, and whether that cannot do without it."""
PARTNERS: dict[str, tuple[str, Any]] = {
    "smoothing": ("loss", "label-smoothing"),
    "focal_gamma": ("loss", "focal"),
    "dice_alpha": ("loss", "dice"),
    "logit_tau": ("loss", "logit-adjusted"),
    "ldam_margin": ("loss", "ldam"),
    "half_life": ("sentence_weights", "recency"),
    "newest_date": ("sentence_weights", "recency"),
    "date_field": ("sentence_weights", "recency"),
    "confidence_field": ("sentence_weights", "confidence"),
    "weight_field": ("sentence_weights", "field"),
    "weight_beta": ("class_weights", "effective-number"),
    "char_dim": ("char_encoder", ("cnn", "lstm")),
    "char_units": ("char_encoder", ("cnn", "lstm")),
    "vectors_limit": ("vectors", ANY),
    "keep_vectors": ("vectors", ANY),
    "freeze_vectors": ("vectors", ANY),
}
"""By setting the other one that it acts with, and the value that the other must have or hold, or be among."""
SHIFTING = ("logit-adjusted", "ldam")
OF_LIKELIHOOD: dict[str, tuple[Any, ...]] = {
    "loss": ("cross-entropy",),
    "token_weight_column": (None,),
    "on_collapse": ("warn", "stop", "restore"),
    "reweight_from": (1,),
}
"""What the likelihood of a whole sentence leaves of settings that act on tokens."""
OF_CLASS_WEIGHTS: dict[str, tuple[Any, ...]] = {
    "class_weights": ("none",),
    "class_weight": ((),),
    "weight_cap": (None,),
    "weight_beta": (0.9999,),
    "share_prefix_weights": (True,),
}
"""What it leaves of class weights, unless they scale emission scores."""
SELECTIONS = ("macro_f1", "micro_f1", "min_f1", "valid_loss")


def check_settings(settings: Any) -> None:
    """Refuse values that no run could use.

    Raises SettingsError, naming the setting, its value and what was expected.
    """
    hints = get_type_hints(type(settings))
    for name, value in vars(settings).items():
        check_type(name, value, hints[name])
    for name in AT_LEAST_ONE:
        check_range(settings, name, "at least 1", lambda value: value >= 1)
        check_range(settings, name, f"at most {LARGEST}", lambda value: value <= LARGEST)
    for name in FROM_ZERO_BELOW_ONE:
        check_range(settings, name, "at least 0 and below 1", lambda value: 0 <= value < 1)
    for name in BETWEEN_ZERO_AND_ONE:
        check_range(settings, name, "between 0 and 1", lambda value: 0 < value < 1)
    for name in ABOVE_ZERO:
        check_range(settings, name, "above 0", lambda value: 0 < value < float("inf"))
    for name in AT_LEAST_ZERO:
        check_range(settings, name, "at least 0", lambda value: 0 <= value < float("inf"))
    for name in PATHS:
        value = getattr(settings, name)
        if value is not None and (not value or "\0" in value):
            raise SettingsError(f"{name} is {value!r}: expected a path")
    check_range(settings, "keep_empty", "from 0 to 1", lambda value: 0 <= value <= 1)
    check_range(settings, "weight_cap", "at least 1", lambda value: value >= 1)
    check_range(settings, "seed", "from 0 to 4294967295", lambda value: 0 <= value < 2**32)
    check_choices(settings)


def check_range(settings: Any, name: str, expected: str, holds: Callable[[Any], bool]) -> None:
    """Refuse a number outside its range; a setting without a value has none."""
    value = getattr(settings, name)
    if value is not None and not holds(value):
        raise SettingsError(f"{name} is {value!r}: expected a number {expected}")


def check_choices(settings: Any) -> None:
    """Refuse settings that exclude each other, and a selection that does not exist."""
    for one, other in EXCLUDING:
        if getattr(settings, one) is not None and getattr(settings, other) is not None:
            raise SettingsError(f"{one} and {other} are both given: choose one")
    for name, wanted, needed in OF_DECIDE:
        value = getattr(settings, name)
        given = value is not None and value != ()
        if given and settings.decide != wanted:
            raise SettingsError(
                f"{name} is given, but decide is {settings.decide!r}: expected {wanted!r}"
            )
        if needed and not given and settings.decide == wanted:
            raise SettingsError(f"decide is {wanted!r}, but {name} is not given")
    selected = settings.select
    if selected not in SELECTIONS and not (selected.startswith("f1:") and len(selected) > 3):
        expected = ", ".join((*SELECTIONS, "f1:NAME"))
        raise SettingsError(
            f"select is {selected!r}: expected one of {expected}{nearest(selected, SELECTIONS)}"
        )
    check_head(settings)
    check_sentence_weights(settings)
    check_word_features(settings.word_features)
    column_places(settings.feature_columns)
    check_partners(settings)
    if settings.resample == "balanced" and settings.batch_tokens is not None:
        raise SettingsError("resample is 'balanced': it fills batch_sentences, not batch_tokens")


def check_partners(settings: Any) -> None:
    """Refuse settings that would do nothing, for the one that they act with is another or absent.

    The default is never refused: files and tables may spell it out.
    """
    for name, (other, wanted) in PARTNERS.items():
        held = getattr(settings, other)
        default = getattr(type(settings), name)
        if getattr(settings, name) != default and not acts_with(name, held):
            fact = f"{other} is {held!r}" if held else f"{other} is not given"
            choices = wanted if isinstance(wanted, tuple) else (wanted,)
            expected = "" if wanted == ANY else f": expected {' or '.join(map(repr, choices))}"
            raise SettingsError(f"{name} is given, but {fact}{expected}")


def acts_with(name: str, held: Any) -> bool:
    """Whether a setting of `PARTNERS` does something where the other one holds this value.

    >>> acts_with("half_life", ("length", "recency")), acts_with("freeze_vectors", None)
    (True, False)
    """
    wanted = PARTNERS[name][1]
    if wanted == ANY:
        return held is not None
    if isinstance(wanted, tuple):
        return held in wanted
    return wanted in held if isinstance(held, tuple | list) else bool(held == wanted)


def check_head(settings: Any) -> None:
    """Refuse losses and weights that the head cannot honour, naming those that can."""
    if settings.head == "crf" and settings.loss in SHIFTING:
        raise SettingsError(
            f"loss is {settings.loss!r}: it shifts scores, and the marginals of head 'crf' are none; "
            "expected cross-entropy, label-smoothing, focal or dice, or head 'softmax'"
        )
    if settings.crf_loss == "marginal":
        if settings.emission_weights:
            refuse_emission_weights(settings)
        return
    if settings.head != "crf":
        fact = f"head is {settings.head!r}" if settings.head else "head is not given"
        raise SettingsError(f"crf_loss is {settings.crf_loss!r}, but {fact}: expected 'crf'")
    refuse_others(settings, OF_LIKELIHOOD, "crf_loss 'marginal', which honours it")
    if not settings.emission_weights:
        refuse_others(
            settings, OF_CLASS_WEIGHTS, "crf_loss 'marginal' or emission_weights, which honour it"
        )
    elif settings.class_weights == "none" and not settings.class_weight:
        raise SettingsError(
            "emission_weights is True, but class_weights is 'none' and no class_weight is given: "
            "choose weights"
        )


def refuse_emission_weights(settings: Any) -> None:
    """Refuse them where class weights act on tokens, naming where they would not."""
    softmax = settings.head == "softmax"
    fact = "head is 'softmax'" if softmax else "crf_loss is 'marginal'"
    missing = "" if settings.head == "crf" else "head 'crf' and "
    raise SettingsError(
        f"emission_weights is True, but {fact}, whose tokens class weights weigh by themselves: "
        f"leave it out, or choose {missing}crf_loss 'likelihood'"
    )


def refuse_others(settings: Any, kept: Mapping[str, tuple[Any, ...]], choices: str) -> None:
    """Refuse values that a loss of whole sentences would ignore. kept: by setting, those it would not.

    choices: what honours the others.
    """
    for name, allowed in kept.items():
        value = getattr(settings, name)
        if value not in allowed:
            expected = f"expected {allowed[0]!r}" if allowed[0] else "leave it out"
            raise SettingsError(
                f"{name} is {value!r}, but crf_loss is 'likelihood', a loss of whole sentences: "
                f"{expected}, or choose {choices}"
            )


def check_sentence_weights(settings: Any) -> None:
    """Refuse a way to weigh sentences that does not exist, comes twice, or lacks what it needs."""
    known = get_args(SentenceWeightName)
    for position, name in enumerate(settings.sentence_weights):
        if name not in known:
            expected = ", ".join(known)
            raise SettingsError(
                f"sentence_weights is {name!r}: expected one of {expected}{nearest(name, known)}"
            )
        if name in settings.sentence_weights[:position]:
            raise SettingsError(f"sentence_weights is {name!r} twice: expected each once")
        needed = NEEDED.get(name)
        if needed and getattr(settings, needed) is None:
            raise SettingsError(f"sentence_weights is {name!r}: it needs {needed}")
    if settings.weight_field in OWN_WEIGHTS:
        raise SettingsError(
            f"weight_field is {settings.weight_field!r}: what a corpus says under this name acts unasked; "
            "leave it out"
        )
