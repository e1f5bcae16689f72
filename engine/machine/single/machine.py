"""A program that takes events one by one and gives what one replay over all of them gives.

    machine = single.open(program)
    told = machine.take({"event_id": "e1", "member_id": "m1", "type": "order", "at": ..., ...})

Nothing is known of events to come, so something is kept of every event that may be reversed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from engine.data import events as rows
from engine.data import history as histories
from engine.data.error import DataError
from engine.data.faults import UNKNOWN_MEMBER, WORDS
from engine.data.one_event import Event, Reader, called, refused
from engine.data.source import Given
from engine.data.zone import Zone
from engine.language.program import Program
from engine.machine import compiled as programs
from engine.machine import folding, timeline, zone
from engine.machine.calendar import NEVER
from engine.machine.intake import TOO_MANY
from engine.machine.single import people as people_of
from engine.machine.single import tables as tables_of
from engine.machine.single.early import Early, Left
from engine.machine.single.named import NOTHING, Finder, Named
from engine.machine.single.people import KNOWN
from engine.machine.single.spans import Spans
from engine.machine.single.told import Teller, Told
from engine.machine.single.work import Mark, Work
from engine.machine.state import GRANTS, REFUSALS, ROWS

NO_EVENTS = pa.table({name: pa.array([], pa.large_string()) for name in rows.REQUIRED})
UNKNOWN, FOREIGN = -1, -2  # in the place of an event: it has not come, or cannot be meant
IN_ORDER = "Expected events in order of `at` and `event_id`."


def open(program: Program, members: Given | None = None) -> Machine:
    """A machine before its first event.

    `members` are a file or table, and nobody else is one; without them whoever an event names is.
    Raises DataError.
    """
    folding.prepare()
    known = histories.read(replace(program, data=()), members, NO_EVENTS)
    compiled = programs.compile(program, known.texts)
    line = timeline.build(compiled, known, np.zeros(0, np.bool_), NEVER)
    people = people_of.start(
        known, line, are_all=members is not None, look_at_joins=timeline.uses_joins(compiled)
    )
    reader = Reader(program, Zone(compiled.zone.changes, compiled.zone.offsets))
    return Machine(Work(compiled, known, line, people, reader), reader)


class Machine:
    """Takes events in order of `(at, event_id)`; made by `open`.

    What cannot be taken raises DataError and leaves everything as it was.
    """

    def __init__(self, work: Work, reader: Reader) -> None:
        compiled = work.compiled
        self._work, self._people, self._reader = work, work.people, reader
        self._compiled, self._finder = compiled, Finder(compiled, reader)
        self._spans = Spans(work)
        self._early = Early(work, self._spans, self._finder)
        self._teller = Teller(work, self._finder)
        self._places = self._spans.places
        self._join = list(compiled.program.events).index("join")
        self._names_others = len(compiled.names.receivers) > 0
        self._last = (-(2**63), "")
        self._closed, self._opens = -NEVER, -(2**63)  # the day, and the instant it ends

    @property
    def waiting(self) -> tuple[str, ...]:
        """The ids of reversals that wait for what they reverse: they are worked right after it."""
        found = self._early.waiting.values()
        return tuple(self._work.ids[place] for places in found for place in places)

    @property
    def left(self) -> tuple[Left, ...]:
        """The reversals that had waited and could not be worked when what they name had come."""
        return tuple(self._early.left)

    def take(self, said: Mapping[str, object]) -> Told:
        """What an event gives; one that was taken before gives what it gave then.

        Raises DataError for what cannot be read, names nothing, contradicts an event of the same
        id, or comes too late.
        """
        id_, member, kind, at, _ = plain = self._reader.plain(said)
        before = self._places.get(id_)
        if before is not None:
            return self._again(before, Event._make(plain))
        people, work, early = self._people, self._work, self._early
        number = people.numbers.get(member, UNKNOWN)
        if at <= self._last[0] or at < self._opens or number == UNKNOWN or kind == self._join:
            self._check(Event._make(plain))
        find, counters = self._finder.finds[kind], work.state.counters
        named = NOTHING if find is None else find(Event._make(plain))
        start = counters[ROWS], counters[GRANTS], counters[REFUSALS]
        if (
            named is NOTHING and number >= 0 and not people.waits[number] and people.next_at >= at
            and not (self._names_others or early.waiting or early.foretold)
        ):  # fmt: skip
            place = work.put(plain, at, number)
            if work.work(place):
                self._undo(place, work.mark_before(place))
        else:
            place = self._take(Event._make(plain), named)
        self._last = (at, id_)
        told = self._teller.told(*self._spans.note(id_, place, start))
        if early.moved_at == at:
            early.put_in_order()
        return told

    def _take(self, event: Event, named: Named) -> int:
        """The place of an event that names others, or before which somebody joins, worked."""
        target, grant = self._target(event, named), self._grant(event, named)
        work, early, mark = self._work, self._early, self._work.mark()
        number = work.person(event.member)
        if named.moves and target == UNKNOWN:
            return early.wait(event, str(named.order))
        self._join_before(event, number, mark)
        waits = event.id in early.waiting
        place = early.put(event, named) if waits else work.put(event, event.at, number, named)
        work.point(place, target, grant, named.coupons)
        if work.work(place):
            self._undo(place, mark)
        if waits or event.id in early.foretold:
            early.follow(event, place)
        if self._finder.redeems(event) and named.order is not None and target == UNKNOWN:
            early.foretold.setdefault(named.order, []).append(place)
        return place

    def close(self, until: date) -> Told:
        """What the days up to the end of `until` do by themselves: joins, expiry, reviews.

        No event of these days is taken any more. Raises DataError where one of a later day was.
        """
        day = (until - folding.EPOCH).days
        if self._last[1] and self._work.local(self._last[0]) // zone.DAY > day:
            what = f"`{self._last[1]}`, which was taken, is of a later day."
            raise DataError(f"close {until}", what, "Expected its day, or one after it.")
        start = self._spans.now()
        if day > self._closed:
            opens = int(zone.day_start(self._compiled.zone, day + 1))
            self._join_others(opens, self._work.mark())
            self._closed, self._opens = day, opens
            self._work.close(day)
        return self._teller.told(*start, *self._spans.now())

    def members(self) -> pa.Table:
        """Each member's tier, balances and facts when the last closed day is over, as in files."""
        return tables_of.members(self._work, self._closed)

    def grants(self) -> pa.Table:
        """Every grant, with its state when the last closed day is over, as in files."""
        return tables_of.grants(self._work, self._closed)

    def _again(self, place: int, event: Event) -> Told:
        """What an event gave when it was taken first; it has to say the same."""
        if self._work.event(place) != event:
            raise refused(event.id, rows.ID, histories.OTHER, event.id)
        return self._teller.told(*self._spans.of(place))

    def _check(self, event: Event) -> None:
        """Raises DataError for an event that comes too late, of a stranger, or joins again."""
        id_, member, kind, at, _ = event
        if at <= self._last[0] and (at, id_) <= self._last:
            what = f"It comes before `{self._last[1]}`, which was taken already."
            raise DataError(called(id_), what, IN_ORDER)
        if at < self._opens:
            raise DataError(called(id_), "Its day has been closed.", IN_ORDER)
        if self._people.are_all and member not in self._people.numbers:
            raise refused(id_, rows.MEMBER, WORDS[UNKNOWN_MEMBER], member)
        if kind == self._join and not self._work.inviting.names(event):
            self._people.check_join(event)

    def _target(self, event: Event, named: Named) -> int:
        """The place of what an event reverses or is used on; UNKNOWN or FOREIGN where it has none.

        Raises DataError for a reversal of something else.
        """
        if named.order is None:
            return FOREIGN
        place = self._places.get(named.order, UNKNOWN)
        if place == UNKNOWN:
            return UNKNOWN
        order = self._work.event(place)
        wrong = self._finder.wrong(event, order) if named.moves else None
        if wrong:
            raise refused(event.id, *wrong, named.order)
        fits = named.moves or not self._finder.redeems(order)
        return place if fits and order.member == event.member else FOREIGN

    def _grant(self, event: Event, named: Named) -> int:
        """The place of the event that made the grant that is named."""
        if named.grant is None:
            return UNKNOWN
        place = self._places.get(named.grant, UNKNOWN)
        if place == UNKNOWN:
            said = self._finder.said(event, "grant")
            raise refused(event.id, "grant", "no grant has this id", said)
        return place

    def _join_before(self, event: Event, number: int, mark: Mark) -> None:
        """Works the joins that come before an event."""
        people = self._people
        if people.next_at < event.at:
            self._join_others(event.at, mark)
        joins = event.type == self._join and people.join_at[number] in (None, event.at)
        if people.waits[number] or joins:
            at = people.join_at[number]
            if joins or (at is None and not people.look_at_joins):
                people.joins_now(number)
            elif at is None or at <= event.at:
                self._work_join(number, event.at if at is None else at, mark)
        if self._names_others and people.look_at_joins:
            for other in self._work.named(event):
                if people.join_at[other] == event.at and not people.has_joined[other]:
                    self._work_join(other, event.at, mark)

    def _join_others(self, at: int, mark: Mark) -> None:
        """Works the joins that come before an instant."""
        for number, own in self._people.due(at):
            self._work_join(number, own, mark)

    def _work_join(self, number: int, at: int, mark: Mark) -> None:
        self._people.joins_now(number)
        fields = len(self._reader.fields[self._join])
        event = people_of.made(self._people.ids[number], self._join, at, fields)
        place = self._work.put(event, at, number)
        if self._people.is_new[number] == KNOWN and place and self._work.feed.at[place - 1] == at:
            self._early.happened(event, at)
        if self._work.work(place):
            self._undo(place, mark)

    def _undo(self, place: int, mark: Mark) -> None:
        """Goes back to a mark, for the event at a place is too large; raises DataError."""
        trouble, id_ = self._work.feed.said[place], self._work.ids[place]
        self._work.undo(mark)
        if trouble == TOO_MANY:
            raise folding.too_many(self._compiled)
        raise DataError(called(id_), f"{folding.LARGE[0].upper()}{folding.LARGE[1:]}.")
