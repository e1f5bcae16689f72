"""Where entries stand in the ledger: by instant, timers first, event or member, position."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays
from engine.machine.tables import Records

Longs = NDArray[np.int64]
ROOM = 1 << 62  # what a packed key may not reach


def of(
    rows: Records, at: Longs, begin: Callable[[Longs], tuple[Longs, Longs]]
) -> Longs | None:  # fmt: skip
    """The order of the rows of a fold; None where they stand in it already.

    `at` are the instants of events, ascending, as they are numbered; `begin` tells the instants
    at which days begin, ascending, and which of them is each day's.
    """
    event = np.ascontiguousarray(rows["event"], np.int64)
    timer = event < 0
    if not timer.any():
        return _of_events(event, rows["position"], len(at))
    timers, caused = np.flatnonzero(timer), np.flatnonzero(~timer)
    del timer
    day, member, position = (
        rows[name][timers].astype(np.int64) for name in ("day", "member", "position")
    )
    starts, start = begin(day)
    in_order = _packed(start, member, position)
    timers = timers[in_order]
    event = event[caused]
    by_event = _of_events(event, rows["position"][caused], len(at))
    if by_event is not None:
        event, caused = event[by_event], caused[by_event]
    # A timer stands before the events of its instant: after all entries of earlier events.
    before = np.searchsorted(event, np.searchsorted(at, starts))[start[in_order]]
    order = np.empty(len(rows), np.int64)
    taken = np.zeros(len(rows), np.bool_)
    places = before + np.arange(len(timers))
    order[places], taken[places] = timers, True
    order[~taken] = caused
    return order


def together(at: Longs, events: pa.Array, member: NDArray[np.int32] | None) -> Longs:
    """The order of the rows of several ledgers, one behind the other, each in its order.

    `events` are the ids of the rows' events, null for timers, whose `member` is then asked for:
    no event and no member is in two of them.
    """
    timer = arrays.nulls(events)
    names = pc.fill_null(events, "") if events.null_count else events
    new = np.ones(len(at), np.bool_)
    new[1:] = (at[1:] != at[:-1]) | arrays.flags(pc.not_equal(names[1:], names[:-1]))
    if member is not None:
        new[1:] |= timer[1:] & (member[1:] != member[:-1])
    starts = np.flatnonzero(new)  # of the rows of one event, or of one member's boundary
    instants = at[starts]
    order = np.argsort(instants, kind="stable")
    equal = instants[order][1:] == instants[order][:-1]
    if equal.any():
        tied = np.concatenate(([False], equal)) | np.concatenate((equal, [False]))
        some = starts[order[tied]]
        rank = np.zeros(len(some), np.int64)
        by_id = arrays.whole(pc.sort_indices(names.take(pa.array(some))))
        rank[by_id] = np.arange(len(some))
        if member is not None:
            rank = np.where(timer[some], member[some], rank)
        order[tied] = order[tied][np.lexsort((rank, ~timer[some], at[some]))]
    sizes = np.diff(np.append(starts, len(at)))[order]
    before = np.cumsum(sizes) - sizes
    return np.asarray(np.repeat(starts[order] - before, sizes) + np.arange(len(at)))


def _of_events(event: Longs, position: NDArray[np.integer], count: int) -> Longs | None:
    """The order by event and position; None where they stand in it."""
    if len(event) < 2:
        return None
    later, same = event[1:] > event[:-1], event[1:] == event[:-1]
    if (later | (same & (position[1:] > position[:-1]))).all():
        return None
    del later, same
    number: Longs = position.astype(np.int64)
    # The entries of an event are numbered: where no number is left out, each knows its place.
    starts = np.cumsum(np.bincount(event, minlength=count))
    starts = np.concatenate(([0], starts[:-1]))
    places = starts[event] + number
    if places.max() < len(event):
        order = np.full(len(event), -1, np.int64)
        order[places] = np.arange(len(event))
        if (order >= 0).all() and (event[order][1:] >= event[order][:-1]).all():
            return order
    return _packed(event, number)


def _packed(*keys: Longs) -> Longs:
    """The stable order by several keys, the first first, by one number for all where it fits."""
    key, size = np.zeros(len(keys[0]), np.int64), 1
    for one in keys:
        low, high = int(one.min(initial=0)), int(one.max(initial=0))
        size *= high - low + 1
        if size >= ROOM:
            return np.lexsort(keys[::-1])
        key = key * (high - low + 1) + (one - low)
    return np.argsort(key, kind="stable")
