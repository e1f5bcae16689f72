"""Streaks that break, that start over, and that forgive what was missed (RULINGS 2)."""

from __future__ import annotations

import pytest

from tests import world

RULES = """
wallets: {{points: {{}}}}
facts: {{days: {{streak: check_in, by: {by}{more}}}}}
earn: {{p: {{when: check_in, give: {{points: days}}}}}}
"""


def streak(days: list[str], more: str = "", by: str = "day", until: str | None = None) -> list[int]:
    """How long it is with each check-in, and with `until` on that day."""
    events = "\n".join(f"c{n:02} m1 {day} check_in" for n, day in enumerate(days))
    made = world.run(RULES.format(by=by, more=more), events, until=until)
    return made.rows("amount") + ([made.members["m1"]["days"]] if until else [])


def test_a_streak_breaks_with_a_day_without() -> None:
    days = ["2026-03-01", "2026-03-02", "2026-03-04"]
    assert streak(days) == [1, 2, 1]


def test_a_streak_starts_over_every_seven_days() -> None:
    days = [f"2026-03-{day:02}" for day in range(1, 17)]
    assert streak(days, ", starts over: 7") == [*range(1, 8), *range(1, 8), 1, 2]


def test_a_freeze_forgives_one_missed_day_in_each_month() -> None:
    days = ["2026-03-30", "2026-04-01", "2026-04-03", "2026-04-05"]
    assert streak(days, ", freeze: 1 per month") == [1, 2, 3, 1]


def test_two_missed_days_are_forgiven_only_where_two_freezes_are_there() -> None:
    days = ["2026-03-10", "2026-03-13", "2026-03-14"]
    assert streak(days, ", freeze: 1 per month") == [1, 1, 2]
    assert streak(days, ", freeze: 2 per month") == [1, 2, 3]
    across = ["2026-03-30", "2026-04-02"]  # the last of March and the first of April are missed
    assert streak(across, ", freeze: 1 per month") == [1, 2]


def test_weeks_are_forgiven_by_the_month_of_their_monday() -> None:
    days = ["2026-03-02", "2026-03-16", "2026-03-30", "2026-04-13"]
    assert streak(days, ", freeze: 1 per month", by="week") == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("more", "until", "left"),
    [
        ("", "2026-03-03", 2),
        ("", "2026-03-04", 0),
        (", freeze: 1 per month", "2026-03-04", 2),
        (", freeze: 1 per month", "2026-03-05", 0),
        (", freeze: 2 per month", "2026-03-05", 2),
    ],
)
def test_a_streak_lives_until_more_is_missed_than_is_forgiven(
    more: str, until: str, left: int
) -> None:
    assert streak(["2026-03-01", "2026-03-02"], more, until=until) == [1, 2, left]


def test_a_tier_that_is_a_streak_falls_on_the_day_that_is_forgiven_no_more() -> None:
    made = world.run(
        """
wallets: {points: {}}
facts: {days: {streak: check_in, by: day, freeze: 1 per month}}
tiers:
  measure: days
  ladder: {new: 0, loyal: 2}
  downgrade: reassess
  benefits: {loyal: {points: x2}}
earn: {p: {when: order, give: {points: 1}}}
""",
        """
        c1 m1 2026-03-01 check_in
        c2 m1 2026-03-02 check_in
        o1 m1 2026-03-04 order
        o2 m1 2026-03-05 order
        """,
    )
    assert made.rows("event_id", "amount") == [("o1", 1), ("o1", 1), ("o2", 1)]
