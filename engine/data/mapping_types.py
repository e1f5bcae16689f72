"""Gives columns of text and binary floats the types that a mapping's arithmetic needs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, instant

WHOLE = r"^-?(?:0|[1-9][0-9]{0,17})$"
NUMBER = r"^-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?$"
FLOAT = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"
EXACT = 10.0**15  # up to here 15 digits of a float are those of its decimal
PLACES = (1, 2, 3, 4, 6)


def typed(column: pa.Array) -> pa.Array:
    """A column as the mapping's expressions see it.

    Text becomes numbers, days, times or flags where every value of the column is one; numbers
    with a zero before them stay text. Floats that all are decimals of up to 6 places become
    these decimals, so that sums of them are exact.
    """
    if pa.types.is_large_string(column.type):
        return _from_text(column)
    if pa.types.is_floating(column.type):
        return _from_float(column)
    return column


def _all_match(column: pa.Array, pattern: str) -> bool:
    """True where every value matches, and there is one."""
    if column.null_count == len(column):
        return False
    found = pc.all(pc.match_substring_regex(column, pattern)).as_py()
    return bool(found)


def _from_text(column: pa.Array) -> pa.Array:
    """Text as what all of it is."""
    if _all_match(column, WHOLE):
        return column.cast(pa.int64())
    if _all_match(column, NUMBER):
        part = pc.struct_field(pc.extract_regex(column, r"\.(?P<part>[0-9]+)$"), "part")
        return column.cast(pa.decimal128(18, pc.max(pc.utf8_length(part)).as_py() or 0))
    if _all_match(column, FLOAT):
        return column.cast(pa.float64())
    if _all_match(column, "^(?:true|false)$"):
        return pc.equal(column, "true")
    if _all_match(column, f"^{instant.DATE}$"):
        days, fault = instant.read_days(column, "UTC")
        dates = pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32())
        return column if fault[arrays.flags(pc.is_valid(column))].any() else _same(dates, column)
    return _times(column)


def _times(column: pa.Array) -> pa.Array:
    """Text that is ISO times throughout, all with an offset or all without."""
    if not _all_match(column, f"^{instant.DATE}[T ]"):
        return column
    micros, fault = instant.read(column, "UTC")
    if fault[arrays.flags(pc.is_valid(column))].any():
        return column
    offset = _all_match(column, r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)$")
    local = _all_match(column, r"[T ][0-9:.]+$")
    if not offset and not local:
        return column
    kind = pa.timestamp("us", tz="UTC" if offset else None)
    return _same(pa.array(micros, pa.int64()).cast(kind), column)


def _same(values: pa.Array, column: pa.Array) -> pa.Array:
    """The values, null where the column is."""
    return pc.if_else(pc.is_valid(column), values, pa.scalar(None, values.type))


def _from_float(column: pa.Array) -> pa.Array:
    """Floats as decimals where they all are."""
    if column.type.bit_width < 64:
        column = column.cast(pa.large_string()).cast(pa.float64())
    column = pc.if_else(pc.is_nan(column), pa.scalar(None, pa.float64()), column)
    values = arrays.floats(column)
    largest = float(np.abs(values).max(initial=0.0))
    if largest < EXACT and bool((np.trunc(values) == values).all()):
        return _same(pa.array(values.astype(np.int64)), column)
    for places in PLACES:
        scaled = np.rint(values * 10.0**places)
        if largest * 10**places >= EXACT:
            break
        if bool((scaled / 10.0**places == values).all()):
            return _same(_shifted(scaled.astype(np.int64), places), column)
    return column


def _shifted(whole: NDArray[np.int64], places: int) -> pa.Array:
    """Whole numbers as decimals whose last `places` digits stand after the point."""
    wide = pa.array(whole).cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(pa.decimal128(18, places), len(wide), [None, wide.buffers()[1]])
