"""What the words of a generated program mean: durations, periods, limits, expressions, facts."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

Plain = dict[str, Any]  # a section of the program, an event
Names = Callable[[str], Any]  # what a name in an expression stands for
ONE_DAY, MONTHS = timedelta(days=1), {"month": 1, "quarter": 3, "year": 12}


def dated(value: Any, day: date) -> Any:
    """The value in force on `day`; None before the first date of a dated one."""
    if not isinstance(value, dict) or not all(isinstance(start, date) for start in value):
        return value
    return next((value[start] for start in sorted(value, reverse=True) if start <= day), None)


@cache
def later(day: date, duration: str, sign: int = 1) -> date:
    """`day` plus or minus a duration in words; months clamp, `to month end` goes to its end."""
    words = re.match(r"(\d+) (\w+?)s?(?: to (\w+) end)?(?: without .*)?$", duration)
    number, unit, end = words.groups() if words else ("", duration, None)
    if unit in ("day", "week"):
        return day + sign * int(number) * (7 if unit == "week" else 1) * ONE_DAY
    month = day.year * 12 + day.month - 1 + sign * int(number) * MONTHS[unit]
    month += (MONTHS[end] - 1 - month % MONTHS[end]) if end else 0
    first, after = (date(m // 12, m % 12 + 1, 1) for m in (month, month + 1))
    last = after - ONE_DAY
    return last if end else first.replace(day=min(day.day, last.day))


def day_of(when: Any) -> Any:
    return when.date() if isinstance(when, datetime) else when


def period_of(unit: str | None, when: Any) -> Any:
    """A mark that two instants or days share exactly when they lie in one calendar period."""
    if unit in (None, "hour"):
        return unit and (when.date(), when.hour)
    day = day_of(when)
    month = {"month": day.month, "quarter": (day.month + 2) // 3 * 3 - 2, "year": 1}.get(unit)
    week = day - day.weekday() * ONE_DAY
    return day.replace(month=month, day=1) if month else week if unit == "week" else day


@cache
def read_limit(text: str) -> tuple[Fraction, str | None, Callable[[Any, Any], bool]]:
    """`500 points per 30 days`: the number, the wallet, and whether two instants share a period."""
    words = re.match(r"(\S+)(?: (?!per )(\w+))?(?: per (?:(\d+) )?(\w+?)s?)?$", text)
    number, wallet, days, unit = words.groups() if words else (text, None, None, None)
    if days:
        return Fraction(number), wallet, lambda a, b: (day_of(a) - day_of(b)).days < int(days)
    return Fraction(number), wallet, lambda a, b: bool(period_of(unit, a) == period_of(unit, b))


def rounded(value: Fraction, mode: str) -> int:
    """`down` and `up` are towards and away from zero, `nearest` is half away from zero."""
    half = Fraction(1, 2) if mode == "nearest" else 0
    whole = math.ceil(abs(value)) if mode == "up" else math.floor(abs(value) + half)
    return whole if value > 0 else -whole


def listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def counted(value: Any) -> list[str]:
    """What is given, each as often as it is: `five_off`, a list, or `{five_off: 2}`."""
    return [x for x in value for _ in range(value[x])] if isinstance(value, dict) else listed(value)


def exact(value: Any) -> Any:
    """Numbers as fractions, everything else as it is."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Fraction(value) if number else value


STRICT: dict[str, Callable[..., Any]] = {  # null as soon as one part is null
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "not": operator.not_, "+": operator.add, "-": operator.sub,
    "*": operator.mul, "/": lambda a, b: a / b if b else None, "includes": lambda a, b: b in a,
    "%": lambda a, b: a - b * math.trunc(a / b) if b else None,
    "floor": lambda a: Fraction(math.floor(a)), "weekday": lambda a: a.isoweekday(),
    "hour": lambda a: a.hour, "month": lambda a: a.month, "length": len, "lower": str.lower,
    "days_between": lambda a, b: (day_of(b) - day_of(a)).days, "starts_with": str.startswith,
}  # fmt: skip


