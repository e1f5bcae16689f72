"""One event at a time: what it gives, what is refused, what waits, and what leaves no trace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from engine.data.error import DataError
from engine.machine import folding, ledger, replay, single
from engine.machine.single.told import Told, instant
from tests import world
from tests.random_worlds import program
from tests.taken import Taken, assert_same, shop, take

EARN = "earn: {purchase: {when: order, give: {points: amount}}}\n"
PLAIN = EARN + "wallets: {points: {}}\nrewards: {cup: {item: cup, cost: {points: 30}}}\n"
TEN_DAYS = EARN + "wallets: {points: {expires: 10 days}}\n"
AMOUNTS = "kind", "amount", "event_id", "lot"


def order(id_: str, day: str, amount: object = 20, **more: Any) -> dict[str, Any]:
    row = {"event_id": id_, "member_id": "m1", "type": "order", "at": f"{day} 12:00"}
    return {**row, "amount": amount, **more}


def short(told: Told, *names: str) -> list[Any]:
    return [tuple(getattr(entry, name) for name in names or AMOUNTS) for entry in told.entries]


def test_an_order_gives_entries_with_the_columns_of_the_ledger() -> None:
    machine = single.open(shop(PLAIN))
    (entry,) = machine.take(order("o1", "2026-01-01", "20.00")).entries
    assert entry._fields == tuple(ledger.SCHEMA.names)
    assert entry.entry_id == "o1/points/purchase/0"
    assert entry.at == datetime(2026, 1, 1, 4, tzinfo=UTC)  # noon in Shanghai
    assert short(Told((entry,))) == [("earn", 20, "o1", "o1/points")]


def test_instants_are_told_to_the_microsecond() -> None:
    rng = Random(3)
    for micros in [rng.randrange(-(10**15), 10**16) for _ in range(20_000)]:
        told = instant(micros)
        assert (told - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == micros


def test_a_redemption_gives_a_grant_or_a_refusal() -> None:
    machine = single.open(shop(PLAIN))
    machine.take(order("o1", "2026-01-01", 50))
    redeem = {"member_id": "m1", "type": "redeem", "at": "2026-01-02", "reward": "cup"}
    first = machine.take({**redeem, "event_id": "r1"})
    assert short(first) == [("spend", -30, "r1", "o1/points")]
    assert [(it.grant_id, it.kind, it.id, it.until) for it in first.grants] == [
        ("r1/cup/0", "item", "cup", None)
    ]
    second = machine.take({**redeem, "event_id": "r2"})
    assert (len(second.entries), len(second.grants)) == (0, 0)
    assert [(it.rule, it.code, it.facts) for it in second.refusals] == [
        ("cup", "insufficient_balance", '{"missing": 10}')
    ]
    (third,) = machine.take({**redeem, "event_id": "r3", "reward": "cap"}).refusals
    assert (third.rule, third.code) == ("cap", "unknown_reward")


def test_the_clock_is_moved_before_the_event_and_its_entries_come_with_it() -> None:
    machine = single.open(shop(TEN_DAYS))
    machine.take(order("o1", "2026-01-01"))
    told = machine.take(order("o2", "2026-01-20", 5))
    assert short(told) == [("expire", -20, None, "o1/points"), ("earn", 5, "o2", "o2/points")]
    assert told.entries[0].at == datetime(2026, 1, 11, 16, tzinfo=UTC)  # the 12th begins


def test_closing_a_day_moves_all_clocks_and_nothing_earlier_is_taken() -> None:
    machine = single.open(shop(TEN_DAYS))
    machine.take(order("o1", "2026-01-01"))
    machine.take(order("o2", "2026-01-02", member_id="m2"))
    assert short(machine.close(date(2026, 1, 11))) == []
    told = machine.close(date(2026, 2, 1))
    assert short(told, "entry_id", "amount") == [
        ("m1@2026-01-12/points/expire/0", -20),
        ("m2@2026-01-13/points/expire/0", -20),
    ]
    with pytest.raises(DataError, match="event o3: Its day has been closed"):
        machine.take(order("o3", "2026-02-01"))
    assert short(machine.take(order("o3", "2026-02-02"))) == [("earn", 20, "o3", "o3/points")]
    with pytest.raises(DataError, match="`o3`, which was taken, is of a later day"):
        machine.close(date(2026, 2, 1))


def test_s28_the_same_event_again_gives_what_it_gave_and_nothing_more() -> None:
    machine = single.open(shop(PLAIN))
    first = machine.take(order("o1", "2026-01-01", "20.00"))
    machine.take(order("o2", "2026-01-03"))
    assert machine.take(order("o1", "2026-01-01", 20.0)) == first
    machine.close(date(2026, 1, 3))
    assert machine.members()["points"].to_pylist() == [40]


def test_an_id_that_says_something_else_is_refused() -> None:
    machine = single.open(shop(PLAIN))
    machine.take(order("o1", "2026-01-01"))
    with pytest.raises(DataError, match="another row with this event_id says something else"):
        machine.take(order("o1", "2026-01-01", 21))


def test_an_event_that_comes_before_another_that_was_taken_is_refused() -> None:
    machine = single.open(shop(PLAIN))
    machine.take(order("o2", "2026-01-02"))
    for late in (order("o1", "2026-01-02"), order("o3", "2026-01-01")):
        with pytest.raises(DataError, match="It comes before `o2`, which was taken already"):
            machine.take(late)


def test_s07_a_reversal_that_comes_before_its_order_is_worked_right_after_it() -> None:
    machine = single.open(shop(PLAIN))
    refund = {"event_id": "r1", "member_id": "m1", "type": "refund", "at": "2026-01-01"}
    assert machine.take({**refund, "order": "o1", "amount": 5}) == Told()
    assert machine.waiting == ("r1",)
    told = machine.take(order("o1", "2026-01-02"))
    assert short(told) == [("earn", 20, "o1", "o1/points"), ("reverse", -5, "r1", "o1/points")]
    assert not machine.waiting
    assert not machine.left
    again = machine.take({**refund, "order": "o1", "amount": 5})
    assert again.entries == told.entries[1:]


def test_a_reversal_that_waited_for_an_event_of_another_member_is_left() -> None:
    machine = single.open(shop(PLAIN))
    refund = {"event_id": "r1", "member_id": "m2", "type": "refund", "at": "2026-01-01"}
    machine.take({**refund, "order": "o1"})
    assert short(machine.take(order("o1", "2026-01-02"))) == [("earn", 20, "o1", "o1/points")]
    assert machine.left == (("r1", "order", "this order is of another member"),)


WRONG = [
    ({"type": "refund", "order": "c1"}, "`order`: no order has this id"),
    ({"type": "refund", "order": None}, "`order`: no order has this id"),
    ({"type": "refund", "order": "o1", "member_id": "m2"}, "this order is of another member"),
    ({"type": "refund", "order": "o1", "amount": -1}, "what is reversed is not below zero"),
    ({"type": "redeem", "reward": "cup", "quantity": 0}, "a quantity is 1 to 10000"),
    ({"type": "adjust", "wallet": "stars", "amount": 1}, "`wallet`: unknown wallet"),
    ({"type": "adjust", "wallet": "points"}, "`amount`: no amount"),
    ({"type": "adjust", "wallet": "points", "amount": 0.5}, "more places than the wallet has"),
    ({"type": "use", "grant": "o1/cup"}, "`grant`: no grant has this id"),
    ({"type": "use", "grant": "o9/cup/0"}, "`grant`: no grant has this id"),
    ({"type": "join"}, "`type`: this member has joined before"),
    ({"type": "order", "amount": "1,5"}, "`amount`: not a number, written like -1234.56"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG, ids=str)
def test_what_names_nothing_is_refused_as_in_files_and_leaves_no_trace(
    wrong: dict[str, Any], reason: str
) -> None:
    machine = single.open(shop(PLAIN))
    machine.take(order("o1", "2026-01-01"))
    machine.take({"event_id": "c1", "member_id": "m1", "type": "check_in", "at": "2026-01-02"})
    with pytest.raises(DataError) as raised:
        machine.take({"event_id": "x", "member_id": "m1", "at": "2026-01-04", **wrong})
    assert reason in str(raised.value)
    told = machine.take(order("x", "2026-01-03"))  # an earlier one, of the same id
    assert short(told) == [("earn", 20, "x", "x/points")]


LARGE = """
wallets: {points: {}}
facts: {spent: {sum: order.amount}, orders: {count: order}}
earn:
  hello: {when: join, give: {points: 1}}
  purchase: {when: order, give: {points: amount * amount * amount}}
  second: {when: order, if: orders = 2, give: {points: 7}}
