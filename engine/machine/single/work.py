"""Works events one by one: puts each into the feed, folds it, and undoes one that is too large."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any

import numpy as np
from numba import typeof

from engine.data.columns import History
from engine.data.one_event import Event, Plain, Reader
from engine.machine import fold, room
from engine.machine.calendar import LONG_AGO, NEVER
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.single.feed import GrowingFeed, ask, columns_of, kept_of, receivers_of
from engine.machine.single.inviting import Inviting
from engine.machine.single.named import NOTHING, Coupons, Named
from engine.machine.single.people import ACTED, KNOWN, NEW, People
from engine.machine.single.state import BEGINS, GrowingState
from engine.machine.single.texts import GrowingCode
from engine.machine.timeline import Timeline
from engine.machine.zone import DAY, HOUR

# How far a machine had come: events, those that were worked, members, joins known beforehand, and
# what was said of who brings whom.
Mark = tuple[int, int, int, int, int]
_typeof: Any = typeof


class Work:
    """The events, by their places in the feed, the state they have led to, and the members."""

    def __init__(
        self, compiled: Compiled, known: History, line: Timeline, people: People, reader: Reader
    ) -> None:
        self.compiled, self.people = compiled, people
        self.ids: list[str] = []  # of events, by place
        self._events: list[Any] = []  # no collector of garbage thinks of plain tuples
        self.feed = GrowingFeed(line.feed)
        self.state = GrowingState(compiled, known, line)
        self.texts = GrowingCode(compiled.assembler, known.texts)
        self._log = array("q")  # the places of events, as they were worked
        self._closes: list[tuple[int, int]] = []  # how many had been worked, and the day
        self._kept = 0
        self._changes, self._offsets = (it.tolist() for it in compiled.zone)
        self._from = self._until = self._midnight = self._day = 0  # none
        self._columns = columns_of(compiled, reader)
        self._receivers = receivers_of(compiled, reader)
        self._keeps = kept_of(compiled)
        self.inviting = Inviting(compiled, reader, people, known)
        self._told = 0  # what had been said of who brings whom before the last event was put
        self._refers = compiled.tables.refers.tolist()
        self._todo = np.zeros(1, np.int64)
        self._next = self._todo.data
        self._tables, self._scratch = handle(compiled.tables), handle(room.scratch(compiled))
        self._ready = handle(room.blank(compiled, 1))
        self._fold = self._entry()

    def _entry(self) -> Any:
        """The fold itself: what stands before it to tell types takes longer than an event."""
        none = self._todo[:0]
        arguments = (self.state.handle, self._tables, self.feed.handle, self.texts.handle,
                     self._scratch, self._ready, none, 0, self.feed.bad)  # fmt: skip
        fold.fold(*arguments)
        kinds = tuple(map(_typeof, arguments))
        return fold.fold.overloads[kinds].entry_point  # type: ignore[attr-defined]

    def mark(self) -> Mark:
        """What `undo` goes back to."""
        people = self.people
        told = self.inviting.told
        return len(self.ids), len(self._log), len(people.ids), people.next, told

    def mark_before(self, place: int) -> Mark:
        """What `mark` was before the event at a place was put and worked, and nothing else."""
        people = self.people
        return place, len(self._log) - 1, len(people.ids), people.next, self._told

    def local(self, at: int) -> int:
        """The wall time of an instant, in microseconds."""
        return at + int(self._offsets[bisect_right(self._changes, at)])

    def put(self, event: Plain | Event, at: int, member: int, named: Named = NOTHING) -> int:
        """The place of an event in the feed, where it happens at `at`; `member` is his number."""
        values: Any
        id_, _, kind, _, values = event
        self._told = self.inviting.told
        place, feed, codes = len(self.ids), self.feed, self.texts.known
        if place == feed.room:
            feed.grow()
        self.ids.append(id_)
        self._events.append(tuple(event))
        if not self._from <= at < self._until:
            self._set_day(at)
        feed.member[place], feed.type[place] = member, kind
        feed.at[place], feed.day[place] = at, self._day
        feed.hour[place] = (at - self._midnight) // HOUR
        for slot, column, is_text in self._columns[kind]:
            value = values[slot]
            if value is not None:
                if is_text:
                    code = codes.get(value)
                    value = self.texts.number(value) if code is None else code
                numbers, null = feed.fields[column]
                numbers[place], null[place] = value, False
        for slot, row in self._receivers[kind]:
            feed.receivers[row][place] = self.people.numbers.get(values[slot], -1)
        if self._keeps[kind]:
            self._keep(place)
        if named is not NOTHING:
            self._name(place, named)
        if self.inviting.counts:
            told = self.inviting.take(Event._make(event), member)
            if told is not None:
                self.feed.feed.invited[place], self.feed.feed.joins[place] = told
        return place

    def _set_day(self, at: int) -> None:
        """The local day of an instant, and the instants between which the same clock shows it."""
        place = bisect_right(self._changes, at)
        offset = self._offsets[place]
        self._day = (at + offset) // DAY
        self._midnight = self._day * DAY - offset
        before, after = self._changes[place - 1 : place], self._changes[place : place + 1]
        self._from = max(self._midnight, *before) if before else self._midnight
        self._until = min(self._midnight + DAY, *after) if after else self._midnight + DAY

    def event(self, place: int) -> Event:
        """The event at a place, as it was read."""
        return Event._make(self._events[place])

    def _keep(self, place: int) -> None:
        if self._kept == self.state.keeps:
            self.state.more_keeps()
        self.feed.keep[place] = self._kept
        self._kept += 1

    def _name(self, place: int, named: Named) -> None:
        self.feed.reward[place], self.feed.quantity[place] = named.reward, named.quantity
        feed = self.feed.feed
        if named.wallet >= 0:
            feed.wallet[place], feed.last_day[place] = named.wallet, named.last_day
        if named.grant is not None:
            feed.grant_rule[place], feed.grant_number[place] = named.grant_rule, named.grant_number

    def named(self, event: Event) -> list[int]:
        """The members whom an event names."""
        said = [event.values[slot] for slot, _ in self._receivers[event.type]]
        return [self.people.numbers[id_] for id_ in said if id_ in self.people.numbers]

    def point(self, place: int, target: int, grant: int, coupons: Coupons = ()) -> None:
        """Says which events one names; negative: none. And which coupons it asks to use."""
        ask(self.feed.feed, self.state.state, self.ids, place, coupons)
        if target >= 0:
            self.feed.target[place] = target
        if grant >= 0:
            self.feed.feed.grant[place] = grant

    def tie(self, redemption: int, order: int) -> None:
        """Ties a redemption to the order that it names, which came after it."""
        feed, state = self.feed, self.state.state
        feed.target[redemption] = order
        link = state.keeps[feed.keep[redemption]]["redemption"]
        if link >= 0 and feed.keep[order] >= 0:
            kept = state.keeps[feed.keep[order]]
            state.redemptions[link]["next"] = kept["redemption"]
            kept["redemption"] = link

    def person(self, id_: str) -> int:
        """The number of a member, new where nobody knew him."""
        number = self.people.numbers.get(id_, -1)
        if number < 0:
            if len(self.people.ids) == self.state.members:
                self.state.more_members()
            number = self.people.add(id_)
        return number

    def work(self, place: int) -> int:
        """Folds the event at a place; 0, or why it cannot be worked: then `undo` has to follow."""
        feed, people = self.feed, self.people
        member = feed.member[place]
        if people.is_new[member]:
            self._begin(member, feed.day[place])
        for receivers in feed.receivers:
            if receivers[place] >= 0 and people.is_new[receivers[place]] == NEW:
                people.is_new[receivers[place]] = KNOWN
        if self._refers[feed.type[place]]:
            for number in self.inviting.above(member, self.state.state.members):
                if people.is_new[number] == NEW:
                    people.is_new[number] = KNOWN
        self._next[0] = place
        while not self._fold(
            self.state.handle, self._tables, feed.handle, self.texts.handle, self._scratch,
            self._ready, self._todo, 0, feed.bad,
        ):  # fmt: skip
            self.state.more_room()
        self._log.append(place)
        return feed.said[place]

    def _begin(self, member: int, day: int) -> None:
        """A member's first event: his clock begins with it, or with his join before it."""
        people, state = self.people, self.state
        if people.join_day[member] == LONG_AGO:
            people.join_day[member] = state.joined[member] = day
        if people.is_new[member] == NEW:
            first = min(day, people.join_day[member])
            for field in state.begins:
                field[member] = first
        people.is_new[member] = ACTED

    def close(self, day: int) -> None:
        """Moves all clocks to the beginning of a day."""
        self._closes.append((len(self._log), day))
        self.people.close(day)
        self._finish(day)

    def _finish(self, day: int) -> None:
        members, at = np.arange(len(self.people.ids)), 0
        while True:
            at = fold.finish(self.state.handle, self._tables, members, at, day)
            if at == len(members):
                return
            self.state.more_room()

    def undo(self, mark: Mark) -> None:
        """Back to a mark, by folding once more what had been worked by then; it is rare."""
        events, worked, members, joins, told = mark
        self.feed.clear(events, len(self.ids))
        del self.ids[events:], self._events[events:], self._log[worked:]
        self.people.forget(members, joins)
        self.inviting.back_to(told)
        self._work_again()

    def in_order(self, first: int) -> list[int]:
        """Puts the events from a place on in order of ids; where each of them stood.

        They are all of one instant, worked in the order in which they were, which is rare too.
        """
        stood = sorted(range(first, len(self.ids)), key=self.ids.__getitem__)
        places = dict(zip(stood, range(first, len(self.ids)), strict=True))
        self.ids[first:] = [self.ids[place] for place in stood]
        self._events[first:] = [self._events[place] for place in stood]
        self.feed.reorder(first, stood)
        self._log = array("q", (places.get(place, place) for place in self._log))
        self._work_again()
        return stood

    def _work_again(self) -> None:
        """Folds once more all that was worked, in the order in which it was."""
        self.state.start_again()
        log = np.array(self._log, np.int64)
        self._begin_again(log)
        self._kept = int(self.feed.feed.keep[log].max(initial=-1)) + 1
        done = 0
        for count, day in self._closes:
            self._fold_all(log[done:count])
            self._finish(day)
            done = count
        self._fold_all(log[done:])

    def _fold_all(self, todo: Any) -> None:
        at = 0
        while True:
            at = fold.fold(
                self.state.handle, self._tables, self.feed.handle, self.texts.handle,
                self._scratch, self._ready, todo, at, self.feed.bad,
            )  # fmt: skip
            if at == len(todo):
                return
            self.state.more_room()

    def _begin_again(self, log: Any) -> None:
        """The clocks of all members before the first event, as it is now known of each."""
        feed, people, count = self.feed.feed, self.people, len(self.people.ids)
        member = feed.member[log]
        first = np.full(count, NEVER, np.int64)
        np.minimum.at(first, member, feed.day[log])
        known = np.array([at is not None for at in people.join_at], np.bool_)
        joined = np.array(people.join_day, np.int64)
        joined = np.where(known, joined, np.where(first < NEVER, first, LONG_AGO))
        people.join_day[:] = joined.tolist()
        begins = np.where(known, np.minimum(first, joined), first)
        records = self.state.state.members[:count]
        records["joined"] = joined
        for name in BEGINS:
            records[name] = begins
        join = list(self.compiled.program.events).index("join")
        receivers = feed.receivers[:, log]
        touched = [*receivers[receivers >= 0].tolist()]
        refers = self.compiled.tables.refers[feed.type[log]] > 0
        for number in np.unique(member[refers]).tolist():
            touched += self.inviting.above(number, self.state.state.members)
        joined = member[(feed.type[log] == join) & (feed.joins[log] > 0)]
        people.acted(member, joined, np.array(touched, np.int64))
        for _, day in self._closes:
            people.close(day)
