"""Events that name one which has not come: reversals wait for it, redemptions are tied to it."""

from __future__ import annotations

from typing import NamedTuple

from engine.data.one_event import Event
from engine.machine import folding
from engine.machine.single.named import NOTHING, Finder, Named
from engine.machine.single.spans import Spans
from engine.machine.single.work import Work


class Left(NamedTuple):
    """A reversal that was set aside when at last what it names had come."""

    event_id: str
    column: str
    reason: str


class Early:
    """What waits for events to come, by their ids; `left` has waited in vain.

    A reversal that comes before what it reverses happens at that event's instant, right after it,
    but stands among the events of the instant by its id (S7, S13).
    """

    def __init__(self, work: Work, spans: Spans, finder: Finder) -> None:
        self._work, self._spans, self._finder = work, spans, finder
        self.waiting: dict[str, list[int]] = {}
        self.foretold: dict[str, list[int]] = {}
        self.moved_at = -(2**63)
        self._moved: list[Event] = []  # what has come to that instant
        self._places: dict[str, int] = {}  # theirs
        self.left: list[Left] = []

    def wait(self, event: Event, order: str) -> int:
        """The place of a reversal that waits for another event."""
        place = self._put(event, event.at)
        self.waiting.setdefault(order, []).append(place)
        return place

    def put(self, event: Event, named: Named) -> int:
        """The place of an event for which reversals wait; they get theirs too, by their ids."""
        late = [self._work.event(place) for place in self.waiting[event.id]]
        fine = [it.at < event.at and not self._finder.wrong(it, event) for it in late]
        moved = [it for it, may in zip(late, fine, strict=True) if may]
        for it in moved:
            self.happened(it, event.at)
        places = {
            it.id: self._put(it, event.at, named if it is event else NOTHING)
            for it in sorted([*moved, event], key=lambda it: it.id)
        }
        self._places = places
        return places[event.id]

    def _put(self, event: Event, at: int, named: Named = NOTHING) -> int:
        number = self._work.person(event.member)
        return self._work.put(event, at, number, named)

    def happened(self, event: Event, at: int) -> None:
        """Notes an event that comes to an instant when others of it may have been worked."""
        before = self._moved if self.moved_at == at else []
        self.moved_at, self._moved = at, [*before, event]

    def follow(self, event: Event, order: int) -> None:
        """Works what has waited for the event at a place, and ties what had named it."""
        for place in self.foretold.pop(event.id, ()):
            if self._work.event(place).member == event.member and not self._finder.redeems(event):
                self._work.tie(place, order)
        for place in self.waiting.pop(event.id, ()):
            late = self._work.event(place)
            place = self._places.get(late.id, place)
            wrong = self._finder.wrong(late, event) or self._reverse(late, place, order)
            if wrong:
                del self._spans.places[late.id]
                self.left.append(Left(late.id, *wrong))

    def _reverse(self, late: Event, place: int, order: int) -> tuple[str, str] | None:
        """Works a reversal; what was wrong with it."""
        mark, start = self._work.mark(), self._spans.now()
        self._work.point(place, order, -1)
        if self._work.work(place):
            self._work.undo(mark)
            return "", folding.LARGE
        self._spans.note(late.id, place, start)
        return None

    def put_in_order(self) -> None:
        """Puts the events of an instant in order of ids, where one of them came out of turn.

        Their lots are spent in that order, so it matters to those who share lots.
        """
        work, first = self._work, len(self._work.ids)
        while first and work.feed.at[first - 1] == self.moved_at:
            first -= 1
        events = [work.event(place) for place in range(first, len(work.ids))]
        for late in self._moved:
            shared = work.compiled.crosses_members
            ids = [it.id for it in events if shared or it.member == late.member]
            if ids != sorted(ids):
                break
        else:
            return
        stood = work.in_order(first)
        self._spans.reorder(first, stood)
        places = {old: new for new, old in enumerate(stood, first)}
        for named in (*self.waiting.values(), *self.foretold.values()):
            named[:] = [places.get(place, place) for place in named]
