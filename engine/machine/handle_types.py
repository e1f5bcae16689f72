"""The types of a handle, its tables and their rows, and what reading and writing them gives."""

from __future__ import annotations

import hashlib
import operator
from typing import Any

import numpy as np
from numba import types
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)

PAIR = types.UniTuple(types.intp, 2)


class HandleType(types.Type):
    """The compiler's type of a handle: names, dtypes and dimensions of its arrays."""

    def __init__(self, name: str, fields: tuple[tuple[str, np.dtype[Any], int], ...]) -> None:
        self.fields = fields
        super().__init__(name=f"{name}_{told(fields)}")


class TableType(types.Type):
    """An array of one or two dimensions, reached through a handle."""

    def __init__(self, dtype: np.dtype[Any], ndim: int) -> None:
        self.dtype, self.ndim = dtype, ndim
        super().__init__(name=f"table_{told(dtype)}_{ndim}")


class RowType(types.Type):
    """One record of a table, or of a row of it."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        super().__init__(name=f"row_{told(dtype)}")


def told(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:12]


def number(dtype: np.dtype[Any]) -> types.Type:
    """The type in which compiled code has a value of a table or of a field."""
    if dtype == np.bool_:
        return types.boolean
    return types.uint64 if dtype == np.uint64 else types.int64


def _item(table: TableType) -> types.Type:
    return number(table.dtype) if table.dtype.names is None else RowType(table.dtype)


@infer_getattr
class _OfHandle(AttributeTemplate):
    key = HandleType

    def generic_resolve(self, kind: HandleType, name: str) -> Any:  # type: ignore[override]
        """The type of the table called `name`."""
        return next((TableType(d, n) for field, d, n in kind.fields if field == name), None)


@infer_getattr
class _OfTable(AttributeTemplate):
    key = TableType

    def generic_resolve(self, kind: TableType, name: str) -> Any:  # type: ignore[override]
        """The type of a table's shape."""
        return types.UniTuple(types.intp, kind.ndim) if name == "shape" else None


@infer_getattr
class _OfRow(AttributeTemplate):
    key = RowType

    def generic_resolve(self, kind: RowType, name: str) -> Any:  # type: ignore[override]
        """The type of the field called `name`."""
        named = kind.dtype.names is not None and name in kind.dtype.names
        return number(kind.dtype[name]) if named else None


def _index(table: TableType, index: Any) -> types.Type | None:
    """The index that a table takes in the place of `index`: a whole number, or two."""
    if isinstance(index, types.Integer):
        return types.intp
    pair = isinstance(index, types.BaseTuple) and len(index) == table.ndim == 2
    return PAIR if pair and all(isinstance(it, types.Integer) for it in index) else None


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        """`table[i]`, `table[i, j]`: a row or a number; `table[i]` of two dimensions: a table."""
        table, index = args
        found = _index(table, index) if isinstance(table, TableType) else None
        if found is None:
            return None
        whole = table.ndim == 1 or found is PAIR
        return signature(_item(table) if whole else TableType(table.dtype, 1), table, found)


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        """`table[i] = number`, `table[i, j] = number`."""
        table, index, _ = args
        found = _index(table, index) if isinstance(table, TableType) else None
        if found is None or (table.ndim == 2 and found is not PAIR):
            return None
        return signature(types.none, table, found, number(table.dtype))


@infer_global(len)
class _Length(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        """`len(table)`."""
        return signature(types.intp, *args) if isinstance(args[0], TableType) else None
