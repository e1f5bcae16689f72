"""What the loop written by hand keeps, and how it writes entries and moves lots."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.prepared import ORDER, REDEEM, REFUND, Columns
from benchmarks.rows import ENTRY, EXPIRE, NOTE

Records = Any  # arrays of records: compiled code knows their fields, no checker does

NEVER = 2**31 - 1

MEMBER = np.dtype(
    [
        ("spend", np.int64), ("recent", np.int64), ("active", np.int64),
        ("orders", np.int32), ("tier", np.int32), ("head", np.int32), ("tail", np.int32),
        ("first", np.int32), ("last", np.int32), ("month", np.int32), ("used", np.int32),
        ("due", np.int32), ("unused", np.int32),
    ]
)  # fmt: skip
ITEM = np.dtype([("amount", np.int64), ("day", np.int32), ("next", np.int32)])
LOT = np.dtype([("left", np.int64), ("gone", np.int64), ("day", np.int32), ("next", np.int32)])
GIFT = np.dtype([("amount", np.int64), ("done", np.int64), ("rule", np.int32), ("next", np.int32)])
KEEP = np.dtype([("taken", np.int64), ("first", np.int32), ("last", np.int32)])


class State(NamedTuple):
    """What the loop keeps; a lot stands where its event stands."""

    members: Records
    lots: Records
    items: Records
    keeps: Records
    gifts: Records
    rows: Records
    notes: Records
    grants: NDArray[np.int32]  # the redemptions that were granted
    refused: NDArray[np.int32]
    last_days: NDArray[np.int32]  # of a lot, by the day it opens less `first_day`
    months: NDArray[np.int32]  # by day less `first_day`, counted from year 0
    counts: NDArray[np.int64]


ITEMS, FREE, GIFTS, ROWS, NOTES, GRANTS, REFUSED = range(7)


class Folded(NamedTuple):
    """The entries, what is noted of some, which redemptions were granted or refused, members."""

    rows: Records
    notes: Records
    grants: NDArray[np.int32]
    refused: NDArray[np.int32]
    members: Records


def start(columns: Columns) -> State:
    size, kinds = len(columns.type), np.bincount(columns.type, minlength=4)
    orders, redemptions, refunds = kinds[ORDER], kinds[REDEEM], kinds[REFUND]
    kept = int(columns.keep.max(initial=-1)) + 1
    members = np.zeros(len(columns.home), MEMBER)
    for name in ("head", "tail", "first", "last"):
        members[name] = -1
    members["due"] = NEVER
    days = np.arange(columns.days[0], columns.days[1] + 1).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    keeps = np.zeros(kept, KEEP)
    keeps["first"] = keeps["last"] = -1
    return State(
        members=members,
        lots=np.empty(size, LOT),
        items=np.empty(orders, ITEM),
        keeps=keeps,
        gifts=np.empty(kept * 12, GIFT),
        rows=np.empty(orders * 11 + redemptions + 12 * refunds + 3 * size, ENTRY),
        notes=np.empty(orders + 12 * refunds, NOTE),
        grants=np.empty(redemptions, np.int32),
        refused=np.empty(redemptions, np.int32),
        last_days=last_days(columns),
        months=(months.astype(np.int64) + 1970 * 12).astype(np.int32),
        counts=np.array([0, -1, 0, 0, 0, 0, 0]),
    )


def last_days(columns: Columns) -> NDArray[np.int32]:
    """By day from the first on: the day twelve months later, or the last of that month."""
    days = np.arange(columns.days[0], columns.days[1] + 1).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    later = (months + 12).astype("datetime64[D]") + (days - months.astype("datetime64[D]"))
    end = (months + 13).astype("datetime64[D]") - 1
    return np.asarray(np.minimum(later, end).astype(np.int64), np.int32)


@njit(cache=True, inline="always")
def write(
    state: State, event: int, member: int, day: int, position: int, kind: int, rule: int,
    amount: int, lot: int,
) -> None:  # fmt: skip
    at = state.counts[ROWS]
    row = state.rows[at]
    row.event, row.member, row.day, row.lot = event, member, day, lot
    row.amount, row.position, row.rule, row.kind = amount, position, rule, kind
    state.counts[ROWS] = at + 1


@njit(cache=True, nogil=True)
def note(state: State, row: int, wanted: int, missing: int) -> None:
    at = state.counts[NOTES]
    state.notes[at].row, state.notes[at].wanted, state.notes[at].missing = row, wanted, missing
    state.counts[NOTES] = at + 1


@njit(cache=True, inline="always")
def expire(state: State, who: Records, member: int, day: int) -> None:
    """Lots leave from the front once their last day is over."""
    position, before = 0, -1
    while who.due <= day:
        lot = state.lots[who.head]
        if lot.left > 0:
            due = lot.day + 1
            position = position + 1 if due == before else 0
            before = due
            write(state, -1, member, due, position, EXPIRE, -1, -lot.left, who.head)
            who.active -= lot.left
            lot.gone += lot.left
            lot.left = 0
        drop_head(state, who, lot)


@njit(cache=True, nogil=True)
def drop_head(state: State, who: Records, lot: Records) -> None:
    who.head = lot.next
    if who.head < 0:
        who.tail, who.due = -1, NEVER
    else:
        who.due = state.lots[who.head].day + 1


@njit(cache=True, inline="always")
def open_lot(state: State, who: Records, since: int, i: int, amount: int) -> None:
    lot = state.lots[i]
    lot.left, lot.gone, lot.day, lot.next = amount, 0, state.last_days[since], -1
    if who.tail >= 0:
        state.lots[who.tail].next = i
    else:
        who.head, who.due = i, lot.day + 1
    who.tail = i
    who.active += amount


@njit(cache=True, inline="always")
def take_in(state: State, who: Records, day: int, amount: int) -> None:
    """The three facts take an order in."""
    who.orders += 1
    who.spend += amount
    who.recent += amount
    forget(state, who, day)
    if who.last >= 0 and state.items[who.last].day == day:
        state.items[who.last].amount += amount
        return
    at = state.counts[FREE]
    if at >= 0:
        state.counts[FREE] = state.items[at].next
    else:
        at = state.counts[ITEMS]
        state.counts[ITEMS] += 1
    state.items[at].amount, state.items[at].day, state.items[at].next = amount, day, -1
    if who.last >= 0:
        state.items[who.last].next = at
    else:
        who.first = at
    who.last = at


@njit(cache=True, nogil=True)
def forget(state: State, who: Records, day: int) -> None:
    """What was spent more than 90 days ago does not count as recent."""
    while who.first >= 0 and state.items[who.first].day < day - 89:
        old = who.first
        who.recent -= state.items[old].amount
        who.first = state.items[old].next
        state.items[old].next = state.counts[FREE]
        state.counts[FREE] = old
        if who.first < 0:
            who.last = -1
