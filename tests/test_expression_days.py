"""Days, hours and ages are those of the program's zone, also where its clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from engine.language.expression import Want
from engine.machine import bytecode_steps as step
from engine.machine import evaluate_days, zone
from tests.expression_machine import worked
from tests.expression_world import EPOCH

ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "UTC",
)


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize("name", ZONES)
def test_every_quarter_of_an_hour_round_each_change_has_its_local_day_and_hour(name: str) -> None:
    local, python = zone.of(name), ZoneInfo(name)
    for change in local.changes:
        for quarter in range(-12, 13):
            at = EPOCH + timedelta(microseconds=int(change), minutes=15 * quarter)
            there = at.astimezone(python)
            assert zone.local_day(local, micros(at)) == (there.date() - EPOCH.date()).days
            assert zone.local_hour(local, micros(at)) == there.hour


@pytest.mark.parametrize("name", ZONES)
def test_a_day_starts_at_the_first_instant_that_bears_its_date(name: str) -> None:
    local, python = zone.of(name), ZoneInfo(name)
    days = {int(c) // zone.DAY + n for c in local.changes[-40:] for n in range(-2, 3)} | {20_000}
    for day in sorted(days):
        start = int(zone.day_start(local, day))
        before = (EPOCH + timedelta(microseconds=start - 1)).astimezone(python).date()
        at = (EPOCH + timedelta(microseconds=start)).astimezone(python).date()
        wanted = EPOCH.date() + timedelta(days=day)
        # Samoa left out 30 December 2011: the day after begins in its place.
        assert before < wanted <= at


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        (datetime(2026, 3, 8, 2, 30), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),  # a gap
        (datetime(2026, 3, 8, 3, 0), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # an overlap
        (datetime(2026, 11, 1, 2, 0), datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 0, 0), datetime(2026, 7, 1, 4, 0, tzinfo=UTC)),
    ],
)
def test_s11_gaps_move_to_the_first_instant_after_and_overlaps_take_the_first(
    wall: datetime, utc: datetime
) -> None:
    assert zone.micros(wall, zone.of("America/New_York")) == micros(utc)


def test_a_day_in_sao_paulo_that_has_no_midnight_starts_at_one() -> None:
    at = zone.day_start(zone.of("America/Sao_Paulo"), (date(2018, 11, 4) - EPOCH.date()).days)
    assert EPOCH + timedelta(microseconds=int(at)) == datetime(2018, 11, 4, 3, 0, tzinfo=UTC)


def test_parts_of_a_day_are_those_of_the_calendar() -> None:
    for number in range(-40_000, 80_000, 13):
        day = EPOCH.date() + timedelta(days=number)
        parts = [evaluate_days.part(number, which) for which in range(4)]
        assert parts == [day.year, day.month, day.day, day.isoweekday()]
    assert step.WEEKDAY == 3


@pytest.mark.parametrize(
    ("birthday", "today", "years"),
    [
        (date(2000, 2, 29), date(2026, 2, 27), 25),
        (date(2000, 2, 29), date(2026, 2, 28), 26),
        (date(2000, 2, 29), date(2028, 2, 28), 27),
        (date(2000, 2, 29), date(2028, 2, 29), 28),
        (date(1990, 11, 25), date(2026, 11, 24), 35),
        (date(1990, 11, 25), date(2026, 11, 25), 36),
        (date(2026, 11, 25), date(2026, 11, 25), 0),
    ],
)
def test_a_birthday_of_29_february_is_on_the_28th_in_other_years(
    birthday: date, today: date, years: int
) -> None:
    assert worked("age(birthday)", Want.AMOUNT, birthday=birthday, today=today) == years


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("date(at)", date(2026, 11, 25)),
        ("hour(at)", Fraction(1)),
        ("weekday(at)", Fraction(3)),
        ("year(at)", Fraction(2026)),
        ("days_between('2026-11-01', at)", Fraction(24)),
        ("days_between(at, '2026-11-01')", Fraction(-24)),
        ("days_since(last_order)", Fraction(2)),
        ("is_birthday_month(birthday)", True),
        ("at = '2026-11-25 01:30'", True),
        ("at = '2026-11-24T17:30:00Z'", True),
        ("at >= '2026-11-25'", True),
        ("birthday between '1990-11-01' and '1990-11-30'", True),
        ("coalesce(expires, '2026-12-31') = '2026-12-31'", True),
    ],
)
def test_instants_are_read_in_the_zone_of_the_program(text: str, value: object) -> None:
    found = worked(
        text,
        Want.ANY,
        zone_name="Asia/Shanghai",
        at=datetime(2026, 11, 24, 17, 30, tzinfo=UTC),
        today=date(2026, 11, 25),
        last_order=datetime(2026, 11, 22, 16, 0, tzinfo=UTC),
        birthday=date(1990, 11, 3),
    )
    assert found == value


def test_n29_an_order_after_61_days_of_silence_holds() -> None:
    previous, at = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert worked("days_between(last_order, at) > 60", last_order=previous, at=at) is True
