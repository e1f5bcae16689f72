"""What the sections say is what the program holds: keys, defaults, dated values."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from engine.language import rules
from engine.language.expression.tree import Type
from engine.language.program import (
    BUILT_IN,
    Award,
    Dated,
    Duration,
    Limit,
    Period,
    Place,
    Program,
)

HEAD = """\
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events:
  order: {amount: money, category: text, friend: text}
  refund: {reverses: order}
  review: {photo: flag, category: text}
wallets: {points: {}, growth: {}, rebate: {unit: money}}
tiers: {measure: growth, ladder: {member: 0, silver: 1000, gold: 3000}}
"""


def program(text: str) -> Program:
    """The program of one file, which has no problems."""
    reading = rules.read_texts({"rules.yaml": text})
    assert reading.problems == ()
    assert reading.program is not None
    return reading.program


def test_the_example_of_the_language_has_no_problem(project: Path) -> None:
    text = (project / "tests" / "language_example.yaml").read_text(encoding="utf-8")
    read = program(text)
    assert [rule.id for rule in read.rules] == ["purchase", "seafood_weeks"]
    assert list(read.rewards) == [
        "five_off", "welcome", "season", "any_cake", "rose_jam", "pay_with_points",
    ]  # fmt: skip
    assert len(read.facts) == 11
    assert read.examples[0].until == date(2026, 9, 10)
    assert [file.file for file in read.data] == ["customers.csv", "invoices.parquet"]


def test_a_wallet_has_the_defaults_of_the_language() -> None:
    wallet = program(HEAD).wallets["points"]
    assert (wallet.unit, wallet.decimals, wallet.transfer) == ("points", 0, False)
    assert wallet.expires == Dated(((None, None),))
    assert wallet.pending == Dated(((None, Duration(0, "day")),))
    assert (wallet.round, wallet.spend) == ("down", "soonest expiry")
    assert (wallet.below_zero, wallet.on_refund) == ("no", "clamp")
    assert (wallet.restore, wallet.value) == ("original", None)


def test_a_wallet_of_money_has_the_places_of_the_currency() -> None:
    assert program(HEAD).wallets["rebate"].decimals == 2
    assert program(HEAD.replace("CNY", "JPY")).wallets["rebate"].decimals == 0
    assert program(HEAD.replace("CNY", "KWD")).money_decimals == 3


def test_refunds_only_is_no_with_below_zero_on_a_refund() -> None:
    wallet = program(HEAD.replace("points: {}", "points: {below zero: refunds only}"))
    points = wallet.wallets["points"]
    assert (points.below_zero, points.on_refund) == ("no", "below zero")


def test_tiers_have_the_defaults_of_s25() -> None:
    tiers = program(HEAD).tiers
    assert tiers is not None
    assert (tiers.upgrade, tiers.downgrade, tiers.review) == ("after", "never", "at once")
    assert tiers.grace is None
    assert tiers.on_change == "keep"
    assert [rung.name for rung in tiers.ladder] == ["member", "silver", "gold"]


def test_a_program_multiplies_unless_it_says_otherwise() -> None:
    assert program(HEAD).stacking == "multiply"


def test_an_earn_rule_has_the_defaults_of_the_language() -> None:
    rule = program(HEAD + "earn: {buy: {when: order, give: {points: amount}}}\n").rules[0]
    assert (rule.id, rule.name, rule.note, rule.section) == ("buy", "buy", "", "earn")
    assert rule.when == ("order",)
    assert (rule.condition, rule.start, rule.end, rule.within) == (None, None, None, None)
    assert (rule.once, rule.return_limit) == (False, False)
    assert (rule.limits, rule.budget, rule.group, rule.priority) == ((), None, None, None)
    assert rule.place == Place("rules.yaml", 8, 8)
    assert [(give.wallet, give.amount.steps[0][1].text) for give in rule.gives] == [
        ("points", "amount")
    ]


def test_every_key_of_an_earn_rule_is_read() -> None:
    rule = program(
        HEAD
        + """
earn:
  buy:
    name: Buying
    note: As agreed.
    when: [order, review]
    if: category = 'cake' and tier = 'gold'
    from: 2026-09-01
    until: 2026-12-31
    once: yes
    within: 30 days
    limit: [3 per month, 500 points per day]
    budget: 20000 points per quarter
    over budget: refuse
    on refund: return limit
    group: best
    priority: -2
    give: {points: 10}
