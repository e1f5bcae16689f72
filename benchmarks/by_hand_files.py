"""The loop written by hand from files to files, between Perkbook's own reader and writer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks import by_hand, ours, prepared, rows, workload
from benchmarks.by_hand_state import Folded
from benchmarks.prepared import Columns
from engine.data.columns import History
from engine.machine import files

TIERS = ("member", "silver", "gold")


def run(members: Path, events: Path, folder: Path) -> int:
    """Files in, the same files out as Perkbook's; how many events there were."""
    program = ours.program(12)
    history = ours.read(program, members, events)
    columns = prepared.by_member(prepared.of(history, list(program.events)))
    done = by_hand.fold(columns)
    tables = {
        "ledger": rows.ledger(columns, history, done.rows, done.notes),
        "members": _members(history, done),
        "grants": _decided(history, columns, done.grants),
        "refused": _decided(history, columns, done.refused),
    }
    summary = {"events": len(columns.type), "duplicates": history.duplicates}
    files.write(tables, summary, folder)
    return len(columns.type)


def warm() -> None:
    """Has the loop compiled, or found where it was kept."""
    program = ours.program(12)
    history = ours.read(program, workload.member_table(10, 1), workload.event_table(10, 100, 1))
    by_hand.fold(prepared.by_member(prepared.of(history, list(program.events))))


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


def _decided(history: History, columns: Columns, events: np.ndarray) -> pa.Table:
    """Redemptions that were granted, or refused."""
    place = np.sort(columns.place[events])
    at = pa.array(place)
    return pa.table({
        "at": pa.array(history.events.at[place]).cast(rows.INSTANT),
        "member_id": history.members.ids.take(pa.array(history.events.member[place])),
        "event_id": history.events.ids.take(at),
    })  # fmt: skip
