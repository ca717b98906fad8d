"""Settings without a value get one from the corpus; given values stay."""

import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.experiment.defaults import batch_of, head_of, resample_of, settled
from seqlab.settings.training import TrainSettings


@pytest.mark.parametrize(
    ("scheme", "given", "head", "resample"),
    [
        (Scheme.IOB2, {}, "crf", "scr"),
        (Scheme.IOBES, {}, "crf", "scr"),
        (Scheme.PLAIN, {}, "softmax", "none"),
        (Scheme.IOB2, {"loss": "ldam"}, "softmax", "scr"),
        (Scheme.IOB2, {"loss": "logit-adjusted"}, "softmax", "scr"),
        (Scheme.IOB2, {"loss": "focal"}, "crf", "scr"),
        (Scheme.IOB2, {"head": "softmax", "resample": "none"}, "softmax", "none"),
        (Scheme.PLAIN, {"head": "crf", "resample": "balanced"}, "crf", "balanced"),
    ],
)
def test_head_and_resampling_follow_the_scheme(scheme, given, head, resample):
    settings = TrainSettings(train="train.conll", **given)
    assert head_of(settings, scheme) == head
    assert resample_of(settings, scheme) == resample
    found = settled(settings, scheme)
    assert (found.head, found.resample) == (head, resample)
    assert settled(found, scheme) == found


@pytest.mark.parametrize(
    ("sentences", "size"), [(1, 8), (899, 8), (900, 9), (6400, 64), (10**7, 64)]
)
def test_an_epoch_has_about_a_hundred_steps(sentences, size):
    assert batch_of(sentences) == size
