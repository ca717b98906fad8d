"""Simple cost models: a sum of terms, each a product of corpus sizes, fitted to a few measurements.

Coefficients are never negative, because no term makes a run cheaper. Errors are relative, so a small training counts
as much as a large one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Point = Mapping[str, Any]
Term = Callable[[Point], float]

SECONDS: dict[str, Term] = {
    "steps": lambda p: p["steps"],
    "steps x length": lambda p: p["steps"] * p["length"],
    "tokens": lambda p: p["tokens"],
    "tokens x classes": lambda p: p["tokens"] * p["classes"],
    "steps x words": lambda p: p["steps"] * p["words"],
}
"""Seconds of one epoch of training: overhead, recurrence, arithmetic, scores, update of the word table."""

AROUND: dict[str, Term] = {
    "start": lambda p: 1.0,
    "tokens": lambda p: p["tokens"],
    "words": lambda p: p["words"],
}
"""Seconds of everything else: imports, reading, encoding, tracing."""

BYTES: dict[str, Term] = {
    "start": lambda p: 1.0,
    "tokens": lambda p: p["tokens"],
    "words": lambda p: p["words"],
}
"""Peak memory of the process. The network's layers are part of `start`: they do not grow with the corpus."""


@dataclass(frozen=True, kw_only=True)
class CostModel:
    """A fitted model. coefficients: one per term, 0 if the term did not improve the fit."""

    terms: Mapping[str, Term]
    coefficients: Mapping[str, float]

    def predict(self, point: Point) -> float:
        """The predicted cost of a corpus."""
        return sum(
            self.coefficients[name] * float(term(point)) for name, term in self.terms.items()
        )


def fit(terms: Mapping[str, Term], points: Sequence[Point], costs: Sequence[float]) -> CostModel:
    """The coefficients, none negative, with the smallest sum of squared relative errors.

    Raises ValueError when there are fewer points than terms.
    """
    if len(points) < len(terms):
        raise ValueError(f"{len(terms)} terms need as many points, not {len(points)}")
    values = np.array([[term(point) for term in terms.values()] for point in points], float)
    relative = values / np.array(costs, float)[:, None]
    solved = nonnegative(relative, np.ones(len(points)))
    return CostModel(terms=terms, coefficients=dict(zip(terms, solved.tolist(), strict=True)))


def nonnegative(matrix: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The x >= 0 with the smallest |matrix @ x - target|: the best of all subsets of columns.

    With few columns, trying each subset is exact and fast: the optimum is the unconstrained optimum over the columns
    that it uses.
    """
    columns = matrix.shape[1]
    best, best_error = np.zeros(columns), float(target @ target)
    for size in range(1, columns + 1):
        for chosen in map(list, combinations(range(columns), size)):
            scale = np.linalg.norm(matrix[:, chosen], axis=0)
            scale[scale == 0] = 1
            solved, *_ = np.linalg.lstsq(matrix[:, chosen] / scale, target, rcond=None)
            residual = matrix[:, chosen] / scale @ solved - target
            if (solved >= 0).all() and residual @ residual < best_error:
                best_error = float(residual @ residual)
                best = np.zeros(columns)
                best[chosen] = solved / scale
    return best
