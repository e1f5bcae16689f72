"""What can be wrong with one cell, as small numbers while reading and as words afterwards."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Faults = NDArray[np.int8]

FINE = 0
EMPTY = 1
NOT_NUMBER = 2
NOT_WHOLE = 3
TOO_EXACT = 4
TOO_LARGE = 5
NOT_FLAG = 6
NOT_DATE = 7
NOT_TIME = 8
TIME_RANGE = 9
NOT_TEXT = 10
UNKNOWN_TYPE = 11
UNKNOWN_MEMBER = 12
NOT_WORKED_OUT = 13

WORDS = (
    "",
    "empty",
    "not a number, written like -1234.56",
    "not a whole number",
    "more places after the point than can be kept",
    "too large",
    "neither true, false, 1 nor 0",
    "not a date, written like 2026-01-31",
    "not a time, written like 2026-01-31 18:30:00 or 2026-01-31T18:30:00+08:00",
    "not a time from 1900 to 2999",
    "not a text",
    "unknown type",
    "unknown member",
    "the mapping cannot be worked out for it",
)


def or_empty(fault: Faults, empty: NDArray[np.bool_]) -> Faults:
    """The faults of cells that may not be empty."""
    if not empty.any():
        return fault
    return np.where((fault == FINE) & empty, EMPTY, fault).astype(np.int8)
