"""After training: tune a tagger's temperature and per-class biases, and report their effect.

They are tuned on sentences that training did not learn from, and reported on others. The methods are in
`tuning.calibration`, `tuning.bias` and `tuning.cross_fitting`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from seqlab.corpus.document_split import split_off
from seqlab.corpus.sentence import Sentence
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import UserError
from seqlab.experiment.prepare import Prepared
from seqlab.scoring.figures import summarise
from seqlab.tagging.tagger import Tagger
from seqlab.tuning import calibration
from seqlab.tuning.bias import FULL_GRID, logit_adjustment, search_bias, search_tau
from seqlab.tuning.costs import total_cost
from seqlab.tuning.cross_fitting import BiasTuner, Trust, cross_fit
from seqlab.tuning.labelled_scores import LabelledScores, bias_by_tag, labelled_scores
from seqlab.tuning.objectives import (
    TuningObjective,
    maximise_macro_f1,
    maximise_min_f1,
    minimise_cost,
    reach_recall,
)
from seqlab.tuning.temperature import FittedTemperature, cross_fit_temperature


@dataclass(frozen=True)
class TuningSplit:
    """Sentences to tune on, others to show the effect on (None if there are too few), and the names of both."""

    tuning: Sequence[Sentence]
    tuned_on: str
    shown: Sequence[Sentence] | None
    shown_on: str | None


@dataclass(frozen=True, kw_only=True)
class TunedBias:
    """The bias of each class that the tagger keeps.

    found: whether the search found any bias, kept or not. trust: its gain on held-out sentences.
    tau: the strength of logit adjustment; None for other methods.
    """

    bias: Mapping[str, float] = field(default_factory=dict)
    found: bool = False
    trust: Trust | None = None
    tau: float | None = None


def decide(
    prepared: Prepared, tagger: Tagger, *, refitted: Tagger | None = None
) -> tuple[Tagger, dict[str, Any]]:
    """Tune a trained tagger. Returns it with its decision rule, and the entry "decisions" of metrics.json.

    refitted: a tagger that was also trained on valid; the effect on a test split is shown with it.
    """
    split = tuning_split(prepared)
    tuning = score_labelled(tagger, split.tuning)
    tuned = tuned_bias(prepared, tuning)
    biases = bias_by_tag(tuning, tuned.bias).tolist()
    fitted = fitted_temperature(prepared, tuning)
    decision = DecisionRule(
        temperature=1.0 if fitted is None else fitted.temperature,
        doubt=0.0 if fitted is None else fitted.doubt,
        bias=dict(zip(tuning.tags, biases, strict=True)) if any(biases) else {},
    )
    shown_with = refitted if refitted is not None and split.shown_on == "test" else tagger
    shown = None if split.shown is None else score_labelled(shown_with, split.shown)
    report = {
        "decide": prepared.settings.decide,
        "tuned_on": split.tuned_on,
        "shown_on": split.shown_on,
        "calibrate": prepared.settings.calibrate,
        "temperature": decision.temperature,
        "calibration": None if fitted is None else asdict(fitted),
        "tau": tuned.tau,
        "bias": dict(tuned.bias),
        "found": tuned.found or any(tuned.bias.values()),
        "recalls": dict(prepared.settings.recall) if prepared.settings.decide == "recall" else {},
        "trust": None if tuned.trust is None else asdict(tuned.trust),
        "tuning": before_after(prepared, tuning, decision),
        "shown": None if shown is None else before_after(prepared, shown, decision),
    }
    return replace(tagger, decision=decision), report


def fitted_temperature(prepared: Prepared, tuning: LabelledScores) -> FittedTemperature | None:
    """The temperature by the method of --calibrate; None for none."""
    return None if prepared.settings.calibrate == "none" else cross_fit_temperature(tuning)


def tuning_split(prepared: Prepared) -> TuningSplit:
    """Tune on valid and show on test; without a test split, use a stratified half of valid for each."""
    splits = prepared.splits
    if splits.test is not None:
        return TuningSplit(splits.valid, "valid", splits.test, "test")
    try:
        halves = split_off(splits.valid, 0.5, scheme=splits.scheme, seed=prepared.settings.seed)
    except UserError:  # too few sentences for two halves
        return TuningSplit(splits.valid, "valid", None, None)
    return TuningSplit(halves.rest, "one half of valid", halves.part, "the other half of valid")


def score_labelled(tagger: Tagger, sentences: Sequence[Sentence]) -> LabelledScores:
    """The tagger's log-probabilities of labelled sentences, with their gold tags."""
    return labelled_scores(
        tagger.token_log_probabilities(sentences),
        [sentence.tags or () for sentence in sentences],
        tagger.encoder.tags,
        tagger.scheme,
        legal=tagger.legal,
    )


