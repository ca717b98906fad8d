"""The section on thresholds: what another bias would predict, and whether the confidence is right."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from seqlab.reporting.curve_charts import reliability_chart, threshold_chart
from seqlab.reporting.decisions import decisions_text
from seqlab.reporting.html import render
from seqlab.reporting.run_details import ClassThresholds, ReliabilityDiagrams, ThresholdCurves
from seqlab.reporting.run_values import RunValues
from seqlab.reporting.shell import Section

OPEN_PANELS = 12


def thresholds_section(run: RunValues) -> Section | None:
    """Curves, reliability diagrams and the decisions after training; None if the run has none of them."""
    curves = run.details.thresholds if run.details else None
    reliability = run.details.reliability if run.details else None
    decisions = run.metrics.get("decisions")
    if curves is None and reliability is None and decisions is None:
        return None
    panels = threshold_panels(run, curves)
    body = render(
        "sections/thresholds.html",
        split=curves.split if curves else "",
        first=panels[:OPEN_PANELS],
        rest=panels[OPEN_PANELS:],
        reliability=reliability_panels(run, reliability),
        decisions=decisions_part(decisions),
    )
    return Section(
        id="thresholds",
        short="Thresholds",
        heading="Precision against recall, and confidence",
        body=body,
        data={"curves": [panel["data"] for panel in panels]},
    )


def by_rarity(run: RunValues, names: Mapping[str, object]) -> list[str]:
    """The names in the order of the page, rarest first; those that are no class of the run come last."""
    order = {name: index for index, name in enumerate(run.names())}
    return sorted(names, key=lambda name: order.get(name, len(order)))


def threshold_panels(run: RunValues, curves: ThresholdCurves | None) -> list[dict[str, Any]]:
    """A chart with a slider for each class that has points."""
    if curves is None:
        return []
    names = [name for name in by_rarity(run, curves.classes) if curves.classes[name].points]
    return [threshold_panel(name, index, curves.classes[name]) for index, name in enumerate(names)]


def threshold_panel(name: str, index: int, curve: ClassThresholds) -> dict[str, Any]:
    """What the template shows of a class."""
    biases = [point.bias for point in curve.points]
    chosen = min(range(len(biases)), key=lambda i: abs(biases[i] - curve.bias))
    label = f"precision and recall of {name} over its bias"
    chart = threshold_chart(curve, label=label, data_curve=index)
    return {
        "name": name,
        "bias": f"{curve.bias:+.2f}",
        "chosen": chosen,
        "last": len(biases) - 1,
        "chart": Markup(chart),  # noqa: S704, escaped by svg.py
        "data": [[rounded(value) for value in point] for point in curve.points],
    }


def rounded(value: float | None) -> float | None:
    """Four digits are enough to read."""
    return None if value is None else round(value, 4)


def reliability_panels(
    run: RunValues, reliability: ReliabilityDiagrams | None
) -> list[dict[str, Any]]:
    """A diagram for each class with bins."""
    if reliability is None:
        return []
    return [
        {
            "name": name,
            "chart": Markup(  # noqa: S704, escaped by svg.py
                reliability_chart(reliability.classes[name], label=f"reliability of {name}")
            ),
        }
        for name in by_rarity(run, reliability.classes)
        if reliability.classes[name]
    ]


def decisions_part(decisions: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Heading and text of what was decided after training; the temperature alone is a calibration."""
    if decisions is None:
        return None
    heading = "Decisions after training, before → after"
    if decisions["decide"] == "none":
        heading = "Calibration of probabilities"
    return {"heading": heading, "text": decisions_text(decisions)}
