"""The parts of report.json on decisions: precision and recall over each class's bias, and reliability diagrams."""

import numpy as np

from seqlab.experiment.class_details import is_outside
from seqlab.experiment.scored_split import ScoredSplit
from seqlab.reporting.run_details import (
    ClassThresholds,
    ReliabilityBin,
    ReliabilityDiagrams,
    ThresholdCurves,
    ThresholdPoint,
)
from seqlab.reporting.run_values import ENOUGH_GOLD
from seqlab.tuning.calibration import confidence_bins
from seqlab.tuning.threshold_curves import threshold_curves


def class_thresholds(split: ScoredSplit) -> ThresholdCurves:
    """For each class with enough gold to judge it, its figures over its bias; the other classes keep their biases."""
    data, bias = split.data, split.tagger.bias.astype(np.float64)
    gold = data.counts(data.gold)
    names = [
        name
        for name in dict.fromkeys(data.classes)
        if name in gold and gold[name].support >= ENOUGH_GOLD and not is_outside(name, data.scheme)
    ]
    classes = {
        name: ClassThresholds(
            bias=float(bias[data.classes.index(name)]),
            points=tuple(
                ThresholdPoint(p.bias, p.precision, p.recall, p.counts.predicted) for p in points
            ),
        )
        for name, points in threshold_curves(data, names, bias)
    }
    return ThresholdCurves(split=split.name, classes=classes)


def reliability_diagrams(split: ScoredSplit) -> ReliabilityDiagrams:
    """For each class, the tokens that are predicted as it, in bins of equal width of their probability."""
    data = split.data
    tag_id = {tag: number for number, tag in enumerate(data.tags)}
    chosen = np.array([tag_id[tag] for one in split.predictions for tag in one.tags], np.int32)
    confidence = split.probabilities[np.arange(len(chosen)), chosen]
    names = np.array(data.classes)[chosen]
    correct = chosen == data.labels
    classes = {}
    for name in dict.fromkeys(data.classes):
        of_class = names == name
        bins = confidence_bins(confidence[of_class], correct[of_class])
        if bins:
            classes[name] = tuple(ReliabilityBin(*one) for one in bins)
    return ReliabilityDiagrams(split=split.name, classes=classes)