def tuned_bias(prepared: Prepared, tuning: LabelledScores) -> TunedBias:
    """The bias of each class by the method of --decide.

    Cross-fitting scales a searched bias down by how much of its gain held-out sentences confirm. A recall or a
    tau that the user gives is not scaled.
    """
    settings = prepared.settings
    if settings.decide == "none":
        return TunedBias()
    if settings.decide == "recall":
        classes = classes_with_gold(tuning)
        wanted = {name: r for name, r in settings.recall.items() if name in classes}
        bias = search_bias(tuning, reach_recall(wanted), movable=wanted, stages=(FULL_GRID,))
        return TunedBias(bias=bias)
    if settings.decide != "logit-adjust":
        objectives = {
            "macro_f1": maximise_macro_f1,
            "min_f1": maximise_min_f1,
            "cost": minimise_cost(prepared.costs),
        }
        objective = objectives[settings.decide]
        return cross_fitted(tuning, objective, bias_search(objective))
    counts = training_tokens(prepared, tuning)
    tau = settings.decide_tau
    if tau is not None:
        return TunedBias(bias=logit_adjustment(counts, tau), tau=tau)

    def adjust(data: LabelledScores) -> dict[str, float]:
        return logit_adjustment(counts, search_tau(data, counts))

    tuned = cross_fitted(tuning, maximise_macro_f1, adjust)
    share = 1.0 if tuned.trust is None else tuned.trust.share
    return replace(tuned, tau=share * search_tau(tuning, counts))


def bias_search(objective: TuningObjective) -> BiasTuner:
    """A search for the biases of the classes that have gold.

    Every prediction of a class without gold is wrong, so the search would remove the class.
    """
    return lambda data: search_bias(data, objective, movable=classes_with_gold(data))


def classes_with_gold(data: LabelledScores) -> list[str]:
    """The names of the classes that occur in the gold tags."""
    return [name for name, row in data.counts(data.gold).items() if row.support]


def cross_fitted(tuning: LabelledScores, objective: TuningObjective, tune: BiasTuner) -> TunedBias:
    """The tuned bias, scaled to the share that cross-fitting keeps."""
    bias, trust = tune(tuning), cross_fit(tuning, tune, objective)
    share = 1.0 if trust is None else trust.share
    kept = {name: share * value for name, value in bias.items()}
    return TunedBias(bias=kept, found=any(bias.values()), trust=trust)


def training_tokens(prepared: Prepared, tuning: LabelledScores) -> dict[str, int]:
    """The number of training tokens of each class, all of its prefixes added up; at least 1."""
    counts: dict[str, int] = {}
    for name, count in zip(tuning.classes, prepared.tag_counts.tolist(), strict=True):
        counts[name] = counts.get(name, 0) + count
    # A continued run may have classes that the new corpus lacks.
    return {name: max(count, 1) for name, count in counts.items()}


def before_after(
    prepared: Prepared, data: LabelledScores, decision: DecisionRule
) -> dict[str, Any]:
    """Figures and calibration without and with the decision rule."""
    return {
        "before": decision_figures(prepared, data, DecisionRule()),
        "after": decision_figures(prepared, data, decision),
    }


def decision_figures(
    prepared: Prepared, data: LabelledScores, decision: DecisionRule
) -> dict[str, Any]:
    """F1, cost and calibration of the tags under one decision rule."""
    decided = data.decide_legally(np.array([decision.bias.get(tag, 0.0) for tag in data.tags]))
    counts = data.counts(decided)
    summary = summarise(counts)
    logs, labels = data.log_probabilities, data.labels
    rule = decision.temperature, decision.doubt
    probabilities = calibration.calibrated(logs, *rule)
    confidence = probabilities[np.arange(len(decided)), decided]
    reliability = calibration.reliability(probabilities, decided, labels, data.classes)
    return {
        "micro_f1": summary.micro_f1,
        "macro_f1": summary.macro_f1,
        "min_f1": summary.min_f1,
        "cost": total_cost(counts, prepared.costs),
        "classes": {name: figures.to_json() for name, figures in summary.classes.items()},
        "negative_log_likelihood": calibration.negative_log_likelihood(logs, labels, *rule),
        "calibration_error": calibration.expected_calibration_error(confidence, decided == labels),
        "reliability": {name: asdict(bins) for name, bins in reliability.items()},
    }
