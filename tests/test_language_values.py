"""Durations, periods, limits, shares and numbers are read exactly, and only as they are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest

from engine.language.program import Duration, Period
from engine.language.shapes import terms, values
from engine.language.shapes.terms import Quantity
from engine.language.shapes.values import Face, WrongValueError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("14 days", Duration(14, "day")),
        ("1 day", Duration(1, "day")),
        ("2 hours", Duration(2, "hour")),
        ("3 months", Duration(3, "month")),
        ("2 weeks", Duration(2, "week")),
        ("12 months to month end", Duration(12, "month", to_end="month")),
        ("1 year to year end", Duration(1, "year", to_end="year")),
        ("1 quarter to quarter end", Duration(1, "quarter", to_end="quarter")),
        ("180 days without order", Duration(180, "day", without="order")),
        ("180 days without 下单", Duration(180, "day", without="下单")),
    ],
)
def test_durations_are_words(text: str, read: Duration) -> None:
    assert terms.duration(text) == read


def test_a_wallet_may_never_expire() -> None:
    assert terms.expiry("never") == "never"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("month", Period("month")),
        ("year", Period("year")),
        ("30 days", Period("day", 30)),
        ("1 day", Period("day", 1)),
    ],
)
def test_periods_are_of_the_calendar_or_so_many_days(text: str, read: Period) -> None:
    assert terms.period(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3 per month", Quantity(Fraction(3), None, Period("month"))),
        ("500 points per day", Quantity(Fraction(500), "points", Period("day"))),
        ("1000000 points", Quantity(Fraction(1_000_000), "points", Period(None))),
        ("20000 money", Quantity(Fraction(20_000), "money", Period(None))),
        ("20000 money per quarter", Quantity(Fraction(20_000), "money", Period("quarter"))),
        ("1 per 30 days", Quantity(Fraction(1), None, Period("day", 30))),
        ("99.50 rebate per year", Quantity(Fraction(199, 2), "rebate", Period("year"))),
        ("5", Quantity(Fraction(5), None, Period(None))),
    ],
)
def test_limits_are_a_number_a_unit_and_a_period(text: str, read: Quantity) -> None:
    assert terms.quantity(text) == read


def test_shares_and_numbers_are_exact() -> None:
    assert values.share("12%") == Fraction(3, 25)
    assert values.share("0.1%") == Fraction(1, 1000)
    assert values.share_of_amount("50% of amount") == Fraction(1, 2)
    assert values.face("5.00") == Face(Fraction(5), percent=False)
    assert values.face("12%") == Face(Fraction(3, 25), percent=True)
    assert values.number("1.10") == Fraction(11, 10)
    assert values.number("0123") == 123
    assert values.number("-0.29") == Fraction(-29, 100)
    assert values.day("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["yes", "true"])
def test_yes_and_true_are_flags(text: str) -> None:
    assert values.flag(text) is True


@pytest.mark.parametrize("text", ["no", "false"])
def test_no_and_false_are_flags(text: str) -> None:
    assert values.flag(text) is False


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (values.flag, "Yes"),
        (values.flag, "on"),
        (values.flag, "1"),
        (values.number, "1e5"),
        (values.number, "0x10"),
        (values.number, ".5"),
        (values.number, "5."),
        (values.number, "+5"),
        (values.number, "１２"),
        (values.number, "٣"),
        (values.number, "nan"),
        (values.number, "1_000"),
        (values.number, "12:30"),
        (values.number, "1.0000000001"),
        (values.number, "99999999999999"),
        (values.day, "2026-2-1"),
        (values.day, "20260201"),
        (values.day, "2026-02-29"),
        (values.day, "2026-13-01"),
        (values.day, "0000-01-01"),
        (terms.duration, "days"),
        (terms.duration, "1.5 days"),
        (terms.duration, "-3 days"),
        (terms.duration, "3 Days"),
        (terms.duration, "3days"),
        (terms.duration, "3 days to year end"),
        (terms.duration, "3 months to week end"),
        (terms.duration, "99999 days"),
        (terms.more_days, "0 days"),
        (terms.more_days, "3 months to month end"),
        (terms.expiry, "0 days"),
        (terms.period, "0 days"),
        (terms.period, "2 months"),
        (terms.quantity, "3 per"),
        (terms.quantity, "per month"),
        (terms.quantity, "-3 per month"),
        (terms.quantity, "3 points points per month"),
        (values.share, "101%"),
        (values.share, "-1%"),
        (values.share, "half"),
        (values.face, "0"),
        (terms.review, "every month"),
        (values.count, "0"),
        (values.whole, "1.5"),
    ],
)
def test_anything_else_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(WrongValueError) as refused:
        read(text)
    assert refused.value.what.endswith(".")
    assert refused.value.expected.endswith(".")
