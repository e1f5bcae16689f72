"""Tasks keep the laws, whatever the order of rows, the batches, threads and partitions."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from engine.data import history
from engine.language import rules
from engine.language.program import Program
from engine.machine import folding, replay, streamed
from tests.reading.tasks import DAY, MONTH, WEEK, Task, audit
from tests.taken import Taken, assert_same
from tests.world import SHOP

RULES = """
events:
  order: {amount: money, quantity: whole}
  refund: {reverses: order, amount: money}
  share: {}
  like: {}
wallets: {points: {expires: 30 days, on refund: below zero}, stars: {}}
facts: {days: {streak: share, by: day, starts over: 7, freeze: 2 per month}}
rewards: {tea: {item: tea, cost: {points: 20}}}
earn:
  buy: {when: order, give: {points: amount, stars: third_progress}}
  twice: {when: order, multiply: {points: 1.5}}
  week: {when: share, if: days = 7, limit: 1 per day, give: {stars: 7}}
tasks:
  album: {needs: [third, both, critic], give: {points: 100}, badge: collector}
  both: {needs: [share, like], per: day, give: {points: amount_of}}
  third: {when: order, sum: quantity, every: 3, limit: 5 per week, give: {points: 10, item: tea}}
  card: {when: [order, share], every: 4, on refund: return limit, limit: 3, give: {stars: 1}}
  spend: {when: order, sum: amount, reaches: 300, per: month, give: {points: 50}, badge: critic}
  first: {when: like, once: yes, give: {points: 5}, group: g}
""".replace("amount_of", "days + 1")
SHARED = "  last: {when: order, sum: amount, every: 100, budget: 20, give: {stars: 2}}\n"


def program(text: str) -> Program:
    reading = rules.read_texts({"a.yaml": SHOP, "b.yaml": text})
    assert reading.program is not None, reading.problems
    return reading.program


def events(seed: int) -> pa.Table:
    """Two months of a few members, in which many orders are refunded, some in parts."""
    rng, rows = Random(seed), list[dict[str, Any]]()
    for n in range(240):
        kind = rng.choice(["order", "order", "share", "like", "refund", "refund"])
        day, hour = rng.randrange(59), rng.randrange(24)
        at = f"2026-{1 + day // 31:02}-{1 + day % 31:02} {hour:02}:{rng.randrange(60):02}"
        row = {"event_id": f"e{n:03}", "member_id": f"m{rng.randrange(5)}", "at": at, "type": kind}
        orders = [r for r in rows if r["type"] == "order" and r["at"] < at]
        if kind == "order":
            row |= {"amount": str(rng.randrange(1, 9000) / 100), "quantity": str(rng.randrange(5))}
        elif kind == "refund" and orders:
            of = rng.choice(orders)
            part = rng.choice([{}, {"amount": str(rng.randrange(1, 4000) / 100)}])
            row |= {"order": of["event_id"], "member_id": of["member_id"], **part}
        rows.append(row)
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([r.get(name) for r in rows], pa.string()) for name in names})


def all_of(made: replay.Outcome) -> list[Any]:
    return [made.ledger, made.members, made.grants, made.refused, made.summary]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("text", [RULES, RULES + SHARED], ids=["apart", "shared"])
def test_tasks_keep_the_laws(text: str, seed: int) -> None:
    made, rows = program(text), events(seed)
    whole = replay.run(made, None, rows)
    assert {"both", "third", "card", "spend"} <= set(whole.ledger["rule"].to_pylist())
    places = list(range(len(rows)))
    Random(seed).shuffle(places)
    assert all_of(replay.run(made, None, rows.take(places))) == all_of(whole)
    read = history.read(made, None, rows)
    for batch, partitions, threads in ((1, 1, 1), (None, 3, 1), (None, 4, 2)):
        folded = folding.fold(made, read, batch=batch, partitions=partitions, threads=threads)
        assert all_of(folding.tell(folded)) == all_of(whole)
    in_order = sorted(rows.to_pylist(), key=lambda row: (row["at"], row["event_id"]))
    told = [{k: v for k, v in row.items() if v is not None} for row in in_order]
    assert_same(Taken(made, None, told).close(whole.summary["until"]), whole)
    sums = Counter[tuple[str, str]]()
    for row in whole.ledger.to_pylist():
        sums[row["member_id"], row["wallet"]] += row["amount"]
    for person in whole.members.to_pylist():
        for wallet in made.wallets:
            assert sums[person["member_id"], wallet] == person[wallet]


def test_a_history_in_parts_has_the_same_progress(tmp_path: Path) -> None:
    made, rows = program(RULES), events(1)
    csv.write_csv(rows, tmp_path / "events.csv")
    whole = replay.run(made, None, rows)
    files = history.files(made, None, tmp_path / "events.csv", tmp_path)
    streamed.run(made, files, None, tmp_path / "out", partition=40)
    for name, table in (("members", whole.members), ("ledger", whole.ledger)):
        written = parquet.read_table(tmp_path / "out" / f"{name}.parquet")
        assert written.to_pylist() == table.to_pylist()


def orders(row: Any) -> Fraction | None:
    return Fraction(row["quantity"]) if row["type"] == "order" else None


def spent(row: Any) -> Fraction | None:
    return Fraction(row["amount"]) if row["type"] == "order" else None


def stamps(row: Any) -> Fraction | None:
    return Fraction(1) if row["type"] in ("order", "share") else None


def likes(row: Any) -> Fraction | None:
    return Fraction(1) if row["type"] == "like" else None


def anything(row: Any) -> Fraction | None:
    return None if row["type"] == "refund" else Fraction(1)


def social(row: Any) -> Fraction | None:
    return Fraction(1) if row["type"] in ("share", "like") else None


# `album` needs `critic`, the badge of `spend`.
TASKS = (
    Task("both", social, events=("share", "like"), per=DAY),
    Task("third", orders, Fraction(3), repeats=True, most=5, limit_per=WEEK),
    Task("card", stamps, Fraction(4), repeats=True, most=3, returns=True),
    Task("spend", spent, Fraction(300), per=MONTH),
    Task("first", likes, Fraction(1), repeats=True, most=1),
    Task("album", anything, needs=("third", "both", "spend")),
)


@pytest.mark.parametrize("seed", range(40))
def test_a_second_reading_of_tasks_comes_to_the_same(seed: int) -> None:
    rows = events(seed)
    ledger = replay.run(program(RULES), None, rows).ledger.to_pylist()
    units = {"third": 10, "card": 1, "spend": 50, "first": 5, "album": 100}
    found = Counter[tuple[str, str]]()
    for entry in ledger:
        if entry["kind"] == "bonus" and entry["rule"] != "twice":
            times = entry["amount"] // units.get(entry["rule"], entry["amount"])
            found[entry["event_id"], entry["rule"]] = times
    assert found == audit(TASKS, rows.to_pylist())
