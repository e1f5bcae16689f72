"""What steps over two texts give, by their code points."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.data.columns import TEXTS_MARK
from engine.machine import bytecode_steps as step

_MARK = ord(TEXTS_MARK)


@njit(cache=True, nogil=True, error_model="numpy")
def paired(kind: int, a: int, b: int, data: NDArray[np.int64]) -> int:
    """Whether text a contains, starts with, ends with or includes text b."""
    starts, points = data[step.AT_TEXTS], data[step.AT_POINTS]
    start, stop = points + data[starts + a], points + data[starts + a + 1]
    part, length = points + data[starts + b], data[starts + b + 1] - data[starts + b]
    first, last = start, stop - length
    if kind == step.STARTS:
        last = min(last, start)
    elif kind == step.ENDS:
        first = max(last, start)
    if kind == step.INCLUDES and start == stop:
        return False  # an empty text holds no values, not one that is empty
    for at in range(first, last + 1):
        same = 0
        while same < length and data[at + same] == data[part + same]:
            same += 1
        if same < length:
            continue
        alone = (at == start or data[at - 1] == _MARK) and (
            at + length == stop or data[at + length] == _MARK
        )
        if kind != step.INCLUDES or alone:
            return True
    return False
