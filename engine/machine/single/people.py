"""Who the members of a machine are that takes events one by one, and when each of them joins."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import History
from engine.data.events import TYPE
from engine.data.one_event import Event, refused
from engine.machine import references
from engine.machine.calendar import LONG_AGO
from engine.machine.timeline import Timeline

Longs = NDArray[np.int64]
NO_INSTANT = np.iinfo(np.int64).max
ACTED, NEW, KNOWN = range(3)  # KNOWN: his clock runs, but no event was his


@dataclass(slots=True)
class People:
    """Members by their numbers; those of the file come first, in order of their ids.

    `waits` says whether a join comes before his next event. `is_new` is NEW until something
    happens to a member; `joins` are the instants and members of joins that are known beforehand,
    in order, of which `next` is the first that has not been.
    """

    ids: list[str]
    numbers: dict[str, int]
    join_at: list[int | None]  # None: with the first event
    join_day: list[int]
    has_joined: list[bool]
    is_new: bytearray
    joins: list[tuple[int, int]]
    are_all: bool  # whether nobody else is a member
    look_at_joins: bool  # whether anything in the program does
    waits: bytearray = field(init=False)
    next: int = 0
    next_at: int = field(init=False)

    def __post_init__(self) -> None:
        self._set_next(0)
        self.waits = bytearray(self._waits(number) for number in range(len(self.ids)))

    def _waits(self, number: int) -> bool:
        """Whether a join comes before the member's next event."""
        if self.has_joined[number]:
            return False
        return self.look_at_joins or self.join_at[number] is None

    def joins_now(self, number: int) -> None:
        """The member has joined."""
        self.has_joined[number], self.waits[number] = True, False

    def add(self, id_: str) -> int:
        """The number of a member that nobody knew."""
        number = self.numbers[id_] = len(self.ids)
        self.ids.append(id_)
        self.join_at.append(None)
        self.join_day.append(LONG_AGO)
        self.has_joined.append(False)
        self.is_new.append(NEW)
        self.waits.append(1)
        return number

    def check_join(self, event: Event) -> None:
        """Raises DataError where a member who has joined says that he joins."""
        number = self.numbers.get(event.member)
        if number is None:
            return
        at = self.join_at[number]
        if self.has_joined[number] or (at is not None and at != event.at):
            raise refused(event.id, TYPE, "this member has joined before", "join")

    def due(self, at: int) -> list[tuple[int, int]]:
        """The members and instants of joins that come before an instant; they have been then."""
        found = []
        while self.next_at < at:
            own, number = self.joins[self.next]
            if not self.has_joined[number]:
                found.append((number, own))
            self._set_next(self.next + 1)
        return found

    def _set_next(self, joins: int) -> None:
        self.next = joins
        self.next_at = self.joins[joins][0] if joins < len(self.joins) else NO_INSTANT

    def forget(self, count: int, joins: int) -> None:
        """Only the first `count` members are left, and `joins` of the joins have been."""
        for id_ in self.ids[count:]:
            del self.numbers[id_]
        del self.ids[count:], self.join_at[count:], self.join_day[count:]
        del self.has_joined[count:], self.is_new[count:], self.waits[count:]
        self._set_next(joins)

    def acted(self, members: Longs, joined: Longs, touched: Longs) -> None:
        """Sets anew who has joined and who is new: some have acted, some of them joined."""
        self.is_new[:] = bytes([NEW]) * len(self.ids)
        self.has_joined[:] = [False] * len(self.ids)
        for number in joined.tolist():
            self.has_joined[number] = True
        for number in np.unique(touched).tolist():
            self.is_new[number] = KNOWN
        for number in np.unique(members).tolist():
            self.is_new[number] = ACTED
            if self.join_at[number] is None:
                self.has_joined[number] = True
        self.waits[:] = bytes(self._waits(number) for number in range(len(self.ids)))

    def close(self, day: int) -> None:
        """Clocks are moved over a day: who joined by then is new no more."""
        for number in range(len(self.join_at)):
            if self.is_new[number] == NEW and LONG_AGO < self.join_day[number] <= day:
                self.is_new[number] = KNOWN


def start(
    known: History, line: Timeline, *, are_all: bool, look_at_joins: bool
) -> People:  # fmt: skip
    """The members of a file; `line` has their joins."""
    ids = known.members.ids.to_pylist()
    column = known.members.joined_at
    at = [None if gone else int(v) for v, gone in zip(column.values, column.null, strict=True)]
    joins = list(zip(line.feed.at.tolist(), line.feed.member.tolist(), strict=True))
    return People(
        ids, {id_: number for number, id_ in enumerate(ids)}, at, line.joined.tolist(),
        [False] * len(ids), bytearray([NEW]) * len(ids), joins, are_all,
        look_at_joins,
    )  # fmt: skip


def made(member: str, type_: int, at: int, fields: int) -> Event:
    """The event of a join that nobody says."""
    return Event(f"{references.JOIN}{member}", member, type_, at, (None,) * fields)
