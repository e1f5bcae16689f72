"""The values that rules are written with, read from their texts: flags, numbers, shares, days."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from engine.language.text.quote import quoted

LARGEST = 10**13
PLACES_MAX = 9
SALT_MAX = 60

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class WrongValueError(Exception):
    """A text that is not the value it should be, with what a user is told."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected


class Face(NamedTuple):
    """What a coupon is worth: money (`5.00`), or a share (`12%`)."""

    amount: Fraction
    percent: bool


def flag(text: str) -> bool:
    """`true, false, yes, no`."""
    if text not in ("true", "yes", "false", "no"):
        raise WrongValueError(f"{quoted(text)} is neither yes nor no.", "Write `yes` or `no`.")
    return text in ("true", "yes")


def once(text: str) -> bool:
    """A flag, for which people write a limit."""
    if text.startswith(("per ", "a ")):
        term = text.split(" ", 1)[1]
        raise WrongValueError(
            f"`once` is said with yes or no, and {quoted(text)} is a limit.",
            f"Write `limit: 1 per {term}`.",
        )
    return flag(text)


def agents(text: str) -> int:
    """`2 agents`."""
    found = re.fullmatch(r"([0-9]{1,4}) +agents?", text)
    if found is None or int(found[1]) == 0:
        raise WrongValueError(f"{quoted(text)} is no number of agents.", "Write `2 agents`.")
    return int(found[1])


def number(text: str) -> Fraction:
    """A decimal number, exactly as written."""
    if _NUMBER.fullmatch(text):
        digits, _, places = text.lstrip("-").partition(".")
        if len(digits) > 20 or int(digits) > LARGEST:
            raise WrongValueError(
                f"{quoted(text)} is too large.", f"Numbers go up to {LARGEST:,} here."
            )
        if len(places) > PLACES_MAX:
            raise WrongValueError(
                f"{quoted(text)} has too many places.", f"Up to {PLACES_MAX} are read."
            )
        return Fraction(Decimal(text))
    expected = "Write it with digits and a point, such as `1000` or `2.5`."
    if re.fullmatch(r"-?[0-9]{1,3}([,_ ][0-9]{3})+(\.[0-9]+)?", text):
        plain = re.sub("[,_ ]", "", text)
        raise WrongValueError(f"{quoted(text)} has marks between its digits.", f"Write `{plain}`.")
    if text.endswith("%"):
        raise WrongValueError(f"{quoted(text)} is a share, and a number was expected.", expected)
    raise WrongValueError(f"{quoted(text)} is not a number.", expected)


def amount(text: str) -> Fraction:
    """A number that is not below zero."""
    found = number(text)
    if found < 0:
        raise WrongValueError(f"{quoted(text)} is below zero.", "Write 0 or more.")
    return found


def above_zero(text: str) -> Fraction:
    """A number above zero."""
    found = number(text)
    if found <= 0:
        raise WrongValueError(f"{quoted(text)} is not above zero.", "Write a number above zero.")
    return found


def whole(text: str) -> int:
    """A whole number, 0 or more."""
    found = amount(text)
    if found.denominator != 1:
        raise WrongValueError(
            f"{quoted(text)} is not a whole number.", "Write one without a point."
        )
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
        raise WrongValueError(f"{quoted(text)} is too small.", "Write 1 or more.")
    return found


def share(text: str) -> Fraction:
    """`5%` as an exact share of one."""
    if not text.endswith("%"):
        raise WrongValueError(f"{quoted(text)} is not a share.", f"Write it as `{_percent(text)}`.")
    found = number(text[:-1].rstrip()) / 100
    if not 0 <= found <= 1:
        raise WrongValueError(f"{quoted(text)} is no share of a whole.", "Write `0%` to `100%`.")
    return found


def salt(text: str) -> str:
    """What chance depends on: any text that is not too long."""
    if not 0 < len(text) <= SALT_MAX:
        raise WrongValueError(
            "This is no salt.", f"Write any letters and digits, at most {SALT_MAX}, such as `9f2c`."
        )
    return text


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
            raise WrongValueError(
                f"{quoted(text)} is not in the calendar.", _calendar(text)
            ) from None
    raise WrongValueError(f"{quoted(text)} is not a day.", f"Write it as `{_as_day(text)}`.")


def _as_day(text: str) -> str:
    """What was most likely meant by a day that is written in another way."""
    found = re.match(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})(?![0-9])", text)
    if found is None:
        return "2026-09-01"
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def _calendar(text: str) -> str:
    year, month = int(text[:4]), int(text[5:7])
    if not 1 <= month <= 12 or year == 0:
        return "Months go from 01 to 12."
    return f"That month has {monthrange(year, month)[1]} days."
