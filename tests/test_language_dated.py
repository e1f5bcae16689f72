"""A value may be given per starting date wherever a number may change."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from engine.language import rules
from engine.language.program import Duration, Program


def program(text: str) -> Program:
    """The program of one file, which has no problems."""
    reading = rules.read_texts({"rules.yaml": text})
    assert reading.problems == ()
    assert reading.program is not None
    return reading.program


TEXT = """\
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money}}
wallets:
  points:
    expires: {2026-01-01: 12 months, 2027-01-01: never}
    pending: {2026-01-01: 14 days, 2026-06-01: 7 days}
    value: {2026-01-01: 0.01, 2026-07-01: 0.02}
tiers: {measure: points, ladder: {member: 0, gold: {2027-01-01: 3000, 2026-01-01: 2000}}}
earn:
  buy:
    when: order
    give: {points: {2026-01-01: amount, 2026-02-01: amount * 2}}
    limit: {2026-01-01: 3 per month, 2026-06-01: 5 per month}
    budget: {2026-01-01: 1000 points, 2026-06-01: 2000 points}
  two: {when: order, multiply: {points: {2026-01-01: 2, 2026-10-01: 1.5}}}
rewards:
  cake:
    coupon: {2026-01-01: 5.00, 2026-06-01: 6.00}
    cost: {points: {2026-01-01: 50, 2026-06-01: 60}}
    stock: {2026-01-01: 100, 2026-06-01: 200}
    valid: {2026-01-01: 30 days, 2026-06-01: 60 days}
    min spend: {2026-01-01: 50.00, 2026-06-01: 60.00}
  pay_with_points:
    rate: {points: {2026-01-01: 100, 2026-06-01: 120}, money: {2026-01-01: 1.00, 2026-06-01: 2}}
    at most: {2026-01-01: 50% of amount, 2026-06-01: 30%}
    at least: {2026-01-01: 500 points, 2026-06-01: 100 points}
"""
DAY = date(2026, 6, 30)


def test_terms_and_values_of_a_wallet_may_be_dated() -> None:
    points = program(TEXT).wallets["points"]
    assert points.expires.on(DAY) == Duration(12, "month")
    assert points.expires.on(date(2027, 1, 1)) is None
    assert points.pending.on(DAY) == Duration(7, "day")
    assert points.value is not None
    assert points.value.on(date(2025, 12, 31)) is None
    assert points.value.on(DAY) == Fraction(1, 100)


def test_a_ladder_may_be_dated_in_any_order() -> None:
    tiers = program(TEXT).tiers
    assert tiers is not None
    assert tiers.ladder[1].threshold.on(DAY) == 2000
    assert tiers.ladder[1].threshold.on(date(2027, 1, 1)) == 3000


def test_amounts_factors_limits_and_budgets_may_be_dated() -> None:
    buy, two = program(TEXT).rules
    amount = buy.gives[0].amount.on(DAY)
    assert amount is not None
    assert amount.text == "amount * 2"
    assert buy.limits[0].amount.on(DAY) == 5
    assert buy.budget is not None
    assert buy.budget.amount.on(date(2026, 5, 31)) == 1000
    factor = two.multiplies[0].amount.on(date(2026, 10, 1))
    assert factor is not None
    assert factor.tree.value == Fraction(3, 2)


def test_the_numbers_of_a_reward_may_be_dated() -> None:
    rewards = program(TEXT).rewards
    cake, pay = rewards["cake"], rewards["pay_with_points"]
    for dated, expected in (
        (cake.amount, 6), (cake.stock, 200), (cake.min_spend, 60),
        (cake.valid, Duration(60, "day")), (pay.at_most, Fraction(3, 10)), (pay.at_least, 100),
    ):  # fmt: skip
        assert dated is not None
        assert dated.on(DAY) == expected
    assert pay.rate is not None
    assert pay.rate[0] == "points"
    assert pay.rate[1].on(DAY) == Fraction(120)
    assert pay.rate[2].on(DAY) == Fraction(2)


def test_a_dated_value_needs_at_least_one_day() -> None:
    reading = rules.read_texts(
        {
            "a.yaml": "program: {timezone: Asia/Shanghai, money: CNY}\n"
            "wallets: {points: {value: {}}}\n"
        }
    )
    assert [p.what for p in reading.problems] == ["Here stands no value."]
