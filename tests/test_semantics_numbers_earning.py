"""The worked numbers of the contract about earning, multipliers, refunds, tiers and budgets."""

from __future__ import annotations

import pytest

from tests import world


def test_n07_fractions_are_rounded_once_per_wallet_and_event() -> None:
    one = "wallets: {points: {}}\nearn: {p: {when: order, give: {points: amount}}}"
    three = "wallets: {points: {}}\nearn: {p: {when: order, give: {points: amount * 3}}}"
    both = """
wallets: {points: {}}
earn:
  p: {when: order, give: {points: amount}}
  h: {when: order, give: {points: amount / 2}}
"""
    assert world.run(one, "o1 m1 2026-01-01 order amount=19.99").points() == 19
    assert world.run(three, "o1 m1 2026-01-01 order amount=40.00").points() == 120
    assert world.run(both, "o1 m1 2026-01-01 order amount=19.99").kinds() == ["earn 19", "earn 10"]


@pytest.mark.parametrize(("way", "points"), [("down", 44), ("nearest", 45), ("up", 45)])
def test_n08_the_multiplied_sum_is_rounded_the_wallets_way(way: str, points: int) -> None:
    made = world.run(
        f"""
wallets: {{points: {{round: {way}}}}}
earn:
  p: {{when: order, give: {{points: amount}}}}
  h: {{when: order, give: {{points: amount / 2}}}}
  x: {{when: order, multiply: {{points: 1.5}}}}
""",
        "o1 m1 2026-01-01 order amount=19.99",
    )
    assert made.points() == points


def test_n09_two_reversals_give_back_once() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn:
  welcome: {when: join, give: {points: 50}}
  p: {when: order, give: {points: amount}}
rewards: {pay_with_points: {rate: {points: 100, money: 1.00}}}
""",
        """
        o1 m1 2026-01-01 10:00 order amount=21
        s1 m1 2026-01-01 10:00 redeem reward=pay_with_points points=50 order=o1
        c1 m1 2026-01-02 cancel order=o1
        r1 m1 2026-01-03 refund order=o1
        """,
        "m1 joined_at=2025-12-01",
    )
    assert made.points() == 50
    assert {r["event_id"] for r in made.ledger if r["kind"] in ("restore", "reverse")} == {"c1"}


def test_n10_a_refund_takes_back_the_amount_of_the_orders_day() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn: {p: {when: order, give: {points: {2026-01-01: amount, 2026-02-01: amount * 3}}}}
""",
        """
        o1 m1 2026-01-31 order amount=20
        r1 m1 2026-02-10 refund order=o1
        """,
    )
    assert made.kinds() == ["earn 20", "reverse -20"]


@pytest.mark.parametrize(
    ("before", "order", "then", "after"),
    [(0, 6000, 1, 1), (0, 15000, 2, 1), (0, 25000, 3, 1), (8000, 3000, 2, 1), (18000, 3000, 3, 2)],
)
def test_n11_the_tier_at_which_an_order_earns(
    before: int, order: int, then: int, after: int
) -> None:
    for upgrade, tier in (("before", then), ("after", after)):
        made = world.run(
            f"""
wallets: {{points: {{}}}}
facts: {{spend: {{sum: order.amount}}}}
tiers: {{measure: spend, ladder: {{one: 0, two: 10000, three: 20000}}, upgrade: {upgrade}}}
earn:
  at_one: {{when: order, if: tier = 'one', give: {{points: 1}}}}
  at_two: {{when: order, if: tier = 'two', give: {{points: 2}}}}
  at_three: {{when: order, if: tier = 'three', give: {{points: 3}}}}
""",
            f"""
            o1 m1 2026-01-01 order amount={before}
            o2 m1 2026-01-02 order amount={order}
            """,
        )
        assert [r["amount"] for r in made.ledger if r["event_id"] == "o2"] == [tier]


@pytest.mark.parametrize(("amount", "points"), [(196000, 196), (20000, 0), (360000, 400)])
def test_n12_the_whole_amount_is_at_its_bands_rate(amount: int, points: int) -> None:
    made = world.run(
        """
wallets: {points: {}}
earn:
  p:
    when: order
    give:
      points: case when amount >= 300000 then amount / 900
              when amount >= 100000 then amount / 1000 else 0 end
""",
        f"o1 m1 2026-01-01 order amount={amount}",
    )
    assert made.points() == points


def test_n14_half_a_refund_takes_half() -> None:
    made = world.run(
        "wallets: {points: {}}\nearn: {p: {when: order, give: {points: 100}}}",
        """
        o1 m1 2026-01-01 order amount=80
        r1 m1 2026-01-02 refund order=o1 amount=40
        """,
    )
    assert made.points() == 50


