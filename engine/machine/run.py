"""Runs the fold over a timeline: makes the state, gives pools room, drains entries as they come."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import History
from engine.machine import entries, fold, room
from engine.machine import state as s
from engine.machine.bytecode import Code, own
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.state import Feed, Scratch, State
from engine.machine.tables import Records
from engine.machine.timeline import Timeline

LARGE = 100_000  # events from which on it pays to have several threads
PARTITIONS = 4
# What each place of the feed is in the timeline, the feed, and the places in working order.
Arranged = tuple[NDArray[np.int64], Feed, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a fold left: entries, grants and refusals of all partitions, and the members' state.

    The partitions share what is kept by member; lists of items are each partition's own.
    """

    rows: Records
    grants: Records
    refusals: Records
    snapshots: NDArray[np.int64]  # refusals by slots: what a refused condition saw
    snapshots_null: NDArray[np.bool_]
    states: tuple[State, ...]  # per partition
    members: tuple[tuple[int, int], ...]  # per partition: the first and one past the last
    bad: NDArray[np.int8]  # by event: 0 fine, 1 too large, 2 too many values

    @property
    def state(self) -> State:
        """The state, for what is kept by member."""
        return self.states[0]


def run(
    compiled: Compiled, history: History, timeline: Timeline, until: int, *,
    batch: int | None = None, partitions: int | None = None, threads: int | None = None,
    opening: Callable[[State], None] | None = None, arranged: Arranged | None = None,
) -> Ran:  # fmt: skip
    """Folds the whole timeline; the result does not depend on batches, partitions or threads.

    Where they are not said there are as many as the history and the machine are good for.
    `opening` sets what members hold before the first event; it asks for one partition.
    `arranged` is what `arrange` gives, where it is at hand.
    """
    if partitions is None:
        large = len(timeline.worked) > LARGE and opening is None
        partitions = PARTITIONS if large else 1
    threads = min(partitions, os.cpu_count() or 1) if threads is None else threads
    state = room.start(compiled, history, timeline)
    code = compiled.code()
    if compiled.crosses_members:
        partitions = 1
    sizes = compiled.assembler.layout.size, len(compiled.tables.start_columns)
    parts = [state._replace(**room.pools(*sizes)) for _ in range(partitions)]
    if opening is not None:
        opening(parts[0])
    order, feed, todo = arranged or arrange(compiled, timeline)
    bad = np.zeros(len(order), np.int8)
    bounds = _bounds(feed, todo, len(history.members.ids), partitions)

    def work(part: int) -> State:
        (first, stop), mine = bounds[part]
        where, members = (order, feed), np.arange(first, stop)
        return _fold(compiled, where, parts[part], own(code), mine, members, until, batch, bad)

    if threads > 1 and partitions > 1:
        with ThreadPoolExecutor(threads) as pool:
            drained = list(pool.map(work, range(partitions)))
    else:
        drained = [work(part) for part in range(partitions)]
    told = np.zeros_like(bad)
    told[order] = bad
    return _ran(drained, tuple(members for members, _ in bounds), order, told)


def _ran(
    parts: list[State], members: tuple[tuple[int, int], ...], order: NDArray[np.int64],
    bad: NDArray[np.int8],
) -> Ran:  # fmt: skip
    """What the partitions left, as one."""
    grants, refusals = (
        _named(room.joined([getattr(part, name) for part in parts]), order)
        for name in ("grants", "refusals")
    )
    return Ran(
        rows=room.joined([part.rows for part in parts]),
        grants=grants,
        refusals=refusals,
        snapshots=np.concatenate([part.snapshots for part in parts]),
        snapshots_null=np.concatenate([part.snapshots_null for part in parts]),
        states=tuple(parts),
        members=members,
        bad=bad,
    )


def arrange(compiled: Compiled, timeline: Timeline) -> Arranged:
    """The feed as it is folded, what each of its places is in the timeline, and what is worked.

    Where no member's events depend on another's, each member's stand together: what is kept of
    him then stays near. Otherwise the feed is as it is.
    """
    feed, worked = timeline.feed, timeline.worked
    every = np.arange(len(worked))
    if compiled.crosses_members:
        return every, feed, worked
    order = np.argsort(feed.member, kind="stable")
    place = np.empty_like(order)
    place[order] = every
    todo = every
    if (worked != every).any():
        todo = place[worked[np.argsort(feed.member[worked], kind="stable")]]
    moved = {name: _moved(column, order) for name, column in feed._asdict().items()}
    for name in ("target", "grant", "coupon_event"):
        known = moved[name] >= 0
        moved[name][known] = place[moved[name][known]]
    return order, Feed(**moved), todo


def _moved(column: NDArray[Any], order: NDArray[np.int64]) -> NDArray[Any]:
    """A column of the feed, or several, in another order."""
    if column.ndim == 1:
        alike = len(column) == 0 or bool((column == column[0]).all())
        return column.copy() if alike else column[order]
    found = np.empty_like(column)
    for number, one in enumerate(column):
        found[number] = _moved(one, order)
    return found


