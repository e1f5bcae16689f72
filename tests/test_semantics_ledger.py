"""The contract's sentences about the ledger, lots, reversals and what comes back (S1 to S10)."""

from __future__ import annotations

import pytest

from tests import world

EARN = "earn: {purchase: {when: order, give: {points: amount}}}\n"
CUP = "rewards: {cup: {item: cup, cost: {points: 1}}}\n"
PLAIN = EARN + CUP + "wallets: {points: {}}\n"
POINTS = "wallets: {{points: {{{}}}}}\n"


def test_s01_a_mistake_a_refund_and_an_expiry_are_new_entries() -> None:
    events = """
        o1 m1 2026-01-01 order amount=100
        r1 m1 2026-01-02 refund order=o1 amount=30
    """
    text = EARN + POINTS.format("expires: 10 days")
    first, then = world.run(text, events), world.run(text, events, until="2026-02-01")
    assert then.kinds() == ["earn 100", "reverse -30", "expire -70"]
    assert then.ledger[:2] == first.ledger


def test_s02_amounts_are_whole_numbers_of_the_smallest_unit() -> None:
    made = world.run(
        """
wallets: {points: {}, stars: {decimals: 1}, cash: {unit: money}}
earn: {p: {when: order, give: {points: amount * 0.29, stars: amount * 0.29, cash: amount * 0.29}}}
""",
        "o1 m1 2026-01-01 order amount=100.00",
    )
    assert made.rows("wallet", "amount") == [("points", 29), ("stars", 290), ("cash", 2900)]


def test_s03_each_wallets_accounts_sum_to_zero() -> None:
    made = world.run(
        EARN + CUP + POINTS.format("expires: 10 days"),
        """
        o1 m1 2026-01-01 order amount=100
        s1 m1 2026-01-02 redeem reward=cup quantity=20
        r1 m1 2026-01-03 refund order=o1 amount=10
        """,
        until="2026-02-01",
    )
    told = made.summary["wallets"]["points"]
    taken = told["spent"] + told["expired"] + told["reversed"]
    assert (told["issued"], told["spent"], told["expired"], told["reversed"]) == (100, 20, 70, 10)
    assert told["issued"] - taken == told["outstanding"] == 0


def test_s07_reversals_of_several_types_share_one_order() -> None:
    made = world.run(
        PLAIN,
        """
        o1 m1 2026-01-01 order amount=100
        r1 m1 2026-01-02 refund order=o1 amount=30
        c1 m1 2026-01-03 cancel order=o1
        r2 m1 2026-01-04 refund order=o1 amount=30
        """,
    )
    assert made.kinds() == ["earn 100", "reverse -30", "reverse -70"]


def test_s07_a_reversal_before_its_order_is_worked_right_after_it() -> None:
    made = world.run(
        PLAIN,
        """
        r1 m1 2026-01-01 refund order=o1 amount=30
        o1 m1 2026-01-02 order amount=100
        """,
    )
    assert made.points() == 70


def test_s07_the_orders_own_lot_is_taken_before_others() -> None:
    made = world.run(
        PLAIN,
        """
        o1 m1 2026-01-01 order amount=100
        o2 m1 2026-01-02 order amount=100
        s1 m1 2026-01-03 redeem reward=cup quantity=50
        r1 m1 2026-01-04 refund order=o2
        r2 m1 2026-01-05 refund order=o1 amount=20
        """,
    )
    taken = [r for r in made.ledger if r["kind"] == "reverse"]
    assert [(r["lot"].split("/")[0], r["amount"]) for r in taken] == [("o2", -100), ("o1", -20)]


def test_s07_unused_coupons_go_with_the_last_part() -> None:
    text = (
        (
            PLAIN
            + """
facts: {orders: {count: order}}
"""
        )
        .replace("{points: amount}", "{points: amount, coupon: five}")
        .replace("rewards: {", "rewards: {five: {coupon: 5.00}, ")
    )
    events = """
        o1 m1 2026-01-01 order amount=100
        r1 m1 2026-01-02 refund order=o1 amount=50
    """
    then = events + "r2 m1 2026-01-03 refund order=o1 amount=50"
    assert world.run(text, events).grants[0]["state"] == "open"
    assert world.run(text, then).grants[0]["state"] != "open"


def test_s08_pending_only_takes_nothing_that_is_active() -> None:
    text = EARN + POINTS.format("pending: 5 days, on refund: pending only")
    order = "o1 m1 2026-01-01 order amount=100\n"
    early = world.run(text, order + "r1 m1 2026-01-03 refund order=o1 amount=50")
    late = world.run(text, order + "r1 m1 2026-01-10 refund order=o1 amount=50")
    assert (early.points(), late.points()) == (50, 100)


def test_s08_a_clamped_reversal_says_what_it_wanted_and_what_is_missing() -> None:
    made = world.run(
        PLAIN,
        """
        o1 m1 2026-01-01 order amount=100
        s1 m1 2026-01-02 redeem reward=cup quantity=100
        r1 m1 2026-01-03 refund order=o1
        o2 m1 2026-01-04 order amount=40
        r2 m1 2026-01-05 cancel order=o1
        """,
    )
    (row,) = [r for r in made.ledger if r["kind"] == "reverse"]
    assert (row["amount"], row["wanted"], row["missing"], row["lot"]) == (0, -100, 100, None)
    assert made.points() == 40


