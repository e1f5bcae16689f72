"""Entries as every engine that is measured writes them, and the ledger that they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.prepared import DAY, OFFSET, Columns
from engine.data.columns import History

EARN, BONUS, SPEND, REVERSE, EXPIRE = range(5)
KINDS = ("earn", "bonus", "spend", "reverse", "expire")
RULES = (
    "purchase", "big_basket", "tea_time", "weekend", "home_town", "first_order", "every_tenth",
    "busy_quarter", "visit", "silver", "gold", "crab_season", "tea", "cake", "crab",
)  # fmt: skip
ENTRY = np.dtype(
    [
        ("amount", np.int64), ("event", np.int32), ("member", np.int32), ("day", np.int32),
        ("lot", np.int32), ("position", np.int16), ("rule", np.int8), ("kind", np.int8),
    ],
    align=True,
)  # fmt: skip
NOTE = np.dtype([("wanted", np.int64), ("missing", np.int64), ("row", np.int64)])
COMPARED = ("at", "member_id", "wallet", "kind", "amount", "rule", "event_id", "lot", "wanted",
            "missing")  # fmt: skip
INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.large_string()

Records = Any  # arrays of records


def of_lists(entries: Sequence[tuple[int, ...]], notes: Sequence[tuple[int, ...]]) -> Any:
    """Entries and notes that were gathered as tuples, in the order of their fields."""
    return np.array(entries, ENTRY), np.array(notes, NOTE)


def ledger(columns: Columns, history: History, entries: Records, notes: Records) -> pa.Table:
    """The entries as a ledger's columns, in the order of LANGUAGE 4; events by position in time."""
    wanted, missing = (np.zeros(len(entries), np.int64) for _ in range(2))
    noted = np.zeros(len(entries), bool)
    wanted[notes["row"]], missing[notes["row"]], noted[notes["row"]] = (
        notes["wanted"], notes["missing"], True,
    )  # fmt: skip
    order = _order(columns, entries)
    rows = entries[order]
    wanted, missing, noted = wanted[order], missing[order], noted[order]
    events = columns.place[rows["event"]]
    at = np.where(
        rows["event"] < 0, rows["day"].astype(np.int64) * DAY - OFFSET, history.events.at[events]
    )
    ids = history.events.ids.cast(TEXT)
    opened = ids.take(pa.array(columns.place[rows["lot"]], mask=rows["lot"] < 0))
    slash, points = pa.scalar("/", TEXT), pa.scalar("points", TEXT)
    found = {
        "at": pa.array(at).cast(INSTANT),
        "member_id": history.members.ids.cast(TEXT).take(pa.array(rows["member"])),
        "wallet": pa.array(["points"], TEXT).take(pa.array(np.zeros(len(rows), np.int64))),
        "kind": _named(KINDS, rows["kind"]),
        "amount": pa.array(rows["amount"]),
        "rule": _named(RULES, rows["rule"]),
        "event_id": ids.take(pa.array(events, mask=rows["event"] < 0)),
        "lot": pc.binary_join_element_wise(opened, points, slash),
        "wanted": pa.array(wanted, mask=~noted),
        "missing": pa.array(missing, mask=missing == 0),
    }
    position = pa.array(rows["position"]).cast(TEXT)
    cause = pc.coalesce(found["event_id"], found["member_id"])
    what = pc.coalesce(found["rule"], found["kind"])
    entry = pc.binary_join_element_wise(cause, points, what, position, slash)
    rules = pa.array(["by hand"], TEXT).take(pa.array(np.zeros(len(rows), np.int64)))
    return pa.table({"entry_id": entry, **found, "rules": rules})


def _order(columns: Columns, entries: Records) -> NDArray[np.int64]:
    """By instant, timers first, then event or member, then position."""
    timer = entries["event"] < 0
    # Events stand in order of time, so a timer of a day goes before the day's first event.
    days = columns.day[np.argsort(columns.place)]
    first = np.searchsorted(days, entries["day"])
    place = np.where(timer, first, columns.place[entries["event"]])
    member = np.where(timer, entries["member"], 0)
    return np.lexsort((entries["position"], member, entries["day"], ~timer, place))


def _named(names: Sequence[str], codes: NDArray[np.int8]) -> pa.Array:
    return pa.array(names, TEXT).take(pa.array(codes.astype(np.int64), mask=codes < 0))


def difference(ours: pa.Table, theirs: pa.Table) -> str:
    """What of two ledgers differs, in one line; empty where they are equal entry by entry."""
    if len(ours) != len(theirs):
        return f"{len(ours)} entries here, {len(theirs)} there"
    for name in COMPARED:
        mine, other = (t[name].combine_chunks() for t in (ours, theirs))
        other = other.cast(mine.type)
        if not mine.equals(other):
            differs = pc.fill_null(pc.not_equal(mine, other), True)
            odd = pc.and_(differs, pc.or_(pc.is_valid(mine), pc.is_valid(other)))
            row = pc.index(odd, True).as_py()
            return f"entry {row}: `{name}` is {mine[row]} here, {other[row]} there"
    return ""


def sums(table: pa.Table) -> pa.Table:
    """What a ledger comes to per member and wallet."""
    keys = ["member_id", "wallet"]
    small = table.select([*keys, "amount"])
    return (
        small.group_by(keys)
        .aggregate([("amount", "sum")])
        .sort_by([(k, "ascending") for k in keys])
    )