"""


@pytest.mark.parametrize("member", ["m1", "m2"])
def test_numbers_that_are_too_large_leave_no_trace(member: str) -> None:
    machine = single.open(shop(LARGE))
    machine.take(order("o1", "2026-01-01", 1))
    with pytest.raises(DataError, match="A number of this event, or what it gives, is too large"):
        machine.take(order("big", "2026-01-03", 10**8, member_id=member))
    later = order("o2", "2026-01-02", 2, member_id=member)
    given = [row[0:2] for row in short(machine.take(later), "rule", "amount")]
    second = [("second", 7)] if member == "m1" else []
    hello = [("hello", 1)] if member == "m2" else []
    assert given == [*hello, ("purchase", 8), *second]
    machine.close(date(2026, 1, 3))
    assert machine.members()["orders"].to_pylist() == ([2] if member == "m1" else [1, 1])


def test_a_reversal_that_is_too_large_when_it_is_worked_is_left() -> None:
    text = PLAIN.replace(
        "earn: {", "earn: {back: {when: refund, give: {points: amount * amount * amount}}, "
    )
    machine = single.open(shop(text))
    refund = {"event_id": "r1", "member_id": "m1", "type": "refund", "at": "2026-01-01"}
    machine.take({**refund, "order": "o1", "amount": 10**8})
    told = machine.take(order("o1", "2026-01-02"))
    assert short(told) == [("earn", 20, "o1", "o1/points")]
    assert [(it.event_id, it.reason) for it in machine.left] == [("r1", folding.LARGE)]
    machine.close(date(2026, 1, 2))
    assert machine.members()["points"].to_pylist() == [20]


JOINS = "wallets: {points: {}}\nearn: {hello: {when: join, give: {points: 9}}}\n"


def test_joins_happen_when_they_are_said_to_or_with_the_first_event() -> None:
    people = pa.table({"member_id": ["m1", "m2"], "joined_at": ["2026-01-05", None]})
    machine = single.open(shop(JOINS), people)
    visit = {"type": "check_in"}
    first = machine.take({**visit, "event_id": "c1", "member_id": "m2", "at": "2026-01-06"})
    assert short(first, "member_id", "event_id") == [("m1", "!join:m1"), ("m2", "!join:m2")]
    with pytest.raises(DataError, match=r"`member_id`: unknown member\. It says `m3`"):
        machine.take({**visit, "event_id": "c2", "member_id": "m3", "at": "2026-01-06"})


def test_a_join_that_is_said_is_the_join() -> None:
    machine = single.open(shop(JOINS))
    row = {"event_id": "j1", "member_id": "m1", "type": "join", "at": "2026-01-05"}
    assert short(machine.take(row), "event_id", "amount") == [("j1", 9)]
    assert machine.take(order("o1", "2026-01-06")).entries == ()


TEXTS = """
program: {name: T, timezone: UTC, money: EUR}
events: {order: {amount: money, sku: text, family: text}}
wallets: {points: {}}
facts: {skus: {distinct: order.sku}}
earn:
  before: {when: order, if: sku < family, give: {points: 1}}
  inside: {when: order, if: "contains(sku, family)", give: {points: 10}}
  like: {when: order, if: sku like '%7', give: {points: 100}}
  small: {when: order, if: lower(sku) = 's42', give: {points: 1000}}
  long: {when: order, if: length(family) > 2, give: {points: 10000}}
  least: {when: order, if: "least(sku, family) = 'S1'", give: {points: 100000}}
