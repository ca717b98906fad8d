"""After training: the temperature and the bias of a tagger, tuned on one part of the sentences that
training did not learn from, and shown on another.

The tuning itself is in `scoring.calibration`, `scoring.decisions` and `scoring.crossfit`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from seqlab.corpus.document_split import split_off
from seqlab.corpus.sentence import Sentence
from seqlab.deciding import calibration
from seqlab.deciding.bias import FULL_GRID, DecisionRule, logit_adjustment, search_bias, search_tau
from seqlab.deciding.costs import total_cost
from seqlab.deciding.cross_fitting import BiasTuner, Trust, cross_fit
from seqlab.deciding.labelled_scores import LabelledScores, bias_by_tag, labelled_scores
from seqlab.deciding.objectives import (
    TuningObjective,
    maximise_macro_f1,
    maximise_min_f1,
    minimise_cost,
    reach_recall,
)
from seqlab.errors import UserError
from seqlab.experiment.prepare import Prepared
from seqlab.scoring.figures import summarise
from seqlab.settings.training import TrainSettings
from seqlab.tagging.tagger import Tagger


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Sentences to tune on and others to show the effect on (None: there are none), and their names."""

    tuning: Sequence[Sentence]
    tuned_on: str
    shown: Sequence[Sentence] | None
    shown_on: str | None


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """The bias of each class, what left-out sentences say of it, and the tau of logit-adjust.

    found: whether the search found a bias, kept or not.
    """

    bias: Mapping[str, float] = field(default_factory=dict)
    found: bool = False
    trust: Trust | None = None
    tau: float | None = None


def decide(prepared: Prepared, tagger: Tagger) -> tuple[Tagger, dict[str, Any]]:
    """The tagger with its temperature and bias, and what metrics.json holds of them."""
    parts = parts_of(prepared)
    tuning = scored(tagger, parts.tuning)
    tuned = tuned_bias(prepared, tuning)
    of_tag = bias_by_tag(tuning, tuned.bias).tolist()
    decision = DecisionRule(
        temperature=calibration.fit_temperature(tuning.log_probabilities, tuning.labels),
        bias=dict(zip(tuning.tags, of_tag, strict=True)) if any(of_tag) else {},
    )
    shown = None if parts.shown is None else scored(tagger, parts.shown)
    report = {
        "decide": prepared.settings.decide,
        "tuned_on": parts.tuned_on,
        "shown_on": parts.shown_on,
        "temperature": decision.temperature,
        "tau": tuned.tau,
        "bias": dict(tuned.bias),
        "found": tuned.found or any(tuned.bias.values()),
        "recalls": dict(prepared.recalls) if prepared.settings.decide == "recall" else {},
        "trust": None if tuned.trust is None else asdict(tuned.trust),
        "tuning": before_after(prepared, tuning, decision),
        "shown": None if shown is None else before_after(prepared, shown, decision),
    }
    return replace(tagger, decision=decision), report


def parts_of(prepared: Prepared) -> Parts:
    """Tuned on valid and shown on test; without a test split, each on a stratified half of valid."""
    splits = prepared.splits
    if splits.test is not None:
        return Parts(tuning=splits.valid, tuned_on="valid", shown=splits.test, shown_on="test")
    try:
        halves = split_off(splits.valid, 0.5, scheme=splits.scheme, seed=prepared.settings.seed)
    except UserError:  # too few sentences for two halves
        return Parts(tuning=splits.valid, tuned_on="valid", shown=None, shown_on=None)
    return Parts(
        tuning=halves.rest,
        tuned_on="one half of valid",
        shown=halves.part,
        shown_on="the other half of valid",
    )


def scored(tagger: Tagger, sentences: Sequence[Sentence]) -> LabelledScores:
    """Labelled sentences with the tagger's log-probabilities."""
    return labelled_scores(
        tagger.token_log_probabilities(sentences),
        [sentence.tags or () for sentence in sentences],
        tagger.encoder.tags,
        tagger.scheme,
        legal=tagger.legal,
    )


