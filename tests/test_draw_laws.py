"""Laws over random histories in which members spin, send, redeem, refund: nothing is lost."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from engine.machine import replay
from tests import world
from tests.taken import Taken, assert_same, shop

SEEDS = range(6)
PEOPLE = [f"m{n}" for n in range(8)]
RULES = """
wallets:
  points: {transfer: yes, expires: 40 days}
  cash: {unit: money, transfer: yes, pending: 3 days, below zero: yes, spend: oldest first}
  tickets: {transfer: yes, expires: 20 days without order, on refund: below zero}
tiers: {measure: points, ladder: {member: 0, gold: 60}, downgrade: one step, review: every 1 month}
earn:
  purchase: {when: order, give: {points: amount, tickets: 1, cash: amount * 0.1}}
  played: {when: draw, give: {points: 1}, limit: 2 per week}
  doubled: {when: order, if: tier = 'gold', multiply: {points: 2}}
rewards:
  cup: {item: cup, cost: {points: 30}, stock: 40}
  mug: {item: mug, valid: 10 days}
draws:
  wheel:
    cost: {tickets: 1}
    limit: 3 per week
    salt: 9f2c
    prizes: {cup: 20%, 25 points: 30%, 1.50 cash: 20%, nothing: 10%}
    stock: {cup: 1 per month, 25 points: 1 per 9 days, 1.50 cash: 20}
  gold_wheel: {if: tier = 'gold', salt: a1, budget: 60, prizes: {mug: 50%, 3 tickets: 50%}}
"""
MEMBERS = "\n".join(PEOPLE)


@cache
def happened(seed: int) -> list[dict[str, Any]]:
    """A random history, in order; some events name nothing, and some come to nothing."""
    rng, lines, orders = Random(seed), [], []
    for n in range(400):
        who, day = rng.choice(PEOPLE), f"2026-{1 + n // 100:02}-{1 + n % 100 // 4:02}"
        kind, id_ = rng.choice(("order", "order", "draw", "draw", "transfer", "more")), f"e{n:03}"
        if kind == "order":
            orders.append((id_, who))
            said = f"order amount={rng.randrange(1, 60)}"
        elif kind == "draw":
            said = f"draw draw={rng.choice(('wheel', 'wheel', 'gold_wheel', 'none'))}"
        elif kind == "transfer":
            wallet = rng.choice(("points", "cash", "tickets"))
            to = rng.choice([*PEOPLE, "nobody"])
            said = f"transfer to={to} wallet={wallet} amount={rng.randrange(1, 40)}"
        elif rng.random() < 0.5 and orders:
            order, who = orders.pop(rng.randrange(len(orders)))
            said = f"refund order={order} amount={rng.randrange(1, 60)}"
        else:
            said = "redeem reward=cup"
        lines.append(f"{id_} {who} {day} {said}")
    return world.happened("\n".join(lines))


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows with all columns that any of them has."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )


def replayed(rows: list[dict[str, Any]], **how: Any) -> replay.Outcome:
    """What the rows come to."""
    return replay.run(shop(RULES), world.people(MEMBERS), table(rows), **how)


@cache
def outcome(seed: int) -> replay.Outcome:
    """What a history comes to."""
    return replayed(happened(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_amounts_sum_to_balances_and_what_is_sent_to_what_arrives(seed: int) -> None:
    made = outcome(seed)
    sums: Counter[tuple[str, str]] = Counter()
    sent: Counter[tuple[str, str]] = Counter()
    for row in made.ledger.to_pylist():
        sums[row["member_id"], row["wallet"]] += row["amount"]
        if row["kind"] == "transfer":
            sent[row["event_id"], row["wallet"]] += row["amount"]
    for person in made.members.to_pylist():
        for wallet in ("points", "cash", "tickets"):
            assert sums[person["member_id"], wallet] == person[wallet]
    assert len(sent) > 10
    assert set(sent.values()) == {0}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_entry_has_an_id_of_its_own(seed: int) -> None:
    ids = outcome(seed).ledger["entry_id"].to_pylist()
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_spin_is_drawn_or_refused_and_no_stock_is_exceeded(seed: int) -> None:
    made = outcome(seed)
    grants = made.grants.to_pylist()
    drawn = [row for row in grants if row["kind"] == "prize"]
    refused = {row["event_id"] for row in made.refused.to_pylist() if row["code"] != "out_of_stock"}
    spins = {row["event_id"] for row in happened(seed) if row["type"] == "draw"}
    assert {row["event_id"] for row in drawn} == spins - refused
    cups = Counter((row["at"].month, row["id"]) for row in drawn if row["state"] == "given")
    assert max(cups[month, "cup"] for month in range(1, 13)) <= 1
    assert {row["state"] for row in drawn} == {"given", "out_of_stock"}
    assert sum(row["kind"] == "item" and row["id"] == "cup" for row in grants) <= 40


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_rows_and_the_size_of_batches_change_nothing(seed: int) -> None:
    rows, made = list(happened(seed)), outcome(seed)
    Random(seed).shuffle(rows)
    for other in (replayed(rows), replayed(rows, batch=7), replayed(rows, partitions=3, threads=2)):
        for name in ("ledger", "members", "grants", "refused"):
            assert getattr(other, name).equals(getattr(made, name)), name


@pytest.mark.parametrize("seed", SEEDS)
def test_one_event_at_a_time_is_the_same(seed: int) -> None:
    found = Taken(shop(RULES), world.people(MEMBERS), happened(seed))
    made = outcome(seed)
    assert_same(found.close(str(made.summary["until"])), made, seed)
