"""Pages of mapped arrays, counted by the operating system."""

import sys
from pathlib import Path

import numpy as np
import pytest

from seqlab.corpus.mapped_arrays import map_file, memory_map_of, release_pages, take_and_release


def resident(file):
    """Bytes of a mapped file in the memory of this process; 0 when the system does not report them."""
    maps = Path("/proc/self/smaps")
    found, inside = 0, False
    for line in maps.read_text().splitlines() if maps.exists() else ():
        if "-" in line.split()[0]:
            inside = line.endswith(str(file))
        elif inside and line.startswith("Rss:"):
            found += 1024 * int(line.split()[1])
    return found


@pytest.fixture
def numbers(tmp_path):
    file = tmp_path / "numbers"
    np.arange(1 << 18, dtype=np.int32).tofile(file)
    return file


def test_what_is_released_is_read_again(numbers):
    array = map_file(numbers, "int32")
    for _ in range(2):
        assert int(array.sum(dtype=np.int64)) == (1 << 17) * ((1 << 18) - 1)
        if sys.platform == "linux":
            assert resident(numbers) == 1 << 20
        release_pages(array[3:])
        assert resident(numbers) == 0


def test_taken_numbers_are_held_and_their_pages_are_not(numbers):
    array = map_file(numbers, "int32")
    assert take_and_release(array, np.array([[7, 70_000]])).tolist() == [[7, 70_000]]
    assert resident(numbers) == 0


def test_arrays_in_memory_have_no_page(tmp_path):
    (tmp_path / "empty").touch()
    empty = map_file(tmp_path / "empty", "uint8")
    assert (len(empty), empty.dtype) == (0, np.uint8)
    for array in (empty, np.arange(3), np.arange(6)[2:]):
        assert memory_map_of(array) is None
        release_pages(array)
