"""Finds out how a column writes days or instants, and says it as an expression of a mapping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.data import instant

ENOUGH = 0.7  # of the values must be times; in numbers nearly all
NUMBERS = 0.98
ISO = re.compile(f"{instant.DATE}{instant.TIME}".replace("?P<", "?P<x"))
EARLY, LATE = 631_152_000, 4_102_444_800  # 1990 and 2100 in seconds
DAYS_FROM, DAYS_TO = 20_000, 80_000  # 1954 and 2119 in a workbook's days
AMBIGUOUS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
ORDERS = {"month first": "%m{0}%d{0}{1}", "day first": "%d{0}%m{0}{1}"}

DATES = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日"),
    (r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", "%Y%m%d"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"\d{1,2} [A-Za-z]{4,9} \d{4}", "%d %B %Y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
    (r"[A-Za-z]{4,9} \d{1,2}, \d{4}", "%B %d, %Y"),
)
CLOCKS = (
    (r"", ""),
    (r"{0}\d{{1,2}}:\d\d", "{0}%H:%M"),
    (r"{0}\d{{1,2}}:\d\d:\d\d", "{0}%H:%M:%S"),
    (r"{0}\d{{1,2}}:\d\d:\d\d\.\d{{1,6}}", "{0}%H:%M:%S.%f"),
    (r"{0}\d{{1,2}}:\d\d:\d\d [+-]\d\d:?\d\d", "{0}%H:%M:%S %z"),
    (r"{0}\d{{1,2}}:\d\d [+-]\d\d:?\d\d", "{0}%H:%M %z"),
    (r"{0}\d{{1,2}}:\d\d [AaPp][Mm]", "{0}%I:%M %p"),
    (r"{0}\d{{1,2}}:\d\d:\d\d [AaPp][Mm]", "{0}%I:%M:%S %p"),
    (r"{0}\d{{1,2}}:\d\d[AaPp][Mm]", "{0}%I:%M%p"),
)
UTC = " UTC"  # behind an instant, as databases write it
OF_DAY = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")
COMPACT = ((r"\d{4}", "%H%M"), (r"\d{6}", "%H%M%S"))

Ask = Callable[[str], tuple[object, ...]]  # the first row of a query over the file's rows


@dataclass(frozen=True, slots=True)
class Clock:
    """How a column says when: as an expression that fails, and as one that is null, for others."""

    sql: str
    lenient: str
    days: bool  # days without a time of day
    said: str  # how it is written, for people; empty for ISO and for real times
    doubt: str = ""  # what else it could be


def of_texts(values: Sequence[str], sql: str, ask: Ask, *, number: bool) -> Clock | None:
    """The clock of a column whose different values are `values`; None where they are no times."""
    if not any(_shape(v.replace(UTC, "")) or ISO.fullmatch(v) for v in values[:200]):
        return None
    if any(v.endswith(UTC) for v in values):
        values = [v.replace(UTC, " +0000") for v in values]
        sql = f"replace({sql}, '{UTC}', ' +0000')"
    iso = [v for v in values if ISO.fullmatch(v)]
    if len(iso) >= ENOUGH * len(values):
        return Clock(sql, f"try_cast({sql} as timestamptz)", all(len(v) == 10 for v in iso), "")
    shapes = Counter(filter(None, map(_shape, values)))
    families: Counter[str] = Counter()
    for (family, _), count in shapes.items():
        families[family] += count
    if not families:
        return None
    family, count = families.most_common(1)[0]
    if count < (NUMBERS if number else ENOUGH) * len(values):
        return None
    tails = [tail for (other, tail), _ in shapes.most_common() if other == family]
    text = f"cast({sql} as varchar)" if number else sql
    if not family.startswith("?"):
        return _written(text, family, tails, "")
    return _ordered(text, family, tails, ask)


def of_numbers(least: float, most: float, sql: str, *, whole: bool) -> Clock | None:
    """The clock of a column of numbers that is called a time: seconds, milliseconds, or days."""
    if whole and least >= EARLY and most < LATE:
        return Clock(f"to_timestamp({sql})", f"to_timestamp({sql})", False, "seconds since 1970")
    if whole and least >= EARLY * 1000 and most < LATE * 1000:
        said = f"to_timestamp({sql} / 1000)"
        return Clock(said, said, False, "milliseconds since 1970")
    if least >= DAYS_FROM and most < DAYS_TO:
        days = f"to_seconds(cast(round({sql} * 86400) as bigint))"
        said = f"timestamp '1899-12-30' + {days}"
        return Clock(said, said, whole, "a workbook's days since 1900")
    return None


def is_time_of_day(values: Sequence[str]) -> bool:
    """True where the values are times of a day, such as 18:30."""
    fine = sum(bool(OF_DAY.fullmatch(v)) for v in values)
    return bool(values) and fine >= NUMBERS * len(values)


def _shape(value: str) -> tuple[str, str] | None:
    """The family of a day as it is written, and the format of what follows it."""
    if len(value) > 40 or not re.search(r"\d", value):
        return None
    found = AMBIGUOUS.match(value)
    if found:
        year = "%Y" if len(found[4]) == 4 else "%y"
        tail = _tail(value[found.end() :])
        return None if tail is None else (f"?{found[2]}{year}", tail)
    for pattern, form in DATES:
        start = re.match(pattern, value)
        if start:
            rest = value[start.end() :]
            tail = _tail(rest, COMPACT if form == "%Y%m%d" else ())
            if tail is not None:
                return form, tail
    return None


def _tail(rest: str, more: Sequence[tuple[str, str]] = ()) -> str | None:
    """The format of the time of day behind a day; empty for none, None for something else."""
    gap = rest[:1] if rest[:1] in (" ", "T") else ""
    for pattern, form in (*CLOCKS, *more):
        if re.fullmatch(pattern.format(gap) if "{0}" in pattern else pattern, rest):
            return form.format(gap)
    return None


def _written(text: str, day: str, tails: Sequence[str], said: str, doubt: str = "") -> Clock:
    """A clock of formats; the day is followed by one of `tails`."""
    forms = [f"'{day}{tail}'" for tail in dict.fromkeys(tails)]
    form = forms[0] if len(forms) == 1 else f"[{', '.join(forms)}]"
    call = f"strptime({text}, {form})"
    days = not any(tails)
    return Clock(call, f"try_{call}", days, said or f"written {day}{tails[0]}", doubt)


def _ordered(text: str, family: str, tails: Sequence[str], ask: Ask) -> Clock:
    """A clock of days such as 03/04/2026, of which the file has to show what comes first."""
    mark, year = family[1], family[2:]
    clocks = {}
    for order, form in ORDERS.items():
        clocks[order] = _written(text, form.format(mark, year), tails, f"written {order}")
    wrong = {order: _count(ask, clock) for order, clock in clocks.items()}
    first, second = clocks
    if wrong[first] != wrong[second]:
        return clocks[min(wrong, key=lambda order: wrong[order])]
    looks = {order: _disorder(ask, clock) for order, clock in clocks.items()}
    best = min(looks, key=lambda order: looks[order])
    why = "its rows are then in order of time, or lie closer together"
    if looks[first] == looks[second]:
        best, why = (second, "with dots the day comes first") if mark == "." else (first, "a habit")
    other = second if best == first else first
    doubt = f"no day shows whether the month or the day comes first; read {best}, because {why}. "
    return _written(
        text, ORDERS[best].format(mark, year), tails, f"written {best}",
        f"{doubt}If it is {other}: `{clocks[other].sql}`",
    )  # fmt: skip


def _count(ask: Ask, clock: Clock) -> int:
    """How many rows cannot be read so."""
    return int(str(ask(f"select count(*) from given where ({clock.lenient}) is null")[0]))


def _disorder(ask: Ask, clock: Clock) -> tuple[int, int]:
    """How often a row is earlier than the one before it, and the days between first and last."""
    back, span = ask(
        "select count(*) filter (t < before), coalesce(datediff('day', min(t), max(t)), 0) from"
        f" (select t, lag(t) over (order by row) as before from (select {clock.lenient} as t,"
        ' "\x1frow" as row from given) where t is not null)'
    )
    return int(str(back)), int(str(span))
