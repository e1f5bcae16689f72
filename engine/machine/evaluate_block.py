"""Works out one expression for columns, each step over many rows before the next."""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine import bytecode_steps as step
from engine.machine.bytecode_steps import Code
from engine.machine.evaluate_days import dated
from engine.machine.evaluate_numbers import divided, one, turned, two
from engine.machine.evaluate_plain import among, compared, compared_wide, logic
from engine.machine.evaluate_texts import paired

WIDTH = 512  # rows that go through all steps together, so that their registers stay in the cache


@njit(cache=True, nogil=True, error_model="numpy")
def block(
    code: Code,
    number: int,
    env: NDArray[np.int64],
    null: NDArray[np.bool_],
    start: int,
    stop: int,
    out_hi: NDArray[np.int64],
    out_lo: NDArray[np.int64],
    out_state: NDArray[np.int8],
) -> None:
    """`evaluate.row` for columns `start` up to `stop` of `env` [slot, row], into the same places.

    Where the state is not VALUE, the halves mean nothing.
    """
    count = code.spans[number, step.ABOVE] - code.spans[number, step.BASE]
    hi = np.zeros((count, WIDTH), dtype=np.int64)
    lo = np.zeros((count, WIDTH), dtype=np.int64)
    gone = np.zeros((count, WIDTH), dtype=np.bool_)
    large = np.zeros(WIDTH, dtype=np.bool_)
    into(code, number, env, null, start, stop, out_hi, out_lo, out_state, hi, lo, gone, large)


@njit(cache=True, nogil=True, error_model="numpy")
def into(code, number, env, null, start, stop, out_hi, out_lo, out_state, hi, lo, gone, large):
    """The same with registers [n, WIDTH] that are given, at least as many as the code needs."""
    span = code.spans[number]
    base = span[step.BASE]
    for at in range(span[step.CONSTANTS], span[step.CONSTANTS_STOP], 4):
        register = code.data[at] - base
        for i in range(WIDTH):
            hi[register, i] = code.data[at + 1]
            lo[register, i] = code.data[at + 2]
            gone[register, i] = code.data[at + 3] != 0
    result = span[step.RESULT] - base
    for left in range(start, stop, WIDTH):
        width = min(WIDTH, stop - left)
        for i in range(width):
            large[i] = False
        for at in range(span[step.FIRST], span[step.STOP]):
            _work(code, at, base, env, null, left, width, hi, lo, gone, large)
        for i in range(width):
            out_hi[left + i] = hi[result, i]
            out_lo[left + i] = lo[result, i]
            state = step.GONE if gone[result, i] else step.VALUE
            out_state[left + i] = step.TOO_LARGE if large[i] else state


@njit(cache=True, nogil=True, error_model="numpy")
def _work(code, at, base, env, null, left, width, hi, lo, gone, large):
    """One step over `width` rows, of which the first is column `left` of the environment."""
    operation = code.steps[at, 0]
    t = code.steps[at, 1] - base
    a, b, c = code.steps[at, 2], code.steps[at, 3], code.steps[at, 4]
    if operation == step.LOAD:
        for i in range(width):
            lo[t, i] = env[a, left + i]
            hi[t, i] = lo[t, i] >> 63
            gone[t, i] = null[a, left + i]
    elif operation <= step.COMPARE_WIDE:
        _compare(operation, t, a - base, b - base, c, width, hi, lo, gone)
    elif operation == step.AMONG:
        for i in range(width):
            lo[t, i] = among(lo[a - base, i], code.data, b, c)
            gone[t, i] = gone[a - base, i]
    elif operation <= step.IS_FALSE:
        _logic(operation, t, a - base, b - base, width, lo, gone)
    elif operation <= step.NULL_IF:
        _choose(operation, t, a - base, b - base, c - base, width, hi, lo, gone)
    elif operation == step.RATIO:
        _ratio(t, a - base, b - base, width, hi, lo, gone, large)
    elif operation <= step.ABSOLUTE:
        _calculate(operation, t, a - base, b - base, width, hi, lo, gone, large)
    elif operation == step.DIVIDE:
        _divide(t, a - base, b - base, c, width, hi, lo, gone, large)
    elif operation <= step.PAIR:
        _read(code, operation, t, a - base, b, base, c, width, hi, lo, gone, large)
    else:
        _date(operation, t, a - base, b, base, code.data, width, hi, lo, gone)


