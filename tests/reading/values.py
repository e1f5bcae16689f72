"""What values of the rules mean: what is in force, durations, periods, limits, rounding."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

Plain = dict[str, Any]  # a section of the program, an event
UNITS = {unit: relativedelta(**{f"{unit}s": 1}) for unit in ("day", "week", "month", "year")}
UNITS["quarter"] = relativedelta(months=3)


def dated(value: Any, day: date) -> Any:
    """The value in force on `day`; None before the first date of a dated one."""
    if not isinstance(value, dict) or not all(isinstance(start, date) for start in value):
        return value
    return next((value[start] for start in sorted(value, reverse=True) if start <= day), None)


@cache
def later(day: date, duration: str, sign: int = 1) -> Any:
    """`day` plus or minus a duration in words; months clamp, `to month end` goes to its end."""
    number, unit, *end = re.findall(r"\d+|day|week|month|quarter|year", duration.split(" with")[0])
    day += sign * int(number) * UNITS[unit]
    return pd.Period(day, end[0][0].upper()).end_time.date() if end else day


@cache
def period(unit: str, when: Any) -> Any:
    """The calendar period of a day or of what a clock shows; weeks begin on Monday."""
    return pd.Period(when, "h" if unit == "hour" else unit[0].upper())


@cache
def limit(text: Any) -> tuple[Fraction, str | None, Callable[[Any, Any], bool]]:
    """`500 points per 30 days`: the number, the wallet, and whether two clocks share a period."""
    number, wallet, days, unit = re.match(  # type: ignore[union-attr]
        r"(\S+)(?: (?!per )(\w+))?(?: per (?:(\d+) )?(\w+?)s?)?$", str(text)
    ).groups()
    if days:
        return Fraction(number), wallet, lambda a, b: (a.date() - b.date()).days < int(days)
    return Fraction(number), wallet, lambda a, b: not unit or period(unit, a) == period(unit, b)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows: in an overlap the first, in a gap the first after it."""
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        at -= timedelta(hours=3)
        while at.astimezone(zone).replace(tzinfo=None) < wall:
            at += timedelta(minutes=1)
    return at.astimezone(zone)


def rounded(value: Fraction, mode: str) -> int:
    """`down` and `up` are towards and away from zero, `nearest` is half away from zero."""
    size = abs(value) + (Fraction(1, 2) if mode == "nearest" else 0)
    return (math.ceil(size) if mode == "up" else math.floor(size)) * (1 if value > 0 else -1)


def scale(spec: Plain) -> int:
    """How many of the smallest unit one unit of a wallet is; of a count, which has no wallet, 1."""
    return int(10 ** (2 if spec.get("unit") == "money" else spec.get("decimals", 0)))


def listed(value: Any) -> list[Any]:
    """One value or a list, or, of what is given, ids with counts."""
    if isinstance(value, dict) and all(isinstance(count, int) for count in value.values()):
        return [name for name in value for _ in range(value[name])]
    return [] if value is None else value if isinstance(value, list) else [value]


def exact(value: Any) -> Any:
    """Numbers as fractions, everything else as it is."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Fraction(value) if number else value
