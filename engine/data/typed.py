"""Typed columns while they are made: whole numbers, or positions among the texts that occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data import arrays, cells
from engine.language.expression.tree import Type

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
NO_NAMES = pa.nulls(0, pa.large_string())  # `pa.array` would load pandas
SMALL = 2**31  # bytes


@dataclass(frozen=True, slots=True)
class Typed:
    """A field's values over all rows, whole numbers of any width, and where it is null.

    Of texts the values are positions in `names`, which holds each text once, and perhaps some
    that no row says any more. Where a row is null its value is 0.
    """

    values: NDArray[Any]
    null: Flags
    names: Any = None  # a large_string array; None of all but texts


def nothing(kind: Type, count: int) -> Typed:
    """A column without any value."""
    null = np.ones(count, np.bool_)
    if kind in (Type.TEXT, Type.TEXTS):
        return Typed(np.zeros(count, np.int32), null, NO_NAMES)
    return Typed(np.zeros(count, np.int64), null)


def spread(got: cells.Cells, where: Flags | None = None) -> Typed:
    """Cells of the rows at `where` as a column of all rows; None: they are all rows."""
    column = Typed(got.values, got.null) if got.values is not None else texts(got.texts, got.null)
    if where is None:
        return column
    values, null = np.zeros(len(where), column.values.dtype), np.ones(len(where), np.bool_)
    values[where], null[where] = column.values, column.null
    return Typed(values, null, column.names)


def texts(column: pa.Array, null: Flags | None = None) -> Typed:
    """A column of texts, each text found once; null where it is, or where `null` says so."""
    coded = column.dictionary_encode()
    values = arrays.filled(coded.indices, 0).astype(_width(len(coded.dictionary)), copy=False)
    if null is not None and null.any():
        values = np.where(null, values.dtype.type(0), values)
    return Typed(values, arrays.nulls(column) if null is None else null, coded.dictionary)


def _width(count: int) -> type[np.signedinteger[Any]]:
    """The narrowest numbers that tell so many texts apart."""
    return np.int8 if count < 2**7 else np.int16 if count < 2**15 else np.int32


def pick(column: Typed, where: NDArray[Any]) -> Typed:
    """The rows at `where`, a mask or places in order."""
    return Typed(column.values[where], column.null[where], column.names)


def stacked(columns: Sequence[Typed]) -> Typed:
    """The same column of several parts as one."""
    if len(columns) == 1:
        return columns[0]
    null = np.concatenate([c.null for c in columns])
    if columns[0].names is None:
        return Typed(np.concatenate([c.values for c in columns]), null)
    coded = joined([c.names for c in columns]).dictionary_encode()
    place = arrays.filled(coded.indices, 0)
    values = np.zeros(len(null), np.int32)
    row = first = 0
    for column in columns:
        own = place[first : first + len(column.names)]
        if len(own):
            values[row : row + len(column.null)] = own[column.values]
        row, first = row + len(column.null), first + len(column.names)
    values[null] = 0
    return Typed(values, null, coded.dictionary)


def joined(arrays: Sequence[pa.Array]) -> pa.Array:
    """Text arrays as one, with offsets of 64 bits where one has them or all are large together."""
    if not arrays:
        return NO_NAMES
    if sum(one.nbytes for one in arrays) >= SMALL or len({one.type for one in arrays}) > 1:
        arrays = [one.cast(pa.large_string()) for one in arrays]
    return pa.concat_arrays(arrays)


def compact(texts: pa.Array) -> pa.Array:
    """Texts with offsets of 32 bits, where they are not too many for that."""
    return texts.cast(pa.string()) if texts.nbytes < SMALL else texts


def said(column: Typed) -> Flags:
    """Which of its names a column of texts says in some row."""
    found = np.zeros(len(column.names), np.bool_)
    found[column.values[~column.null] if column.null.any() else column.values] = True
    return found


def contents(columns: Sequence[Typed], rows: Longs) -> list[Longs]:
    """What tells two of `rows` apart."""
    found: list[Longs] = []
    for column in columns:
        null = column.null[rows]
        found.append(np.where(null, 0, column.values[rows]).astype(np.int64))
        found.append(null.astype(np.int64))
    return found


def at(column: Typed, row: int) -> str | int | None:
    """The value of one row; None where it is null."""
    if column.null[row]:
        return None
    value = int(column.values[row])
    return value if column.names is None else str(column.names[value].as_py())


def pruned(column: Typed) -> Typed:
    """The column with those names alone that some row says."""
    if column.names is None:
        return column
    used, place = np.unique(column.values[~column.null], return_inverse=True)
    values = np.zeros(len(column.null), np.int32)
    values[~column.null] = place
    return Typed(values, column.null, column.names.take(pa.array(used)))
