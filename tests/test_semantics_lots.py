"""The contract's sentences about lots: what is spent, expires, waits (S4 to S6)."""

from __future__ import annotations

from tests import world

EARN = "earn: {purchase: {when: order, give: {points: amount}}}\n"
CUP = "rewards: {cup: {item: cup, cost: {points: 1}}}\n"
PLAIN = EARN + CUP + "wallets: {points: {}}\n"
POINTS = "wallets: {{points: {{{}}}}}\n"


def test_s04_lots_that_never_expire_are_spent_last() -> None:
    made = world.run(
        PLAIN,
        """
        o1 m1 2026-01-01 order amount=10
        a1 m1 2026-01-02 adjust wallet=points amount=10 expires=2026-12-31
        s1 m1 2026-01-03 redeem reward=cup quantity=15
        """,
    )
    spent = [r for r in made.ledger if r["kind"] == "spend"]
    assert [(r["lot"].split("/")[0], r["amount"]) for r in spent] == [("a1", -10), ("o1", -5)]


def test_s04_one_debit_writes_one_row_per_lot_it_touches() -> None:
    made = world.run(
        PLAIN,
        """
        o2 m1 2026-01-01 order amount=10
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-03 redeem reward=cup quantity=15
        """,
    )
    spent = [r for r in made.ledger if r["kind"] == "spend"]
    assert [(r["lot"].split("/")[0], r["amount"]) for r in spent] == [("o1", -10), ("o2", -5)]


def test_s04_lots_of_one_instant_are_spent_by_id_in_whatever_order_they_came() -> None:
    # z1 comes before b1 in time, so it is worked right after it, at its instant: before o9 is.
    made = world.run(
        """
wallets: {points: {expires: 10 days, restore: new expiry}}
earn: {purchase: {when: order, give: {points: amount}}}
rewards: {cup: {item: cup, cost: {points: 1}}}
""",
        """
        a1 m1 2026-01-01 order amount=10
        z1 m1 2026-01-02 cancel_redeem redeem=b1
        b1 m1 2026-01-03 redeem reward=cup quantity=10
        o9 m1 2026-01-03 order amount=10
        s2 m1 2026-01-04 redeem reward=cup quantity=15
        """,
    )
    assert [r["event_id"] for r in made.ledger][:4] == ["a1", "b1", "o9", "z1"]
    spent = [(r["lot"].split("/")[0], r["amount"]) for r in made.ledger if r["event_id"] == "s2"]
    assert spent == [("o9", -10), ("z1", -5)]


def test_s05_a_debit_that_does_not_fit_is_refused_with_the_shortfall() -> None:
    made = world.run(
        PLAIN,
        """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-03 redeem reward=cup quantity=15
        """,
    )
    assert made.codes() == [("s1", "insufficient_balance")]
    assert "5" in str(made.refused[0]["facts"])
    assert made.kinds() == ["earn 10"]


def test_s05_refunds_only_lets_refunds_go_below_zero_and_nothing_else() -> None:
    made = world.run(
        EARN + CUP + POINTS.format("below zero: refunds only"),
        """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 redeem reward=cup quantity=10
        r1 m1 2026-01-03 refund order=o1
        s2 m1 2026-01-04 redeem reward=cup
        """,
    )
    assert made.points() == -10
    assert made.codes() == [("s2", "insufficient_balance")]


def test_s06_pending_points_cannot_be_spent_and_a_full_refund_voids_them() -> None:
    made = world.run(
        EARN + CUP + POINTS.format("pending: 14 days"),
        """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 redeem reward=cup
        r1 m1 2026-01-03 refund order=o1
        """,
        until="2026-02-01",
    )
    assert made.codes() == [("s1", "insufficient_balance")]
    assert made.kinds() == ["earn 10", "reverse -10"]


def test_s06_the_expiry_clock_starts_when_points_become_active() -> None:
    text = EARN + POINTS.format("pending: 14 days, expires: 10 days")
    event = "o1 m1 2026-01-01 order amount=10"
    assert world.run(text, event, until="2026-01-25").kinds() == ["earn 10", "post 0"]
    made = world.run(text, event, until="2026-01-26")
    assert made.kinds() == ["earn 10", "post 0", "expire -10"]
    assert [str(at)[:16] for at in made.rows("at")[1:]] == ["2026-01-14 16:00", "2026-01-25 16:00"]
