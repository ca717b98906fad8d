"""What one training is given: the task, and the plan of how long and by what it is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from seqlab.arrays import FloatArray, Int32Array
from seqlab.deciding.transitions import LegalTransitions
from seqlab.encoding.batches import Batch, Batcher
from seqlab.modeling.losses import TokenLoss, token_cross_entropy
from seqlab.scoring.figures import Figures
from seqlab.settings.choices import OnCollapse
from seqlab.training.collapse import CollapseRules
from seqlab.training.collapse_answers import AnswerRules
from seqlab.weighting.temporal import temporal_weights


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """What is trained on and how it is judged.

    class_weights: float32 (C,). class_names: the class of each of the C tags. legal: the paths of tags
    that may be predicted; None allows all.
    loss: the loss of a token. reweight_from: the epoch, from 1, from which class weights act (deferred
    re-weighting, Cao et al. 2019); the validation loss is weighted in every epoch.
    stated_weights: by class, its weight in the scale of --class-weights, which alarms speak of; empty
    where such weights do not act. score: from the predicted tag ids of every validation sentence to its figures.
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

    def weights(
        self, batch: Batch, *, epoch: int | None = None, raised: Mapping[str, float] | None = None
    ) -> FloatArray:
        """float32 (B, T), the temporal weights of a batch.

        epoch: of training; before `reweight_from` all classes weigh 1. None: class weights act.
        raised: by class, what its weight is multiplied by; 1 where not given.
        """
        real = batch.labels > 0
        deferred = epoch is not None and epoch < self.reweight_from
        class_weights = np.ones_like(self.class_weights) if deferred else self.class_weights
        if raised:
            by_tag = [raised.get(name, 1.0) for name in self.class_names]
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
    """How long to train, and what counts as better. max_seconds: no epoch begins that would end after them."""

    epochs: int
    patience: int
    select: str
    seed: int
    clip_norm: float
    max_seconds: float | None = None
    rules: CollapseRules = field(default_factory=CollapseRules)
    on_collapse: OnCollapse = "warn"
    answer_rules: AnswerRules = field(default_factory=AnswerRules)
