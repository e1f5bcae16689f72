"""What steps of exact arithmetic give: halves, whether null, whether too large for 128 bits."""

from __future__ import annotations

from numba import njit

from engine.machine import bytecode_steps as step
from engine.machine import wide


@njit(cache=True, nogil=True, error_model="numpy")
def one(operation: int, hi: int, lo: int) -> tuple[int, int, bool, bool]:
    """NEGATE and ABSOLUTE."""
    if operation == step.ABSOLUTE and hi >= 0:
        return hi, lo, False, False
    up, down, large = wide.negate(hi, lo)
    return up, down, False, large


@njit(cache=True, nogil=True, error_model="numpy")
def two(operation: int, a_hi: int, a_lo: int, b_hi: int, b_lo: int) -> tuple[int, int, bool, bool]:
    """ADD, SUBTRACT, MULTIPLY and REMAINDER, which is null where b is 0."""
    if operation == step.ADD:
        hi, lo, large = wide.add(a_hi, a_lo, b_hi, b_lo)
    elif operation == step.SUBTRACT:
        hi, lo, large = wide.subtract(a_hi, a_lo, b_hi, b_lo)
    elif operation == step.MULTIPLY:
        hi, lo, large = wide.multiply(a_hi, a_lo, b_hi, b_lo)
    elif b_hi == 0 and b_lo == 0:
        return a_hi, a_lo, True, False
    else:
        hi, lo = wide.remainder(a_hi, a_lo, b_hi, b_lo)
        large = False
    return hi, lo, False, large


@njit(cache=True, nogil=True, error_model="numpy")
def divided(a_hi: int, a_lo: int, b_hi: int, b_lo: int, mode: int) -> tuple[int, int, bool, bool]:
    """DIVIDE, null where b is 0."""
    if b_hi == 0 and b_lo == 0:
        return a_hi, a_lo, True, False
    hi, lo, large = wide.divide(a_hi, a_lo, b_hi, b_lo, mode)
    return hi, lo, False, large


@njit(cache=True, nogil=True, error_model="numpy")
def turned(hi: int, lo: int, by_hi: int) -> tuple[int, int, bool]:
    """RATIO: the number with its sign changed where the one of `by` is minus."""
    if by_hi >= 0:
        return hi, lo, False
    up, down, large = wide.negate(hi, lo)
    return up, down, large
