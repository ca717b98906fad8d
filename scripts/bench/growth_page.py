"""The end of the page: cost models, checked against what was held out, and what they say of 10^9 tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.models import AROUND, BYTES, SECONDS, CostModel, Term, fit
from bench.projection import Size, estimates, point_of
from bench.spread import spread
from bench.tables import markdown_table, scaled

COSTS: tuple[tuple[str, str, str, dict[str, Term]], ...] = (
    ("seconds of one epoch of training", "s", "seconds", SECONDS),
    ("seconds of everything else (imports, reading, encoding, tracing)", "s", "seconds around", AROUND),
    ("peak memory of the process", "B", "bytes", BYTES),
)  # fmt: skip
Points = Sequence[Mapping[str, Any]]


def growth_section(parts: Mapping[str, Any]) -> str:
    """Models, predictions and projections; a line instead where nothing was measured."""
    points: Points = parts.get("scaling", {}).get("points", [])
    if not points:
        return "## Growth\n\nThe points of the cost models were not measured (`scaling`)."
    fitted = [point for point in points if not point["held out"]]
    models = {key: fit(terms, fitted, [p[key] for p in fitted]) for _, _, key, terms in COSTS}
    return "\n\n".join(
        [
            "## Growth",
            "Fitted by non-negative least squares of relative errors to "
            f"{len(fitted)} trainings on generated corpora; `words` are rows of the trainable word table, "
            "`length` is mean tokens of a sentence. A term that is missing did not help.",
            "\n".join(f"- {title}: {formula(models[key], unit)}" for title, unit, key, _ in COSTS),
            check_table(points, models),
            "Points marked * were held out of the fit.",
            projection(points, models, parts.get("speed", {})),
        ]
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


def check_table(points: Points, models: Mapping[str, CostModel]) -> str:
    """Every point: its size, and for each cost what was measured and what the model says."""
    header = ["tokens", "steps", "length", "words", "classes"]
    rows = []
    for point in points:
        row = [f"{point[name]:,}" for name in header]
        row[0] += "*" if point["held out"] else ""
        for _, unit, key, _ in COSTS:
            said = models[key].predict(point)
            row.append(f"{scaled(point[key], unit)} / {scaled(said, unit)}")
            row[-1] += f" ({round(100 * (said / point[key] - 1)):+d}%)"
        rows.append(row)
    names = ["epoch, measured / model", "else, measured / model", "memory, measured / model"]
    return markdown_table([*header, *names], rows)


def projection(points: Points, models: Mapping[str, CostModel], speed: Mapping[str, Any]) -> str:
    """What 10^9 tokens would take. speed: the result of that part, empty where it did not run."""
    size = Size()
    point = point_of(size, points)
    around = models["seconds around"].predict(point)
    text = [
        f"### A corpus of 10^9 tokens\n\nSentences of {size.length:g} tokens, {size.words:,.0f} words in the table, "
        f"{size.classes:g} classes, batches as measured: one epoch. The models are used far outside the "
        "points they were fitted to: read the order of magnitude."
    ]
    if not speed:
        return "\n\n".join(
            [*text, "Not estimated: the arithmetic of a token was not counted (`speed`)."]
        )
    flops = speed["sizes"]["training flops a token"]
    found = estimates(size, points, models["seconds"], flops)
    tagging = size.tokens / spread(speed["figures"]["tagging seqlab"]).median
    rows = [[e.place, f"{e.seconds / 3600:,.1f}", e.basis] for e in found]
    text.append(markdown_table(["where", "hours an epoch", "what it rests on"], rows))
    text.append(
        f"Tagging as many tokens here: {tagging / 3600:,.1f} hours, at the speed above. "
        f"Reading, encoding and start of training once: {around / 3600:,.1f} hours; peak memory on this machine "
        f"{scaled(models['bytes'].predict(point), 'B')} by the model above."
    )
    return "\n\n".join(text)
