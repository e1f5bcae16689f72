"""The contract's sentences about earning: rounding, stacking, limits, budgets (S16 to S22)."""

from __future__ import annotations

import pytest

from tests import world

POINTS = "wallets: {points: {}}\n"
TWO = """
        o1 m1 2026-01-01 order amount=10
        o2 m1 2026-01-02 order amount=10
"""


def test_s16_facts_are_from_after_the_event_and_balances_from_before_it() -> None:
    made = world.run(
        POINTS
        + """
facts: {orders: {count: order}}
earn:
  first: {when: order, if: orders = 1 and points = 0, give: {points: 7}}
  later: {when: order, if: orders = 2 and points = 7, give: {points: 1}}
""",
        TWO,
    )
    assert made.rows("rule") == ["first", "later"]


def test_s16_gives_stand_in_file_order_and_multipliers_after_them() -> None:
    made = world.run(
        POINTS
        + """
earn:
  x: {when: order, multiply: {points: 2}}
  b: {when: order, give: {points: 5}}
  a: {when: order, give: {points: 3}}
""",
        "o1 m1 2026-01-01 order amount=10",
    )
    assert made.rows("rule", "kind", "amount") == [
        ("b", "earn", 5), ("a", "earn", 3), ("x", "bonus", 8)]  # fmt: skip


def test_s16_a_rule_holds_in_its_window_only() -> None:
    made = world.run(
        POINTS + "earn: {p: {when: order, from: 2026-01-02, until: 2026-01-03, give: {points: 1}}}",
        """
        o1 m1 2026-01-01 23:59 order amount=1
        o2 m1 2026-01-02 00:00 order amount=1
        o3 m1 2026-01-03 23:59 order amount=1
        o4 m1 2026-01-04 00:00 order amount=1
        """,
    )
    assert made.rows("event_id") == ["o2", "o3"]


def test_s16_once_is_once() -> None:
    made = world.run(POINTS + "earn: {p: {when: order, once: true, give: {points: 1}}}", TWO)
    assert made.rows("event_id") == ["o1"]


def test_s16_the_event_that_crosses_a_tier_earns_at_the_tier_before() -> None:
    made = world.run(
        """
wallets: {growth: {}}
tiers: {measure: growth, ladder: {member: 0, gold: 10}}
earn:
  p: {when: order, give: {growth: amount}}
  x: {when: order, if: tier = 'gold', multiply: {growth: 2}}
""",
        TWO,
    )
    assert made.rows("kind", "amount") == [("earn", 10), ("earn", 10), ("bonus", 10)]


def test_s16_a_benefit_of_a_tier_is_a_multiplier_among_the_others() -> None:
    made = world.run(
        """
wallets: {growth: {}}
tiers: {measure: growth, ladder: {member: 0, gold: 10}, benefits: {gold: {growth: x1.5}}}
earn: {p: {when: order, give: {growth: amount}}}
""",
        TWO,
    )
    assert made.rows("rule", "amount") == [("p", 10), ("p", 10), ("tiers.gold", 5)]


@pytest.mark.parametrize(("way", "rows"), [("down", [3, 3]), ("nearest", [3, 4]), ("up", [4, 3])])
def test_s17_entries_add_up_to_the_rounded_total(way: str, rows: list[int]) -> None:
    made = world.run(
        f"""
wallets: {{points: {{round: {way}}}}}
earn:
  a: {{when: order, give: {{points: amount / 3}}}}
  b: {{when: order, give: {{points: amount / 3}}}}
""",
        "o1 m1 2026-01-01 order amount=10",
    )
    assert made.rows("amount") == rows


def test_s17_nearest_is_half_away_from_zero() -> None:
    made = world.run(
        "wallets: {points: {round: nearest}}\nearn: {p: {when: order, give: {points: amount}}}",
        """
        o1 m1 2026-01-01 order amount=2.50
        o2 m1 2026-01-02 order amount=2.49
        """,
    )
    assert made.rows("amount") == [3, 2]