"""
    ).rules[0]
    assert (rule.name, rule.note, rule.when) == ("Buying", "As agreed.", ("order", "review"))
    assert rule.condition is not None
    assert {name.name for name in rule.condition.tree.names()} == {"category", "tier"}
    assert (rule.start, rule.end) == (date(2026, 9, 1), date(2026, 12, 31))
    assert (rule.once, rule.within) == (True, Duration(30, "day"))
    assert rule.limits == (
        Limit(Dated(((None, Fraction(3)),)), None, Period("month"), Place("rules.yaml", 19, 13)),
        Limit(
            Dated(((None, Fraction(500)),)), "points", Period("day"), Place("rules.yaml", 19, 26)
        ),
    )
    assert rule.budget is not None
    assert (rule.budget.unit, rule.budget.period) == ("points", Period("quarter"))
    assert (rule.budget.over, rule.return_limit) == ("refuse", True)
    assert (rule.group, rule.priority) == ("best", -2)


@pytest.mark.parametrize(
    ("given", "awards"),
    [
        ("coupon: five", [("coupon", "five", 1, None)]),
        ("coupon: [five, six]", [("coupon", "five", 1, None), ("coupon", "six", 1, None)]),
        ("coupon: {five: 2}", [("coupon", "five", 2, None)]),
        ("item: jam", [("item", "jam", 1, None)]),
        ("voucher: cake", [("voucher", "cake", 1, None)]),
        ("badge: critic", [("badge", "critic", 1, None)]),
        ("privilege: first", [("privilege", "first", 1, None)]),
        ("privilege: first for 1 year", [("privilege", "first", 1, Duration(1, "year"))]),
        ("tier: gold for 90 days", [("tier", "gold", 1, Duration(90, "day"))]),
        ("tier: gold", [("tier", "gold", 1, None)]),
    ],
)
def test_a_rule_gives_ids_lists_counts_and_for_a_time(
    given: str, awards: list[tuple[str, str, int, Duration | None]]
) -> None:
    found = program(
        HEAD
        + "rewards: {five: {coupon: 5}, six: {coupon: 6%}, jam: {item: j}, cake: {voucher: 9.90}}\n"
        + f"privileges: {{first: {{}}}}\nearn: {{a: {{when: review, give: {{{given}}}}}}}\n"
    ).rules[0]
    assert [(a.kind, a.id, a.count, a.lasts) for a in found.awards] == awards
    assert isinstance(found.awards[0], Award)


def test_x_before_a_factor_says_nothing_more() -> None:
    read = program(
        HEAD.replace(
            "gold: 3000}", "gold: 3000}, benefits: {gold: {points: x1.5}, silver: {points: 1.2}}"
        )
        + "earn: {buy: {when: order, give: {points: amount}},"
        " two: {when: order, multiply: {points: x 2}, of: [buy]}}\n"
    )
    factors = {
        rule.id: rule.multiplies[0].amount.steps[0][1].text
        for rule in read.rules
        if rule.multiplies
    }
    assert factors == {"tiers.gold": "1.5", "tiers.silver": "1.2", "two": "2"}


def test_a_tiers_benefit_is_a_multiplier_among_the_others_in_file_order() -> None:
    text = """\
earn: {buy: {when: order, give: {points: amount}}, write: {when: review, give: {points: 5}}}
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money}, review: {}}
wallets: {points: {}, growth: {}}
tiers: {measure: growth, ladder: {member: 0, gold: 1}, benefits: {gold: {points: x1.5}}}
"""
    later = "earn: {double: {when: order, multiply: {points: 2}}}\n"
    reading = rules.read_texts({"a.yaml": text, "b.yaml": later})
    assert reading.program is not None
    assert [rule.id for rule in reading.program.rules] == ["buy", "write", "tiers.gold", "double"]
    benefit = reading.program.rules[2]
    assert benefit.when == ("order", "review")
    assert benefit.condition is not None
    assert benefit.condition.text == "tier = 'gold'"


def test_rewards_are_read_with_their_keys() -> None:
    rewards = program(
        HEAD
        + """
rewards:
  five: {name: 5 off, coupon: 5.00, cost: {points: 50, growth: 1}, stock: 10, limit: 2 per month}
  season: {coupon: 12%, min spend: 100.00, on: category = 'cake', stacks: no, valid: 7 days}
  jam: {item: rose-jam, if: tier = 'gold', within: 7 days, from: 2026-01-01, once: true}
"""
    ).rewards
    five, season, jam = rewards.values()
    assert (five.kind, five.amount, five.percent) == (
        "coupon",
        Dated(((None, Fraction(5)),)),
        False,
    )
    assert [give.wallet for give in five.cost] == ["points", "growth"]
    assert (five.stacks, five.valid, five.on) == (True, None, None)
    assert (season.percent, season.stacks) == (True, False)
    assert season.amount == Dated(((None, Fraction(3, 25)),))
    assert season.on is not None
    assert (jam.kind, jam.item) == ("item", "rose-jam")
    assert (jam.rule.section, jam.rule.when, jam.rule.once) == ("rewards", ("redeem",), True)
    assert (jam.rule.start, jam.rule.within) == (date(2026, 1, 1), Duration(7, "day"))


def test_built_in_events_are_there_without_being_written() -> None:
    events = program(HEAD + "members: {city: text}\n").events
    assert tuple(events)[: len(BUILT_IN)] == BUILT_IN
    fields = {name: list(events[name].fields) for name in BUILT_IN}
    assert fields == {
        "join": ["referrer", "code"],
        "redeem": ["reward", "quantity", "points", "order"],
        "cancel_redeem": ["redeem"],
        "use": ["reward", "grant", "order"],
        "adjust": ["wallet", "amount", "reason", "by", "expires"],
        "profile": ["city"],
        "transfer": ["to", "wallet", "amount"],
        "draw": ["draw"],
    }


def test_a_reversal_has_the_column_of_what_it_reverses_and_an_amount() -> None:
    refund = program(HEAD).events["refund"]
    assert refund.reverses == "order"
    assert {name: field.type for name, field in refund.fields.items()} == {
        "order": Type.TEXT, "amount": Type.MONEY,
    }  # fmt: skip
