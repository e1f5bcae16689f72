"""Turns instants into local days and hours and back, by the transitions of a time zone as arrays.

A wall time in a gap moves to the first instant after it; one in an overlap is the first (S11).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.data import zone as zones

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Zone(NamedTuple):
    """Instants at which the offset from UTC changes, and the offsets before, between and after."""

    changes: NDArray[np.int64]  # microseconds since 1970-01-01 UTC, ascending
    offsets: NDArray[np.int64]  # microseconds, one more than there are changes


@cache
def of(name: str) -> Zone:
    """The transitions of an IANA zone from 1900 to 2200; outside, the offset at that end holds."""
    first, last = (micros_utc(datetime(year, 1, 1, tzinfo=UTC)) for year in (1900, 2200))
    found = zones.zone(name, first, last)
    return Zone(found.change, found.offset)


def micros(at: datetime, zone: Zone) -> int:
    """Microseconds since 1970-01-01 UTC of an instant; one without a zone is local to `zone`."""
    if at.tzinfo is not None:
        return micros_utc(at)
    return int(instant(zone, micros_utc(at.replace(tzinfo=UTC))))


def micros_utc(at: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware instant."""
    return (at - _EPOCH) // timedelta(microseconds=1)


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