@pytest.mark.parametrize(
    ("stacking", "rows"),
    [
        ("multiply", [("p", 10), ("x2", 10), ("x3", 40)]),
        ("add", [("p", 10), ("x2", 10), ("x3", 20)]),
        ("best", [("p", 10), ("x3", 20)]),
    ],
)
def test_s18_x2_and_x3_give_x6_or_x4_or_x3(stacking: str, rows: list[tuple[str, int]]) -> None:
    made = world.run(
        POINTS
        + """
earn:
  p: {when: order, give: {points: amount}}
  x2: {when: order, multiply: {points: 2}}
  x3: {when: order, multiply: {points: 3}}
""",
        "o1 m1 2026-01-01 order amount=10",
        program=f"program: {{name: S, timezone: UTC, money: CNY, stacking: {stacking}}}",
    )
    assert made.rows("rule", "amount") == rows


def test_s19_of_a_group_the_largest_unrounded_amount_holds_and_a_tie_goes_to_the_first() -> None:
    made = world.run(
        POINTS
        + """
earn:
  a: {when: order, group: g, give: {points: amount / 3}}
  b: {when: order, group: g, give: {points: amount / 2.9}}
  c: {when: order, group: g, give: {points: 3.1}}
  d: {when: order, group: g, give: {points: 3.1}}
""",
        """
        o1 m1 2026-01-01 order amount=10
        o2 m1 2026-01-02 order amount=1
        """,
    )
    assert made.rows("event_id", "rule") == [("o1", "b"), ("o2", "c")]


def test_s19_of_a_group_the_larger_priority_holds_whatever_it_gives() -> None:
    made = world.run(
        POINTS
        + """
earn:
  a: {when: order, group: g, give: {points: 50}}
  b: {when: order, group: g, priority: 1, give: {points: 40}}
  c: {when: order, group: g, priority: 2, give: {points: 1}}
""",
        "o1 m1 2026-01-01 order amount=10",
    )
    assert made.rows("rule") == ["c"]


@pytest.mark.parametrize(("way", "rest"), [("cut", 40), ("refuse", 0)])
def test_s21_a_budget_is_spent_in_order_and_ends_with_the_first_that_does_not_fit(
    way: str, rest: int
) -> None:
    made = world.run(
        POINTS
        + f"""
earn:
  p: {{when: order, budget: 100 points per month, over budget: {way}, give: {{points: amount}}}}
""",
        """
        o2 m2 2026-01-02 order amount=50
        o1 m1 2026-01-01 order amount=60
        o3 m3 2026-01-03 order amount=1
        o4 m3 2026-02-01 order amount=1
        o5 m3 2026-02-02 order amount=1
        """,
    )
    assert made.rows("event_id", "amount") == [
        ("o1", 60), ("o2", rest), ("o3", 0), ("o4", 1), ("o5", 1)]  # fmt: skip


def test_s21_stock_that_comes_back_can_be_had_again_from_the_next_day_on() -> None:
    made = world.run(
        POINTS
        + """
earn: {p: {when: order, give: {points: amount}}}
rewards: {cup: {item: cup, cost: {points: 1}, stock: 1}}
""",
        """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 10:00 redeem reward=cup
        c1 m1 2026-01-02 11:00 cancel_redeem redeem=s1
        s2 m1 2026-01-02 12:00 redeem reward=cup
        s3 m1 2026-01-03 12:00 redeem reward=cup
        """,
    )
    assert made.codes() == [("s2", "out_of_stock")]
    assert made.points() == 9


def test_s22_a_redemption_earns_nothing() -> None:
    made = world.run(
        POINTS
        + """
earn: {p: {when: order, give: {points: amount}}}
rewards: {cup: {item: cup, cost: {points: 4}}}
""",
        """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 redeem reward=cup
        """,
    )
    assert made.kinds() == ["earn 10", "spend -4"]
