"""What a step reports of a batch: sums first, so that any number of batches adds up.

An array of sums is float (C + 1, 4): for every tag id (row 0: tokens without a class) the sum of
weight * loss, of weights, of losses and of tokens.
"""

WEIGHTED_LOSS, WEIGHT, LOSS, COUNT = range(4)
COLUMNS = 4
