"""A training that diverges names the sentences of the batch by file and line."""

from dataclasses import replace

import numpy as np
import pytest

import seqlab
from seqlab.errors import UserError
from seqlab.experiment.build import sentences_text
from seqlab.experiment.prepare import prepare
from seqlab.reporting.log import Log
from seqlab.settings.training import make_settings
from tests import tiny

pytestmark = tiny.KERAS_NOISE


@pytest.fixture
def paths(tmp_path):
    """A corpus whose sentences have 1 to 7 tokens, so that windows of 3 tokens cut some of them."""
    lines, starts = [], []
    for size in (2, 7, 3, 4, 1, 6):
        starts.append(len(lines) + 1)
        lines += [f"w{size} {'B-PER' if size % 2 else 'O'}"] * size + [""]
    for name in ("train", "valid"):
        (tmp_path / f"{name}.conll").write_text("\n".join(lines) + "\n", encoding="utf-8")
    train, valid = (str(tmp_path / f"{name}.conll") for name in ("train", "valid"))
    return {"train": train, "valid": valid, "starts": starts}


def prepared(paths, *, share=None, **options):
    options |= {"valid": paths["valid"]} if share is None else {"valid_share": share}
    settings = make_settings(train=paths["train"], max_tokens=3, accept=("same-files",), **options)
    return prepare(settings, Log(lambda text: None, None))


@pytest.mark.parametrize("cached", [False, True])
def test_windows_lead_back_to_the_lines_of_their_sentences(paths, tmp_path, cached):
    found = prepared(paths, **({"cache": str(tmp_path / "cache")} if cached else {}))
    windows = [(0,), (1, 1, 1), (2,), (3, 3), (4,), (5, 5)]  # the sentence of each window
    assert len(found.windows) == sum(map(len, windows))
    place = [f"{paths['train']}:{line}" for line in paths["starts"]]
    assert sentences_text(found, np.array([3])) == f" (sentences at {place[1]})"
    assert sentences_text(found, np.array([9, 0, 1, 2])) == (
        f" (sentences at {place[5]}, {place[0]}, {place[1]})"
    )
    assert sentences_text(found, np.arange(10)) == (
        f" (sentences at {place[0]}, {place[1]}, {place[2]} and 3 more)"
    )


def test_sentences_of_a_split_keep_their_lines(paths):
    found = prepared(paths, share=0.4)
    assert len(found.splits.train) < 6
    for window in range(len(found.windows)):
        start = int(found.windows.offsets[window])
        sentence = int(np.searchsorted(found.train.offsets, start, side="right")) - 1
        line = found.splits.train[sentence].source
        assert sentences_text(found, np.array([window])) == f" (sentences at {line})"


def test_sentences_without_a_place_are_not_named(paths):
    found = prepared(paths)
    nameless = tuple(replace(s, source="") for s in found.splits.train)  # from Python
    found = replace(found, splits=replace(found.splits, train=nameless))
    assert sentences_text(found, np.array([0])) == ""


def test_the_message_of_a_diverged_training(tmp_path_factory):
    paths = tiny.corpus(tmp_path_factory)
    with pytest.raises(UserError) as caught:
        seqlab.train_tagger(**paths, **tiny.CHEAP | {"learning_rate": 1e38, "epochs": 1})
    message = str(caught.value)
    assert message.startswith("training diverged: the loss is NaN or infinite in epoch 1, batch ")
    assert message.count(f"{paths['train']}:") == 3
    assert message.endswith(
        " and 1 more), at learning rate 1e+38; try a smaller --learning-rate, or less extreme weights"
    )
