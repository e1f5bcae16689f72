"""A column of somebody's file as values of a declared type, and what is wrong with each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, instant, number, text
from engine.data.faults import FINE, NOT_FLAG, NOT_TEXT, Faults
from engine.language.expression.tree import Type

FLAGS = {"true": 1, "false": 0, "1": 1, "0": 0}


@dataclass(frozen=True, slots=True)
class How:
    """How cells are read: the program's currency and zone, and what the file is."""

    money_decimals: int
    zone: str  # of naive times
    home: str  # the program's, in which days are counted
    mapped: bool = False
    numerals: NDArray[np.bool_] | None = None  # JSON: where the text was a number
    nested: NDArray[np.bool_] | None = None  # JSON: where it was a list or an object


@dataclass(frozen=True, slots=True)
class Cells:
    """Whole numbers as `Column` has them, or texts; both with nulls and faults per row."""

    values: NDArray[np.int64] | None
    texts: Any  # a large_string array of text and texts; None of all others
    null: NDArray[np.bool_]
    fault: Faults  # 0 where it could be read


def read(column: pa.Array, type_: Type, how: How) -> Cells:
    """The cells of `column` as values of `type_`; where a fault is, the value means nothing."""
    if isinstance(column, pa.NullArray):
        column = pa.nulls(len(column), pa.large_string())
    if pa.types.is_floating(column.type):
        column = _without_nan(column)
    null = arrays.nulls(column)
    if type_ is Type.TEXT:
        texts, fault = text.read(column)
        if how.nested is not None:
            fault[how.nested] = NOT_TEXT
        return Cells(None, texts, null, _known(fault, null))
    if type_ is Type.TEXTS:
        texts, fault = text.read_several(column)
        return Cells(None, texts, null, _known(fault, null))
    values, fault = _numbers(column, type_, how)
    values = np.where(null, 0, values) if column.null_count else values
    return Cells(values, None, null, _known(fault, null))


def _known(fault: Faults, null: NDArray[np.bool_]) -> Faults:
    """The faults of cells that are not null."""
    return np.where(null, FINE, fault) if fault.any() else fault


def _without_nan(column: pa.Array) -> pa.Array:
    """Floats with null where they are no number: that is how many tools write a gap."""
    return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)


def _numbers(column: pa.Array, type_: Type, how: How) -> tuple[NDArray[np.int64], Faults]:
    """Everything that becomes a whole number."""
    if type_ is Type.MONEY:
        kind = number.Kind(how.money_decimals, number.MONEY_MOST, True)
        return number.read(column, kind, how.mapped, how.numerals)
    if type_ is Type.DECIMAL:
        return number.read(column, number.DECIMAL, how.mapped, how.numerals)
    if type_ is Type.WHOLE:
        return number.read(column, number.WHOLE, how.mapped, how.numerals)
    if type_ is Type.DATE:
        return instant.read_days(column, how.home)
    if type_ is Type.TIME:
        return instant.read(column, how.zone)
    return _flags(column)


def _flags(column: pa.Array) -> tuple[NDArray[np.int64], Faults]:
    """true, false, 1 and 0."""
    if pa.types.is_boolean(column.type):
        return arrays.flags(column).astype(np.int64), np.zeros(len(column), np.int8)
    texts, _ = text.read(column)
    words = pa.array(list(FLAGS), pa.large_string())
    found = arrays.whole(pc.index_in(texts, value_set=words), -1)
    values = np.array([*FLAGS.values(), 0], np.int64)[found]
    return values, np.where(found < 0, NOT_FLAG, FINE).astype(np.int8)
