"""Turns instants into local days and hours and back, by the transitions of a time zone as arrays.

A wall time in a gap moves to the first instant after it; one in an overlap is the first (S11).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numba import njit
from numpy.typing import NDArray

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = (
    int((datetime(y, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) for y in (1900, 2200)
)
_STEP = 2 * 86_400  # no zone ever changed twice within two days


class Zone(NamedTuple):
    """Instants at which the offset from UTC changes, and the offsets before, between and after."""

    changes: NDArray[np.int64]  # microseconds since 1970-01-01 UTC, ascending
    offsets: NDArray[np.int64]  # microseconds, one more than there are changes


@cache
def of(name: str) -> Zone:
    """The transitions of an IANA zone from 1900 to 2200; outside, the offset at that end holds."""
    zone = ZoneInfo(name)
    changes: list[int] = []
    offsets = [_offset(zone, _FIRST)]
    for second in range(_FIRST + _STEP, _LAST, _STEP):
        found = _offset(zone, second)
        if found != offsets[-1]:
            changes.append(_change(zone, second - _STEP, second))
            offsets.append(found)
    seconds = [[int(o.total_seconds()) for o in offsets], changes]
    return Zone(*(np.array(s, dtype=np.int64) * SECOND for s in reversed(seconds)))


def micros(at: datetime, zone: Zone) -> int:
    """Microseconds since 1970-01-01 UTC of an instant; one without a zone is local to `zone`."""
    if at.tzinfo is not None:
        return (at - _EPOCH) // timedelta(microseconds=1)
    wall = (at.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
    return int(instant(zone, wall))


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


@njit(cache=True, nogil=True, error_model="numpy")
def wall(zone: Zone, at: int) -> int:
    """The wall time of an instant, as microseconds since 1970-01-01 there."""
    return at + int(zone.offsets[np.searchsorted(zone.changes, at, side="right")])


@njit(cache=True, nogil=True, error_model="numpy")
def local_day(zone: Zone, at: int) -> int:
    """The local day of an instant, in days since 1970-01-01."""
    return wall(zone, at) // DAY


@njit(cache=True, nogil=True, error_model="numpy")
def local_hour(zone: Zone, at: int) -> int:
    """The local hour of an instant, 0 to 23."""
    return wall(zone, at) % DAY // HOUR


@njit(cache=True, nogil=True, error_model="numpy")
def day_start(zone: Zone, day: int) -> int:
    """The first instant of a local day."""
    return instant(zone, day * DAY)


@njit(cache=True, nogil=True, error_model="numpy")
def instant(zone: Zone, wall: int) -> int:
    """The instant of a wall time: in an overlap the first, in a gap the end of the gap."""
    part = np.searchsorted(zone.changes, wall - 2 * DAY, side="right")
    while part < len(zone.changes):
        at = wall - int(zone.offsets[part])
        if at < zone.changes[part]:
            return max(at, int(zone.changes[part - 1])) if part > 0 else at
        part += 1
    at = wall - int(zone.offsets[part])
    return max(at, int(zone.changes[part - 1])) if part > 0 else at


def _offset(zone: ZoneInfo, second: int) -> timedelta:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None
    return offset


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The second at which the offset changes, between two at which it differs."""
    start = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == start:
            low = middle
        else:
            high = middle
    return high
