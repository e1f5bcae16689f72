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
from engine.machine import evaluate_block, fold
from engine.machine import state as s
from engine.machine.bytecode import Code, own
from engine.machine.calendar import LONG_AGO, NEVER
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.ready import WIDTH
from engine.machine.state import Feed, Ready, Scratch, State
from engine.machine.tables import O_COLUMNS, O_WORDS, Records
from engine.machine.timeline import Timeline

_ROOM = 4_096  # records a pool begins with
_ROWS = 65_536  # entries that are drained at once
_POOLS = ("lots", "items", "rows", "grants", "refusals", "gifts", "takes", "rises", "redemptions")
LARGE = 100_000  # events from which on it pays to have several threads
PARTITIONS = 4
_COUNTED = (s.LOTS, s.ITEMS, s.ROWS, s.GRANTS, s.REFUSALS, s.GIFTS, s.TAKES, s.RISES, s.REDEMPTIONS)
_KINDS = (s.LOT, s.ITEM, s.ROW, s.GRANT, s.REFUSAL, s.GIFT, s.TAKE, s.RISE, s.REDEMPTION)


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


def start(compiled: Compiled, history: History, timeline: Timeline) -> State:
    """The state before the first event."""
    tables, count = compiled.tables, len(history.members.ids)
    members = np.zeros(count, s.MEMBER)
    members["due"], members["joined"] = timeline.first_day, timeline.joined
    members["rung"], members["grants"] = -1, -1
    members["since"], members["grace_until"] = timeline.first_day, LONG_AGO
    purses = np.zeros((count, len(tables.wallets)), s.PURSE)
    for name in ("first", "last", "first_waiting", "last_waiting"):
        purses[name] = -1
    purses["soonest"] = NEVER
    keeps = np.zeros(timeline.kept, s.KEEP)
    for name in ("rises", "first_gift", "last_gift", "redemption", "grants"):
        keeps[name] = -1
    attributes = [history.members.attributes[name] for name in compiled.program.attributes]
    privileges = len(compiled.program.privileges)
    return State(
        members=members,
        purses=purses,
        facts=_lists(np.zeros((count, len(tables.facts)), s.KEPT)),
        attributes=_stack([a.values for a in attributes], count, np.int64),
        attributes_null=_stack([a.null for a in attributes], count, np.bool_),
        floors=np.full((count, len(tables.rungs)), LONG_AGO, np.int64),
        rights=np.full((count, privileges), LONG_AGO, np.int64),
        silences=np.full((count, len(tables.wallets)), LONG_AGO, np.int64),
        used=_lists(np.zeros((count, len(tables.limits)), s.USED)),
        spent=_lists(np.zeros(len(tables.budgets), s.SPENT)),
        shelves=np.zeros(len(tables.rewards), s.SHELF),
        keeps=keeps,
        **_pools(compiled.assembler.layout.size),
    )


def _lists(found: Records) -> Records:
    found["first"] = found["last"] = -1
    return found


def _stack(columns: list[NDArray[Any]], count: int, kind: type) -> NDArray[Any]:
    return np.stack(columns, axis=1).astype(kind) if columns else np.zeros((count, 0), kind)


def _pools(slots: int) -> dict[str, Any]:
    """Pools that are empty; `slots` is the size of the environment."""
    pools = {name: np.zeros(_ROOM, kind) for name, kind in zip(_POOLS, _KINDS, strict=True)}
    pools["rows"] = np.zeros(_ROWS, s.ROW)
    pools["snapshots"] = np.zeros((_ROOM, slots), np.int64)
    pools["snapshots_null"] = np.zeros((_ROOM, slots), np.bool_)
    counters = np.zeros(s.COUNTERS, np.int64)
    counters[[s.FREE_LOT, s.FREE_ITEM]] = -1
    return {**pools, "counters": counters}


