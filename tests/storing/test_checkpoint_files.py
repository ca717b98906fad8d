"""The names of checkpoints in the manifest of a training."""

import pytest

from seqlab.errors import RunError
from seqlab.machine.json_fields import Fields
from seqlab.storing.checkpoint_files import CheckpointEntry, best_weights_name, checkpoint_entries
from seqlab.storing.run_files import RunFiles


def files(tmp_path, checkpoints):
    return RunFiles(directory=tmp_path, training=Fields({"checkpoints": checkpoints}, "training"))


def test_entries_are_read_in_their_order(tmp_path):
    entries = [
        {"state": "checkpoints/epoch-1-batch-9.npz"},
        {"state": "checkpoints/epoch-2-batch-0.npz", "best": "checkpoints/best-epoch-1.npz"},
    ]
    run = files(tmp_path, entries)
    assert checkpoint_entries(run) == [
        CheckpointEntry("checkpoints/epoch-1-batch-9.npz"),
        CheckpointEntry("checkpoints/epoch-2-batch-0.npz", "checkpoints/best-epoch-1.npz"),
    ]
    assert best_weights_name(run) == "checkpoints/best-epoch-1.npz"


def test_before_the_first_epoch_there_are_no_best_weights(tmp_path):
    with pytest.raises(RunError) as caught:
        best_weights_name(files(tmp_path, [{"state": "checkpoints/epoch-1-batch-9.npz"}]))
    assert str(caught.value) == (
        f"{tmp_path}: its training has not finished an epoch yet; wait for the first one, or resume it: "
        f"python -m seqlab.train --resume {tmp_path}"
    )


@pytest.mark.parametrize(
    "name",
    ["../corpus.npz", "checkpoints/../../x.npz", "/etc/passwd", "checkpoints/x", "weights.npz"],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    """Old checkpoints are deleted; a forged manifest must not delete another file."""
    for part in ({"state": name}, {"state": "checkpoints/a.npz", "best": name}):
        with pytest.raises(RunError) as caught:
            checkpoint_entries(files(tmp_path, [part]))
        assert str(caught.value) == (
            f"{tmp_path}/manifest.json: damaged: training.checkpoints names {name!r}: expected a file in "
            "checkpoints/; copy or train the run again"
        )
