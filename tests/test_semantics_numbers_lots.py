"""The worked numbers of the contract about lots, spending, expiry and deficits."""

from __future__ import annotations

import pytest

from tests import world

ADJUST = "earn: {purchase: {when: order, give: {points: amount}}}\n"
CUP = "rewards: {cup: {item: cup, cost: {points: 1}}}\n"


def lots(made: world.World) -> dict[str, int]:
    """What is left of each lot that an event opened, by that event's id."""
    left: dict[str, int] = {}
    for row in made.ledger:
        if row["lot"]:
            key = row["lot"].split("/")[0]
            left[key] = left.get(key, 0) + row["amount"]
    return {key: amount for key, amount in left.items() if amount}


def test_n01_the_lot_that_expires_first_is_spent_first() -> None:
    made = world.run(
        ADJUST + CUP + "wallets: {points: {}}",
        """
        a1 m1 2025-06-01 adjust wallet=points amount=100 expires=2026-06-01
        a2 m1 2025-06-02 adjust wallet=points amount=100 expires=2026-01-01
        s1 m1 2025-07-01 redeem reward=cup quantity=100
        """,
    )
    assert lots(made) == {"a1": 100}


def test_n02_what_is_left_is_left_in_the_later_lot() -> None:
    made = world.run(
        ADJUST + CUP + "wallets: {points: {expires: 12 months}}",
        """
        o1 m1 2026-01-10 order amount=50
        o2 m1 2026-02-10 order amount=50
        s1 m1 2026-03-01 redeem reward=cup quantity=70
        """,
    )
    assert lots(made) == {"o2": 30}


def test_n03_what_was_spent_does_not_expire_again() -> None:
    made = world.run(
        ADJUST + CUP + "wallets: {points: {}}",
        """
        a1 m1 2026-01-01 adjust wallet=points amount=100 expires=2026-01-10
        s1 m1 2026-01-02 redeem reward=cup quantity=60
        o1 m1 2026-01-03 order amount=50
        """,
        until="2026-01-11",
    )
    assert made.points() == 50
    assert made.kinds() == ["adjust 100", "spend -60", "earn 50", "expire -40"]


def test_n04_a_credit_fills_the_deficit_and_leaves_one_lot() -> None:
    made = world.run(
        ADJUST + CUP + "wallets: {points: {below zero: yes}}",
        """
        o1 m1 2026-01-01 order amount=50
        s1 m1 2026-01-02 redeem reward=cup quantity=80
        o2 m1 2026-01-03 order amount=100
        s2 m1 2026-01-04 redeem reward=cup quantity=70
        """,
    )
    spent = made.of([r for r in made.ledger if r["event_id"] == "s2"], "amount", "lot")
    assert made.kinds()[:4] == ["earn 50", "spend -50", "spend -30", "earn 100"]
    assert [(amount, lot.split("/")[0]) for amount, lot in spent] == [(-70, "o2")]
    assert made.points() == 0


def test_n05_a_lot_expires_once_and_only_what_is_left_of_it() -> None:
    made = world.run(
        ADJUST + CUP + "wallets: {points: {expires: 10 days}}",
        """
        o1 m1 2026-01-01 order amount=150
        s1 m1 2026-01-02 redeem reward=cup quantity=50
        """,
        until="2026-03-01",
    )
    assert made.kinds() == ["earn 150", "spend -50", "expire -100"]


@pytest.mark.parametrize(
    ("policy", "left", "row"), [("clamp", 0, (-50, 100)), ("below zero", -100, (-150, None))]
)
def test_n06_what_a_refund_cannot_take(policy: str, left: int, row: tuple[int, int | None]) -> None:
    made = world.run(
        ADJUST + CUP + f"wallets: {{points: {{on refund: {policy}}}}}",
        """
        o1 m1 2026-01-01 order amount=150
        s1 m1 2026-01-02 redeem reward=cup quantity=100
        r1 m1 2026-01-03 refund order=o1
        """,
    )
    taken = [r for r in made.ledger if r["kind"] == "reverse"]
    assert made.points() == left
    assert (sum(r["amount"] for r in taken), taken[-1]["missing"]) == row
    if policy == "clamp":
        assert taken[-1]["wanted"] == -150


@pytest.mark.parametrize(
    ("spend", "left"),
    [
        (2, {"a1": 2, "a2": 5, "a3": 6}),
        (7, {"a2": 2, "a3": 6}),
        (12, {"a3": 3}),
        (15, {}),
        (16, {"a1": 4, "a2": 5, "a3": 6}),
    ],
)
def test_n13_oldest_first_takes_lot_after_lot_or_nothing(spend: int, left: dict[str, int]) -> None:
    made = world.run(
        ADJUST + CUP + "wallets: {points: {spend: oldest first}}",
        f"""
        a1 m1 2026-01-01 adjust wallet=points amount=4
        a2 m1 2026-01-02 adjust wallet=points amount=5
        a3 m1 2026-01-03 adjust wallet=points amount=6
        s1 m1 2026-01-04 redeem reward=cup quantity={spend}
        """,
    )
    assert lots(made) == left
    assert made.codes() == ([("s1", "insufficient_balance")] if spend == 16 else [])


@pytest.mark.parametrize(
    ("life", "earned", "last", "gone"),
    [
        ("1 month", "2027-01-31", "2027-02-28", "2027-03-01"),
        ("12 months to month end", "2020-07-06", "2021-07-31", "2021-08-01"),
    ],
)
def test_n16_months_clamp_and_run_to_the_months_end(
    life: str, earned: str, last: str, gone: str
) -> None:
    text = ADJUST + f"wallets: {{points: {{expires: {life}}}}}"
    event = f"o1 m1 {earned} order amount=10"
    assert world.run(text, event, until=last).points() == 10
    assert world.run(text, event, until=gone).points() == 0


@pytest.mark.parametrize(("until", "left"), [("2026-01-11", 10), ("2026-01-12", 0)])
def test_n24_until_works_the_boundary_that_begins_its_day(until: str, left: int) -> None:
    text = ADJUST + "wallets: {points: {expires: 10 days}}"
    assert world.run(text, "o1 m1 2026-01-01 order amount=10", until=until).points() == left


def test_n25_pending_points_fill_the_deficit_when_they_become_active() -> None:
    rules = """
wallets: {points: {below zero: yes, pending: 5 days}}
earn: {purchase: {when: order, give: {points: amount}}}
rewards: {cup: {item: cup, cost: {points: 1}}}
"""
    events = """
        s1 m1 2026-01-01 redeem reward=cup quantity=30
        o1 m1 2026-01-02 order amount=100
    """
    before = world.run(rules, events, until="2026-01-06").members["m1"]
    assert (before["points"], before["points_pending"]) == (70, 100)
    later = events + "s2 m1 2026-01-08 redeem reward=cup quantity=70"
    made = world.run(rules, later)
    assert made.kinds() == ["spend -30", "earn 100", "post 0", "spend -70"]
    assert [r["lot"].split("/")[0] for r in made.ledger if r["event_id"] == "s2"] == ["o1"]


def test_n26_a_cancelled_redemption_lets_points_go_whose_day_has_passed() -> None:
    made = world.run(
        CUP + "wallets: {points: {}}",
        """
        a1 m1 2026-01-01 adjust wallet=points amount=50 expires=2026-01-31
        s1 m1 2026-01-02 redeem reward=cup quantity=50
        c1 m1 2026-02-10 cancel_redeem redeem=s1
        """,
    )
    assert made.kinds() == ["adjust 50", "spend -50", "restore 50", "expire -50"]
    assert made.points() == 0
