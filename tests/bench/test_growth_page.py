import pytest
from bench.growth_page import fitted_models, growth_section, word_seconds
from bench.projection import GPU_FLOPS, GPU_SHARE, NETWORK, Size, estimates, point_of

from tests.bench.hand import TRUTH, point, results


def test_models_find_the_truth_from_the_points_that_are_not_held_out():
    models = fitted_models(results()["parts"]["scaling"]["points"])
    assert list(models) == list(TRUTH)
    for key, model in models.items():
        for name, value in TRUTH[key].coefficients.items():
            assert model.coefficients[name] == pytest.approx(value, rel=1e-6, abs=1e-9)


def test_the_error_on_held_out_points_is_shown():
    lines = growth_section(results()["parts"]).splitlines()
    held = [line for line in lines if line.startswith(("| 60,000*", "| 600,000*"))]
    assert [line.count("(+25%)") for line in held] == [1, 2]  # measured 0.8 of what the model says
    assert sum("(+0%)" in line for line in lines) == 7 + 3


def test_the_estimates_by_hand():
    points = [point(3200, 16, 1000, 4), point(100, 64, 1000, 4)]
    size = Size(tokens=512e6, length=16, words=1e6, classes=4)
    asked = point_of(size, points)
    assert asked["steps"] == 1e6  # 512 tokens a step
    here, gpu, whole, rows = estimates(size, points, TRUTH["seconds"], 1.5e6)
    assert here.seconds == pytest.approx(0.02e6 + 0.0005 * 16e6 + 4e-5 * 512e6 + 1e-7 * 1e12)
    assert gpu.seconds == pytest.approx(
        max(1e6 * 31 * 20e-6, 512e6 * 1.5e6 / (GPU_FLOPS * GPU_SHARE))
    )
    sent = 2 * 4 * 1e6 / 16 / NETWORK
    assert whole.seconds == pytest.approx(here.seconds / 16 + sent * (150_000 + 100e6))
    assert rows.seconds == pytest.approx(here.seconds / 16 + sent * (150_000 + 512 * 100))


def test_without_the_arithmetic_of_a_token_nothing_is_estimated():
    parts = results()["parts"]
    del parts["speed"]
    assert "Not estimated" in growth_section(parts)


def test_the_cost_of_a_word_comes_from_the_large_vocabulary():
    parts = results()["parts"]
    points, vocabulary = parts["scaling"]["points"], parts["vocabulary"]
    assert word_seconds(vocabulary) == pytest.approx(0.099 / 990_000)
    assert fitted_models(points, vocabulary)["seconds"].coefficients == pytest.approx(
        TRUTH["seconds"].coefficients, rel=1e-6, abs=1e-9
    )
    vocabulary["figures"]["large"] = [20.0]  # faster than the small one: noise
    assert fitted_models(points, vocabulary)["seconds"].coefficients["steps x words"] == 0