def evaluate(tree: Any, names: Names) -> Any:
    """The value of an expression of nested tuples, as SQL has it; None is null."""
    if not isinstance(tree, tuple):
        return names(tree) if isinstance(tree, str) else exact(tree)
    name, *parts = tree
    if name in ("text", "has"):
        return parts[0] if name == "text" else names("has " + parts[0][1])
    if name == "case":
        taken = [then for test, then in parts[0] if evaluate(test, names) is True]
        return evaluate([*taken, parts[1]][0], names)
    if name == "in":
        return evaluate(("or", *(("=", parts[0], part) for part in parts[1:])), names)
    if name == "between":
        return evaluate(("and", (">=", parts[0], parts[1]), ("<=", parts[0], parts[2])), names)
    values = [evaluate(part, names) for part in parts]
    if name in ("and", "or"):
        decides = name == "or"
        return decides if decides in values else None if None in values else not decides
    if name in ("is null", "is true"):
        return values[0] is (None if name == "is null" else True)
    if name in ("coalesce", "least", "greatest"):
        known = [value for value in values if value is not None] or [None]
        return known[0] if name == "coalesce" else min(known) if name == "least" else max(known)
    return None if None in values else STRICT[name](*values)


FACTS: dict[str, Callable[[list[Any]], Any]] = {
    "count": lambda v: Fraction(len(v)), "sum": lambda v: Fraction(sum(v)),
    "average": lambda v: sum(v) / len(v) if v else None,
    "min": lambda v: min(v, default=None), "max": lambda v: max(v, default=None),
    "last": lambda v: v[-1] if v else None, "first": lambda v: v[0] if v else None,
    "previous": lambda v: v[-2] if len(v) > 1 else None,
    "distinct": lambda v: Fraction(len(set(v))),
    "most frequent": lambda v: sorted(v, key=v.count)[-1] if v else None,  # a tie: the last seen
}  # fmt: skip


def fact(seen: list[Plain], spec: Plain, today: date) -> Any:
    """A fact on a day, from all that was seen of a member until then."""
    if "streak" in spec:
        return _streak(seen, spec, today)
    kind, target = next((key, value) for key, value in spec.items() if key in FACTS)
    values = _values(_within(seen, spec, target, today), target)
    less = _values(_within(seen, spec, spec["less"], today), spec["less"]) if "less" in spec else []
    return FACTS[kind](values[-spec.get("of last", 0) :] + [-value for value in less])


def _streak(seen: list[Plain], spec: Plain, today: date) -> Fraction:
    """How many periods in a row, up to this one, or to the one before if this has none yet."""
    periods = {period_of(spec["by"], row["day"]) for row in seen if row["type"] == spec["streak"]}
    now, length = period_of(spec["by"], today), 0
    now = now if now in periods else period_of(spec["by"], now - ONE_DAY)
    while now in periods:
        now, length = period_of(spec["by"], now - ONE_DAY), length + 1
    return Fraction(length)


def _values(rows: list[Plain], target: Any) -> list[Any]:
    """What a fact takes from events: the instant, a field, or an expression; nulls left out."""
    if isinstance(target, str) and "." not in target:
        return [row["local"] for row in rows]
    return [value for row in rows if (value := evaluate(target, _fields(row))) is not None]


def _fields(row: Plain) -> Names:
    return lambda name: row.get("local" if name.endswith(".at") else name.split(".")[-1])


def _within(seen: list[Plain], spec: Plain, target: Any, today: date) -> list[Plain]:
    """The events that a fact looks at on a day."""
    kind = (target if isinstance(target, str) else target[-1]).split(".")[0]
    last = later(today, spec["before"], -1) if "before" in spec else today
    first = later(last, spec["over"], -1) + ONE_DAY if "over" in spec else date.min
    first = period_of(spec["this"], today) if "this" in spec else first
    starts = [i for i, row in enumerate(seen) if row["type"] == spec.get("since", row["type"])]
    rows = seen[starts[-1] + 1 if starts else len(seen) :] if "since" in spec else seen
    return [
        row
        for row in rows
        if row["type"] == kind
        and first <= row["day"] <= last
        and ("if" not in spec or evaluate(spec["if"], _fields(row)) is True)
    ]
