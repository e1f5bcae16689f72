"""Turns a zone's own times into instants and back, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

SECOND = 1_000_000  # microseconds
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO, ONE_SECOND, ONE_DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)
STEP = 3 * ONE_DAY  # no zone ever changed its offset and was back within three days

Micros = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Zone:
    """An IANA zone's offsets over a stretch of time: `offset[i]` holds until `change[i]`."""

    change: Micros  # instants, ascending
    offset: Micros  # one more than changes

    def instants(self, local: Micros) -> Micros:
        """The instants of local times, in microseconds since 1970-01-01.

        A time in a gap becomes the first instant after it; of two instants the first is taken.
        """
        index = np.searchsorted(self.change + self.offset[:-1], local, side="right")
        instant = local - self.offset[index]
        if not len(self.change):
            return instant
        after = self.change[np.maximum(index, 1) - 1]
        return np.where(index > 0, np.maximum(instant, after), instant)

    def locals(self, instant: Micros) -> Micros:
        """The local times of instants."""
        return instant + self.offset[np.searchsorted(self.change, instant, side="right")]


def zone(name: str, earliest: int, latest: int) -> Zone:
    """The zone from the instant `earliest` to `latest`, both in microseconds since 1970."""
    info = ZoneInfo(name)
    at, end = (EPOCH + timedelta(microseconds=it) for it in (earliest, latest))
    at, end = at - 2 * ONE_DAY, end + 2 * ONE_DAY
    offsets, changes = [_offset(info, at)], []
    while at < end:
        then = at + STEP
        if _offset(info, then) != offsets[-1]:
            then = _change(info, at, then)
            changes.append((then - EPOCH) // MICRO)
            offsets.append(_offset(info, then))
        at = then
    return Zone(np.array(changes, np.int64), np.array([it // MICRO for it in offsets], np.int64))


def _change(info: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first instant after `before` at which the offset is another, to the second."""
    old = _offset(info, before)
    low, high = (before - EPOCH) // ONE_SECOND, -((EPOCH - after) // ONE_SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(info, EPOCH + middle * ONE_SECOND) == old:
            low = middle
        else:
            high = middle
    return EPOCH + high * ONE_SECOND


def _offset(info: ZoneInfo, instant: datetime) -> timedelta:
    """The zone's offset at an instant."""
    return instant.astimezone(info).utcoffset() or timedelta()
