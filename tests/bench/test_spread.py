import pytest
from bench.spread import ratios, spread, spread_text


def test_the_median_of_an_even_number_of_rounds():
    found = spread([4.0, 1.0, 2.0, 3.0])
    assert (found.low, found.median, found.high, found.rounds) == (1.0, 2.5, 4.0, 4)


def test_ratios_are_taken_round_by_round():
    # The second minute was twice as slow for both: the medians' ratio would not see that.
    assert ratios([20.0, 10.0, 30.0], [2.0, 1.0, 2.0]) == [10.0, 10.0, 15.0]


def test_rounds_must_match():
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_text():
    assert spread_text(spread([2345.6, 1000, 40.25])) == "1,000 (40.2 to 2,346)"
