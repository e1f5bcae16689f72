"""Arrow arrays as numpy ones, with something in the place of nulls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def whole(column: pa.Array, nothing: int = 0) -> NDArray[np.int64]:
    """Whole numbers, `nothing` where the column is null."""
    return filled(column, nothing).astype(np.int64)


def floats(column: pa.Array) -> NDArray[np.float64]:
    """Floats, 0 where the column is null."""
    return filled(column, 0.0).astype(np.float64)


def flags(column: pa.Array) -> NDArray[np.bool_]:
    """Truth values, False where the column is null."""
    return filled(column, False).astype(np.bool_)


def nulls(column: pa.Array) -> NDArray[np.bool_]:
    """Where the column is null."""
    if not column.null_count:
        return np.zeros(len(column), np.bool_)
    return flags(pc.is_null(column))


def sizes(texts: pa.Array) -> NDArray[np.int64]:
    """How many bytes each text of a large_string array has; of a null any number."""
    if not len(texts):
        return np.zeros(0, np.int64)
    ends = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset :][: len(texts) + 1]
    return ends[1:] - ends[:-1]


def filled(column: pa.Array, nothing: float) -> NDArray[Any]:
    """The column in its own width with `nothing` where it is null; it may not be written to.

    Arrow's own way would load pandas for it.
    """
    plain = pc.fill_null(column, pa.scalar(nothing, column.type)) if column.null_count else column
    if pa.types.is_boolean(plain.type):
        plain = plain.cast(pa.uint8())
    kind = np.dtype(plain.type.to_pandas_dtype())
    if not len(plain):
        return np.zeros(0, kind)
    values: NDArray[Any] = np.frombuffer(plain.buffers()[1], kind)
    return values[plain.offset : plain.offset + len(plain)]
