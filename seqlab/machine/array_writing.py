"""Write a `.npy` file block by block, so that an array larger than memory can be written."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.lib.format import dtype_to_descr, write_array_header_1_0

from seqlab.arrays import AnyArray


def write_array(
    path: Path, blocks: Iterable[AnyArray], *, shape: tuple[int, ...], dtype: str
) -> None:
    """Write the rows of all blocks as one array, with the bytes that `numpy.save` would write.

    shape: of the whole array. Raises ValueError if the blocks have other rows.
    """
    rows = 0
    with path.open("wb") as file:
        header = {
            "descr": dtype_to_descr(np.dtype(dtype)),
            "fortran_order": False,
            "shape": shape,
        }
        write_array_header_1_0(file, header)
        for block in blocks:
            if block.shape[1:] != shape[1:]:
                raise ValueError(f"a block has shape {block.shape}, but the array {shape}")
            file.write(np.ascontiguousarray(block, dtype).data)
            rows += len(block)
    if rows != shape[0]:
        raise ValueError(f"the blocks have {rows} rows, but the array has {shape[0]}")
