"""What members send to one another: lots keep their last day, and nothing is made or lost."""

from __future__ import annotations

from datetime import date

import pytest

from engine import cli_explain
from engine.machine import explain, replay
from tests import world
from tests.taken import assert_same, shop, take

POINTS = "wallets: {points: {transfer: yes, expires: 10 days}, growth: {}}\n"
EARN = "earn: {purchase: {when: order, give: {points: amount, growth: amount}}}\n"
TWO = "a\nb"
SENT = """
    o1 a 2026-01-01 order amount=30
    o2 a 2026-01-03 order amount=50
    t1 a 2026-01-05 transfer to=b wallet=points amount=60
"""


def shown(made: world.World) -> list[tuple[str, int, str]]:
    """The rows of the wallet without those of earning: whose, how much, which lot."""
    return [
        (row["member_id"], row["amount"], row["lot"])
        for row in made.ledger
        if row["wallet"] == "points" and row["kind"] == "transfer"
    ]


def test_what_is_sent_leaves_lots_in_their_order_and_arrives_in_lots_of_its_own() -> None:
    made = world.run(POINTS + EARN, SENT, TWO)
    assert shown(made) == [
        ("a", -30, "o1/points"), ("b", 30, "t1/points/b"),
        ("a", -30, "o2/points"), ("b", 30, "t1/points/b"),
    ]  # fmt: skip
    assert (made.points("a"), made.points("b")) == (20, 60)
    assert {(row["rule"], row["event_id"]) for row in made.ledger if row["kind"] == "transfer"} == {
        (None, "t1")
    }


def test_each_part_ends_on_the_day_on_which_it_would_have_ended() -> None:
    made = world.run(POINTS + EARN, SENT, TWO, until="2026-01-20")
    gone = [
        (row["member_id"], str(row["at"])[:10], row["amount"])
        for row in made.ledger
        if row["kind"] == "expire"
    ]  # a day begins in Shanghai when the day before is not over in UTC
    assert gone == [
        ("b", "2026-01-11", -30), ("a", "2026-01-13", -20), ("b", "2026-01-13", -30)]  # fmt: skip


def test_parts_that_end_on_one_day_are_one_lot() -> None:
    made = world.run(
        POINTS + EARN,
        """
        o1 a 2026-01-01 order amount=30
        o2 a 2026-01-01 13:00 order amount=50
        t1 a 2026-01-05 transfer to=b wallet=points amount=60
        """,
        TWO,
        until="2026-01-13",
    )
    ended = [row for row in made.ledger if row["kind"] == "expire" and row["member_id"] == "b"]
    assert [row["amount"] for row in ended] == [-60]


def test_an_order_of_the_receiver_keeps_nothing_alive_that_was_sent_to_him() -> None:
    """`10 days without order` counts on from the giver's last order, and ends for good."""
    made = world.run(
        POINTS.replace("10 days", "10 days without order") + EARN,
        SENT + "o3 b 2026-01-12 order amount=1\n",
        TWO,
        until="2026-01-16",
    )
    ended = [row for row in made.ledger if row["kind"] == "expire" and row["member_id"] == "b"]
    assert [(str(row["at"])[:10], row["amount"]) for row in ended] == [("2026-01-13", -60)]
    assert made.points("b") == 1


@pytest.mark.parametrize(
    ("fields", "code", "facts"),
    [
        ("to=b wallet=points amount=81", "insufficient_balance", '{"missing": 1}'),
        ("to=nobody wallet=points amount=8", "not_eligible", '{"to": "nobody"}'),
        ("wallet=points amount=8", "not_eligible", '{"to": "nobody"}'),
        ("to=a wallet=points amount=8", "not_eligible", '{"to": "oneself"}'),
        ("to=b wallet=growth amount=8", "not_eligible", '{"transfer": false}'),
    ],
)
def test_s27_a_transfer_is_refused_with_its_reason(fields: str, code: str, facts: str) -> None:
    made = world.run(POINTS + EARN, SENT.splitlines()[1] + "\n" + SENT.splitlines()[2]
                     + f"\nt1 a 2026-01-05 transfer {fields}", TWO)  # fmt: skip
    assert made.of(made.refused, "member_id", "event_id", "rule", "code", "facts") == [
        ("a", "t1", None, code, facts)]  # fmt: skip
    assert (made.points("a"), made.points("b")) == (80, 0)


def test_without_a_wallet_that_can_be_sent_every_transfer_is_refused() -> None:
    made = world.run(POINTS.replace("transfer: yes, ", "") + EARN, SENT, TWO)
    assert made.codes() == [("t1", "not_eligible")]


@pytest.mark.parametrize(
    ("fields", "column", "reason"),
    [
        ("to=b wallet=points amount=0", "amount", "what is sent is above zero"),
        ("to=b wallet=points amount=-5", "amount", "what is sent is above zero"),
        ("to=b wallet=points", "amount", "no amount"),
        ("to=b wallet=points amount=1.5", "amount", "more places than the wallet has"),
        ("to=b wallet=stars amount=1", "wallet", "unknown wallet"),
    ],
)
def test_a_transfer_that_says_nothing_possible_is_set_aside(
    fields: str, column: str, reason: str
) -> None:
    event = f"t1 a 2026-01-05 transfer {fields}"
    made = world.run(POINTS + EARN, event, TWO)
    assert made.of(made.rejected, "column", "reason") == [(column, reason)]
    assert set(take(POINTS + EARN, event).refused) == {"t1"}


