"""The values that rules are written with, read from their texts: durations, limits, shares."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, TypeVar, cast, get_args

from engine.language.program import Duration, Period

T = TypeVar("T", bound=str)

Unit = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
End = Literal["month", "quarter", "year"]
PeriodUnit = Literal["hour", "day", "week", "month", "quarter", "year"]
Never = Literal["never"]
ReviewWord = Literal["at once", "yearly", "on anniversary"]
UNITS = get_args(Unit)
PERIOD_UNITS = get_args(PeriodUnit)
LARGEST = 10**13
PLACES_MAX = 9

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DURATION = re.compile(
    r"(?P<count>\S+) +(?P<unit>[A-Za-z]+)"
    r"(?: +to +(?P<end>[A-Za-z]+) +end| +without +(?P<without>\S+))?"
)
_LIMIT = re.compile(r"(?P<amount>\S+)(?: +(?!per\b)(?P<unit>\S+))?(?: +per +(?P<period>.+))?")


class WrongValueError(Exception):
    """A text that is not the value it should be, with what a user is told."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected


class Quantity(NamedTuple):
    """`500 points per day`: an amount, what it counts (None: times), and in what period."""

    amount: Fraction
    unit: str | None
    period: Period


class Face(NamedTuple):
    """What a coupon is worth: money (`5.00`), or a share (`12%`)."""

    amount: Fraction
    percent: bool


def flag(text: str) -> bool:
    """`true, false, yes, no`."""
    if text not in ("true", "yes", "false", "no"):
        raise WrongValueError(f"`{text}` is neither yes nor no.", "Write `yes` or `no`.")
    return text in ("true", "yes")


def once(text: str) -> bool:
    """A flag, for which people write a limit."""
    if text.startswith(("per ", "a ")):
        term = text.split(" ", 1)[1]
        raise WrongValueError(
            f"`once` is said with yes or no, and `{_cut(text)}` is a limit.",
            f"Write `limit: 1 per {term}`.",
        )
    return flag(text)


def number(text: str) -> Fraction:
    """A decimal number, exactly as written."""
    if _NUMBER.fullmatch(text):
        digits, _, places = text.lstrip("-").partition(".")
        if len(digits) > 20 or int(digits) > LARGEST:
            raise WrongValueError(
                f"`{_cut(text)}` is too large.", f"Numbers go up to {LARGEST:,} here."
            )
        if len(places) > PLACES_MAX:
            raise WrongValueError(
                f"`{_cut(text)}` has too many places.", f"Up to {PLACES_MAX} are read."
            )
        return Fraction(Decimal(text))
    expected = "Write it with digits and a point, such as `1000` or `2.5`."
    if re.fullmatch(r"-?[0-9]{1,3}([,_ ][0-9]{3})+(\.[0-9]+)?", text):
        plain = re.sub("[,_ ]", "", text)
        raise WrongValueError(f"`{text}` has marks between its digits.", f"Write `{plain}`.")
    if text.endswith("%"):
        raise WrongValueError(f"`{_cut(text)}` is a share, and a number was expected.", expected)
    raise WrongValueError(f"`{_cut(text)}` is not a number.", expected)


def amount(text: str) -> Fraction:
    """A number that is not below zero."""
    found = number(text)
    if found < 0:
        raise WrongValueError(f"`{text}` is below zero.", "Write 0 or more.")
    return found


def above_zero(text: str) -> Fraction:
    """A number above zero."""
    found = number(text)
    if found <= 0:
        raise WrongValueError(f"`{text}` is not above zero.", "Write a number above zero.")
    return found


def whole(text: str) -> int:
    """A whole number, 0 or more."""
    found = amount(text)
    if found.denominator != 1:
        raise WrongValueError(f"`{text}` is not a whole number.", "Write one without a point.")
    return int(found)


def whole_amount(text: str) -> Fraction:
    """A whole number, 0 or more, as an amount."""
    return Fraction(whole(text))


def integer(text: str) -> int:
    """A whole number, below zero too."""
    return -whole(text[1:]) if text.startswith("-") else whole(text)


def count(text: str) -> int:
    """A whole number, 1 or more."""
    found = whole(text)
    if found < 1:
        raise WrongValueError(f"`{text}` is too small.", "Write 1 or more.")
    return found


def share(text: str) -> Fraction:
    """`5%` as an exact share of one."""
    if not text.endswith("%"):
        raise WrongValueError(f"`{_cut(text)}` is not a share.", f"Write it as `{_percent(text)}`.")
    found = number(text[:-1].rstrip()) / 100
    if not 0 <= found <= 1:
        raise WrongValueError(f"`{text}` is no share of a whole.", "Write `0%` to `100%`.")
    return found


def _percent(text: str) -> str:
    """What was most likely meant by a share without its mark."""
    if not _NUMBER.fullmatch(text) or len(text) > 8:
        return "5%"
    value = Decimal(text)
    return f"{(value * 100 if value <= 1 else value).normalize():f}%"


def share_of_amount(text: str) -> Fraction:
    """`50% of amount`, or `50%`."""
    return share(re.sub(r" +of +amount$", "", text))


def face(text: str) -> Face:
    """What a coupon is worth: `5.00` or `12%`."""
    if text.endswith("%"):
        return Face(share(text), percent=True)
    return Face(above_zero(text), percent=False)


