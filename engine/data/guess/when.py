"""Finds when a row of a file happened: a column, or several that together say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.data.guess import words
from engine.data.guess.look import Look, Sheet

DAY_ZERO = "2000-01-01"


@dataclass(frozen=True, slots=True)
class When:
    """An instant or a day of every row, as an expression; `columns` are the file's own."""

    score: int
    sql: str
    lenient: str  # null where it cannot be read
    columns: tuple[str, ...]
    days: bool
    said: str = ""
    doubt: str = ""
    bad: int = 0
    bad_example: str = ""


def events(sheet: Sheet) -> list[When]:
    """What may be the instant of an event, the best first."""
    found = [*_columns(sheet, "time"), *_dates(sheet, ""), *_counters(sheet)]
    found = [_with_time_of_day(sheet, one) for one in found]
    return sorted(found, key=lambda when: -when.score)


def joined(sheet: Sheet) -> When | None:
    """When a member joined, where a file of members says it."""
    found = [w for w in _columns(sheet, "joined") if w.score >= 4]
    for look in sheet.looks:
        parts = words.words(look.called)
        if "year" in parts and words.score(look.called, "joined"):
            found += _dates(sheet, " ".join(p for p in parts if p != "year"))
    return max(found, key=lambda when: when.score, default=None)


def _columns(sheet: Sheet, role: str) -> Iterator[When]:
    """Columns that hold times, and by name are not something else."""
    for look in sheet.looks:
        if look.clock is None or look.filled == 0:
            continue
        name = words.score(look.called, role)
        against = words.says(look.called, words.AGAINST.get(role, ""))
        if against or (role != "time" and not name):
            continue
        full = 2 if look.empty <= 0.1 * look.rows else -4
        clock = look.clock
        yield When(
            (name or 2) + full + (not clock.days), clock.sql, clock.lenient, (look.name,),
            clock.days, clock.said, clock.doubt, look.bad, look.bad_example,
        )  # fmt: skip


def _dates(sheet: Sheet, before: str) -> Iterator[When]:
    """A year, a month and perhaps a day in columns of their own, whose names begin alike."""
    start = words.words(before)
    parts: dict[str, Look] = {}
    for look in sheet.looks:
        for part, other in (("year", "年"), ("month", "月"), ("day", "日")):
            alike = words.words(look.called) == (*start, part) or look.called in (
                f"{before}{other}", f"{before}{other}份",
            )  # fmt: skip
            if alike and look.number is not None and not look.fractions:
                parts.setdefault(part, look)
    if "year" not in parts or "month" not in parts:
        return
    year, month, day = (parts.get(p) for p in ("year", "month", "day"))
    assert year is not None
    assert month is not None
    fits = year.low >= 1900 and year.high <= 2100 and month.low >= 1 and month.high <= 12
    if fits:
        said = f"make_date({year.number}, {month.number}, {day.number if day else 1})"
        names = tuple(one.name for one in (year, month, day) if one)
        doubt = "" if day else "only year and month are known; read as the first day of the month"
        yield When(8, said, said, names, True, "written as year and month", doubt)


def _counters(sheet: Sheet) -> Iterator[When]:
    """Columns called a time that only count from a beginning that the file does not tell."""
    for look in sheet.looks:
        is_count = look.clock is None and look.number is not None and not look.fractions
        if not is_count or words.score(look.called, "time") < 7:
            continue
        if look.low < 0 or look.high > 1_000_000 or words.says(look.called, "day|日期"):
            continue
        number = look.sql if look.number == look.sql else f"cast({look.sql} as bigint)"
        said = f"timestamp '{DAY_ZERO}' + to_hours({number})"
        doubt = (
            f"holds whole numbers from {look.low:.0f} to {look.high:.0f}, no calendar times; read"
            f" as hours after {DAY_ZERO}, which is made up. Put the true beginning in its place;"
            f" for days write `to_days({number})`"
        )
        yield When(3, said, said, (look.name,), False, "hours after a beginning", doubt)


def _with_time_of_day(sheet: Sheet, when: When) -> When:
    """The day with the time of day that stands in a column of its own, if there is one."""
    hours = next((look for look in sheet.looks if look.of_day and not look.empty), None)
    if not when.days or hours is None or len(when.columns) > 1:
        return when
    said, lenient = (
        f"cast({sql} as date) + cast({hours.sql} as time)" for sql in (when.sql, when.lenient)
    )
    return When(
        when.score + 1, said, lenient, (*when.columns, hours.name), False, when.said, when.doubt,
        when.bad, when.bad_example,
    )  # fmt: skip
