"""The state of a machine that takes events one by one: members, keeps and pools get more room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from engine.data.columns import Column, History, Members
from engine.machine import room
from engine.machine.calendar import LONG_AGO, NEVER
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.state import State
from engine.machine.timeline import Timeline

BEGINS = ("due", "since", "tier_due")  # of a member: at first the day with which his clock begins
ROOM = 256  # members, and events that are kept, at first
_BY_MEMBER = (
    "members", "purses", "facts", "attributes", "attributes_null", "floors", "rights", "silences",
    "used", "progress",
)  # fmt: skip


class GrowingState:
    """A state with room for more; `handle` and the views change whenever an array has moved.

    `rows` are the entries, as bytes; `begins` and `joined` are fields of members.
    """

    def __init__(self, compiled: Compiled, history: History, line: Timeline) -> None:
        """Before the first event: the members of `history`, with their joins in `line`.

        Who has no instant of joining is never due.
        """
        self._compiled, self.history, self.line = compiled, history, line
        self._set(room.start(compiled, history, line))
        self.counters = self.state.counters.data
        self.more_members()
        self.more_keeps()

    @property
    def members(self) -> int:
        """How many members there is room for."""
        return len(self.state.members)

    @property
    def keeps(self) -> int:
        """Of how many events something can be kept."""
        return len(self.state.keeps)

    def _set(self, state: State) -> None:
        self.state, self.handle = state, handle(state)
        self.rows = state.rows.view(np.uint8).data
        self.begins = tuple(state.members[name].data for name in BEGINS)
        self.joined = state.members["joined"].data

    def more_members(self) -> None:
        """Twice the room for members; the new ones are nobody yet."""
        more = self._nobodies(max(self.members, ROOM), 0)
        self._set(self.state._replace(**{
            name: np.concatenate([getattr(self.state, name), getattr(more, name)])
            for name in _BY_MEMBER
        }))  # fmt: skip

    def more_keeps(self) -> None:
        """Twice the room for events that something may reverse."""
        more = self._nobodies(0, max(self.keeps, ROOM)).keeps
        self._set(self.state._replace(keeps=np.concatenate([self.state.keeps, more])))

    def more_room(self) -> None:
        """Room in the pools that lack what the next event may take."""
        self._set(room.widened(self.state))

    def start_again(self) -> None:
        """Forgets what all events did; members and rooms stay as many as they are."""
        before = self.state
        blank = self._nobodies(self.members - len(self.history.members.ids), self.keeps)
        first = room.start(self._compiled, self.history, self.line)
        pools = {name: np.zeros_like(getattr(before, name)) for name in room.pools(0, 0)}
        before.counters[:] = room.pools(0, 0)["counters"]
        by_member = {
            name: np.concatenate([getattr(first, name), getattr(blank, name)])
            for name in _BY_MEMBER
        }
        self._set(blank._replace(**by_member, **pools | {"counters": before.counters}))

    def _nobodies(self, count: int, keeps: int) -> State:
        """The state of members of whom nothing is known, and keeps of what gave nothing."""
        nothing = Column(np.zeros(count, np.int64), np.ones(count, np.bool_))
        attributes = dict.fromkeys(self.history.members.attributes, nothing)
        members = Members(pa.nulls(count, pa.string()), nothing, nothing, attributes)
        line = replace(
            self.line,
            joined=np.full(count, LONG_AGO, np.int64),
            first_day=np.full(count, NEVER, np.int64),
            kept=keeps,
        )
        return room.start(self._compiled, replace(self.history, members=members), line)
