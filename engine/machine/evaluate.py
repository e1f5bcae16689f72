"""Works out one expression for one environment, a step after the other."""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="return-value"
from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine import bytecode_steps as step
from engine.machine.bytecode_steps import Code
from engine.machine.evaluate_block import block
from engine.machine.evaluate_days import dated
from engine.machine.evaluate_numbers import divided, one, turned, two
from engine.machine.evaluate_plain import among, compared, compared_wide, logic
from engine.machine.evaluate_texts import paired

__all__ = ["NULL", "TOO_LARGE", "VALUE", "block", "row"]

VALUE, NULL, TOO_LARGE = step.VALUE, step.GONE, step.TOO_LARGE


# It allocates nothing, so it needs no counting of references, which would cost 50 ns a call.
@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)  # type: ignore[untyped-decorator, call-overload]
def row(
    code: Code, number: int, env: NDArray[np.int64], null: NDArray[np.bool_]
) -> tuple[int, int, int]:
    """Upper and lower half of the value of expression `number`, and VALUE, NULL or TOO_LARGE.

    `env` and `null` hold one value per slot. A flag is 0 or 1 in the lower half. The loop is one
    piece: it reads beside the list of steps in bytecode_steps.
    """
    steps, hi, lo, gone = code.steps, code.registers[0], code.registers[1], code.registers[2]
    for at in range(code.spans[number, step.FIRST], code.spans[number, step.STOP]):
        operation, t = steps[at, 0], steps[at, 1]
        a, b, c = steps[at, 2], steps[at, 3], steps[at, 4]
        if operation == step.LOAD:
            lo[t] = env[a]
            hi[t] = env[a] >> 63
            gone[t] = null[a]
        elif operation <= step.COMPARE_WIDE:
            gone[t] = gone[a] or gone[b]
            if operation == step.COMPARE:
                lo[t] = compared(lo[a], lo[b], c)
            else:
                lo[t] = compared_wide(hi[a], lo[a], hi[b], lo[b], c)
        elif operation == step.AMONG:
            gone[t] = gone[a]
            lo[t] = among(lo[a], code.data, b, c)
        elif operation <= step.IS_FALSE:
            lo[t], gone[t] = logic(operation, lo[a], gone[a], lo[b], gone[b])
        elif operation == step.SELECT:
            source = b if lo[a] != 0 and not gone[a] else c
            hi[t], lo[t], gone[t] = hi[source], lo[source], gone[source]
        elif operation == step.NULL_IF:
            hi[t], lo[t] = hi[a], lo[a]
            gone[t] = gone[a] or (lo[b] != 0 and not gone[b])
        elif operation == step.LOOKUP:
            gone[t] = gone[a]
            if not gone[t]:
                if lo[a] >= code.tables.shape[1]:
                    return np.int64(0), np.int64(0), step.TOO_LARGE
                hi[t], lo[t] = np.int64(0), np.int64(code.tables[b, lo[a]])
        elif operation == step.PAIR:
            gone[t] = gone[a] or gone[b]
            if not gone[t]:
                lo[t] = paired(c, lo[a], lo[b], code.data)
        elif operation >= step.DAY:
            other = lo[b] if operation == step.AGE else b
            gone[t] = gone[a] or (operation == step.AGE and gone[b])
            lo[t] = dated(operation, lo[a], other, code.data)
            hi[t] = lo[t] >> 63
        else:
            alone = operation == step.NEGATE or operation == step.ABSOLUTE
            gone[t] = gone[a] or (not alone and gone[b])
            large = False
            if operation == step.RATIO:
                gone[t] = gone[t] or (hi[b] == 0 and lo[b] == 0)
                gone[t + 1] = gone[t]
                if not gone[t]:
                    hi[t], lo[t], large = turned(hi[a], lo[a], hi[b])
                    hi[t + 1], lo[t + 1], more = turned(hi[b], lo[b], hi[b])
                    large = large or more
            elif gone[t]:
                continue
            elif alone:
                hi[t], lo[t], gone[t], large = one(operation, hi[a], lo[a])
            elif operation == step.DIVIDE:
                hi[t], lo[t], gone[t], large = divided(hi[a], lo[a], hi[b], lo[b], c)
            else:
                hi[t], lo[t], gone[t], large = two(operation, hi[a], lo[a], hi[b], lo[b])
            if large:
                return np.int64(0), np.int64(0), step.TOO_LARGE
    result = code.spans[number, step.RESULT]
    return hi[result], lo[result], step.GONE if gone[result] else step.VALUE
