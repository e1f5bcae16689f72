"""Hands the fold its named arrays as one pointer each, so that calls are small and compile fast.

A named tuple of arrays would be taken apart at every call: some 600 words for the fold, and
minutes to compile. Through a handle compiled code reads `state.lots[i].left` all the same: an
attribute of a handle is a table, a place in a table of records a row. Whole numbers are int64
there whatever room they take, no index counts from the end, nothing is copied, and what is
written to one kind of record is known not to change another. A handle neither owns nor counts
the arrays, so Python keeps it as long as it runs.
"""

from __future__ import annotations

import hashlib
import operator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing import signature
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
)
from numba.extending import (
    NativeValue,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    register_model,
    typeof_impl,
    unbox,
)

_WORD, _BYTE = ir.IntType(64), ir.IntType(8)
_PAIR = types.UniTuple(types.intp, 2)


class HandleType(types.Type):
    """The compiler's type of a handle: names, dtypes and dimensions of its arrays."""

    def __init__(self, name: str, fields: tuple[tuple[str, np.dtype[Any], int], ...]) -> None:
        self.fields = fields
        super().__init__(name=f"{name}_{_told(fields)}")


class TableType(types.Type):
    """An array of one or two dimensions, reached through a handle."""

    def __init__(self, dtype: np.dtype[Any], ndim: int) -> None:
        self.dtype, self.ndim = dtype, ndim
        super().__init__(name=f"table_{_told(dtype)}_{ndim}")


class RowType(types.Type):
    """One record of a table, or of a row of it."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        super().__init__(name=f"row_{_told(dtype)}")


def _told(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:12]


class Handle:
    """The arrays of a named tuple as compiled code takes them; keeps them alive."""

    __slots__ = ("address", "arrays", "kind", "words")

    def __init__(self, arrays: NamedTuple) -> None:
        """Raises TypeError for an array that is not in C order."""
        self.arrays = arrays
        named = arrays._asdict()
        if not all(array.flags.c_contiguous for array in named.values()):
            raise TypeError("every array must be in C order")
        shapes = tuple((name, array.dtype, array.ndim) for name, array in named.items())
        self.kind = _kind(type(arrays).__name__, shapes)
        words = [w for array in named.values() for w in (array.ctypes.data, *array.shape)]
        self.words = np.array(words, np.int64)
        self.address = self.words.ctypes.data


@cache
def _kind(name: str, shapes: tuple[tuple[str, np.dtype[Any], int], ...]) -> HandleType:
    return HandleType(name, shapes)


def handle(arrays: NamedTuple) -> Any:
    """The handle of `arrays`, typed as anything: compiled code takes it for the tuple itself."""
    return Handle(arrays)


@typeof_impl.register(Handle)
def _typeof(value: Handle, context: object) -> HandleType:
    return value.kind


register_model(HandleType)(models.OpaqueModel)
register_model(RowType)(models.OpaqueModel)


@register_model(TableType)
class _TableModel(models.StructModel):
    """Where a table begins, and its lengths."""

    def __init__(self, manager: Any, kind: TableType) -> None:
        lengths = [(f"length{n}", types.intp) for n in range(kind.ndim)]
        super().__init__(manager, kind, [("data", types.voidptr), *lengths])


@unbox(HandleType)
def _unbox(kind: HandleType, value: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(value, "address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer)


def _number(dtype: np.dtype[Any]) -> types.Type:
    """The type in which compiled code has a value of a table or of a field."""
    if dtype == np.bool_:
        return types.boolean
    return types.uint64 if dtype == np.uint64 else types.int64


def _item(table: TableType) -> types.Type:
    return _number(table.dtype) if table.dtype.names is None else RowType(table.dtype)


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
        fields = kind.dtype.fields or {}
        return _number(fields[name][0]) if name in fields else None


def _index(table: TableType, index: types.Type) -> types.Type | None:
    """The index that a table takes in the place of `index`: a whole number, or two."""
    if isinstance(index, types.Integer):
        return types.intp
    pair = isinstance(index, types.BaseTuple) and len(index) == table.ndim == 2
    return _PAIR if pair and all(isinstance(it, types.Integer) for it in index) else None


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        """`table[i]`, `table[i, j]`: a row or a number; `table[i]` of two dimensions: a table."""
        table, index = args
        found = _index(table, index) if isinstance(table, TableType) else None
        if found is None:
            return None
        whole = table.ndim == 1 or found is _PAIR
        return signature(_item(table) if whole else TableType(table.dtype, 1), table, found)


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        """`table[i] = number`, `table[i, j] = number`."""
        table, index, _ = args
        found = _index(table, index) if isinstance(table, TableType) else None
        if found is None or (table.ndim == 2 and found is not _PAIR):
            return None
        return signature(types.none, table, found, _number(table.dtype))


@infer_global(len)
class _Length(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        """`len(table)`."""
        return signature(types.intp, *args) if isinstance(args[0], TableType) else None


@lower_getattr_generic(HandleType)
def _table(context: Any, builder: Any, kind: HandleType, value: Any, name: str) -> Any:
    """The table `name`: its address and lengths stand in the handle's words."""
    place = [field for field, _, _ in kind.fields].index(name)
    first = sum(1 + ndim for _, _, ndim in kind.fields[:place])
    _, dtype, ndim = kind.fields[place]
    words = builder.bitcast(value, _WORD.as_pointer())
    read = [builder.load(builder.gep(words, [_WORD(first + n)])) for n in range(1 + ndim)]
    # A handle's words never change, so no store in between makes the compiler read them again.
    for word in read:
        word.set_metadata("invariant.load", builder.module.add_metadata([]))
    made = cgutils.create_struct_proxy(TableType(dtype, ndim))(context, builder)
    made.data = builder.inttoptr(read[0], _BYTE.as_pointer())
    for n in range(ndim):
        setattr(made, f"length{n}", read[1 + n])
    return made._getvalue()


