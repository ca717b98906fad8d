"""Token counts against scikit-learn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from seqlab.scoring.figures import class_figures
from seqlab.scoring.pairs import pair_tags
from seqlab.scoring.score import token_sums

tags = st.sampled_from(["NOUN", "VERB", "X", "INTJ", "O"])


@given(st.lists(st.tuples(tags, tags), min_size=1))
def test_figures_equal_sklearn_and_its_nan_is_our_none(tokens):
    gold, predicted = map(list, zip(*tokens, strict=True))
    figures = {n: class_figures(s) for n, s in token_sums(pair_tags([gold], [predicted])).items()}
    names = sorted(figures)
    reference = precision_recall_fscore_support(gold, predicted, labels=names, zero_division=np.nan)
    for name, precision, recall, f1, support in zip(names, *reference, strict=True):
        ours = figures[name]
        for value, expected in ((ours.precision, precision), (ours.recall, recall), (ours.f1, f1)):
            assert value is None if np.isnan(expected) else value == expected
        assert ours.support == support
