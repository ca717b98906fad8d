"""Settings of the loss: class weights, sentence weights, resampling, the loss function and the output layer."""

from dataclasses import dataclass

from seqlab.settings import choices
from seqlab.settings.by_name import NumberByClass
from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class WeightSettings(Settings):
    """Weights of classes and sentences."""

    heading = "Weights"

    class_weights: str = "none"
    """Class weights, computed from class counts: none, balanced, inverse, sqrt-inverse, log, effective-number or
    median-frequency; or a TOML file with a line NAME = VALUE for each class."""
    class_weight: NumberByClass = setting(NumberByClass(), above=0)
    """Weight of one class, in the scale of --class-weights, which it overrides. May be repeated."""
    weight_cap: float | None = setting(None, at_least=1)
    """Largest class weight, as a multiple of the smallest. [default: no limit]"""
    weight_beta: float = setting(
        0.9999, at_least=0, below=1, needs=("class_weights", "effective-number")
    )
    """Beta of the formula; used with --class-weights effective-number."""
    share_prefix_weights: bool = True
    """Give the B-, I-, E- and S- tags of an entity type one weight."""
    sentence_weights: tuple[choices.SentenceWeightName, ...] = ()
    """Weight of each sentence in the loss. length: in proportion to its tokens. confidence, field: a number in its
    metadata. recency: halved for every --half-life of age. May be repeated: the weights are multiplied."""
    weight_field: str | None = setting(None, needs=("sentence_weights", "field"), needed=True)
    """Metadata field with the sentence's weight (# NAME = 0.5, or a key in JSON lines); used with --sentence-weights
    field."""
    confidence_field: str = setting("confidence", needs=("sentence_weights", "confidence"))
    """Metadata field with the sentence's confidence, from 0 to 1; used with --sentence-weights confidence."""
    date_field: str = setting("date", needs=("sentence_weights", "recency"))
    """Metadata field with the sentence's date (ISO 8601); used with --sentence-weights recency."""
    half_life: float | None = setting(
        None, above=0, needs=("sentence_weights", "recency"), needed=True
    )
    """Days after which a sentence weighs half as much; used with --sentence-weights recency."""
    newest_date: str | None = setting(None, needs=("sentence_weights", "recency"))
    """Date from which age is counted; used with --sentence-weights recency. [default: the date of the newest training
    sentence]"""
    reweight_from: int = setting(1, at_least=1)
    """First epoch with class weights. In earlier epochs all classes weigh the same (deferred re-weighting)."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class SamplingSettings(Settings):
    """Which sentences an epoch holds."""

    heading = "Sampling"

    resample: choices.ResampleName | None = None
    """How often an epoch contains a sentence. none: once. auto: more often only if it has a class with under 2 % of the
    tokens. sc, scr, scrd, nscrd: more often if it has spans; all but sc favour rare classes, scrd and nscrd short
    sentences. balanced: a class is drawn, then a sentence that contains it.
    [default: scr; for plain tags none]"""
    keep_empty: float = setting(1.0, at_least=0, at_most=1)
    """Share of the sentences without spans that an epoch contains. They are drawn anew for each epoch."""
    augment: tuple[choices.AugmentName, ...] = ()
    """How training sentences are changed. mentions: mentions become other mentions of the same type. tokens: words become
    other words with the same tag. segments: words are shuffled within a mention, or between two mentions. case: all words
    are in lower or in upper case. May be repeated."""
    augment_share: float = setting(
        0.3, above=0, at_most=1, needs=("augment", "mentions", "tokens", "segments", "case")
    )
    """Share of an epoch's sentences that are changed. They are drawn anew for each epoch; used with --augment."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class LossSettings(Settings):
    """The loss function and the output layer."""

    heading = "Loss and output layer"

    loss: choices.LossName = "cross-entropy"
    """Loss of each token. Class weights multiply it, whichever loss it is."""
    smoothing: float = setting(0.1, at_least=0, below=1, needs=("loss", "label-smoothing"))
    """Share of the target probability that is spread over all classes; used with --loss label-smoothing."""
    focal_gamma: float = setting(2.0, at_least=0, needs=("loss", "focal"))
    """Focusing parameter gamma. The higher it is, the less a token counts that is already right; used with --loss focal."""
    logit_tau: float = setting(1.0, at_least=0, needs=("loss", "logit-adjusted"))
    """Multiple of the log class frequency that is added to the logits in training; used with --loss logit-adjusted."""
    ldam_margin: float = setting(1.0, at_least=0, needs=("loss", "ldam"))
    """Margin of the rarest class, in nats; used with --loss ldam."""
    head: choices.HeadName | None = None
    """Output layer. softmax: each token is scored separately. crf: whole tag sequences are scored. [default: crf; softmax
    for plain tags and for --loss logit-adjusted and ldam]"""
    crf_loss: choices.CrfLossName = "marginal"
    """Loss of the CRF. marginal: -log of each token's marginal probability, which class weights multiply. likelihood: -log
    of the probability of the whole tag sequence."""
    emission_weights: bool = False
    """Multiply the CRF's emissions by the class weights in training, as label_weights does in AllenNLP; used with
    --crf-loss likelihood."""
