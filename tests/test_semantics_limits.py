"""The contract's sentences about limits (S20)."""

from __future__ import annotations

import pytest

from tests import world

POINTS = "wallets: {points: {}}\n"
TWO = """
        o1 m1 2026-01-01 order amount=10
        o2 m1 2026-01-02 order amount=10
"""


@pytest.mark.parametrize(
    ("limit", "held"),
    [
        ("1 per hour", ["o1", "o3", "o4", "o5", "o6", "o7"]),
        ("1 per day", ["o1", "o4", "o5", "o6", "o7"]),
        ("1 per week", ["o1", "o5", "o6", "o7"]),
        ("1 per month", ["o1", "o6", "o7"]),
        ("1 per quarter", ["o1", "o7"]),
        ("1 per year", ["o1", "o7"]),
        ("1 per 30 days", ["o1", "o6", "o7"]),
        ("1", ["o1"]),
    ],
)
def test_s20_a_count_is_per_calendar_period(limit: str, held: list[str]) -> None:
    made = world.run(
        POINTS + f"earn: {{p: {{when: order, limit: {limit}, give: {{points: 1}}}}}}",
        """
        o1 m1 2026-10-03 10:00 order amount=1
        o2 m1 2026-10-03 10:59 order amount=1
        o3 m1 2026-10-03 11:00 order amount=1
        o4 m1 2026-10-04 10:00 order amount=1
        o5 m1 2026-10-05 10:00 order amount=1
        o6 m1 2026-11-02 10:00 order amount=1
        o7 m1 2027-01-01 10:00 order amount=1
        """,
    )
    assert made.rows("event_id") == held


def test_s20_over_an_amount_limit_the_entry_is_cut_and_says_what_was_wanted() -> None:
    made = world.run(
        POINTS + "earn: {p: {when: order, limit: 25 points per day, give: {points: amount}}}",
        """
        o1 m1 2026-01-01 10:00 order amount=20
        o2 m1 2026-01-01 11:00 order amount=20
        o3 m1 2026-01-01 12:00 order amount=20
        o4 m1 2026-01-02 10:00 order amount=20
        """,
    )
    assert made.rows("amount", "wanted") == [(20, None), (5, 20), (0, 20), (20, None)]


def test_s20_a_limit_that_cuts_to_nothing_does_not_count() -> None:
    made = world.run(
        POINTS + "earn: {p: {when: order, limit: [2, 10 points per day], give: {points: amount}}}",
        """
        o1 m1 2026-01-01 10:00 order amount=10
        o2 m1 2026-01-01 11:00 order amount=10
        o3 m1 2026-01-02 10:00 order amount=10
        o4 m1 2026-01-03 10:00 order amount=10
        """,
    )
    assert made.rows("event_id", "amount") == [("o1", 10), ("o2", 0), ("o3", 10)]


def test_s20_a_refused_count_of_a_redemption_is_written_as_refused() -> None:
    made = world.run(
        POINTS
        + """
earn: {p: {when: order, give: {points: amount}}}
rewards: {cup: {item: cup, cost: {points: 1}, limit: 2 per month}}
""",
        """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 redeem reward=cup quantity=2
        s2 m1 2026-01-03 redeem reward=cup
        s3 m1 2026-02-01 redeem reward=cup
        """,
    )
    assert made.codes() == [("s2", "limit_reached")]
    assert made.points() == 7


def test_s20_a_redemption_that_goes_over_a_limit_in_points_is_refused_whole() -> None:
    made = world.run(
        POINTS
        + """
earn: {p: {when: order, give: {points: amount}}}
rewards: {cup: {item: cup, cost: {points: 4}, limit: 10 points per day}}
""",
        """
        o1 m1 2026-01-01 order amount=100
        s1 m1 2026-01-02 redeem reward=cup quantity=2
        s2 m1 2026-01-02 redeem reward=cup
        s3 m1 2026-01-03 redeem reward=cup quantity=2
        """,
    )
    # 8 of 10 points are used on the 2nd: another 4 do not fit; the next day has 10 again.
    assert made.codes() == [("s2", "limit_reached")]
    assert made.points() == 100 - 8 - 8
