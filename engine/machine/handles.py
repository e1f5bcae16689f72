"""Hands the fold its named arrays as one pointer each, so that calls are small and compile fast.

A named tuple of arrays would be taken apart at every call: some 600 words for the fold, and
three minutes to compile. Through a handle compiled code reads `state.lots[i].left` all the same;
it neither owns nor counts the arrays, so Python keeps the handle as long as it runs.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    NativeValue,
    lower_getattr_generic,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import arrayobj

_WORD = ir.IntType(64)


class HandleType(types.Type):
    """The compiler's type of a handle: names and types of its arrays, all in C order."""

    def __init__(self, name: str, fields: tuple[tuple[str, Any], ...]) -> None:
        self.fields = fields
        told = hashlib.sha256(repr(fields).encode()).hexdigest()[:12]
        super().__init__(name=f"{name}_{told}")


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
    """The type of a handle whose arrays are writable and in C order."""
    return HandleType(name, tuple((f, typeof(np.zeros((0,) * n, d))) for f, d, n in shapes))


def handle(arrays: NamedTuple) -> Any:
    """The handle of `arrays`, typed as anything: compiled code takes it for the tuple itself."""
    return Handle(arrays)


@typeof_impl.register(Handle)
def _typeof(value: Handle, context: object) -> HandleType:
    return value.kind


register_model(HandleType)(models.OpaqueModel)


@unbox(HandleType)
def _unbox(kind: HandleType, value: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(value, "address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer)


@infer_getattr
class _Attributes(AttributeTemplate):
    key = HandleType

    def generic_resolve(self, kind: HandleType, name: str) -> Any:  # type: ignore[override]
        """The type of the array called `name`."""
        return dict(kind.fields).get(name)


@lower_getattr_generic(HandleType)
def _array(context: Any, builder: Any, kind: HandleType, value: Any, name: str) -> Any:
    """Builds the array `name` from its address and shape in the handle's words."""
    first = 0
    for field, found in kind.fields:
        if field == name:
            break
        first += 1 + found.ndim
    words = builder.bitcast(value, _WORD.as_pointer())
    read = [
        builder.load(builder.gep(words, [ir.Constant(_WORD, first + n)]))
        for n in range(1 + found.ndim)
    ]
    # A handle's words never change, so no store in between makes the compiler read them again.
    for word in read:
        word.set_metadata("invariant.load", builder.module.add_metadata([]))
    made = arrayobj.make_array(found)(context, builder)
    size = context.get_abi_sizeof(context.get_data_type(found.dtype))
    strides = [ir.Constant(_WORD, size)]
    for length in reversed(read[2:]):
        strides.insert(0, builder.mul(strides[0], length))
    arrayobj.populate_array(
        made,
        data=builder.inttoptr(read[0], made.data.type),
        shape=cgutils.pack_array(builder, read[1:]),
        strides=cgutils.pack_array(builder, strides),
        itemsize=ir.Constant(_WORD, size),
        meminfo=None,
    )
    return made._getvalue()
