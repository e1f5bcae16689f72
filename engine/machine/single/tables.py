"""What a machine that takes events one by one has come to, as the tables of a replay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from engine.machine import fold, results
from engine.machine import state as s
from engine.machine.handles import handle
from engine.machine.run import Ran
from engine.machine.single.people import NEW
from engine.machine.single.state import BEGINS
from engine.machine.single.work import Work
from engine.machine.state import State


def members(work: Work, day: int) -> pa.Table:
    """Each member's tier, balances and facts when a day is over."""
    ids = pa.array(work.people.ids, pa.large_string())
    known = work.state.history
    history = replace(known, members=replace(known.members, ids=ids))
    return results.members(work.compiled, history, _ran(work, _as_of(work, day)), day)


def grants(work: Work, day: int) -> pa.Table:
    """Every grant with its state when a day is over."""
    ids = pa.array(work.people.ids, pa.large_string())
    events = pa.array(work.ids, pa.large_string())
    line = replace(work.state.line, ids=events, feed=work.feed.feed)
    return results.grants(work.compiled, line, _ran(work, work.state.state), ids, day)


def _ran(work: Work, state: State) -> Ran:
    count = state.counters
    return Ran(
        state.rows[: count[s.ROWS]], state.grants[: count[s.GRANTS]],
        state.refusals[: count[s.REFUSALS]], state.snapshots, state.snapshots_null, (state,),
        ((0, len(work.people.ids)),), np.zeros(0, np.int8),
    )  # fmt: skip


def _as_of(work: Work, day: int) -> State:
    """The state of those who are members; of whom nothing is known begins with the day."""
    count = len(work.people.ids)
    state = work.state.state
    parts = {
        name: getattr(state, name)[:count].copy()
        for name in ("members", "purses", "facts", "floors")
    }
    new = np.flatnonzero(np.frombuffer(work.people.is_new, np.uint8) == NEW)
    records = parts["members"]
    new = new[records["due"][new] > day]
    for name in BEGINS:
        records[name][new] = day
    found = state._replace(**parts, counters=state.counters.copy())
    fold.finish(handle(found), handle(work.compiled.tables), new, 0, day)
    return found