"""


def test_texts_that_nobody_has_said_before_compare_as_all_texts_do() -> None:
    rows = [
        {"event_id": f"e{n:05}", "member_id": f"m{n % 7}", "type": "order", "amount": "1.00",
         "at": f"2026-01-01 00:{n // 60:02}:{n % 60:02}", "sku": f"S{n * 37 % 5000}",
         "family": f"{'S' * (n % 3)}{n * 11 % 50}"}
        for n in range(3_000)
    ]  # fmt: skip
    made = program(TEXTS)
    table = pa.Table.from_pylist(rows)
    outcome = replay.run(made, None, table)
    assert_same(Taken(made, None, rows).close("2026-01-01"), outcome)


@pytest.mark.parametrize("named", ["s1", "s2", "s3"])
def test_points_are_used_on_no_redemption(named: str) -> None:
    found = take(
        PLAIN,
        f"""
        o1 m1 2026-01-01 order amount=100
        s1 m1 2026-01-02 redeem reward=cup
        s2 m1 2026-01-03 redeem reward=cup order={named}
        s3 m1 2026-01-04 redeem reward=cup
        c2 m1 2026-01-06 cancel_redeem redeem=s2
        """,
    )
    assert [(row[5], row[7]) for row in found.ledger()[-1:]] == [(30, "c2")]


def test_a_redemption_that_names_an_order_to_come_is_tied_to_it() -> None:
    """The order is reversed, so what was paid on it comes back (S9)."""
    events = """
        o1 m1 2026-01-01 order amount=50
        s1 m1 2026-01-02 redeem reward=cup order=o2
        o2 m1 2026-01-03 order amount=10
        c1 m1 2026-01-04 cancel order=o2
    """
    found, other = take(PLAIN, events).close("2026-01-04"), world.run(PLAIN, events)
    kinds = [f"{row[4]} {row[5]}" for row in found.ledger()]
    assert (
        kinds == other.kinds() == ["earn 50", "spend -30", "earn 10", "restore 30", "reverse -10"]
    )
