"""The contract's sentences about referral: what a friend's event gives to those above (S32)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import world
from tests.invited import A_B_C, FIRST, POINTS, same_one_by_one


def test_s32_a_friends_order_pays_him_his_referrer_and_the_second_one() -> None:
    made = world.run(FIRST, A_B_C + "o1 c 2026-01-04 order amount=80")
    assert made.rows("member_id", "kind", "rule", "amount", "lot") == [
        ("c", "bonus", "first_order", 100, "o1/points"),
        ("b", "bonus", "first_order", 200, "o1/points/b"),
        ("a", "bonus", "first_order", 40, "o1/points/a"),
    ]


def test_s32_who_was_brought_by_nobody_is_no_friend() -> None:
    made = world.run(FIRST, A_B_C + "o1 a 2026-01-04 order amount=80")
    assert made.ledger == []


def test_s32_the_condition_is_of_the_friend_and_his_event() -> None:
    events = """
        o1 c 2026-01-04 order amount=49.99
        o2 c 2026-01-05 order amount=80
        o3 b 2026-02-01 23:00 order amount=80
    """
    made = world.run(FIRST, A_B_C + events)
    # c's first order is too small; b's comes on 1 February, day D + 30 of his joining
    assert made.rows("event_id", "member_id") == [("o3", "b"), ("o3", "a")]
    late = world.run(FIRST, A_B_C + "o3 b 2026-02-02 00:00 order amount=80")
    assert late.ledger == []


def test_s32_a_limit_refuses_the_side_it_names_alone() -> None:
    events = "j0 a 2026-01-01 join" + "".join(
        f"\nj{n} f{n} 2026-01-02 join referrer=a\no{n} f{n} 2026-01-1{n} order amount=50"
        for n in (1, 2, 3)
    )
    made = world.run(FIRST, events + "\nj4 f4 2026-02-01 join referrer=a\n"
                     "o4 f4 2026-02-02 order amount=50")  # fmt: skip
    assert made.rows("event_id", "member_id", "amount") == [
        ("o1", "f1", 100), ("o1", "a", 200), ("o2", "f2", 100), ("o2", "a", 200),
        ("o3", "f3", 100), ("o4", "f4", 100), ("o4", "a", 200),
    ]  # fmt: skip


def test_s32_limits_and_budgets_of_other_sides_are_named() -> None:
    text = (
        POINTS
        + """
referral:
  bought:
    when: order
    give: {points: 100}
    give referrer: {points: 200}
    limit friend: 1 per month
    budget: 300 points
"""
    )
    events = """
        o1 b 2026-01-04 order amount=1
        o2 b 2026-01-05 order amount=1
        o3 b 2026-01-06 order amount=1
    """
    made = world.run(text, A_B_C + events)
    assert made.rows("event_id", "member_id", "amount", "wanted") == [
        ("o1", "b", 100, None), ("o1", "a", 200, None), ("o2", "a", 100, 200),
        ("o3", "a", 0, 200),
    ]  # fmt: skip
    assert made.summary["budgets"] == {"bought": {"spent": 300, "ended": "2026-01-05"}}


def test_s32_once_is_once_for_each_friend() -> None:
    text = POINTS + "referral: {bought: {when: order, once: yes, give referrer: {points: 5}}}"
    events = """
        o1 b 2026-01-04 order amount=1
        o2 b 2026-01-05 order amount=1
        o3 c 2026-01-06 order amount=1
    """
    made = world.run(text, A_B_C + events)
    assert made.rows("event_id", "member_id") == [("o1", "a"), ("o3", "b")]


def test_s32_it_is_judged_with_the_referrers_state_of_that_instant() -> None:
    text = (
        POINTS
        + """
tiers: {measure: points, ladder: {member: 0, gold: 100}}
earn: {purchase: {when: order, give: {points: amount}}}
referral:
  bought: {when: order, if: referrer.tier = 'gold', give referrer: {points: referrer.friends * 10}}
