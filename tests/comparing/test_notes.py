"""The notes about a comparison before it begins."""

import pytest

from seqlab.comparing.comparison import plan_notes
from seqlab.comparing.plan import make_plan

FILES = {"train": "train.conll", "test": "test.conll"}


@pytest.mark.parametrize(
    ("changed", "common", "named"),
    [
        ({"focal": {"loss": "focal"}, "ldam": {"loss": "ldam"}}, {}, "ldam"),
        ({"a": {"loss": "ldam"}, "b": {"loss": "logit-adjusted"}, "c": {}}, {}, "a, b"),
        ({"a": {"loss": "ldam"}, "b": {"loss": "logit-adjusted"}}, {}, None),
        ({"focal": {"loss": "focal"}, "ldam": {"loss": "ldam"}}, {"head": "softmax"}, None),
        ({"a": {"loss": "ldam"}, "b": {"head": "softmax"}}, {}, None),
        ({"a": {"dropout": 0.1}, "b": {"dropout": 0.2}}, {}, None),
    ],
)
def test_losses_that_bring_another_head_are_named(changed, common, named):
    found = list(plan_notes(make_plan(changed, {**FILES, **common}, seeds=2)))
    if named is None:
        assert found == []
    else:
        (note,) = found
        assert note.startswith(f"note: {named} shift the logits")
        assert "--head softmax" in note
