"""The contract's sentences about days, boundaries and order (S11 to S15)."""

from __future__ import annotations

import pytest

from tests import world

EARN = "earn: {purchase: {when: order, give: {points: amount}}}\n"
NEW_YORK = "program: {name: Shop, timezone: America/New_York, money: USD}"
SANTIAGO = "program: {name: Shop, timezone: America/Santiago, money: CLP}"


def test_s11_a_lot_is_usable_through_its_last_day_and_gone_at_midnight() -> None:
    rules = (
        EARN
        + "wallets: {points: {expires: 1 year to year end}}\n"
        + "rewards: {cup: {item: cup, cost: {points: 1}}}"
    )
    for clock, code in (("2026-12-31 23:59:59.999999", 0), ("2027-01-01 00:00", 1)):
        made = world.run(
            rules,
            f"""
            o1 m1 2025-06-01 order amount=10
            s1 m1 {clock} redeem reward=cup
            """,
        )
        assert len(made.refused) == code


@pytest.mark.parametrize(("day", "held"), [("2026-01-31", True), ("2026-02-01", False)])
def test_s11_over_30_days_covers_today_and_the_29_before(day: str, held: bool) -> None:
    made = world.run(
        """
wallets: {points: {}}
facts: {recent: {count: check_in, over: 30 days}}
earn: {p: {when: order, if: recent > 0, give: {points: 1}}}
""",
        f"""
        k1 m1 2026-01-02 check_in
        o1 m1 {day} order amount=1
        """,
    )
    assert bool(made.ledger) == held


@pytest.mark.parametrize(("day", "held"), [("2026-04-15", True), ("2026-04-16", False)])
def test_s11_over_months_begins_the_day_after_today_minus_so_many_months(
    day: str, held: bool
) -> None:
    made = world.run(
        """
wallets: {points: {}}
facts: {recent: {count: check_in, over: 2 months}}
earn: {p: {when: order, if: recent > 0, give: {points: 1}}}
""",
        f"""
        k1 m1 2026-02-16 check_in
        o1 m1 {day} order amount=1
        """,
    )
    assert bool(made.ledger) == held


@pytest.mark.parametrize(("day", "held"), [("2026-01-08", True), ("2026-01-09", False)])
def test_s11_within_days_of_joining_includes_the_last(day: str, held: bool) -> None:
    made = world.run(
        """
wallets: {points: {}}
earn: {p: {when: order, within: 7 days, give: {points: 1}}}
""",
        f"o1 m1 {day} 23:00 order amount=1",
        "m1 joined_at=2026-01-01",
    )
    assert bool(made.ledger) == held


def test_s11_a_day_that_begins_in_a_clock_gap_begins_right_after_it() -> None:
    made = world.run(
        EARN + "wallets: {points: {expires: 1 day}}",
        "o1 m1 2026-09-04 order amount=10",
        until="2026-09-10",
        program=SANTIAGO,
    )
    assert [str(at)[:16] for at in made.rows("at")] == ["2026-09-04 16:00", "2026-09-06 04:00"]


def test_s11_a_day_with_a_clock_change_is_still_one_day() -> None:
    made = world.run(
        EARN + "wallets: {points: {expires: 1 day}}",
        "o1 m1 2026-03-08 12:00 order amount=10",
        until="2026-03-10",
        program=NEW_YORK,
    )
    assert [str(at)[:16] for at in made.rows("at")] == ["2026-03-08 16:00", "2026-03-10 04:00"]


def test_s12_points_become_active_then_lots_expire_then_tiers_are_reviewed() -> None:
    made = world.run(
        """
wallets: {points: {pending: 10 days}, growth: {expires: 9 days}}
earn: {p: {when: order, give: {points: amount, growth: amount}}}
tiers: {measure: growth, ladder: {member: 0, silver: 10}, downgrade: reassess}
""",
        "o1 m1 2026-01-01 order amount=10",
        until="2026-01-11",
    )
    assert made.rows("kind")[2:] == ["post", "expire"]
    assert made.members["m1"]["tier"] == "member"


def test_s12_a_day_begins_before_the_events_of_its_first_instant() -> None:
    made = world.run(
        EARN + "wallets: {points: {expires: 1 day}}",
        """
        o1 m1 2026-01-01 order amount=10
        a0 m1 2026-01-03 00:00 order amount=20
        """,
    )
    assert made.kinds() == ["earn 10", "expire -10", "earn 20"]


def test_s13_events_are_worked_by_instant_and_id_however_they_are_stored() -> None:
    made = world.run(
        EARN + "wallets: {points: {}}",
        """
        o3 m1 2026-01-02 order amount=3
        o2 m1 2026-01-01 order amount=2
        o1 m2 2026-01-01 order amount=1
        """,
    )
    assert made.rows("event_id") == ["o1", "o2", "o3"]


def test_s15_an_event_is_judged_by_the_values_of_its_own_day() -> None:
    made = world.run(
        """
wallets: {points: {}}
earn:
  p: {when: order, give: {points: {2026-01-02: amount, 2026-01-03: amount * 2}}}
  x: {when: order, multiply: {points: {2026-01-03: 3}}}
""",
        """
        o1 m1 2026-01-01 23:59 order amount=10
        o2 m1 2026-01-02 00:00 order amount=10
        o3 m1 2026-01-03 00:00 order amount=10
        """,
    )
    assert made.rows("event_id", "amount") == [("o2", 10), ("o3", 20), ("o3", 40)]
