"""The columns of the sums: four, each its own, in the order in which a step fills them."""

from seqlab.training.epoch_record import COLUMNS, COUNT, LOSS, WEIGHT, WEIGHTED_LOSS


def test_the_columns_are_all_of_them_once():
    assert sorted([WEIGHTED_LOSS, WEIGHT, LOSS, COUNT]) == list(range(COLUMNS))