def _opened(context: Any, builder: Any, kind: TableType, value: Any) -> Any:
    return cgutils.create_struct_proxy(kind)(context, builder, value=value)


def _place(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    """The address of a place in a table."""
    kind = sig.args[0]
    table, index = _opened(context, builder, kind, args[0]), args[1]
    if sig.args[1] is _PAIR or isinstance(sig.args[1], types.BaseTuple):
        first, second = cgutils.unpack_tuple(builder, index, 2)
        index = builder.add(builder.mul(first, table.length1), second)
    elif kind.ndim == 2:
        index = builder.mul(index, table.length1)
    offset = builder.mul(index, _WORD(kind.dtype.itemsize))
    return builder.gep(table.data, [offset], inbounds=True)


def _mark(builder: Any, access: Any, told: str) -> None:
    """Says which kind of number an access is of: one kind never stands where another does."""
    module = builder.module
    root = module.add_metadata([ir.MetaDataString(module, "perkbook")])
    node = module.add_metadata([ir.MetaDataString(module, told), root, _WORD(0)])
    access.set_metadata("tbaa", module.add_metadata([node, node, _WORD(0)]))


def _read(builder: Any, place: Any, dtype: np.dtype[Any], told: str) -> Any:
    """The number at a place, as wide as `_number` says."""
    kept = ir.IntType(8 * dtype.itemsize)
    value = builder.load(builder.bitcast(place, kept.as_pointer()))
    _mark(builder, value, told)
    if dtype == np.bool_:
        return builder.trunc(value, ir.IntType(1))
    return builder.sext(value, _WORD) if dtype.kind == "i" else builder.zext(value, _WORD)


def _write(builder: Any, place: Any, dtype: np.dtype[Any], told: str, value: Any) -> None:
    """Writes a number, which must fit."""
    kept = ir.IntType(8 * dtype.itemsize)
    if dtype == np.bool_:
        value = builder.zext(value, kept)
    elif dtype.itemsize < 8:
        value = builder.trunc(value, kept)
    _mark(builder, builder.store(value, builder.bitcast(place, kept.as_pointer())), told)


@lower_builtin(operator.getitem, TableType, types.intp)
@lower_builtin(operator.getitem, TableType, _PAIR)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    kind, place = sig.args[0], _place(context, builder, sig, args)
    if isinstance(sig.return_type, TableType):
        made = cgutils.create_struct_proxy(sig.return_type)(context, builder)
        made.data, made.length0 = place, _opened(context, builder, kind, args[0]).length1
        return made._getvalue()
    return place if kind.dtype.names else _read(builder, place, kind.dtype, str(kind.dtype))


@lower_builtin(operator.setitem, TableType, types.intp, types.Any)
@lower_builtin(operator.setitem, TableType, _PAIR, types.Any)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    dtype = sig.args[0].dtype
    _write(builder, _place(context, builder, sig, args), dtype, str(dtype), args[2])
    return context.get_dummy_value()


@lower_builtin(len, TableType)
def _len(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return _opened(context, builder, sig.args[0], args[0]).length0


@lower_getattr_generic(TableType)
def _shape(context: Any, builder: Any, kind: TableType, value: Any, name: str) -> Any:
    table = _opened(context, builder, kind, value)
    return cgutils.pack_array(builder, [getattr(table, f"length{n}") for n in range(kind.ndim)])


@lower_getattr_generic(RowType)
def _field(context: Any, builder: Any, kind: RowType, value: Any, name: str) -> Any:
    dtype, place = _at(builder, kind, value, name)
    return _read(builder, place, dtype, f"{_told(kind.dtype)}.{name}")


@lower_setattr_generic(RowType)
def _set_field(context: Any, builder: Any, sig: Any, args: Any, attr: str) -> Any:
    kind, given = sig.args
    dtype, place = _at(builder, kind, args[0], attr)
    value = context.cast(builder, args[1], given, _number(dtype))
    _write(builder, place, dtype, f"{_told(kind.dtype)}.{attr}", value)
    return context.get_dummy_value()


def _at(builder: Any, kind: RowType, value: Any, name: str) -> tuple[np.dtype[Any], Any]:
    """The dtype and the address of a row's field."""
    dtype, offset = (kind.dtype.fields or {})[name][:2]
    return dtype, builder.gep(value, [_WORD(offset)], inbounds=True)
