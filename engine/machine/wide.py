"""Exact arithmetic on signed numbers of 128 bits, each in two int64: its upper and lower half.

The lower half holds 64 plain bits. Nothing wraps: what does not fit says so in its last value.
The compiler takes it that a sum of int64 never wraps, so here numbers without a sign are added.
"""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="arg-type,assignment,return-value"
from __future__ import annotations

import numpy as np
from numba import njit

NEAREST, DOWN, UP, FLOOR, CEIL = range(5)  # half away from zero, towards it, away from it

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_TOP = np.uint64(63)


@njit(cache=True, nogil=True, error_model="numpy")
def fits(hi: int, lo: int) -> bool:
    """Whether the number is also an int64, which then is `lo`."""
    return hi == lo >> 63


@njit(cache=True, nogil=True, error_model="numpy")
def add(a_hi: int, a_lo: int, b_hi: int, b_lo: int) -> tuple[int, int, bool]:
    """a + b, and whether it is too large."""
    lo = np.uint64(a_lo) + np.uint64(b_lo)
    carry = _ONE if lo < np.uint64(a_lo) else _ZERO
    hi = np.int64(np.uint64(a_hi) + np.uint64(b_hi) + carry)
    large = (a_hi < 0) == (b_hi < 0) and (hi < 0) != (a_hi < 0)
    return hi, np.int64(lo), large


@njit(cache=True, nogil=True, error_model="numpy")
def subtract(a_hi: int, a_lo: int, b_hi: int, b_lo: int) -> tuple[int, int, bool]:
    """a - b, and whether it is too large."""
    lo = np.uint64(a_lo) - np.uint64(b_lo)
    borrow = _ONE if np.uint64(a_lo) < np.uint64(b_lo) else _ZERO
    hi = np.int64(np.uint64(a_hi) - np.uint64(b_hi) - borrow)
    large = (a_hi < 0) != (b_hi < 0) and (hi < 0) != (a_hi < 0)
    return hi, np.int64(lo), large


@njit(cache=True, nogil=True, error_model="numpy")
def negate(hi: int, lo: int) -> tuple[int, int, bool]:
    """-a, and whether it is too large."""
    return subtract(np.int64(0), np.int64(0), hi, lo)


@njit(cache=True, nogil=True, error_model="numpy")
def compare(a_hi: int, a_lo: int, b_hi: int, b_lo: int) -> int:
    """-1, 0 or 1 as a is less than, equal to or greater than b."""
    if a_hi != b_hi:
        return -1 if a_hi < b_hi else 1
    if a_lo == b_lo:
        return 0
    return -1 if np.uint64(a_lo) < np.uint64(b_lo) else 1


@njit(cache=True, nogil=True, error_model="numpy")
def multiply(a_hi: int, a_lo: int, b_hi: int, b_lo: int) -> tuple[int, int, bool]:
    """a * b, and whether it is too large."""
    negative = (a_hi < 0) != (b_hi < 0)
    a_up, a_down = _size(a_hi, a_lo)
    b_up, b_down = _size(b_hi, b_lo)
    up, down = _product(a_down, b_down)
    if a_up == _ZERO and b_up == _ZERO:
        return _signed(up, down, negative)
    if a_up != _ZERO and b_up != _ZERO:
        return np.int64(0), np.int64(0), True
    # Of the two cross products at least one is 0, for one of the upper halves is.
    over, cross = _product(a_up, b_down) if a_up != _ZERO else _product(b_up, a_down)
    up_all = up + cross
    large = over != _ZERO or up_all < up
    hi, lo, beyond = _signed(up_all, down, negative)
    return hi, lo, large or beyond


@njit(cache=True, nogil=True, error_model="numpy")
def divide(a_hi: int, a_lo: int, b_hi: int, b_lo: int, mode: int) -> tuple[int, int, bool]:
    """a / b for b > 0 as a whole number, rounded by `mode`, and whether it is too large.

    `mode` is NEAREST (half away from zero), DOWN (towards zero), UP (away from zero), FLOOR, CEIL.
    """
    up, down = _size(a_hi, a_lo)
    up, down, rest_up, rest_down = _quotient(up, down, np.uint64(b_hi), np.uint64(b_lo))
    rest = rest_up != _ZERO or rest_down != _ZERO
    away = mode == UP or (mode == FLOOR and a_hi < 0) or (mode == CEIL and a_hi >= 0)
    if mode == NEAREST:
        # rest >= b - rest, so twice the rest needs no wider number
        left_hi, left_lo, _ = subtract(b_hi, b_lo, np.int64(rest_up), np.int64(rest_down))
        away = compare(np.int64(rest_up), np.int64(rest_down), left_hi, left_lo) >= 0
    if rest and away:
        down += _ONE
        if down == _ZERO:
            up += _ONE
    return _signed(up, down, a_hi < 0)


