"""Reads days and instants, in text as ISO 8601 writes them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays
from engine.data.faults import FINE, NOT_DATE, NOT_TIME, TIME_RANGE, Faults
from engine.data.zone import DAY, SECOND, Micros, zone

FIRST = int(np.datetime64("1900-01-02", "us").astype(np.int64))
LAST = int(np.datetime64("2999-12-31", "us").astype(np.int64))
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND

DATE = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
TIME = (
    r"(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})"
    r"(?:\.(?P<part>[0-9]+))?)?"
    r"(?:(?P<utc>Z)|(?P<sign>[+-])(?P<ahead>[0-9]{2})(?::?(?P<past>[0-9]{2}))?)?)?"
)


def read(column: pa.Array, zone_name: str) -> tuple[Micros, Faults]:
    """The instants of a column in microseconds since 1970-01-01 UTC.

    Text is `2026-01-31`, `2026-01-31 18:30`, `2026-01-31T18:30:00.25` and the like, with `Z` or
    an offset or, without, in the zone. A day alone is its beginning. Finer than a microsecond
    is cut off.
    """
    kind = column.type
    fault = np.zeros(len(column), np.int8)
    naive: NDArray[np.bool_] | None = None  # all of them
    if pa.types.is_large_string(kind):
        local, naive, fault = _from_text(column)
    elif pa.types.is_timestamp(kind):
        local = _micros(column)
        naive = None if kind.tz is None else np.zeros(0, np.bool_)
    elif pa.types.is_date(kind):
        local = arrays.whole(column.cast(pa.date32()).cast(pa.int32())) * DAY
    else:
        return np.zeros(len(column), np.int64), np.full(len(column), NOT_TIME, np.int8)
    outside = (local < FIRST) | (local > LAST)
    if outside.any():
        fault[(fault == FINE) & outside] = TIME_RANGE
    if fault.any():
        local = np.where(fault == FINE, local, 0)
    return _placed(local, naive, zone_name), fault


def _placed(local: Micros, naive: NDArray[np.bool_] | None, zone_name: str) -> Micros:
    """Instants of times, of which the `naive` ones, or all for None, are read in the zone."""
    where = slice(None) if naive is None else naive
    seen = local[where] if naive is None or naive.any() else local[:0]
    if not len(seen):
        return local
    local = local.copy()
    local[where] = zone(zone_name, int(seen.min()), int(seen.max())).instants(seen)
    return local


def read_days(column: pa.Array, zone_name: str) -> tuple[Micros, Faults]:
    """The days of a column since 1970-01-01; times count when they are midnight in the zone."""
    kind = column.type
    if pa.types.is_date(kind):
        days = arrays.whole(column.cast(pa.date32()).cast(pa.int32()))
        return days, np.zeros(len(column), np.int8)
    if pa.types.is_timestamp(kind):
        local = _micros(column)
        if kind.tz is not None:
            inside = np.clip(local, FIRST, LAST)
            local = zone(zone_name, int(inside.min()), int(inside.max())).locals(inside)
        return local // DAY, np.where(local % DAY == 0, FINE, NOT_DATE).astype(np.int8)
    if not pa.types.is_large_string(kind):
        return np.zeros(len(column), np.int64), np.full(len(column), NOT_DATE, np.int8)
    found = pc.extract_regex(column, f"^{DATE}$")
    days, right = _days(found)
    return days, np.where(right, FINE, NOT_DATE).astype(np.int8)


def _micros(column: pa.Array) -> Micros:
    """Timestamps of any unit as microseconds; what would overflow is far outside."""
    values = arrays.whole(column.cast(pa.int64()))
    unit = column.type.unit
    if unit == "ns":
        return values // 1000
    if unit == "us":
        return values
    factor = {"s": SECOND, "ms": 1000}[unit]
    return np.clip(values, -(2**62) // factor, 2**62 // factor) * factor


def _days(found: pa.StructArray) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days since 1970-01-01 of `year`, `month`, `day`, and which of them exist."""
    year, month, day = (_whole(found, n) for n in ("year", "month", "day"))
    right = (arrays.flags(pc.is_valid(found))) & (month >= 1) & (month <= 12) & (year >= 1)
    months = np.where(right, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    right &= (day >= 1) & (day <= following - first)
    return first + day - 1, right


def _from_text(column: pa.Array) -> tuple[Micros, NDArray[np.bool_], Faults]:
    """Local times, or instants where the text says its offset, which are naive, what is wrong."""
    found = pc.extract_regex(column, f"^{DATE}{TIME}$")
    days, right = _days(found)
    hour, minute, second = (_whole(found, n) for n in ("hour", "minute", "second"))
    part = pc.utf8_rpad(pc.utf8_slice_codeunits(_text(found, "part"), 0, 6), 6, "0")
    right &= (hour <= 23) & (minute <= 59) & (second <= 59)
    local = days * DAY + hour * HOUR + minute * MINUTE + second * SECOND
    local = local + arrays.whole(part.cast(pa.int64()))
    sign = _text(found, "sign")
    ahead, past = _whole(found, "ahead"), _whole(found, "past")
    right &= (ahead <= 23) & (past <= 59)
    away = ahead * HOUR + past * MINUTE
    local = local + np.where(arrays.flags(pc.equal(sign, "-")), away, -away)
    said = pc.binary_join_element_wise(sign, _text(found, "utc"), pa.scalar("", sign.type))
    naive = arrays.flags(pc.equal(said, ""))
    return local, naive, np.where(right, FINE, NOT_TIME).astype(np.int8)


def _text(found: pa.StructArray, name: str) -> pa.Array:
    """A part of the pattern as text, empty where there is none."""
    return pc.fill_null(pc.struct_field(found, name), "")


def _whole(found: pa.StructArray, name: str) -> NDArray[np.int64]:
    """A part of the pattern as a number, 0 where there is none."""
    return arrays.whole(pc.utf8_lpad(_text(found, name), 1, "0").cast(pa.int64()))