def _bounds(
    feed: Feed, todo: NDArray[np.int64], members: int, partitions: int
) -> list[tuple[tuple[int, int], NDArray[np.int64]]]:
    """The members of each partition, first and one past the last, and their events."""
    if partitions == 1:
        return [((0, members), todo)]
    edges = [members * part // partitions for part in range(partitions + 1)]
    cuts = np.searchsorted(feed.member[todo], edges)
    return [
        ((edges[part], edges[part + 1]), todo[cuts[part] : cuts[part + 1]])
        for part in range(partitions)
    ]


def _named(records: Records, order: NDArray[np.int64]) -> Records:
    """Records whose events are places in the timeline, no longer in the feed as it was folded."""
    if len(records):
        for name in {"event", "used_event", "used_on"}.intersection(records.dtype.names):
            known = records[name] >= 0
            records[name] = np.where(known, order[np.maximum(records[name], 0)], -1)
    return records


def compile_all(compiled: Compiled, history: History, timeline: Timeline) -> None:
    """Has everything compiled that a fold uses, by folding nothing."""
    nothing = np.zeros(0, np.int64)
    bad = np.zeros(len(timeline.feed.at), np.int8)
    state = room.start(compiled, history, timeline)
    arranged = np.arange(len(bad)), timeline.feed
    _fold(compiled, arranged, state, compiled.code(), nothing, nothing, 0, None, bad)


def _fold(
    compiled: Compiled, arranged: tuple[NDArray[np.int64], Feed], state: State, code: Code,
    todo: NDArray[np.int64], members: NDArray[np.int64], until: int, batch: int | None,
    bad: NDArray[np.int8],
) -> State:  # fmt: skip
    """One partition: its events, then its members' clocks; the state with all that was written.

    `arranged` is what each place of the feed is in the timeline, and the feed.
    """
    (order, feed), done = arranged, list[Records]()

    def grown() -> State:
        entries.rename(state.rows[: state.counters[s.ROWS]], order)
        return room.grow(state, done)

    still = (
        handle(compiled.tables),
        handle(feed),
        handle(code),
        handle(room.scratch(compiled)),
        handle(room.blank(compiled)),
    )
    for slice_ in _batches(todo, batch):
        at = fold.fold(handle(state), *still, slice_, 0, bad)
        while at < len(slice_):
            state = grown()
            at = fold.fold(handle(state), *still, slice_, at, bad)
    at = fold.finish(handle(state), still[0], members, 0, until)
    while at < len(members):
        state = grown()
        at = fold.finish(handle(state), still[0], members, at, until)
    count = state.counters
    grown()
    return state._replace(
        rows=room.joined(done),
        grants=state.grants[: count[s.GRANTS]],
        refusals=state.refusals[: count[s.REFUSALS]],
        snapshots=state.snapshots[: count[s.REFUSALS]],
        snapshots_null=state.snapshots_null[: count[s.REFUSALS]],
    )


def _batches(todo: NDArray[np.int64], batch: int | None) -> Iterator[NDArray[np.int64]]:
    size = len(todo) if batch is None else batch
    for first in range(0, max(len(todo), 1), max(size, 1)):
        yield todo[first : first + size]


@dataclass(frozen=True, slots=True)
class Step:
    """One event just after it was folded: the state, what its rules came to, and its entries."""

    event: int  # in the feed
    state: State
    scratch: Scratch
    rows: Records
    refusals: Records


def steps(
    compiled: Compiled, history: History, timeline: Timeline, todo: NDArray[np.int64],
    stops: NDArray[np.int64],
) -> Iterator[Step]:  # fmt: skip
    """Folds `todo`, in the order in which it is worked; pauses after each event of `stops`."""
    state, one, code = (
        room.start(compiled, history, timeline),
        room.scratch(compiled),
        own(compiled.code()),
    )
    bad = np.zeros(len(timeline.feed.at), np.int8)
    one.turn[1] = 1
    still = (
        handle(compiled.tables), handle(timeline.feed), handle(code), handle(one),
        handle(room.blank(compiled)),
    )  # fmt: skip
    at = 0
    for stop in np.flatnonzero(np.isin(todo, stops)).tolist():
        for part in (todo[at:stop], todo[stop : stop + 1]):
            done = 0
            while True:
                before = state.counters.copy()
                done = fold.fold(handle(state), *still, part, done, bad)
                if done == len(part):
                    break
                state = room.grow(state, [])
        rows = state.rows[before[s.ROWS] : state.counters[s.ROWS]]
        refusals = state.refusals[before[s.REFUSALS] : state.counters[s.REFUSALS]]
        yield Step(int(todo[stop]), state, one, rows[rows["event"] == todo[stop]], refusals)
        at = stop + 1
