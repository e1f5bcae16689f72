"""What steps over flags and values of 64 bits give, with SQL's three-valued logic."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine import bytecode_steps as step
from engine.machine import wide


@njit(cache=True, nogil=True, error_model="numpy")
def compared(a: int, b: int, holds: int) -> int:
    """Whether a and b stand to each other as `holds` says."""
    found = (a < b) * step.LESS + (a == b) * step.EQUAL + (a > b) * step.MORE
    return (found & holds) != 0


@njit(cache=True, nogil=True, error_model="numpy")
def compared_wide(a_hi: int, a_lo: int, b_hi: int, b_lo: int, holds: int) -> int:
    """The same for numbers of 128 bits."""
    return holds >> (wide.compare(a_hi, a_lo, b_hi, b_lo) + 1) & 1


@njit(cache=True, nogil=True, error_model="numpy")
def among(value: int, pool: NDArray[np.int64], first: int, stop: int) -> int:
    """Whether the value is one of those ascending in `pool` from `first` up to `stop`."""
    low, high = first, stop
    while low < high:
        middle = (low + high) // 2
        if pool[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low < stop and pool[low] == value


@njit(cache=True, nogil=True, error_model="numpy")
def logic(operation: int, a: int, a_null: bool, b: int, b_null: bool) -> tuple[int, bool]:
    """`and or not` and `is null true false`, and whether it is null."""
    is_true = not a_null and a != 0
    is_false = not a_null and a == 0
    if operation == step.AND:
        no = is_false or (not b_null and b == 0)
        return not no, not no and (a_null or b_null)
    if operation == step.OR:
        yes = is_true or (not b_null and b != 0)
        return yes, not yes and (a_null or b_null)
    if operation == step.NOT:
        return is_false, a_null
    if operation == step.IS_NULL:
        return a_null, False
    return (is_true if operation == step.IS_TRUE else is_false), False
