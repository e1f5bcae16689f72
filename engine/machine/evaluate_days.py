"""What steps over days and instants give."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine import bytecode_steps as step
from engine.machine import calendar, zone


@njit(cache=True, nogil=True, error_model="numpy")
def dated(operation: int, a: int, b: int, data: NDArray[np.int64]) -> int:
    """DAY, HOUR, PART (b: which) and AGE (b: today)."""
    if operation == step.DAY:
        return local(a, data) // zone.DAY
    if operation == step.HOUR:
        return local(a, data) % zone.DAY // zone.HOUR
    return part(a, b) if operation == step.PART else age(a, b)


@njit(cache=True, nogil=True, error_model="numpy")
def local(at: int, data: NDArray[np.int64]) -> int:
    """The wall time of an instant, as `zone.wall`."""
    low, high = data[step.AT_CHANGES], data[step.AT_OFFSETS]
    while low < high:
        middle = (low + high) // 2
        if data[middle] <= at:
            low = middle + 1
        else:
            high = middle
    return at + int(data[low - data[step.AT_CHANGES] + data[step.AT_OFFSETS]])


@njit(cache=True, nogil=True, error_model="numpy")
def part(day: int, which: int) -> int:
    """Year, month, day of the month or weekday (1 is Monday) of a day since 1970-01-01."""
    if which == step.WEEKDAY:
        return (day + 3) % 7 + 1
    month = calendar.month_of(day)
    if which == step.MONTH:
        return month % 12 + 1
    if which == step.DAY_OF_MONTH:
        return day - calendar.month_start(month) + 1
    return month // 12


@njit(cache=True, nogil=True, error_model="numpy")
def age(birthday: int, today: int) -> int:
    """Whole years; who was born on 29 February has a birthday on 28 February in other years."""
    month, day = part(birthday, step.MONTH), part(birthday, step.DAY_OF_MONTH)
    year = part(today, step.YEAR)
    if month == 2 and day == 29 and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
        day = 28
    now_month, now_day = part(today, step.MONTH), part(today, step.DAY_OF_MONTH)
    reached = now_month > month or (now_month == month and now_day >= day)
    years = year - part(birthday, step.YEAR)
    return years if reached else years - 1
