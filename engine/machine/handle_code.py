"""What handles, tables and rows are in compiled code: how they are read and written there."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import (
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    register_model,
)

from engine.machine.handle_types import PAIR, HandleType, RowType, TableType, number, told

_WORD, _BYTE = ir.IntType(64), ir.IntType(8)

register_model(HandleType)(models.OpaqueModel)
register_model(RowType)(models.OpaqueModel)


@register_model(TableType)
class _TableModel(models.StructModel):
    """Where a table begins, and its lengths."""

    def __init__(self, manager: Any, kind: TableType) -> None:
        lengths = [(f"length{n}", types.intp) for n in range(kind.ndim)]
        super().__init__(manager, kind, [("data", types.voidptr), *lengths])


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
    if sig.args[1] is PAIR or isinstance(sig.args[1], types.BaseTuple):
        first, second = cgutils.unpack_tuple(builder, index, 2)
        index = builder.add(builder.mul(first, table.length1), second)
    elif kind.ndim == 2:
        index = builder.mul(index, table.length1)
    offset = builder.mul(index, _WORD(kind.dtype.itemsize))
    return builder.gep(table.data, [offset], inbounds=True)


def _mark(builder: Any, access: Any, kind: str) -> None:
    """Says which kind of number an access is of: one kind never stands where another does."""
    module = builder.module
    root = module.add_metadata([ir.MetaDataString(module, "perkbook")])
    node = module.add_metadata([ir.MetaDataString(module, kind), root, _WORD(0)])
    access.set_metadata("tbaa", module.add_metadata([node, node, _WORD(0)]))


def _read(builder: Any, place: Any, dtype: np.dtype[Any], kind: str) -> Any:
    """The number at a place, as wide as `number` says."""
    kept = ir.IntType(8 * dtype.itemsize)
    value = builder.load(builder.bitcast(place, kept.as_pointer()))
    _mark(builder, value, kind)
    if dtype == np.bool_:
        return builder.trunc(value, ir.IntType(1))
    return builder.sext(value, _WORD) if dtype.kind == "i" else builder.zext(value, _WORD)


def _write(builder: Any, place: Any, dtype: np.dtype[Any], kind: str, value: Any) -> None:
    """Writes a number, which must fit."""
    kept = ir.IntType(8 * dtype.itemsize)
    if dtype == np.bool_:
        value = builder.zext(value, kept)
    elif dtype.itemsize < 8:
        value = builder.trunc(value, kept)
    _mark(builder, builder.store(value, builder.bitcast(place, kept.as_pointer())), kind)


@lower_builtin(operator.getitem, TableType, types.intp)
@lower_builtin(operator.getitem, TableType, PAIR)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    kind, place = sig.args[0], _place(context, builder, sig, args)
    if isinstance(sig.return_type, TableType):
        made = cgutils.create_struct_proxy(sig.return_type)(context, builder)
        made.data, made.length0 = place, _opened(context, builder, kind, args[0]).length1
        return made._getvalue()
    return place if kind.dtype.names else _read(builder, place, kind.dtype, str(kind.dtype))


@lower_builtin(operator.setitem, TableType, types.intp, types.Any)
@lower_builtin(operator.setitem, TableType, PAIR, types.Any)
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
    return _read(builder, place, dtype, f"{told(kind.dtype)}.{name}")


@lower_setattr_generic(RowType)
def _set_field(context: Any, builder: Any, sig: Any, args: Any, attr: str) -> Any:
    kind, given = sig.args
    dtype, place = _at(builder, kind, args[0], attr)
    value = context.cast(builder, args[1], given, number(dtype))
    _write(builder, place, dtype, f"{told(kind.dtype)}.{attr}", value)
    return context.get_dummy_value()


def _at(builder: Any, kind: RowType, value: Any, name: str) -> tuple[np.dtype[Any], Any]:
    """The dtype and the address of a row's field."""
    fields: Any = kind.dtype.fields
    dtype, offset = fields[name][:2]
    return dtype, builder.gep(value, [_WORD(offset)], inbounds=True)