def scratch(compiled: Compiled) -> Scratch:
    """Room for one event."""
    tables = compiled.tables
    gives, rules = len(tables.gives), len(tables.rules)
    size = compiled.assembler.layout.size
    return Scratch(
        env=np.zeros(size, np.int64),
        null=np.zeros(size, np.bool_),
        verdict=np.zeros(rules, np.int64),
        held=np.zeros(rules, np.int64),
        high=np.zeros(gives, np.int64),
        low=np.zeros(gives, np.int64),
        den=np.zeros(gives, np.int64),
        amount=np.zeros(gives, np.int64),
        wanted=np.zeros(gives, np.int64),
        known=np.zeros(gives, np.int64),
        receiver=np.zeros(rules, np.int64),
        rungs=np.zeros(1 + len(compiled.names.receivers), np.int64),
        seen=np.zeros(size, np.int64),
        turn=np.zeros(2, np.int64),
    )


def blank(compiled: Compiled, width: int = WIDTH) -> Ready:
    """Room for what is worked out of a block of `width` events alone."""
    options, size = compiled.tables.options, compiled.assembler.layout.size
    registers = (compiled.assembler.most_registers, evaluate_block.WIDTH)
    return Ready(
        bits=np.zeros((width, options[O_WORDS]), np.uint64),
        columns=np.zeros((options[O_COLUMNS], width), np.int64),
        bad=np.zeros(width, np.bool_),
        places=np.zeros(width, np.int64),
        env=np.zeros((size, width), np.int64),
        null=np.zeros((size, width), np.bool_),
        high=np.zeros(width, np.int64),
        low=np.zeros(width, np.int64),
        state=np.zeros(width, np.int8),
        upper=np.zeros(registers, np.int64),
        lower=np.zeros(registers, np.int64),
        gone=np.zeros(registers, np.bool_),
        large=np.zeros(evaluate_block.WIDTH, np.bool_),
    )


def run(
    compiled: Compiled, history: History, timeline: Timeline, until: int, *,
    batch: int | None = None, partitions: int | None = None, threads: int | None = None,
    opening: Callable[[State], None] | None = None,
) -> Ran:  # fmt: skip
    """Folds the whole timeline; the result does not depend on batches, partitions or threads.

    Where they are not said there are as many as the history and the machine are good for.
    `opening` sets what members hold before the first event; it asks for one partition.
    """
    if partitions is None:
        large = len(timeline.worked) > LARGE and opening is None
        partitions = PARTITIONS if large else 1
    threads = min(partitions, os.cpu_count() or 1) if threads is None else threads
    state = start(compiled, history, timeline)
    code = compiled.code()
    if compiled.crosses_members:
        partitions = 1
    slots = compiled.assembler.layout.size
    parts = [state._replace(**_pools(slots)) for _ in range(partitions)]
    if opening is not None:
        opening(parts[0])
    order, feed, todo = _arranged(compiled, timeline)
    bad = np.zeros(len(order), np.int8)
    bounds = _bounds(feed, todo, len(history.members.ids), partitions)

    def work(part: int) -> State:
        (first, stop), mine = bounds[part]
        members = np.arange(first, stop)
        return _fold(compiled, feed, parts[part], own(code), mine, members, until, batch, bad)

    if threads > 1 and partitions > 1:
        with ThreadPoolExecutor(threads) as pool:
            drained = list(pool.map(work, range(partitions)))
    else:
        drained = [work(part) for part in range(partitions)]
    rows, grants, refusals = (
        _named(_joined([getattr(part, name) for part in drained]), order)
        for name in ("rows", "grants", "refusals")
    )
    told = np.zeros_like(bad)
    told[order] = bad
    return Ran(
        rows=rows,
        grants=grants,
        refusals=refusals,
        snapshots=np.concatenate([part.snapshots for part in drained]),
        snapshots_null=np.concatenate([part.snapshots_null for part in drained]),
        states=tuple(drained),
        members=tuple(range_ for range_, _ in bounds),
        bad=told,
    )


def _arranged(
    compiled: Compiled, timeline: Timeline
) -> tuple[NDArray[np.int64], Feed, NDArray[np.int64]]:
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
    for name in ("target", "grant"):
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
    if len(order) == 0:
        return records
    for name in ("event", "lot_event", "used_event"):
        if name in records.dtype.names:
            known = records[name] >= 0
            records[name] = np.where(known, order[np.maximum(records[name], 0)], -1)
    return records


