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
    """The entries as a ledger, in the order of LANGUAGE 4; few names stand in dictionaries."""
    noted, wanted, missing = (np.zeros(len(entries), np.int64) for _ in range(3))
    noted[notes["row"]] = 1
    wanted[notes["row"]], missing[notes["row"]] = notes["wanted"], notes["missing"]
    order = _order(columns, entries)
    rows = entries[order]
    noted, wanted, missing = noted[order], wanted[order], missing[order]
    timer, events = rows["event"] < 0, columns.place[rows["event"]]
    at = np.where(timer, rows["day"].astype(np.int64) * DAY - OFFSET, history.events.at[events])
    ids, nothing = history.events.ids.cast(TEXT), pa.scalar("", TEXT)
    member = history.members.ids.cast(TEXT).take(pa.array(rows["member"]))
    event = ids.take(pa.array(events, mask=timer))
    opened = ids.take(pa.array(columns.place[rows["lot"]], mask=rows["lot"] < 0))
    cause = pc.coalesce(event, member)
    same = np.zeros(len(rows), np.int8)
    return pa.table({
        "entry_id": pc.binary_join_element_wise(cause, _endings(rows), nothing),
        "at": pa.array(at).cast(INSTANT),
        "member_id": member,
        "wallet": _named(("points",), same),
        "kind": _named(KINDS, rows["kind"]),
        "amount": pa.array(rows["amount"]),
        "rule": _named(RULES, rows["rule"]),
        "event_id": event,
        "lot": pc.binary_join_element_wise(opened, pa.scalar("/points", TEXT), nothing),
        "wanted": pa.array(wanted, mask=noted == 0),
        "missing": pa.array(missing, mask=missing == 0),
        "rules": _named(("by hand",), same),
    })  # fmt: skip


def _order(columns: Columns, entries: Records) -> NDArray[np.int64]:
    """By instant, timers first, then event or member, then position."""
    timer = entries["event"] < 0
    caused, timers = np.flatnonzero(~timer), np.flatnonzero(timer)
    place = columns.place[entries["event"][caused]].astype(np.int64)
    by_event = np.argsort(place << 16 | entries["position"][caused], kind="stable")
    caused, place = caused[by_event], place[by_event]
    late = entries[timers]
    timers = timers[np.lexsort((late["position"], late["member"], late["day"]))]
    # Events stand in order of time, so a timer of a day goes before the day's first event.
    days = np.empty(len(columns.day), np.int32)
    days[columns.place] = columns.day
    first = np.searchsorted(place, np.searchsorted(days, entries["day"][timers]))
    return np.insert(caused, first, timers)


def _endings(rows: Records) -> pa.Array:
    """What makes an entry's id of what caused it: wallet, rule or else kind, position."""
    named = np.where(rows["rule"] < 0, len(RULES) + rows["kind"], rows["rule"]).astype(np.int64)
    codes, which = np.unique(named << 16 | rows["position"], return_inverse=True)
    names = (*RULES, *KINDS)
    texts = [f"/points/{names[code >> 16]}/{code & 0xFFFF}" for code in codes.tolist()]
    return pa.array(texts, TEXT).take(pa.array(which))


def _named(names: Sequence[str], codes: NDArray[np.int8]) -> pa.Array:
    """Names by their codes, as a dictionary; null below 0."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(names, TEXT)
    )


def difference(ours: pa.Table, theirs: pa.Table) -> str:
    """What of two ledgers differs, in one line; empty where they are equal entry by entry."""
    if len(ours) != len(theirs):
        return f"{len(ours)} entries here, {len(theirs)} there"
    for name in COMPARED:
        mine, other = (_plain(t[name]) for t in (ours, theirs))
        if not mine.equals(other):
            differs = pc.fill_null(pc.not_equal(mine, other), True)
            odd = pc.and_(differs, pc.or_(pc.is_valid(mine), pc.is_valid(other)))
            row = pc.index(odd, True).as_py()
            return f"entry {row}: `{name}` is {mine[row]} here, {other[row]} there"
    return ""


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, texts as texts."""
    whole = column.combine_chunks()
    kind = whole.type.value_type if pa.types.is_dictionary(whole.type) else whole.type
    return whole.cast(TEXT if pa.types.is_string(kind) or kind == TEXT else kind)