def test_n20_part_refunds_add_up_to_the_whole() -> None:
    made = world.run(
        "wallets: {points: {}}\nearn: {p: {when: order, give: {points: amount}}}",
        """
        o1 m1 2026-01-01 order amount=19.99
        r1 m1 2026-01-02 refund order=o1 amount=10.00
        r2 m1 2026-01-03 refund order=o1 amount=9.99
        """,
    )
    assert made.kinds() == ["earn 19", "reverse -9", "reverse -10"]


def test_n21_a_part_refund_is_shared_among_the_entries() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn:
  a: {when: order, give: {points: 19}}
  b: {when: order, give: {points: 9}}
""",
        """
        o1 m1 2026-01-01 order amount=20
        r1 m1 2026-01-02 refund order=o1 amount=10
        """,
    )
    taken = [r for r in made.ledger if r["kind"] == "reverse"]
    assert world.World.of(taken, "rule", "amount") == [("a", -9), ("b", -5)]


def test_n22_what_expired_counts_as_taken_first() -> None:
    made = world.run(
        """
wallets: {points: {expires: {2020-01-01: 10 days, 2026-01-05: never}}}
earn: {p: {when: order, give: {points: amount}}}
rewards: {cup: {item: cup, cost: {points: 1}}}
""",
        """
        o1 m1 2026-01-01 order amount=100
        s1 m1 2026-01-02 redeem reward=cup quantity=40
        o2 m1 2026-01-20 order amount=500
        r1 m1 2026-01-21 refund order=o1 amount=50
        r2 m1 2026-01-22 refund order=o1 amount=50
        """,
    )
    assert made.kinds() == ["earn 100", "spend -40", "expire -60", "earn 500", "reverse -40"]
    assert made.ledger[-1]["event_id"] == "r2"


def test_n23_a_rule_whose_count_is_used_up_is_no_part_of_the_base() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn:
  a: {when: order, give: {points: 100}}
  flat: {when: order, give: {points: 33}, limit: 1}
  x: {when: order, multiply: {points: 2}}
""",
        """
        o1 m1 2026-01-01 order amount=1
        o2 m1 2026-01-02 order amount=1
        """,
    )
    assert sum(r["amount"] for r in made.ledger if r["event_id"] == "o2") == 200


@pytest.mark.parametrize(
    ("day", "tier"), [("2027-03-11", "gold"), ("2027-04-10", "gold"), ("2027-04-11", "member")]
)
def test_n27_gold_is_kept_through_its_year_and_its_grace(day: str, tier: str) -> None:
    made = world.run(
        """
wallets: {growth: {expires: 12 months}}
tiers:
  measure: growth
  ladder: {member: 0, gold: 3000}
  downgrade: reassess
  review: every 12 months
  grace: 30 days
earn: {p: {when: order, give: {growth: amount}}}
""",
        "o1 m1 2026-03-10 order amount=3000",
        until=day,
    )
    assert made.members["m1"]["tier"] == tier


def test_n28_a_budget_that_ended_stays_ended() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn: {p: {when: order, give: {points: amount}, budget: 100 points}}
""",
        """
        o1 m1 2026-01-01 order amount=60
        o2 m2 2026-01-02 order amount=50
        c1 m1 2026-01-03 cancel order=o1
        o3 m3 2026-01-04 order amount=30
        """,
    )
    assert made.rows("amount", "wanted") == [(60, None), (40, 50), (-60, None), (0, 30)]


def test_n29_the_order_after_a_long_silence() -> None:
    made = world.run(
        """
wallets: {points: {}}
facts: {previous_order: {previous: order}}
earn:
  back: {when: order, if: "days_between(previous_order, at) > 60", give: {points: 5}}
""",
        """
        o1 m1 2026-01-01 order amount=1
        o2 m1 2026-03-03 order amount=1
        o3 m1 2026-05-02 order amount=1
        """,
    )
    assert made.rows("event_id", "amount") == [("o2", 5)]


@pytest.mark.parametrize(
    ("first", "then", "amounts"),
    [("2}, of: [a]", "1.5}", [100, 33, 100, 116]), ("1.5}", "2}, of: [a]", [100, 33, 66, 150])],
)
def test_n31_each_gift_keeps_its_own_product(first: str, then: str, amounts: list[int]) -> None:
    made = world.run(
        f"""
wallets: {{points: {{}}}}
earn:
  a: {{when: order, give: {{points: 100}}}}
  b: {{when: order, give: {{points: 33}}}}
  x: {{when: order, multiply: {{points: {first}}}
  y: {{when: order, multiply: {{points: {then}}}
""",
        "o1 m1 2026-01-01 order amount=1",
    )
    assert made.rows("amount") == amounts
    assert sum(amounts) == 349