def compile_all(compiled: Compiled, history: History, timeline: Timeline) -> None:
    """Has everything compiled that a fold uses, by folding nothing."""
    nothing = np.zeros(0, np.int64)
    bad = np.zeros(len(timeline.feed.at), np.int8)
    state = start(compiled, history, timeline)
    _fold(compiled, timeline.feed, state, compiled.code(), nothing, nothing, 0, None, bad)


def _fold(
    compiled: Compiled, feed: Feed, state: State, code: Code, todo: NDArray[np.int64],
    members: NDArray[np.int64], until: int, batch: int | None, bad: NDArray[np.int8],
) -> State:  # fmt: skip
    """One partition: its events, then its members' clocks; the state with all that was written."""
    done: list[Records] = []
    still = (
        handle(compiled.tables),
        handle(feed),
        handle(code),
        handle(scratch(compiled)),
        handle(blank(compiled)),
    )
    for slice_ in _batches(todo, batch):
        at = fold.fold(handle(state), *still, slice_, 0, bad)
        while at < len(slice_):
            state = _grow(state, done)
            at = fold.fold(handle(state), *still, slice_, at, bad)
    at = fold.finish(handle(state), still[0], members, 0, until)
    while at < len(members):
        state = _grow(state, done)
        at = fold.finish(handle(state), still[0], members, at, until)
    count = state.counters
    return state._replace(
        rows=_joined([*done, state.rows[: count[s.ROWS]]]),
        grants=state.grants[: count[s.GRANTS]],
        refusals=state.refusals[: count[s.REFUSALS]],
        snapshots=state.snapshots[: count[s.REFUSALS]],
        snapshots_null=state.snapshots_null[: count[s.REFUSALS]],
    )


def _batches(todo: NDArray[np.int64], batch: int | None) -> Iterator[NDArray[np.int64]]:
    size = len(todo) if batch is None else batch
    for first in range(0, max(len(todo), 1), max(size, 1)):
        yield todo[first : first + size]


def _grow(state: State, done: list[Records]) -> State:
    """Drains the entries and gives room to the pools that lack what the next event may take."""
    counters = state.counters
    done.append(state.rows[: counters[s.ROWS]].copy())
    counters[s.ROWS] = 0
    grown = {}
    for name, counter in zip(_POOLS, _COUNTED, strict=True):
        need = counters[s.NEED_ROWS if name in ("rows", "takes") else s.NEED]
        pool, used = getattr(state, name), counters[counter]
        if len(pool) - used < need:
            grown[name] = _longer(pool, max(2 * len(pool), int(used + need)))
    if "refusals" in grown:
        for name in ("snapshots", "snapshots_null"):
            grown[name] = _longer(getattr(state, name), len(grown["refusals"]))
    return state._replace(**grown)


def _joined(parts: list[Records]) -> Records:
    """Records one behind the other; as bytes, for numpy looks at their fields one by one."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part.view(np.uint8) for part in parts]).view(parts[0].dtype)


def _longer(pool: Records, length: int) -> Records:
    found = np.zeros((length, *pool.shape[1:]), pool.dtype)
    found[: len(pool)] = pool
    return found


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
    state, room, code = start(compiled, history, timeline), scratch(compiled), own(compiled.code())
    bad = np.zeros(len(timeline.feed.at), np.int8)
    room.turn[1] = 1
    still = (
        handle(compiled.tables), handle(timeline.feed), handle(code), handle(room),
        handle(blank(compiled)),
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
                state = _grow(state, [])
        rows = state.rows[before[s.ROWS] : state.counters[s.ROWS]]
        refusals = state.refusals[before[s.REFUSALS] : state.counters[s.REFUSALS]]
        yield Step(int(todo[stop]), state, room, rows[rows["event"] == todo[stop]], refusals)
        at = stop + 1
