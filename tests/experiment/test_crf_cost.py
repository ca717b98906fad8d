"""The note on a CRF whose tags are too many."""

import numpy as np
import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.experiment.crf_cost import slow_crf
from seqlab.weighting.resampling import CopySampler

SENTENCES = [Sentence(tokens=("a",) * 100, tags=("O",) * 100)] * 50  # 5,000 tokens
WINDOWS = fit_encoder(SENTENCES).encode(SENTENCES)
TIMES_60 = CopySampler(copies=np.full(50, 60), empty=np.array([], np.int64), kept=0)
FACT = "a CRF of {} tags takes about {} per epoch on one core, and {} GiB"
ADVICE = "; --head softmax has no such cost, and --map-tag merges entity types"


@pytest.mark.parametrize(
    ("tags", "resampler", "time", "memory"),
    [
        (1_999, None, None, None),  # 12 * 5e3 * 4e6 / 2e10 = 12 s
        (10_001, None, None, None),  # 300 s
        (14_143, None, "10 minutes", "7.5"),  # 600.1 s
        (10_001, TIMES_60, "5 hours", "3.7"),  # 18,004 s
        (401, TIMES_60, None, None),  # 29 s
    ],
)
def test_a_crf_that_makes_epochs_long_is_named_with_the_way_out(tags, resampler, time, memory):
    expected = [] if time is None else [FACT.format(tags, time, memory) + ADVICE]
    assert [*slow_crf("crf", tags, WINDOWS, resampler)] == expected
    assert [*slow_crf("softmax", tags, WINDOWS, resampler)] == []
