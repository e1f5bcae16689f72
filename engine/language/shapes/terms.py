"""The terms that rules are written with, read from their texts: durations, periods, limits."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal, NamedTuple, cast, get_args

from engine.language.program import Duration, Period, Unit
from engine.language.shapes.values import WrongValueError, amount, count, whole
from engine.language.text.quote import quoted

End = Literal["month", "quarter", "year"]
PeriodUnit = Literal["hour", "day", "week", "month", "quarter", "year"]
Never = Literal["never"]
ReviewWord = Literal["at once", "yearly", "on anniversary"]
PERIOD_UNITS = get_args(PeriodUnit)

_DURATION = re.compile(
    r"(?P<count>\S+) +(?P<unit>[A-Za-z]+)"
    r"(?: +to +(?P<end>[A-Za-z]+) +end| +without +(?P<without>\S+))?"
)
_LIMIT = re.compile(r"(?P<amount>\S+)(?: +(?!per\b)(?P<unit>\S+))?(?: +per +(?P<period>.+))?")


class Freeze(NamedTuple):
    """`1 per month`: how many missed periods of a streak are forgiven in each period."""

    missed: int
    per: Period


class Quantity(NamedTuple):
    """`500 points per day`: an amount, what it counts (None: times), and in what period."""

    amount: Fraction
    unit: str | None
    period: Period


def duration(text: str) -> Duration:
    """`14 days`, `12 months to month end`, `180 days without order`."""
    expected = (
        "Write a number and a unit, such as `14 days`, `3 months` or `12 months to month end`."
    )
    found = _DURATION.fullmatch(text)
    if found is None:
        raise WrongValueError(f"{quoted(text)} is not a duration.", expected)
    kind = unit(found["unit"])
    if kind is None:
        raise WrongValueError(
            f"{quoted(found['unit'])} is not a unit of time.",
            "Write days, weeks, months, quarters or years, or seconds, minutes or hours.",
        )
    number_of = whole(found["count"])
    if number_of > 36_500:
        raise WrongValueError(f"{quoted(text)} is too long.", "Up to 36,500 of a unit are read.")
    end = found["end"]
    if end is not None and end not in get_args(End):
        raise WrongValueError(
            f"{quoted(text)} has no such end.", "Write to month end, quarter end or year end."
        )
    if end is not None and kind not in get_args(End):
        raise WrongValueError(
            f"{quoted(text)} mixes {kind}s and an end.", "Write it in months, quarters or years."
        )
    return Duration(number_of, kind, cast(End | None, end), found["without"])


def some_days(text: str) -> Duration:
    """A duration of whole days, weeks, months, quarters or years, to no end."""
    found = duration(text)
    if found.unit in ("second", "minute", "hour"):
        raise WrongValueError(
            f"{quoted(text)} is shorter than a day.", "Write it in days, weeks, months or years."
        )
    if found.to_end is not None or found.without is not None:
        raise WrongValueError(
            f"{quoted(text)} is more than a duration.", "Write only `30 days` or the like."
        )
    return found


def more_days(text: str) -> Duration:
    """Like `some_days`, 1 or more of them."""
    found = some_days(text)
    if found.count == 0:
        raise WrongValueError(f"{quoted(text)} is no time at all.", "Write 1 or more.")
    return found


def expiry(text: str) -> Duration | Never:
    """`never`, or a duration that may go to an end or wait for a silence."""
    if text == "never":
        return "never"
    found = duration(text)
    if found.unit in ("second", "minute", "hour"):
        raise WrongValueError(
            f"{quoted(text)} is shorter than a day.", "Write it in days, weeks, months or years."
        )
    if found.count == 0 and found.to_end is None:
        raise WrongValueError(f"{quoted(text)} is no time at all.", "Write 1 or more, or `never`.")
    return found


def period(text: str) -> Period:
    """`month` (calendar) or `30 days` (today and the 29 before)."""
    if text in PERIOD_UNITS:
        return Period(cast(PeriodUnit, text))
    found = re.fullmatch(r"(\S+) +days?", text)
    if found is not None:
        return Period("day", count(found[1]))
    raise WrongValueError(
        f"{quoted(text)} is not a period.",
        "Write hour, day, week, month, quarter or year, or `30 days`.",
    )


def calendar_period(text: str) -> Period:
    """`month`, `year` and the like, without a number."""
    if text not in PERIOD_UNITS:
        raise WrongValueError(
            f"{quoted(text)} is not a period of the calendar.",
            "Write hour, day, week, month, quarter or year.",
        )
    return Period(cast(PeriodUnit, text))


def streak_period(text: str) -> Period:
    """The period of a streak, a day or longer."""
    found = calendar_period(text)
    if found.unit == "hour":
        raise WrongValueError(
            "Streaks are not counted by the hour.", "Write day, week, month, quarter or year."
        )
    return found


def freeze(text: str) -> Freeze:
    """`1 per month`."""
    number, _, term = text.partition(" per ")
    if not term:
        raise WrongValueError(
            f"{quoted(text)} does not say how often.", "Write `1 per month` or the like."
        )
    return Freeze(count(number.strip()), streak_period(term.strip()))


def quantity(text: str) -> Quantity:
    """`3 per month`, `500 points per day`, `1000000 points`, `3`."""
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise WrongValueError(
            f"{quoted(text)} is not a limit.",
            "Write a number and a period, such as `3 per month` or `500 points per day`.",
        )
    if found["unit"] is None and text.endswith("per"):
        raise WrongValueError(f"{quoted(text)} has no period.", "Write `3 per month` or the like.")
    if not re.match(r"-?[0-9]+([.,_][0-9]+)*\Z", found["amount"]):
        raise WrongValueError(
            f"{quoted(text)} is not a limit.",
            "Write a number and a period, such as `3 per month` or `500 points per day`.",
        )
    value = amount(found["amount"])
    if found["unit"] is None and value.denominator != 1:
        raise WrongValueError(
            f"{quoted(text)} counts parts of times.", "Write a whole number of times."
        )
    when = period(found["period"]) if found["period"] else Period(None)
    return Quantity(value, found["unit"], when)


def review(text: str) -> Duration | ReviewWord:
    """`every 12 months`, `at once`, `yearly`, `on anniversary`."""
    if text in get_args(ReviewWord):
        return cast(ReviewWord, text)
    if text.startswith("every "):
        return more_days(text.removeprefix("every ").strip())
    raise WrongValueError(
        f"{quoted(text)} does not say when tiers are reviewed.",
        "Write `every 12 months`, `at once`, `yearly` or `on anniversary`.",
    )


def unit(text: str) -> Unit | None:
    """`day` or `days`; None for no unit of time."""
    return next((one for one in get_args(Unit) if text in (one, f"{one}s")), None)
