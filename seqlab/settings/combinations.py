"""Rules about several settings of a training run that their declarations cannot express."""

from typing import TYPE_CHECKING, Any

from seqlab.errors import SettingsError, nearest

if TYPE_CHECKING:
    from seqlab.settings.training import TrainSettings

SHIFTING_LOSSES = ("logit-adjusted", "ldam")
SELECTIONS = ("macro_f1", "micro_f1", "min_f1", "valid_loss")
CORPUS_WEIGHT_KEYS = ("weight", "token_weights")
TOKEN_SETTINGS = ("loss", "token_weight_column", "reweight_from")
CLASS_WEIGHT_SETTINGS = (
    "class_weights", "class_weight", "weight_cap", "weight_beta", "share_prefix_weights",
)  # fmt: skip
"""Settings that act on single tokens, so that the likelihood of a whole sentence leaves only their defaults."""


def check_combinations(settings: "TrainSettings") -> None:
    """Raise SettingsError for values that no run could use together."""
    check_selection_name(settings.select)
    if settings.weight_field in CORPUS_WEIGHT_KEYS:
        raise SettingsError(
            f"weight_field is {settings.weight_field!r}: a corpus's weights of this name are used anyway; "
            "leave weight_field out"
        )
    if settings.resample == "balanced" and settings.batch_tokens is not None:
        raise SettingsError("resample is 'balanced': it fills batch_sentences, not batch_tokens")
    check_output_layer(settings)


def check_selection_name(select: str) -> None:
    """Raise SettingsError unless the text names a validation figure."""
    if select not in SELECTIONS and not (select.startswith("f1:") and len(select) > 3):
        expected = ", ".join((*SELECTIONS, "f1:NAME"))
        raise SettingsError(
            f"select is {select!r}: expected one of {expected}{nearest(select, SELECTIONS)}"
        )


def check_output_layer(settings: "TrainSettings") -> None:
    """Refuse losses and weights that the output layer cannot honour, naming those that can."""
    if settings.head == "crf" and settings.loss in SHIFTING_LOSSES:
        raise SettingsError(
            f"loss is {settings.loss!r}: it shifts logits, and the marginals of head 'crf' are not logits; "
            "expected cross-entropy, label-smoothing, focal or dice, or head 'softmax'"
        )
    if settings.crf_loss == "marginal":
        if settings.emission_weights:
            refuse_emission_weights(settings.head)
        return
    if settings.head != "crf":
        fact = f"head is {settings.head!r}" if settings.head else "head is not given"
        raise SettingsError(f"crf_loss is {settings.crf_loss!r}, but {fact}: expected 'crf'")
    check_likelihood(settings)


def refuse_emission_weights(head: str | None) -> None:
    """Refuse emission weights beside a loss that class weights multiply, naming the loss that they need."""
    fact = "head is 'softmax'" if head == "softmax" else "crf_loss is 'marginal'"
    missing = "" if head == "crf" else "head 'crf' and "
    raise SettingsError(
        f"emission_weights is True, but {fact}, where class weights multiply the loss of each token: "
        f"leave it out, or choose {missing}crf_loss 'likelihood'"
    )


def check_likelihood(settings: "TrainSettings") -> None:
    """Refuse settings that act on single tokens, which the likelihood of a whole sentence ignores."""
    for name in TOKEN_SETTINGS:
        refuse_unless_default(settings, name, "crf_loss 'marginal', which honours it")
    if settings.on_collapse == "reweight":
        raise SettingsError(
            "on_collapse is 'reweight', but crf_loss is 'likelihood', a loss of whole sentences: expected "
            "'warn', 'stop' or 'restore', or choose crf_loss 'marginal', which honours it"
        )
    if not settings.emission_weights:
        for name in CLASS_WEIGHT_SETTINGS:
            refuse_unless_default(
                settings, name, "crf_loss 'marginal' or emission_weights, which honour it"
            )
    elif settings.class_weights == "none" and not settings.class_weight:
        raise SettingsError(
            "emission_weights is True, but class_weights is 'none' and no class_weight is given: "
            "choose class weights"
        )


def refuse_unless_default(settings: "TrainSettings", name: str, other: str) -> None:
    """Refuse a setting that the likelihood ignores. other: the settings that honour it."""
    value: Any = getattr(settings, name)
    default: Any = getattr(type(settings), name)
    if value != default:
        expected = f"expected {default!r}" if default not in (None, {}) else "leave it out"
        raise SettingsError(
            f"{name} is {value!r}, but crf_loss is 'likelihood', a loss of whole sentences: "
            f"{expected}, or choose {other}"
        )
