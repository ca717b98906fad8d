"""The growth section of the page: cost models, their errors on held-out trainings, their prediction for 10^9 tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.models import AROUND, BYTES, SECONDS, CostModel, Term, fit
from bench.projection import Size, estimates, point_of
from bench.spread import scaled, spread
from seqlab.reporting.table import markdown_table


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A figure of a training and its model. kind: 'compute' or 'data', the trainings that the model is fitted to."""

    key: str
    text: str
    unit: str
    kind: str
    terms: Mapping[str, Term]


COSTS = (
    Cost(key="seconds", text="seconds of one epoch of training", unit="s", kind="compute", terms=SECONDS),
    Cost(key="seconds around", text="seconds of everything else (imports, reading, encoding, tracing)",
         unit="s", kind="data", terms=AROUND),
    Cost(key="bytes", text="peak memory of the process", unit="B", kind="data", terms=BYTES),
)  # fmt: skip
Point = Mapping[str, Any]
Points = Sequence[Point]
Models = Mapping[str, CostModel]


def growth_section(parts: Mapping[str, Any]) -> str:
    """Models, predictions and projections; one sentence if nothing was measured."""
    points: Points = parts.get("scaling", {}).get("points", [])
    if not points:
        return "## Growth\n\nThe trainings for the cost models were not run (part `scaling`)."
    models = fitted_models(points, parts.get("vocabulary"))
    formulas = [f"- {cost.text}: {formula(models[cost.key], cost.unit)}" for cost in COSTS]
    return "\n\n".join(
        [
            "## Growth",
            "The models are fitted to trainings on generated corpora, by non-negative least squares of relative errors. "
            "The first is fitted to trainings with seqlab's defaults. The others are fitted to corpora ten times as "
            "large, with a network that is little more than its word table. `words` is the number of rows of that table, "
            "`length` the mean number of tokens per sentence. Terms that did not improve the fit are left out. The cost "
            "of a word per step is taken from the large vocabulary above, if that was measured.",
            "\n".join(formulas),
            *(check_table(points, models, kind) for kind in ("compute", "data")),
            "Points marked * were held out of the fit: their percentage is the error of the prediction.",
            projection(points, models, parts.get("speed", {})),
        ]
    )


def of_kind(points: Points, kind: str) -> list[Point]:
    """The trainings of one kind."""
    return [point for point in points if point["kind"] == kind]


def fitted_models(
    points: Points, vocabulary: Mapping[str, Any] | None = None
) -> dict[str, CostModel]:
    """A model of each cost, fitted to the trainings of its kind that are not held out.

    vocabulary: the result of that part, or None. The cost of a word per step comes from it, because the word tables of
    these trainings are too small to show the cost of a million words.
    """
    models = {}
    for cost in COSTS:
        chosen = [point for point in of_kind(points, cost.kind) if not point["held out"]]
        known = {"steps x words": word_seconds(vocabulary)} if vocabulary else {}
        models[cost.key] = fit_rest(cost, chosen, known)
    return models


def word_seconds(vocabulary: Mapping[str, Any]) -> float:
    """Seconds per step that one more word in the trainable table costs."""
    small, large = (spread(vocabulary["figures"][name]).median for name in ("small", "large"))
    words = [vocabulary["sizes"][f"{name} vocabulary"] for name in ("small", "large")]
    return max(0.0, large - small) / 1000 / (words[1] - words[0])


def fit_rest(cost: Cost, points: Points, known: Mapping[str, float]) -> CostModel:
    """A model with some known coefficients; the others are fitted to the remainder."""
    given = {name: value for name, value in known.items() if name in cost.terms}
    rest = {name: term for name, term in cost.terms.items() if name not in given}
    left = []
    for point in points:
        explained = sum(value * cost.terms[name](point) for name, value in given.items())
        left.append(max(point[cost.key] - explained, 0.01 * point[cost.key]))
    return CostModel(
        terms=cost.terms, coefficients={**fit(rest, points, left).coefficients, **given}
    )


def formula(model: CostModel, unit: str) -> str:
    """The model as a sum.

    >>> model = CostModel(terms=SECONDS, coefficients={"steps": 0.002, "tokens": 0, "words": 5e-8})
    >>> formula(model, "s")
    '2.00 ms · steps + 50.0 ns · words'
    """
    kept = [(name, value) for name, value in model.coefficients.items() if value > 0]
    return " + ".join(
        scaled(value, unit) + ("" if name == "start" else f" · {name}") for name, value in kept
    )


def check_table(points: Points, models: Models, kind: str) -> str:
    """Each training of a kind: its size, and the measured and the predicted costs."""
    sizes = ["tokens", "steps", "length", "words", "classes"]
    costs = [cost for cost in COSTS if cost.kind == kind]
    rows = []
    for point in of_kind(points, kind):
        row = [f"{point[name]:,}" for name in sizes]
        row[0] += "*" if point["held out"] else ""
        rows.append([*row, *(check_cell(point, models[cost.key], cost) for cost in costs)])
    return markdown_table([*sizes, *(f"{cost.key}, measured / model" for cost in costs)], rows)


def check_cell(point: Point, model: CostModel, cost: Cost) -> str:
    """'measured / predicted (error)'."""
    measured, predicted = point[cost.key], model.predict(point)
    error = round(100 * (predicted / measured - 1))
    return f"{scaled(measured, cost.unit)} / {scaled(predicted, cost.unit)} ({error:+d}%)"


def projection(points: Points, models: Models, speed: Mapping[str, Any]) -> str:
    """The predicted cost of 10^9 tokens. speed: the result of that part, empty if it did not run."""
    size = Size()
    points = of_kind(points, "compute")
    point = point_of(size, points)
    around = models["seconds around"].predict(point)
    text = [
        f"### A corpus of 10^9 tokens\n\nOne epoch with sentences of {size.length:g} tokens, {size.words:,.0f} words in the "
        f"table, {size.classes:g} classes and batches as measured. The models are used far outside the fitted range: "
        "only the order of magnitude is meaningful."
    ]
    if not speed:
        return "\n\n".join(
            [*text, "Not estimated: the arithmetic per token was not measured (`speed`)."]
        )
    flops = speed["sizes"]["training flops a token"]
    predicted = estimates(size, points, models["seconds"], flops)
    tagging = size.tokens / spread(speed["figures"]["tagging seqlab"]).median
    rows = [[e.machine, f"{e.seconds / 3600:,.1f}", e.basis] for e in predicted]
    text.append(markdown_table(["where", "hours per epoch", "basis"], rows))
    text.append(
        f"Tagging as many tokens on this machine: {tagging / 3600:,.1f} hours, at the speed above. "
        f"Reading, encoding and starting the training: {around / 3600:,.1f} hours, once. Peak memory by the model "
        f"above: {scaled(models['bytes'].predict(point), 'B')}."
    )
    return "\n\n".join(text)