"""
    )
    events = """
        o1 b 2026-01-04 order amount=1
        o2 a 2026-01-05 order amount=100
        o3 b 2026-01-06 order amount=1
        j4 d 2026-01-07 join referrer=a
        o4 b 2026-01-08 order amount=1
    """
    made = world.run(text, A_B_C + events)
    bonus = [row for row in made.ledger if row["kind"] == "bonus"]
    assert world.World.of(bonus, "event_id", "member_id", "amount") == [
        ("o3", "a", 10), ("o4", "a", 20)]  # fmt: skip


def test_s32_what_is_known_of_no_referrer_is_null() -> None:
    text = POINTS + (
        "earn: {none: {when: order, if: referrer.points is null, give: {points: 1}}}\n"
        "referral: {levels: 1}"
    )
    made = world.run(text, A_B_C + "o1 a 2026-01-04 order amount=1\no2 b 2026-01-04 order amount=1")
    assert made.rows("member_id") == ["a"]


def test_s16_what_referral_gives_is_never_multiplied() -> None:
    text = FIRST + "earn: {twice: {when: order, multiply: {points: 2}}}"
    made = world.run(text, A_B_C + "o1 c 2026-01-04 order amount=80")
    assert made.rows("rule", "amount") == [("first_order", n) for n in (100, 200, 40)]


def test_s32_a_commission_is_a_share_of_the_order() -> None:
    text = POINTS + "referral: {share: {when: order, give referrer: {rebate: amount * 0.05}}}"
    made = world.run(text, A_B_C + "o1 b 2026-01-04 order amount=19.99")
    assert made.rows("member_id", "wallet", "amount") == [("a", "rebate", 99)]  # 0.9995, down


def test_s32_a_refund_takes_it_back_from_everybody_by_its_share() -> None:
    made = world.run(
        FIRST,
        A_B_C
        + """
        o1 c 2026-01-04 order amount=80
        r1 c 2026-01-05 refund order=o1 amount=40
        """,
    )
    assert made.rows("member_id", "kind", "amount")[3:] == [
        ("c", "reverse", -50), ("b", "reverse", -100), ("a", "reverse", -20)]  # fmt: skip
    assert made.referrals[1]["given"] == '{"points": 340}'
    assert made.referrals[1]["taken_back"] == '{"points": 170}'


def test_s32_coupons_go_with_the_order_and_have_ids_of_their_own() -> None:
    text = (
        POINTS
        + """
rewards: {five_off: {coupon: 5.00}}
referral:
  bought: {when: order, give: {coupon: five_off}, give referrer: {coupon: {five_off: 2}}}
"""
    )
    made = world.run(
        text, A_B_C + "o1 b 2026-01-04 order amount=1\nr1 b 2026-01-05 refund order=o1"
    )
    assert world.World.of(made.grants, "grant_id", "member_id", "state") == [
        ("o1/bought/0", "b", "cancelled"), ("o1/bought/1", "a", "cancelled"),
        ("o1/bought/2", "a", "cancelled"),
    ]  # fmt: skip


def test_a_milestone_is_paid_with_its_friend_and_no_other() -> None:
    text = (
        POINTS
        + """
referral:
  bought:
    when: order
    once: yes
    give referrer: {points: 1}
    milestones: {2: {points: 50}, 3: {points: 70}}
"""
    )
    events = "j0 a 2026-01-01 join" + "".join(
        f"\nj{n} f{n} 2026-01-02 join referrer=a\no{n} f{n} 2026-01-1{n} order amount=50"
        for n in (1, 2, 3, 4)
    )
    made = world.run(text, events)
    assert made.rows("event_id", "amount") == [
        ("o1", 1), ("o2", 1), ("o2", 50), ("o3", 1), ("o3", 70), ("o4", 1)]  # fmt: skip


def test_facts_look_at_friends_and_tiers_go_by_them() -> None:
    text = (
        POINTS
        + """
facts: {spent: {sum: friend.order.amount}, bought: {count: friend.order, if: amount > 10}}
tiers: {measure: spent, ladder: {member: 0, star: 100}}
earn: {purchase: {when: order, give: {points: amount}}}
referral: {levels: 1}
"""
    )
    events = """
        o1 b 2026-01-04 order amount=60
        o2 b 2026-01-05 order amount=5
        o3 b 2026-01-06 order amount=40
        o4 c 2026-01-06 order amount=7
    """
    made = world.run(text, A_B_C + events)
    assert (made.members["a"]["spent"], made.members["a"]["bought"]) == (10500, 2)
    assert (made.members["b"]["spent"], made.members["b"]["bought"]) == (700, 0)
    assert [made.members[m]["tier"] for m in "abc"] == ["star", "member", "member"]


def test_the_table_tells_of_each_invitation_and_the_summary_what_a_customer_cost() -> None:
    made = world.run(FIRST, A_B_C + "o1 c 2026-01-04 order amount=80")
    one = made.referrals[1]
    assert (one["member_id"], one["referrer_id"], one["depth"]) == ("c", "b", 2)
    assert one["at"] == datetime(2026, 1, 3, 4, tzinfo=UTC)  # noon in Shanghai
    assert one["qualified_at"] == datetime(2026, 1, 4, 4, tzinfo=UTC)
    assert made.summary["referrals"] == {
        "invited": 2, "brought": 2, "refused": {}, "qualified": 1, "given": {"points": 340},
        "taken_back": {}, "cost": 340, "cost_per_new_customer": 340,
    }  # fmt: skip


@pytest.mark.parametrize("stacking", ["multiply", "best"])
def test_one_by_one_gives_what_a_replay_gives(stacking: str) -> None:
    text = FIRST + (
        "    milestones: {2: {points: 7}}\n"
        "earn: {purchase: {when: order, give: {points: amount}},"
        " twice: {when: order, multiply: {points: 2}}}\n"
    )
    events = A_B_C + """
        o1 c 2026-01-04 order amount=80
        j4 d 2026-01-05 join referrer=b
        o2 d 2026-01-06 order amount=60
        r1 c 2026-01-07 refund order=o1 amount=40
        o3 b 2026-01-08 order amount=55.50
        r2 d 2026-01-09 refund order=o2
    """  # fmt: skip
    same_one_by_one(text, events)