@njit(cache=True, nogil=True, error_model="numpy")
def _compare(operation, t, a, b, holds, width, hi, lo, gone):
    if operation == step.COMPARE:
        for i in range(width):
            lo[t, i] = compared(lo[a, i], lo[b, i], holds)
    else:
        for i in range(width):
            lo[t, i] = compared_wide(hi[a, i], lo[a, i], hi[b, i], lo[b, i], holds)
    for i in range(width):
        gone[t, i] = gone[a, i] | gone[b, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _logic(operation, t, a, b, width, lo, gone):
    second = b if operation == step.AND or operation == step.OR else a
    for i in range(width):
        lo[t, i], gone[t, i] = logic(
            operation, lo[a, i], gone[a, i], lo[second, i], gone[second, i]
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _choose(operation, t, a, b, c, width, hi, lo, gone):
    for i in range(width):
        if operation == step.SELECT:
            source = b if lo[a, i] != 0 and not gone[a, i] else c
            gone[t, i] = gone[source, i]
        else:
            source = a
            gone[t, i] = gone[a, i] or (lo[b, i] != 0 and not gone[b, i])
        hi[t, i] = hi[source, i]
        lo[t, i] = lo[source, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _ratio(t, a, b, width, hi, lo, gone, large):
    for i in range(width):
        gone[t, i] = gone[a, i] or gone[b, i] or (hi[b, i] == 0 and lo[b, i] == 0)
        gone[t + 1, i] = gone[t, i]
        if not gone[t, i]:
            hi[t, i], lo[t, i], first = turned(hi[a, i], lo[a, i], hi[b, i])
            hi[t + 1, i], lo[t + 1, i], second = turned(hi[b, i], lo[b, i], hi[b, i])
            large[i] |= first or second


@njit(cache=True, nogil=True, error_model="numpy")
def _calculate(operation, t, a, b, width, hi, lo, gone, large):
    alone = operation == step.NEGATE or operation == step.ABSOLUTE
    if operation <= step.MULTIPLY and _is_small(operation, a, b, width, hi, lo):
        _calculate_small(operation, t, a, b, width, hi, lo, gone)
        return
    for i in range(width):
        gone[t, i] = gone[a, i] or (not alone and gone[b, i])
        if gone[t, i]:
            continue
        if alone:
            hi[t, i], lo[t, i], gone[t, i], beyond = one(operation, hi[a, i], lo[a, i])
        else:
            hi[t, i], lo[t, i], gone[t, i], beyond = two(
                operation, hi[a, i], lo[a, i], hi[b, i], lo[b, i]
            )
        large[i] |= beyond


@njit(cache=True, nogil=True, error_model="numpy")
def _is_small(operation, a, b, width, hi, lo):
    """Whether every sum, difference or product of two registers surely fits into 64 bits."""
    beyond, bits_a, bits_b = np.int64(0), np.int64(0), np.int64(0)
    for i in range(width):
        beyond |= (hi[a, i] ^ (lo[a, i] >> 63)) | (hi[b, i] ^ (lo[b, i] >> 63))
        bits_a |= lo[a, i] ^ (lo[a, i] >> 63)
        bits_b |= lo[b, i] ^ (lo[b, i] >> 63)
    if operation == step.MULTIPLY:
        return beyond == 0 and (2.0 * bits_a + 2.0) * (2.0 * bits_b + 2.0) < 2.0**63
    return beyond == 0 and (bits_a | bits_b) < 2**61


@njit(cache=True, nogil=True, error_model="numpy")
def _calculate_small(operation, t, a, b, width, hi, lo, gone):
    if operation == step.ADD:
        for i in range(width):
            lo[t, i] = lo[a, i] + lo[b, i]
    elif operation == step.SUBTRACT:
        for i in range(width):
            lo[t, i] = lo[a, i] - lo[b, i]
    else:
        for i in range(width):
            lo[t, i] = lo[a, i] * lo[b, i]
    for i in range(width):
        hi[t, i] = lo[t, i] >> 63
        gone[t, i] = gone[a, i] | gone[b, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _divide(t, a, b, mode, width, hi, lo, gone, large):
    for i in range(width):
        gone[t, i] = gone[a, i] or gone[b, i]
        if not gone[t, i]:
            hi[t, i], lo[t, i], gone[t, i], beyond = divided(
                hi[a, i], lo[a, i], hi[b, i], lo[b, i], mode
            )
            large[i] |= beyond


@njit(cache=True, nogil=True, error_model="numpy")
def _read(code, operation, t, a, b, base, kind, width, hi, lo, gone, large):
    if operation == step.LOOKUP:
        table = code.tables[b]
        for i in range(width):
            gone[t, i] = gone[a, i]
            hi[t, i] = 0
            if gone[a, i]:
                continue
            if lo[a, i] < len(table):
                lo[t, i] = table[lo[a, i]]
            else:
                large[i] = True
        return
    for i in range(width):
        gone[t, i] = gone[a, i] or gone[b - base, i]
        if not gone[t, i]:
            lo[t, i] = paired(kind, lo[a, i], lo[b - base, i], code.data)


@njit(cache=True, nogil=True, error_model="numpy")
def _date(operation, t, a, b, base, data, width, hi, lo, gone):
    is_age = operation == step.AGE
    for i in range(width):
        gone[t, i] = gone[a, i] or (is_age and gone[b - base, i])
        other = lo[b - base, i] if is_age else b
        lo[t, i] = dated(operation, lo[a, i], other, data)
        hi[t, i] = lo[t, i] >> 63
