"""Turns a zone's own times into instants and back, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

SECOND = 1_000_000  # microseconds
DAY = 86_400 * SECOND
STEP = 2 * DAY  # no zone ever changed twice within two days
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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
    at, end = earliest - 2 * DAY, latest + 2 * DAY
    offsets, changes = [_offset(info, at)], []
    while at < end:
        then = at + STEP
        if _offset(info, then) != offsets[-1]:
            changes.append(_change(info, at, then))
            then = changes[-1]
            offsets.append(_offset(info, then))
        at = then
    return Zone(np.array(changes, np.int64), np.array(offsets, np.int64))


def _change(info: ZoneInfo, before: int, after: int) -> int:
    """The first instant after `before` at which the offset is another, to the second."""
    old = _offset(info, before)
    low, high = before // SECOND, -(-after // SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(info, middle * SECOND) == old:
            low = middle
        else:
            high = middle
    return high * SECOND


def _offset(info: ZoneInfo, instant: int) -> int:
    """The zone's offset at an instant, in microseconds."""
    local = (EPOCH + timedelta(microseconds=instant)).astimezone(info)
    away = local.utcoffset() or timedelta()
    return away // timedelta(microseconds=1)
