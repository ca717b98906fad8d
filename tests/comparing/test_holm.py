from hypothesis import given
from hypothesis import strategies as st

from seqlab.comparing.intervals import holm


def test_a_table_done_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == [0.03, 0.06, 0.06, 0.02]
    assert holm([]) == []
    assert holm([0.7, 0.8]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_nothing_gets_smaller_and_the_order_stays(values):
    found = holm(values)
    assert all(before <= after <= 1 for before, after in zip(values, found, strict=True))
    order = sorted(range(len(values)), key=values.__getitem__)
    assert [found[i] for i in order] == sorted(found)