def test_s09_spent_points_come_back_into_their_own_lots_last_taken_first() -> None:
    made = world.run(
        PLAIN,
        """
        o1 m1 2026-01-01 order amount=10
        o2 m1 2026-01-02 order amount=10
        s1 m1 2026-01-03 redeem reward=cup quantity=15
        c1 m1 2026-01-04 cancel_redeem redeem=s1
        """,
    )
    back = [r for r in made.ledger if r["kind"] == "restore"]
    told = [(r["lot"].split("/")[0], r["amount"], r["rule"]) for r in back]
    assert told == [("o2", 5, "cup"), ("o1", 10, "cup")]


def test_s09_a_new_expiry_counts_from_the_day_they_come_back() -> None:
    text = EARN + CUP + POINTS.format("expires: 10 days, restore: new expiry")
    events = """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 redeem reward=cup quantity=10
        c1 m1 2026-01-09 cancel_redeem redeem=s1
    """
    assert world.run(text, events, until="2026-01-19").points() == 10
    assert world.run(text, events, until="2026-01-20").points() == 0


def test_s09_reversing_an_order_cancels_the_redemptions_that_name_it() -> None:
    made = world.run(
        PLAIN,
        """
        a1 m1 2026-01-01 adjust wallet=points amount=40
        o1 m1 2026-01-02 order amount=10
        s1 m1 2026-01-02 redeem reward=cup quantity=40 order=o1
        r1 m1 2026-01-03 refund order=o1 amount=5
        r2 m1 2026-01-04 refund order=o1 amount=5
        """,
    )
    back = [(r["event_id"], r["amount"]) for r in made.ledger if r["kind"] == "restore"]
    assert back == [("r1", 20), ("r2", 20)]
    assert made.points() == 40


@pytest.mark.parametrize(("policy", "given"), [("keep limit", 1), ("return limit", 2)])
def test_s10_a_place_in_a_limit_comes_back_only_where_the_rule_says_so(
    policy: str, given: int
) -> None:
    made = world.run(
        f"""
wallets: {{points: {{}}}}
earn: {{p: {{when: order, give: {{points: 5}}, limit: 1, on refund: {policy}}}}}
""",
        """
        o1 m1 2026-01-01 order amount=10
        r1 m1 2026-01-02 refund order=o1
        o2 m1 2026-01-03 order amount=10
        """,
    )
    assert made.kinds().count("earn 5") == given


def test_s10_a_cancelled_award_goes_back_to_a_budget_that_has_not_ended() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn: {p: {when: order, give: {points: amount}, budget: 100 points}}
""",
        """
        o1 m1 2026-01-01 order amount=60
        c1 m1 2026-01-02 cancel order=o1
        o2 m2 2026-01-03 order amount=80
        """,
    )
    assert made.kinds() == ["earn 60", "reverse -60", "earn 80"]


def test_s10_a_counted_budget_gets_its_place_back_with_the_last_part() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn: {p: {when: order, budget: 1, give: {points: 5}}}
""",
        """
        o1 m1 2026-01-01 order amount=10
        r1 m1 2026-01-02 refund order=o1
        o2 m2 2026-01-03 order amount=10
        o3 m3 2026-01-04 order amount=10
        """,
    )
    assert made.kinds() == ["earn 5", "reverse -5", "earn 5"]


@pytest.mark.parametrize("named", ["s1", "s2", "s3"])
def test_s09_a_redemption_is_no_order_on_which_points_are_used(named: str) -> None:
    made = world.run(
        "wallets: {points: {}}\nearn: {p: {when: order, give: {points: amount}}}\n"
        "rewards: {cup: {item: cup, cost: {points: 5}}, cap: {item: cap, cost: {points: 7}}}\n",
        f"""
        o1 m1 2026-01-01 order amount=100
        s1 m1 2026-01-02 redeem reward=cup
        s2 m1 2026-01-03 redeem reward=cap order={named}
        s3 m1 2026-01-04 redeem reward=cup
        c1 m1 2026-01-05 cancel_redeem redeem=s2
        c2 m1 2026-01-06 cancel_redeem redeem={named}
        """,
    )
    restored = [r["amount"] for r in made.ledger if r["kind"] == "restore"]
    assert restored == {"s1": [7, 5], "s2": [7], "s3": [7, 5]}[named]


def test_s09_what_comes_back_and_what_is_given_by_one_event_is_one_lot() -> None:
    made = world.run(
        """
wallets: {points: {expires: 10 days, restore: new expiry}}
rewards: {cup: {item: cup, cost: {points: 5}}}
earn: {p: {when: order, give: {points: 5}}, q: {when: cancel, give: {points: 3}}}
""",
        """
        o1 m1 2026-01-01 order
        o2 m1 2026-01-02 order
        s1 m1 2026-01-03 redeem reward=cup order=o2
        r1 m1 2026-01-04 cancel order=o2
        """,
        until="2026-02-01",
    )
    # What cup cost comes back on the 4th, with it 3 are given: one lot until the 14th.
    expired = [(r["lot"], r["amount"]) for r in made.ledger if r["kind"] == "expire"]
    assert expired == [("r1/points", -8)]
