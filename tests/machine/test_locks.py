"""A lock is held by one block at a time, and is free after it."""

import os

import pytest

from seqlab.machine.locks import file_lock


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")
def test_a_lock_is_exclusive_and_ends_with_its_block(tmp_path):
    path = tmp_path / ".lock"
    with file_lock(path, wait=True) as first, file_lock(path, wait=False) as second:
        assert (first, second) == (True, False)
    with file_lock(path, wait=False) as again:
        assert again


def test_a_lock_that_cannot_be_opened(tmp_path):
    with pytest.raises(OSError, match="No such file"), file_lock(tmp_path / "no" / "x", wait=True):
        pass
