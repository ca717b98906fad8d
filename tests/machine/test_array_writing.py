import numpy as np
import pytest

from seqlab.machine.array_writing import write_array


@pytest.mark.bits("copied")
@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
@pytest.mark.parametrize("rows", [0, 1, 5])
def test_the_file_has_the_bytes_of_numpy_save(tmp_path, dtype, rows):
    array = np.arange(rows * 3).reshape(rows, 3).astype(dtype)
    np.save(tmp_path / "theirs.npy", array)
    blocks = [array[:2], array[2:2], array[2:]]
    write_array(tmp_path / "ours.npy", blocks, shape=array.shape, dtype=dtype)
    assert (tmp_path / "ours.npy").read_bytes() == (tmp_path / "theirs.npy").read_bytes()


def test_blocks_that_do_not_fit_are_refused(tmp_path):
    block = np.zeros((2, 3), np.float32)
    with pytest.raises(ValueError, match=r"the blocks have 2 rows, but the array has 3"):
        write_array(tmp_path / "a.npy", [block], shape=(3, 3), dtype="float32")
    with pytest.raises(ValueError, match=r"a block has shape \(2, 3\), but the array \(2, 4\)"):
        write_array(tmp_path / "a.npy", [block], shape=(2, 4), dtype="float32")
