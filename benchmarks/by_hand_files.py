"""The loop written by hand from files to files, between Perkbook's own reader and writer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks import by_hand, ours, prepared, rows, workload
from benchmarks.by_hand_state import Folded
from benchmarks.prepared import Columns
from engine.data.columns import History
from engine.machine import compiled, ledger
from engine.machine import state as s
from engine.machine.replay import Outcome
from engine.machine.summary import Counts
from engine.machine.timeline import Timeline

TIERS = ("member", "silver", "gold")
KINDS = (s.EARN, s.BONUS, s.SPEND, s.REVERSE, s.EXPIRE)  # by the codes of `rows`


def run(members: Path, events: Path, folder: Path) -> int:
    """Files in, the same files out as Perkbook's; how many events there were."""
    program = ours.program(12)
    history = ours.read(program, members, events)
    columns = prepared.by_member(prepared.of(history, list(program.events)))
    done = by_hand.fold(columns)
    tables = compiled.compile(program, history.texts)
    named = {rule.id: number for number, rule in enumerate(tables.rules)}
    numbers = np.array([*(named[rule] for rule in rows.RULES), -1])  # -1 is none
    entries = ledger.entries(
        tables, _timeline(history), _entries(columns, done, numbers),
        history.members.ids.cast(rows.TEXT),
    )  # fmt: skip
    Outcome(
        entries=entries,
        members=_members(history, done),
        grants=_decided(history, columns, done.grants),
        refused=_decided(history, columns, done.refused),
        rejected=pa.table({"file": pa.array([], rows.TEXT)}),
        summary={"events": len(columns.type), "duplicates": history.duplicates},
        counts=Counts(),
    ).write(folder)
    return len(columns.type)


def warm() -> None:
    """Has the loop compiled, or found where it was kept."""
    program = ours.program(12)
    history = ours.read(program, workload.member_table(10, 1), workload.event_table(10, 100, 1))
    by_hand.fold(prepared.by_member(prepared.of(history, list(program.events))))


def _timeline(history: History) -> Timeline:
    """As much of a timeline as the ledger asks for: the events' ids, instants and members."""
    events = history.events
    feed = SimpleNamespace(member=events.member.astype(np.int64), at=events.at)
    return cast(Timeline, SimpleNamespace(feed=feed, ids=events.ids.cast(rows.TEXT)))


def _entries(columns: Columns, done: Folded, numbers: NDArray[np.int64]) -> rows.Records:
    """The entries as the machine writes them."""
    it, found = done.rows, np.zeros(len(done.rows), s.ROW)
    for name in ("member", "amount", "day", "position"):
        found[name] = it[name]
    found["kind"] = np.array(KINDS)[it["kind"]]
    found["rule"] = numbers[it["rule"]]
    found["event"] = np.where(it["event"] < 0, -1, columns.place[it["event"]])
    found["lot_event"] = columns.place[it["lot"]]
    found["lot_member"] = it["member"]
    found["marks"] = np.where(it["lot"] < 0, 0, s.HAS_LOT)
    noted = done.notes["row"]
    found["wanted"][noted], found["missing"][noted] = done.notes["wanted"], done.notes["missing"]
    missing = np.where(done.notes["missing"] > 0, s.HAS_MISSING, 0)
    found["marks"][noted] |= (s.HAS_WANTED | missing).astype(found["marks"].dtype)
    return found


def _members(history: History, done: Folded) -> pa.Table:
    who = done.members
    names = pa.array(TIERS, rows.TEXT)
    return pa.table({
        "member_id": history.members.ids.cast(rows.TEXT),
        "tier": names.take(pa.array(who["tier"].astype(np.int64))),
        "points": pa.array(who["active"].copy()),
        "points_pending": pa.array(np.zeros(len(who), np.int64)),
        "orders": pa.array(who["orders"].astype(np.int64)),
        "spend": pa.array(who["spend"].copy()),
        "spend_90d": pa.array(who["recent"].copy()),
    })  # fmt: skip


def _decided(history: History, columns: Columns, events: NDArray[np.int32]) -> pa.Table:
    """Redemptions that were granted, or refused."""
    place = np.sort(columns.place[events])
    return pa.table({
        "at": pa.array(history.events.at[place]).cast(rows.INSTANT),
        "member_id": history.members.ids.take(pa.array(history.events.member[place])),
        "event_id": history.events.ids.take(pa.array(place)),
    })  # fmt: skip
