"""After training: the temperature and the bias of a tagger, tuned on one part of the sentences that
training did not learn from, and shown on another.

The tuning itself is in `scoring.calibration` and `scoring.decisions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqlab.config import TrainSettings
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.stratify import stratified_split
from seqlab.errors import UserError
from seqlab.preparation import Prepared
from seqlab.scoring import calibration
from seqlab.scoring.costs import total_cost
from seqlab.scoring.decisions import (
    EVERY,
    Decidable,
    Decision,
    adjustment,
    by_tag,
    cheapest,
    decidable,
    macro_f1,
    min_f1,
    search_bias,
    search_tau,
    wanted_recall,
)
from seqlab.scoring.figures import summarise
from seqlab.tagging.probabilities import token_log_probabilities
from seqlab.tagging.tagger import Tagger


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Sentences to tune on and others to show the effect on (None: there are none), and their names."""

    tuning: Sequence[Sentence]
    tuned_on: str
    shown: Sequence[Sentence] | None
    shown_on: str | None


def decide(prepared: Prepared, tagger: Tagger) -> tuple[Tagger, dict[str, Any]]:
    """The tagger with its temperature and bias, and what metrics.json holds of them."""
    parts = parts_of(prepared)
    tuning = scored(tagger, parts.tuning)
    bias, tau = tuned_bias(prepared, tuning)
    of_tag = by_tag(tuning, bias).tolist()
    decision = Decision(
        temperature=calibration.fit_temperature(tuning.log_probabilities, tuning.labels),
        bias=dict(zip(tuning.tags, of_tag, strict=True)) if any(of_tag) else {},
    )
    shown = None if parts.shown is None else scored(tagger, parts.shown)
    report = {
        "decide": prepared.settings.decide,
        "tuned_on": parts.tuned_on,
        "shown_on": parts.shown_on,
        "temperature": decision.temperature,
        "tau": tau,
        "bias": bias,
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
        tuning, shown = stratified_split(
            splits.valid, 0.5, scheme=splits.scheme, seed=prepared.settings.seed
        )
    except UserError:  # too few sentences for two halves
        return Parts(tuning=splits.valid, tuned_on="valid", shown=None, shown_on=None)
    return Parts(
        tuning=tuning,
        tuned_on="one half of valid",
        shown=shown,
        shown_on="the other half of valid",
    )


def scored(tagger: Tagger, sentences: Sequence[Sentence]) -> Decidable:
    """Labelled sentences with the tagger's log-probabilities."""
    return decidable(
        token_log_probabilities(tagger, sentences),
        [sentence.tags or () for sentence in sentences],
        tagger.encoder.tags,
        tagger.scheme,
        legal=tagger.legal,
    )


def tuned_bias(prepared: Prepared, tuning: Decidable) -> tuple[dict[str, float], float | None]:
    """The bias of each class by `decide`, and the tau of logit-adjust."""
    settings: TrainSettings = prepared.settings
    # A class without gold here could only be seen to err: it would be tuned away.
    supported = [name for name, row in tuning.sums(tuning.gold).items() if row.support]
    if settings.decide == "none":
        return {}, None
    if settings.decide == "logit-adjust":
        counts: dict[str, int] = {}
        for name, count in zip(tuning.classes, prepared.train.tag_counts().tolist(), strict=True):
            counts[name] = counts.get(name, 0) + count
        tau = settings.decide_tau
        tau = search_tau(tuning, counts) if tau is None else tau
        return adjustment(counts, tau), tau
    if settings.decide == "recall":
        wanted = {name: v for name, v in prepared.recalls.items() if name in supported}
        return search_bias(tuning, wanted_recall(wanted), movable=wanted, stages=(EVERY,)), None
    objectives = {"macro_f1": macro_f1, "min_f1": min_f1, "cost": cheapest(prepared.costs)}
    return search_bias(tuning, objectives[settings.decide], movable=supported), None


def before_after(prepared: Prepared, data: Decidable, decision: Decision) -> dict[str, Any]:
    """Figures and calibration of some sentences without the decision and with it."""
    return {"before": view(prepared, data, Decision()), "after": view(prepared, data, decision)}


def view(prepared: Prepared, data: Decidable, decision: Decision) -> dict[str, Any]:
    """What the tags and their probabilities are worth under one decision."""
    decided = data.decide_legally(np.array([decision.bias.get(tag, 0.0) for tag in data.tags]))
    sums = data.sums(decided)
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