def tuned_bias(prepared: Prepared, tuning: LabelledScores) -> Tuned:
    """The bias of each class by `decide`, as far as sentences it was not tuned on bear it out.

    A wanted recall is the user's order, and so is a tau of the user's: neither is held back.
    """
    settings: TrainSettings = prepared.settings
    if settings.decide == "none":
        return Tuned()
    if settings.decide == "recall":
        wanted = {n: v for n, v in prepared.recalls.items() if n in supported(tuning)}
        bias = search_bias(tuning, reach_recall(wanted), movable=wanted, stages=(FULL_GRID,))
        return Tuned(bias=bias)
    if settings.decide != "logit-adjust":
        objective = {
            "macro_f1": maximise_macro_f1,
            "min_f1": maximise_min_f1,
            "cost": minimise_cost(prepared.costs),
        }
        return trusted(tuning, objective[settings.decide], bias_search(objective[settings.decide]))
    counts = class_counts(prepared, tuning)
    if settings.decide_tau is not None:
        return Tuned(bias=logit_adjustment(counts, settings.decide_tau), tau=settings.decide_tau)
    found = trusted(
        tuning, maximise_macro_f1, lambda data: logit_adjustment(counts, search_tau(data, counts))
    )
    share = 1.0 if found.trust is None else found.trust.share
    return replace(found, tau=share * search_tau(tuning, counts))


def bias_search(objective: TuningObjective) -> BiasTuner:
    """The search for the bias of the classes that have gold.

    A class without gold could only be seen to err: it would be tuned away.
    """
    return lambda data: search_bias(data, objective, movable=supported(data))


def supported(data: LabelledScores) -> list[str]:
    """The classes that have gold."""
    return [name for name, row in data.counts(data.gold).items() if row.support]


def trusted(tuning: LabelledScores, objective: TuningObjective, tune: BiasTuner) -> Tuned:
    """The tuned bias, and the share of it that is kept."""
    bias, trust = tune(tuning), cross_fit(tuning, tune, objective)
    share = 1.0 if trust is None else trust.share
    kept = {name: share * value for name, value in bias.items()}
    return Tuned(bias=kept, found=any(bias.values()), trust=trust)


def class_counts(prepared: Prepared, tuning: LabelledScores) -> dict[str, int]:
    """Training tokens of each class, all of its prefixes added up."""
    counts: dict[str, int] = {}
    for name, count in zip(tuning.classes, prepared.tag_counts.tolist(), strict=True):
        counts[name] = counts.get(name, 0) + count
    return counts


def before_after(
    prepared: Prepared, data: LabelledScores, decision: DecisionRule
) -> dict[str, Any]:
    """Figures and calibration of some sentences without the decision and with it."""
    return {"before": view(prepared, data, DecisionRule()), "after": view(prepared, data, decision)}


def view(prepared: Prepared, data: LabelledScores, decision: DecisionRule) -> dict[str, Any]:
    """What the tags and their probabilities are worth under one decision."""
    decided = data.decide_legally(np.array([decision.bias.get(tag, 0.0) for tag in data.tags]))
    sums = data.counts(decided)
    summary = summarise(sums)
    probabilities = calibration.calibrated(data.log_probabilities, decision.temperature)
    confidence = probabilities[np.arange(len(decided)), decided]
    trust = calibration.reliability(probabilities, decided, data.labels, data.classes)
    return {
        "micro_f1": summary.micro_f1,
        "macro_f1": summary.macro_f1,
        "min_f1": summary.min_f1,
        "cost": total_cost(sums, prepared.costs),
        "classes": {name: found.to_json() for name, found in summary.classes.items()},
        "negative_log_likelihood": calibration.negative_log_likelihood(
            data.log_probabilities, data.labels, decision.temperature
        ),
        "calibration_error": calibration.expected_calibration_error(
            confidence, decided == data.labels
        ),
        "reliability": {name: found.to_json() for name, found in trust.items()},
    }
