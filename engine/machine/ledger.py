"""The ledger as a table: every entry with its names, in the order of LANGUAGE 4."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.machine import state as s
from engine.machine import zone
from engine.machine.compiled import Compiled
from engine.machine.tables import Records
from engine.machine.timeline import Timeline

INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.large_string()
SCHEMA = pa.schema([
    ("entry_id", TEXT), ("at", INSTANT), ("member_id", TEXT), ("wallet", TEXT), ("kind", TEXT),
    ("amount", pa.int64()), ("rule", TEXT), ("event_id", TEXT), ("lot", TEXT),
    ("wanted", pa.int64()), ("missing", pa.int64()), ("rules", TEXT),
])  # fmt: skip


def table(
    compiled: Compiled, timeline: Timeline, rows: Records, members: pa.Array, rules: str
) -> pa.Table:
    """Entries in order of instant, timers first, event or member, position; `rules` in each."""
    by_event = rows["event"] >= 0
    at = np.where(by_event, 0, instants(compiled, np.where(by_event, 0, rows["day"])))
    at[by_event] = timeline.feed.at[rows["event"][by_event]]
    order = np.lexsort(
        (rows["position"], np.where(by_event, rows["event"], rows["member"]), by_event, at)
    )
    rows, at, by_event = rows[order], at[order], by_event[order]
    member = members.take(pa.array(rows["member"]))
    event = _named(timeline.ids, rows["event"])
    wallet = _named(_texts(compiled.book.positions["wallets"]), rows["wallet"])
    rule = _named(_texts([it.id for it in compiled.rules]), rows["rule"])
    kind = _named(_texts(s.KINDS), rows["kind"])
    cause = pc.if_else(pa.array(by_event), event, _timer(member, rows["day"]))
    position = pa.array(rows["position"]).cast(TEXT)
    entry = _joined(cause, wallet, pc.coalesce(rule, kind), position)
    return pa.Table.from_arrays(
        [
            entry, pa.array(at).cast(pa.int64()).cast(INSTANT), member, wallet, kind,
            pa.array(rows["amount"]), rule, event, _lot(timeline, members, rows, wallet),
            _where(rows["wanted"], rows["marks"] & s.HAS_WANTED),
            _where(rows["missing"], rows["marks"] & s.HAS_MISSING),
            pa.array([rules], TEXT).take(pa.array(np.zeros(len(rows), np.int64))),
        ],
        schema=SCHEMA,
    )  # fmt: skip


def instants(compiled: Compiled, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first instant of each local day."""
    distinct, places = np.unique(days, return_inverse=True)
    starts = np.array([zone.day_start(compiled.zone, int(d)) for d in distinct], np.int64)
    return starts[places]


def _timer(member: pa.Array, days: NDArray[np.int64]) -> pa.Array:
    """What caused the entries of a boundary: the member and the day."""
    dates = pa.array(days.astype(np.int32)).cast(pa.date32()).cast(TEXT)
    return pc.binary_join_element_wise(member, dates, pa.scalar("@", TEXT))


def _lot(timeline: Timeline, members: pa.Array, rows: Records, wallet: pa.Array) -> pa.Array:
    """A lot's name: the event that opened it and the wallet; for another member him too."""
    has = (rows["marks"] & s.HAS_LOT) > 0
    opened = np.where(has, rows["lot_event"], -1)
    own = np.full(len(rows), True)
    known = opened >= 0
    own[known] = timeline.feed.member[opened[known]] == rows["lot_member"][known]
    event = pc.fill_null(_named(timeline.ids, opened), "opening")
    name = _joined(event, wallet)
    longer = _joined(name, members.take(pa.array(rows["lot_member"])))
    return pc.if_else(pa.array(has), pc.if_else(pa.array(own), name, longer), pa.scalar(None, TEXT))


def _named(names: pa.Array, positions: NDArray[np.int64]) -> pa.Array:
    """The names at positions; null at -1."""
    return names.take(pa.array(positions, mask=positions < 0))


def _texts(names: object) -> pa.Array:
    return pa.array(list(names), TEXT)  # type: ignore[call-overload]


def _joined(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, pa.scalar("/", TEXT))


def _where(values: NDArray[np.int64], marks: NDArray[np.int64]) -> pa.Array:
    return pa.array(values, mask=marks == 0)
