"""Days as whole numbers since 1970-01-01: adding months, ends of months, periods (compiled)."""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="return-value"
from __future__ import annotations

import numpy as np
from numba import njit

from engine.machine.compiling import INNER, OUTER

SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR = range(1, 9)
UNITS = {
    "second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY,
    "week": WEEK, "month": MONTH, "quarter": QUARTER, "year": YEAR,
}  # fmt: skip
EVER = 0  # no period: one that never ends
NEVER = 2**31 - 2  # a day that does not come
LONG_AGO = -(2**31) + 2

# The months from 1900 to 2199 looked up instead of worked out: counted from year 0, when each
# begins, and which one a day lies in.
_MONTHS = np.arange("1900-01", "2200-01", dtype="datetime64[M]")
_FIRST_MONTH = 1900 * 12
_STARTS = _MONTHS.astype("datetime64[D]").astype(np.int32)
_FIRST_DAY = int(_STARTS[0])
_MONTH_OF = (
    (_FIRST_DAY + np.arange(int(_STARTS[-1]) - _FIRST_DAY))
    .astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
).astype(np.int32)  # fmt: skip


@njit(**INNER)
def civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of month of `day`. H. Hinnant, chrono-compatible date algorithms."""
    z = day + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (1 if month <= 2 else 0)
    return year, month, doy - (153 * mp + 2) // 5 + 1


@njit(**INNER)
def day_of(year: int, month: int, dom: int) -> int:
    """The day of a civil date; the inverse of `civil`."""
    y = year - 1 if month <= 2 else year
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + dom - 1
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468


@njit(**INNER)
def month_start(months: int) -> int:
    """The first day of a month counted from year 0."""
    if 0 <= months - _FIRST_MONTH < len(_STARTS):
        return np.int64(_STARTS[months - _FIRST_MONTH])
    return day_of(months // 12, months % 12 + 1, 1)


@njit(**INNER)
def month_of(day: int) -> int:
    """The month that `day` lies in, counted from year 0."""
    if 0 <= day - _FIRST_DAY < len(_MONTH_OF):
        return np.int64(_MONTH_OF[day - _FIRST_DAY])
    year, month, _ = civil(day)
    return year * 12 + month - 1


@njit(**INNER)
def add_months(day: int, months: int) -> int:
    """`day` moved by months; clamped to the month's last day (N16)."""
    month = month_of(day)
    first = month_start(month + months)
    last = month_start(month + months + 1) - 1
    return min(first + day - month_start(month), last)


@njit(**INNER)
def months_in(unit: int) -> int:
    """How many months a unit of months has."""
    if unit == YEAR:
        return 12
    return 3 if unit == QUARTER else 1


@njit(cache=True, **OUTER)
def add(day: int, count: int, unit: int) -> int:
    """`day` moved by `count` units of a day or longer."""
    if unit == DAY:
        return day + count
    if unit == WEEK:
        return day + 7 * count
    return add_months(day, count * months_in(unit))


@njit(cache=True, **OUTER)
def period(unit: int, day: int, hour: int) -> int:
    """The number of the calendar period that `day` lies in; weeks begin on Monday (S20)."""
    if unit == EVER:
        return 0
    if unit == HOUR:
        return day * 24 + hour
    if unit == DAY:
        return day
    if unit == WEEK:
        return (day + 3) // 7
    return month_of(day) // months_in(unit)


@njit(**INNER)
def period_start(unit: int, number: int) -> int:
    """The first day of a calendar period of a day or longer."""
    if unit == DAY:
        return number
    if unit == WEEK:
        return number * 7 - 3
    return month_start(number * months_in(unit))


@njit(**INNER)
def to_end(day: int, unit: int) -> int:
    """The last day of the month, quarter or year that `day` lies in."""
    return period_start(unit, period(unit, day, 0) + 1) - 1
