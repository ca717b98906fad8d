"""What no cell could be trained with is said before the first of them starts."""

import pytest

from seqlab.comparing.plan import make_plan
from seqlab.errors import SettingsError

FILES = {"train": "train.conll", "test": "test.conll"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"class_weights": "balancd"}, "unknown weighting scheme 'balancd'; nearest: 'balanced'"),
        ({"class_weight": ("none",)}, "class_weight is 'none': expected NAME=VALUE"),
        ({"class_weights": "gone.toml"}, "gone.toml"),
    ],
)
def test_weights_that_do_not_exist(changed, said):
    with pytest.raises(SettingsError, match=r"settings\.wrong: ") as caught:
        make_plan({"none": {}, "wrong": changed}, FILES, seeds=1)
    assert said in str(caught.value)