@njit(cache=True, nogil=True, error_model="numpy")
def remainder(a_hi: int, a_lo: int, b_hi: int, b_lo: int) -> tuple[int, int]:
    """a - b * trunc(a / b) for b other than 0: it has the sign of a."""
    up, down = _size(a_hi, a_lo)
    b_up, b_down = _size(b_hi, b_lo)
    _, _, rest_up, rest_down = _quotient(up, down, b_up, b_down)
    hi, lo, _ = _signed(rest_up, rest_down, a_hi < 0)
    return hi, lo


@njit(cache=True, nogil=True, error_model="numpy")
def _size(hi: int, lo: int) -> tuple[int, int]:
    """The number without its sign, as two unsigned halves."""
    if hi >= 0:
        return np.uint64(hi), np.uint64(lo)
    down = _ZERO - np.uint64(lo)
    up = _ZERO - np.uint64(hi)
    if down != _ZERO:
        up -= _ONE
    return up, down


@njit(cache=True, nogil=True, error_model="numpy")
def _signed(up: int, down: int, negative: bool) -> tuple[int, int, bool]:
    """The halves with a sign; too large where the top bit was in use, but for -2^127."""
    hi, lo = np.int64(up), np.int64(down)
    large = hi < 0
    if negative:
        lo = np.int64(_ZERO - down)
        hi = np.int64(_ZERO - up - (_ONE if down != _ZERO else _ZERO))
        large = large and not (hi == np.int64(up) and down == _ZERO)
    return hi, lo, large


@njit(cache=True, nogil=True, error_model="numpy")
def _product(a: int, b: int) -> tuple[int, int]:
    """The whole product of two unsigned 64-bit numbers."""
    a_low, a_high = a & _LOW, a >> _HALF
    b_low, b_high = b & _LOW, b >> _HALF
    low = a_low * b_low
    one = a_high * b_low
    other = a_low * b_high
    middle = (low >> _HALF) + (one & _LOW) + (other & _LOW)
    up = a_high * b_high + (one >> _HALF) + (other >> _HALF) + (middle >> _HALF)
    return up, (low & _LOW) | (middle << _HALF)


@njit(cache=True, nogil=True, error_model="numpy")
def _quotient(up: int, down: int, b_up: int, b_down: int) -> tuple[int, int, int, int]:
    """Unsigned quotient and rest, b other than 0."""
    if up == _ZERO and b_up == _ZERO:
        return _ZERO, down // b_down, _ZERO, down % b_down
    if b_up == _ZERO and b_down <= _LOW:
        return _quotient_short(up, down, b_down)
    return _quotient_long(up, down, b_up, b_down)


@njit(cache=True, nogil=True, error_model="numpy")
def _quotient_short(up: int, down: int, b: int) -> tuple[int, int, int, int]:
    """School division by a number of 32 bits, a digit of 32 bits at a time."""
    first, rest = up // b, up % b
    part = (rest << _HALF) | (down >> _HALF)
    second, rest = part // b, part % b
    part = (rest << _HALF) | (down & _LOW)
    return first, (second << _HALF) | (part // b), _ZERO, part % b


@njit(cache=True, nogil=True, error_model="numpy")
def _quotient_long(up: int, down: int, b_up: int, b_down: int) -> tuple[int, int, int, int]:
    """School division, a bit at a time; b and so the rest stay below 2^127."""
    rest_up, rest_down = _ZERO, _ZERO
    for _ in range(128):
        rest_up = (rest_up << _ONE) | (rest_down >> _TOP)
        rest_down = (rest_down << _ONE) | (up >> _TOP)
        up = (up << _ONE) | (down >> _TOP)
        down = down << _ONE
        if rest_up > b_up or (rest_up == b_up and rest_down >= b_down):
            if rest_down < b_down:
                rest_up -= _ONE
            rest_up -= b_up
            rest_down -= b_down
            down |= _ONE
    return up, down, rest_up, rest_down