def test_only_what_is_active_can_be_sent_even_where_spending_may_go_below_zero() -> None:
    made = world.run(
        POINTS.replace("expires: 10 days", "pending: 3 days, below zero: yes") + EARN,
        """
        o1 a 2026-01-01 order amount=30
        t1 a 2026-01-02 transfer to=b wallet=points amount=30
        t2 a 2026-01-04 transfer to=b wallet=points amount=30
        """,
        TWO,
    )
    assert made.of(made.refused, "event_id", "code", "facts") == [
        ("t1", "insufficient_balance", '{"missing": 30}')]  # fmt: skip
    assert (made.points("a"), made.points("b")) == (0, 30)


def test_what_arrives_fills_what_the_receiver_lacks() -> None:
    made = world.run(
        POINTS.replace("expires: 10 days", "below zero: yes") + EARN,
        """
        o1 a 2026-01-01 order amount=100
        d1 b 2026-01-01 adjust wallet=points amount=-30
        t1 a 2026-01-02 transfer to=b wallet=points amount=80
        t2 b 2026-01-03 transfer to=a wallet=points amount=51
        t3 b 2026-01-03 transfer to=a wallet=points amount=50
        """,
        TWO,
    )
    assert made.codes() == [("t2", "insufficient_balance")]
    assert (made.points("a"), made.points("b")) == (70, 0)


def test_the_clock_of_the_receiver_moves_first() -> None:
    """What has ended of his is gone before anything arrives."""
    made = world.run(
        POINTS + EARN,
        """
        o1 b 2026-01-01 order amount=10
        o2 a 2026-01-10 order amount=50
        t1 a 2026-01-12 transfer to=b wallet=points amount=50
        t2 b 2026-01-12 13:00 transfer to=a wallet=points amount=51
        """,
        TWO,
    )
    ours = [(row["kind"], row["amount"]) for row in made.ledger if row["member_id"] == "b"]
    assert ("points", *ours) == (
        "points", ("earn", 10), ("earn", 10), ("expire", -10), ("transfer", 50))  # fmt: skip
    assert made.codes() == [("t2", "insufficient_balance")]


def test_s25_a_receiver_may_rise_by_what_he_is_sent() -> None:
    made = world.run(
        POINTS + EARN + "tiers: {measure: points, ladder: {member: 0, gold: 40}}\n", SENT, TWO
    )
    assert (made.members["a"]["tier"], made.members["b"]["tier"]) == ("gold", "gold")


def test_s7_a_refund_takes_from_the_one_who_earned() -> None:
    """What was sent is spent for the giver: the refund clamps there, the receiver keeps it."""
    made = world.run(
        POINTS + EARN,
        """
        o1 a 2026-01-01 order amount=30
        t1 a 2026-01-02 transfer to=b wallet=points amount=20
        r1 a 2026-01-03 refund order=o1
        """,
        TWO,
    )
    taken = [row for row in made.ledger if row["kind"] == "reverse" and row["wallet"] == "points"]
    assert [(row["member_id"], row["amount"], row["missing"]) for row in taken] == [("a", -10, 20)]
    assert made.points("b") == 20


def test_s3_what_is_sent_is_neither_issued_nor_spent() -> None:
    made = world.run(POINTS + EARN, SENT, TWO)
    told = made.summary["wallets"]["points"]
    assert (told["issued"], told["spent"], told["adjusted"], told["outstanding"]) == (80, 0, 0, 80)
    assert sum(amount for _, amount, _ in shown(made)) == 0


def test_a_transfer_is_told_to_both_who_have_to_do_with_it() -> None:
    program, rows = shop(POINTS + EARN), world.table(world.happened(SENT))
    both = [("a", -30), ("b", 30), ("a", -30), ("b", 30)]
    for member in ("a", "b"):
        told = explain.member(program, world.people(TWO), rows, member)
        (story,) = (it for it in told.events if it.type == "transfer")
        assert [(row["member_id"], row["amount"]) for row in story.entries] == both
    said = cli_explain.text(told, program, "rules")
    assert "  = -30 points transfer of a, lot o1/points\n" in said
    assert "  = +30 points transfer, lot t1/points/b\n" in said


def test_one_event_at_a_time_sends_what_a_replay_sends() -> None:
    events = (
        SENT
        + """
        t2 b 2026-01-06 transfer to=a wallet=points amount=45
        t3 b 2026-01-07 transfer to=a wallet=points amount=45
        t4 a 2026-01-12 transfer to=b wallet=points amount=60
        t5 b 2026-01-13 transfer to=b wallet=points amount=1
        """
    )
    people = world.people(TWO)
    found = take(POINTS + EARN, events, people).close("2026-01-30")
    until = date(2026, 1, 30)
    assert_same(
        found, replay.run(shop(POINTS + EARN), people, world.table(world.happened(events)), until)
    )
