"""The arguments of a training: the task (data and loss), and the plan (length and choice of the best epoch)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from seqlab.arrays import AnyIntArray, FloatArray, Int32Array
from seqlab.deciding.transitions import LegalTransitions
from seqlab.encoding.batches import Batch, Batcher
from seqlab.modeling.losses import TokenLoss, token_cross_entropy
from seqlab.scoring.figures import Figures
from seqlab.settings.choices import OnCollapse
from seqlab.training.collapse import CollapseRules
from seqlab.training.collapse_answers import AnswerRules
from seqlab.weighting.temporal import temporal_weights


@dataclass(frozen=True, kw_only=True)
class OldValidation:
    """The validation data of the run that a training continues.

    score: as in `TrainingTask`, of these sentences. before: the figures before training.
    """

    batcher: Batcher
    score: Callable[[list[Int32Array]], Figures]
    before: Figures


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """The data, weights and loss of a training, and how its predictions are scored.

    class_weights: float32 (C,), per tag. class_names: class of each of the C tags.
    score: function from predicted tag ids int32 (T,) of each validation sentence to figures.
    legal: tag paths that may be predicted; None allows all. loss: token loss.
    reweight_from: first epoch, from 1, in which class weights act (deferred re-weighting, Cao et al. 2019). In the
    validation loss they always act.
    stated_weights: weight of each class as --class-weight takes it, for alarms; empty if such weights do not act.
    describe_windows: function from indices of training windows, integers (B,), to a clause that names their sentences.
    old: validation data that are also scored after each epoch, to see what is forgotten; None without them.
    """

    train: Batcher
    valid: Batcher
    class_weights: FloatArray
    class_names: list[str]
    score: Callable[[list[Int32Array]], Figures]
    legal: LegalTransitions | None = None
    loss: TokenLoss = token_cross_entropy
    reweight_from: int = 1
    stated_weights: Mapping[str, float] = field(default_factory=dict)
    describe_windows: Callable[[AnyIntArray], str] = lambda windows: ""
    old: OldValidation | None = None

    def weights(
        self, batch: Batch, *, epoch: int | None = None, factors: Mapping[str, float] | None = None
    ) -> FloatArray:
        """float32 (B, T), the temporal weights of a batch.

        epoch: its number in training; before `reweight_from` all class weights are 1. None for validation.
        factors: factors on the class weights, by class; 1 for other classes.
        """
        real = batch.labels > 0
        deferred = epoch is not None and epoch < self.reweight_from
        class_weights = np.ones_like(self.class_weights) if deferred else self.class_weights
        if factors:
            by_tag = [factors.get(name, 1.0) for name in self.class_names]
            class_weights = class_weights * np.array(by_tag, np.float32)
        return temporal_weights(
            np.where(real, batch.labels - 1, 0),
            class_weights,
            mask=real,
            sentence_weights=batch.sentence_weights,
            token_weights=batch.token_weights,
            normalise=False,
        )


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """How long to train, and how to choose the best epoch.

    patience: training ends after this many epochs without a better one. select: figure that selects the best epoch.
    clip_norm: largest norm of a step's gradient. max_seconds: no epoch starts that would end later than this.
    average_epochs: horizon of the average of the weights, see `weight_average`; 0 for no average.
    keep_last: keep the last epoch, whatever its figures; there are no alarms then.
    rules, on_collapse, answer_rules: see `collapse` and `collapse_answers`.
    """

    epochs: int
    patience: int
    select: str
    seed: int
    clip_norm: float
    max_seconds: float | None = None
    average_epochs: float = 0.0
    keep_last: bool = False
    rules: CollapseRules = field(default_factory=CollapseRules)
    on_collapse: OnCollapse = "warn"
    answer_rules: AnswerRules = field(default_factory=AnswerRules)
