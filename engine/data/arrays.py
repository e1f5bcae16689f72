"""Arrow arrays as numpy ones, with something in the place of nulls."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def whole(column: pa.Array, nothing: int = 0) -> NDArray[np.int64]:
    """Whole numbers, `nothing` where the column is null."""
    return _filled(column, nothing).astype(np.int64)


def floats(column: pa.Array) -> NDArray[np.float64]:
    """Floats, 0 where the column is null."""
    return _filled(column, 0.0).astype(np.float64)


def flags(column: pa.Array) -> NDArray[np.bool_]:
    """Truth values, False where the column is null."""
    return _filled(column, False).astype(np.bool_)


def _filled(column: pa.Array, nothing: float) -> NDArray[np.generic]:
    """The column with `nothing` where it is null; Arrow's own way would load pandas for it."""
    plain = pc.fill_null(column, pa.scalar(nothing, column.type)) if column.null_count else column
    if pa.types.is_boolean(plain.type):
        plain = plain.cast(pa.uint8())
    kind = np.dtype(plain.type.to_pandas_dtype())
    if not len(plain):
        return np.zeros(0, kind)
    values: NDArray[np.generic] = np.frombuffer(plain.buffers()[1], kind)
    return values[plain.offset : plain.offset + len(plain)]