def day(text: str) -> date:
    """A day such as `2026-09-01`."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise WrongValueError(f"`{text}` is not in the calendar.", _calendar(text)) from None
    raise WrongValueError(f"`{_cut(text)}` is not a day.", "Write it as `2026-09-01`.")


def _calendar(text: str) -> str:
    year, month = int(text[:4]), int(text[5:7])
    if not 1 <= month <= 12 or year == 0:
        return "Months go from 01 to 12."
    return f"That month has {monthrange(year, month)[1]} days."


def duration(text: str) -> Duration:
    """`14 days`, `12 months to month end`, `180 days without order`."""
    expected = (
        "Write a number and a unit, such as `14 days`, `3 months` or `12 months to month end`."
    )
    found = _DURATION.fullmatch(text)
    if found is None:
        raise WrongValueError(f"`{_cut(text)}` is not a duration.", expected)
    unit = _unit(found["unit"], UNITS)
    if unit is None:
        raise WrongValueError(
            f"`{_cut(found['unit'])}` is not a unit of time.",
            "Write days, weeks, months, quarters or years, or seconds, minutes or hours.",
        )
    number_of = whole(found["count"])
    if number_of > 36_500:
        raise WrongValueError(f"`{_cut(text)}` is too long.", "Up to 36,500 of a unit are read.")
    end = found["end"]
    if end is not None and end not in get_args(End):
        raise WrongValueError(
            f"`{_cut(text)}` has no such end.", "Write to month end, quarter end or year end."
        )
    if end is not None and unit not in get_args(End):
        raise WrongValueError(
            f"`{text}` mixes {unit}s and an end.", "Write it in months, quarters or years."
        )
    return Duration(number_of, cast(Unit, unit), cast(End | None, end), found["without"])


def some_days(text: str) -> Duration:
    """A duration of whole days, weeks, months, quarters or years, to no end."""
    found = duration(text)
    if found.unit in ("second", "minute", "hour"):
        raise WrongValueError(
            f"`{text}` is shorter than a day.", "Write it in days, weeks, months or years."
        )
    if found.to_end is not None or found.without is not None:
        raise WrongValueError(
            f"`{_cut(text)}` is more than a duration.", "Write only `30 days` or the like."
        )
    return found


def more_days(text: str) -> Duration:
    """Like `some_days`, 1 or more of them."""
    found = some_days(text)
    if found.count == 0:
        raise WrongValueError(f"`{text}` is no time at all.", "Write 1 or more.")
    return found


def expiry(text: str) -> Duration | Never:
    """`never`, or a duration that may go to an end or wait for a silence."""
    if text == "never":
        return "never"
    found = duration(text)
    if found.unit in ("second", "minute", "hour"):
        raise WrongValueError(
            f"`{text}` is shorter than a day.", "Write it in days, weeks, months or years."
        )
    if found.count == 0 and found.to_end is None:
        raise WrongValueError(f"`{text}` is no time at all.", "Write 1 or more, or `never`.")
    return found


def period(text: str) -> Period:
    """`month` (calendar) or `30 days` (today and the 29 before)."""
    unit = _unit(text, PERIOD_UNITS)
    if unit is not None:
        return Period(cast(PeriodUnit, unit))
    found = re.fullmatch(r"(\S+) +days?", text)
    if found is not None:
        return Period("day", count(found[1]))
    raise WrongValueError(
        f"`{_cut(text)}` is not a period.",
        "Write hour, day, week, month, quarter or year, or `30 days`.",
    )


def calendar_period(text: str) -> Period:
    """`month`, `year` and the like, without a number."""
    unit = _unit(text, PERIOD_UNITS)
    if unit is None:
        raise WrongValueError(
            f"`{_cut(text)}` is not a period of the calendar.",
            "Write hour, day, week, month, quarter or year.",
        )
    return Period(cast(PeriodUnit, unit))


def streak_period(text: str) -> Period:
    """The period of a streak, a day or longer."""
    found = calendar_period(text)
    if found.unit == "hour":
        raise WrongValueError(
            "Streaks are not counted by the hour.", "Write day, week, month, quarter or year."
        )
    return found


def quantity(text: str) -> Quantity:
    """`3 per month`, `500 points per day`, `1000000 points`, `3`."""
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise WrongValueError(
            f"`{_cut(text)}` is not a limit.",
            "Write a number and a period, such as `3 per month` or `500 points per day`.",
        )
    if found["unit"] is None and text.endswith("per"):
        raise WrongValueError(f"`{text}` has no period.", "Write `3 per month` or the like.")
    value = amount(found["amount"])
    if found["unit"] is None and value.denominator != 1:
        raise WrongValueError(f"`{text}` counts parts of times.", "Write a whole number of times.")
    when = period(found["period"]) if found["period"] else Period(None)
    return Quantity(value, found["unit"], when)


def review(text: str) -> Duration | ReviewWord:
    """`every 12 months`, `at once`, `yearly`, `on anniversary`."""
    if text in get_args(ReviewWord):
        return cast(ReviewWord, text)
    if text.startswith("every "):
        return more_days(text.removeprefix("every ").strip())
    raise WrongValueError(
        f"`{_cut(text)}` does not say when tiers are reviewed.",
        "Write `every 12 months`, `at once`, `yearly` or `on anniversary`.",
    )


def _unit(text: str, units: tuple[str, ...]) -> str | None:
    return next((unit for unit in units if text in (unit, f"{unit}s")), None)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
