import numpy as np
import pytest
from bench.models import SECONDS, CostModel, fit, nonnegative

TERMS = {"start": lambda p: 1.0, "tokens": lambda p: p["tokens"], "words": lambda p: p["words"]}


def made_up(count=6, seed=1):
    random = np.random.default_rng(seed)
    return [
        {"tokens": float(t), "words": float(w)} for t, w in random.integers(10, 5000, (count, 2))
    ]


def test_coefficients_that_made_the_costs_are_found_again():
    points = made_up()
    costs = [3.0 + 0.002 * p["tokens"] + 0.5 * p["words"] for p in points]
    found = fit(TERMS, points, costs)
    assert found.coefficients == pytest.approx({"start": 3.0, "tokens": 0.002, "words": 0.5})
    assert found.predict({"tokens": 1e9, "words": 0}) == pytest.approx(3.0 + 2e6)


def test_a_term_that_would_be_negative_is_left_out():
    points = made_up()
    found = fit(TERMS, points, [10 + 0.1 * p["tokens"] - 0.001 * p["words"] for p in points])
    assert found.coefficients["words"] == 0
    assert found.coefficients["tokens"] == pytest.approx(0.1, rel=0.05)


def test_against_scipy():
    optimize = pytest.importorskip("scipy.optimize")
    random = np.random.default_rng(2)
    for _ in range(20):
        matrix, target = random.normal(size=(8, 4)), random.normal(size=8)
        expected, _ = optimize.nnls(matrix, target)
        assert nonnegative(matrix, target) == pytest.approx(expected, abs=1e-9)


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="3 terms need as many points, not 2"):
        fit(TERMS, made_up(2), [1.0, 2.0])


def test_the_terms_of_training():
    point = {"steps": 2, "length": 3, "tokens": 5, "classes": 7, "words": 11}
    model = CostModel(terms=SECONDS, coefficients=dict.fromkeys(SECONDS, 1.0))
    assert model.predict(point) == 2 + 6 + 5 + 35 + 22
