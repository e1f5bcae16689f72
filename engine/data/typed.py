"""Typed columns while they are made: whole numbers, or texts that have no codes yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, cells
from engine.language.expression.tree import Type

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Typed:
    """A field's values over all rows: whole numbers, or texts; and where it is null."""

    values: Longs | pa.Array
    null: NDArray[np.bool_]


def nothing(kind: Type, count: int) -> Typed:
    """A column without any value."""
    null = np.ones(count, np.bool_)
    if kind in (Type.TEXT, Type.TEXTS):
        return Typed(pa.nulls(count, pa.large_string()), null)
    return Typed(np.zeros(count, np.int64), null)


def spread(got: cells.Cells, where: NDArray[np.bool_]) -> Typed:
    """Cells of the rows at `where` as a column of all rows."""
    null = np.ones(len(where), np.bool_)
    null[where] = got.null
    if got.values is None:
        if where.all():
            return Typed(got.texts, null)
        place = np.where(where, np.cumsum(where) - 1, 0)
        return Typed(got.texts.take(pa.array(place, mask=~where)), null)
    values = np.zeros(len(where), np.int64)
    values[where] = got.values
    return Typed(values, null)


def pick(column: Typed, where: NDArray[np.bool_]) -> Typed:
    """The rows at `where` of a column."""
    if isinstance(column.values, np.ndarray):
        return Typed(column.values[where], column.null[where])
    return Typed(column.values.filter(pa.array(where)), column.null[where])


def stacked(columns: Sequence[Typed]) -> Typed:
    """The same column of several files as one."""
    null = np.concatenate([c.null for c in columns])
    if isinstance(columns[0].values, np.ndarray):
        return Typed(np.concatenate([c.values for c in columns]), null)
    return Typed(joined([c.values for c in columns]), null)


def joined(arrays: Sequence[pa.Array]) -> pa.Array:
    """Text arrays as one."""
    return pa.concat_arrays(arrays) if arrays else pa.nulls(0, pa.large_string())


def comparable(column: Typed) -> Longs:
    """The numbers of a column, or codes of its texts that are good for telling them apart."""
    if isinstance(column.values, np.ndarray):
        return column.values
    return arrays.whole(pc.dictionary_encode(column.values).indices, -1)


def contents(columns: Sequence[Typed]) -> list[Longs]:
    """What tells two rows apart."""
    found: list[Longs] = []
    for column in columns:
        found.append(np.where(column.null, 0, comparable(column)))
        found.append(column.null.astype(np.int64))
    return found


def at(column: Typed, row: int) -> str | int | None:
    """The value of one row; None where it is null."""
    if column.null[row]:
        return None
    value = column.values[row]
    return str(value.as_py()) if isinstance(value, pa.Scalar) else int(value)
