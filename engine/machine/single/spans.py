"""Where what each event gave stands in a machine's state, by the event's id."""

from __future__ import annotations

from struct import Struct

from engine.machine.single.work import Work
from engine.machine.state import GRANTS, REFUSALS, ROWS

# For each event: where its entries, grants and refusals begin, and where they end.
_SPAN = Struct("6q")
_SIZE, ROOM = _SPAN.size, 1_024

Span = tuple[int, int, int, int, int, int]
Counts = tuple[int, int, int]


class Spans:
    """The places of events by their ids, and their spans; `places` is for reading."""

    def __init__(self, work: Work) -> None:
        self.places: dict[str, int] = {}
        self._work = work
        self._spans = bytearray(_SIZE * ROOM)

    def now(self) -> Counts:
        """How many entries, grants and refusals have been written."""
        counters = self._work.state.counters
        return counters[ROWS], counters[GRANTS], counters[REFUSALS]

    def note(self, id_: str, place: int, start: Counts) -> Span:
        """The span of an event that began at a start and ends now."""
        counters = self._work.state.counters
        span = (*start, counters[ROWS], counters[GRANTS], counters[REFUSALS])
        self.places[id_] = place
        first = _SIZE * place
        if first >= len(self._spans):
            self._spans.extend(bytes(max(len(self._spans), first + _SIZE)))
        _SPAN.pack_into(self._spans, first, *span)
        return span

    def of(self, place: int) -> Span:
        """The span of the event at a place."""
        return _SPAN.unpack_from(self._spans, _SIZE * place)

    def reorder(self, first: int, stood: list[int]) -> None:
        """The events from a place on have moved there from where they stood."""
        for place, span in enumerate([self.of(place) for place in stood], first):
            _SPAN.pack_into(self._spans, _SIZE * place, *span)
        places = {old: new for new, old in enumerate(stood, first)}
        for id_ in self._work.ids[first:]:
            if id_ in self.places:
                self.places[id_] = places.get(self.places[id_], self.places[id_])
