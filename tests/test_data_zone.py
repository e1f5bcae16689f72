"""A zone's changes are all found, also those that were soon taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.data.zone import SECOND, zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


# What was soonest taken back since 1900 is in Freetown, after 95 hours and 40 minutes.
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Africa/Freetown", datetime(1939, 8, 1, tzinfo=UTC)),
        ("America/Noronha", datetime(2000, 9, 1, tzinfo=UTC)),
        ("Asia/Gaza", datetime(2040, 9, 1, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2011, 12, 1, tzinfo=UTC)),
        ("Africa/Casablanca", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_change_is_found(name: str, first: datetime) -> None:
    last, info = first + timedelta(days=100), ZoneInfo(name)
    found = zone(name, *((at - EPOCH) // timedelta(microseconds=1) for at in (first, last)))
    at, walked = first - timedelta(days=2), []
    while at < last:
        offsets = [(at + n * HOUR).astimezone(info).utcoffset() for n in (0, 1)]
        if offsets[0] != offsets[1]:
            walked.append(((at - EPOCH) // HOUR, offsets[1]))
        at += HOUR
    told = [
        (-(-int(change) // (3600 * SECOND)) - 1, timedelta(microseconds=int(offset)))
        for change, offset in zip(found.change, found.offset[1:], strict=True)
    ]
    assert told == walked
    assert walked
