"""Privileges: given by tier, rule and reward, for good or for a time, and how they end."""

from __future__ import annotations

import pytest

from tests import world

HAPPENS = """
events:
  order: {amount: money, category: text}
  refund: {reverses: order, amount: money}
  visit: {}
  review: {}
privileges:
  free_shipping: {name: Free shipping}
  own_line: {name: Own service line}
  title: {}
wallets: {points: {}, growth: {}, seen: {}}
"""
SEES = """
  sees: {when: visit, if: has('free_shipping'), give: {seen: 1}}
  line: {when: visit, if: has('own_line'), give: {seen: 100}}
"""


def run(rules: str, events: str, until: str | None = None) -> world.World:
    return world.run(rules, events, until=until, happens=HAPPENS)


def seen(made: world.World) -> list[str]:
    return [row["event_id"] for row in made.ledger if row["wallet"] == "seen"]


def privileges(made: world.World, member: str = "m1") -> list[str]:
    found: list[str] = made.members[member]["privileges"]
    return found


TIERS = """
tiers:
  measure: spend
  ladder: {plain: 0, gold: 100}
  downgrade: reassess
  review: at once
  benefits: {gold: {privileges: [free_shipping]}}
facts: {spend: {sum: order.amount, over: 30 days}}
"""


def test_a_tiers_privilege_begins_and_ends_with_the_tier() -> None:
    made = run(TIERS + "earn:" + SEES, """
        v1 m1 2026-01-01 visit
        o1 m1 2026-01-02 order amount=100
        v2 m1 2026-01-03 visit
        v3 m1 2026-01-31 visit
        v4 m1 2026-02-01 visit
        """)  # fmt: skip
    assert seen(made) == ["v2", "v3"]
    assert privileges(made) == []
    assert made.grants == []


def test_the_members_file_has_the_privileges_of_the_tier_and_those_that_were_given() -> None:
    made = run(TIERS + "earn:" + SEES + "  t: {when: review, give: {privilege: title}}\n", """
        o1 m1 2026-01-02 order amount=100
        r1 m1 2026-01-03 review
        v1 m2 2026-01-03 visit
        """)  # fmt: skip
    assert privileges(made) == ["free_shipping", "title"]
    assert privileges(made, "m2") == []


def test_a_rules_privilege_is_for_good_or_for_a_time() -> None:
    rules = """
earn:
  good: {when: review, give: {privilege: title}}
  while: {when: review, give: {privilege: free_shipping for 10 days}}
""" + SEES.lstrip("\n")
    made = run(rules, """
        r1 m1 2026-01-01 review
        v1 m1 2026-01-11 visit
        v2 m1 2026-01-12 visit
        """)  # fmt: skip
    assert seen(made) == ["v1"]
    assert privileges(made) == ["title"]
    assert [(row["id"], row["state"]) for row in made.grants] == [
        ("title", "open"), ("free_shipping", "expired"),
    ]  # fmt: skip


def test_s7_a_refund_ends_the_privilege_that_its_order_gave_unless_another_gives_it() -> None:
    rules = "earn:\n  big: {when: order, give: {privilege: free_shipping for 90 days}}" + SEES
    made = run(rules, """
        o1 m1 2026-01-01 order amount=10
        v1 m1 2026-01-02 visit
        r1 m1 2026-01-03 refund order=o1
        v2 m1 2026-01-04 visit
        o2 m2 2026-01-01 order amount=10
        o3 m2 2026-01-01 13:00 order amount=10
        r2 m2 2026-01-03 refund order=o3
        v3 m2 2026-01-04 visit
        """)  # fmt: skip
    assert seen(made) == ["v1", "v3"]
    assert privileges(made) == []
    assert privileges(made, "m2") == ["free_shipping"]


REWARD = """
rewards:
  line_month: {name: A month, privilege: own_line, cost: {points: 50}, valid: 30 days, stock: 1}
earn:
  p: {when: order, give: {points: amount}}
"""


def test_a_reward_gives_a_privilege_for_its_cost_and_as_long_as_it_is_valid() -> None:
    made = run(REWARD + SEES.lstrip("\n"), """
        o1 m1 2026-01-01 order amount=80
        d1 m1 2026-01-02 redeem reward=line_month
        v1 m1 2026-02-01 visit
        v2 m1 2026-02-02 visit
        """)  # fmt: skip
    assert made.points() == 30
    assert seen(made) == ["v1"]
    grant = made.grants[0]
    assert (grant["kind"], grant["id"], grant["rule"]) == ("privilege", "own_line", "line_month")
    assert (str(grant["until"]), grant["state"]) == ("2026-02-01", "expired")


@pytest.mark.parametrize(("day", "found"), [("2026-02-01", ["own_line"]), ("2026-02-02", [])])
def test_a_privilege_is_held_through_its_last_day(day: str, found: list[str]) -> None:
    made = run(REWARD, """
        o1 m1 2026-01-01 order amount=80
        d1 m1 2026-01-02 redeem reward=line_month
        """, day)  # fmt: skip
    assert privileges(made) == found


def test_s9_a_cancelled_redemption_ends_its_privilege_and_gives_back_points_and_stock() -> None:
    made = run(REWARD + SEES.lstrip("\n"), """
        o1 m1 2026-01-01 order amount=80
        o2 m2 2026-01-01 order amount=80
        d1 m1 2026-01-02 redeem reward=line_month
        c1 m1 2026-01-03 cancel_redeem redeem=d1
        v1 m1 2026-01-04 visit
        d2 m2 2026-01-04 redeem reward=line_month
        d3 m1 2026-01-05 redeem reward=line_month
        """)  # fmt: skip
    assert seen(made) == []
    assert made.points() == 80
    assert privileges(made, "m2") == ["own_line"]
    assert made.codes() == [("d3", "out_of_stock")]
