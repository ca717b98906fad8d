"""The array types that signatures name; docstrings give shapes and units."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

HalfArray = NDArray[np.float16]
FloatArray = NDArray[np.float32]
DoubleArray = NDArray[np.float64]
AnyFloatArray = NDArray[np.floating[Any]]
Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
AnyIntArray = NDArray[np.integer[Any]]
UInt64Array = NDArray[np.uint64]
IndexArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
AnyArray = NDArray[Any]
