"""Hands the fold its named arrays as one pointer each, so that calls are small and compile fast.

A named tuple of arrays would be taken apart at every call: some 600 words for the fold, and
minutes to compile. Through a handle compiled code reads `state.lots[i].left` all the same: an
attribute of a handle is a table, a place in a table of records a row. Whole numbers are int64
there whatever room they take, no index counts from the end, nothing is copied, and what is
written to one kind of record is known not to change another. A handle neither owns nor counts
the arrays, so Python keeps it as long as it runs.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba.extending import NativeValue, typeof_impl, unbox

from engine.machine import handle_code  # noqa: F401  (compiled code reads and writes with it)
from engine.machine.handle_types import HandleType


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


@unbox(HandleType)
def _unbox(kind: HandleType, value: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(value, "address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer)
