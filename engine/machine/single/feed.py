"""The events that come one by one, as the fold takes them: columns whose room doubles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.one_event import Reader
from engine.language.expression.tree import Type
from engine.machine.compile_rules import SENT_TO
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.named_coupons import Named
from engine.machine.state import Feed, State

ROOM = 1_024  # events at first
# What stands where nothing is said.
NOTHING = {"fields_null": True, "quantity": 1} | dict.fromkeys(
    ("keep", "target", "reward", "wallet", "last_day", "grant", "grant_rule", "grant_number",
     "receivers", "invited", "coupon", "coupon_event"), -1,
) | {"joins": 1}  # fmt: skip


class GrowingFeed:
    """A feed with room for more; `handle` and the views are others whenever it has grown.

    Views are written to from Python, which is faster than an array's own way. `bad` is what the
    fold says of each event.
    """

    def __init__(self, like: Feed) -> None:
        """`like` has the columns; its events do not matter."""
        empty = {name: array[..., :0] for name, array in like._asdict().items()}
        self.room = 0
        self.bad = np.zeros(0, np.int8)
        self.feed = Feed(**empty)
        self.grow()

    def grow(self) -> None:
        """Twice the room; every event keeps its place."""
        size = max(2 * self.room, ROOM)
        columns = {name: _longer(name, it, size) for name, it in self.feed._asdict().items()}
        self.feed = feed = Feed(**columns)
        bad = np.zeros(size, np.int8)
        bad[: self.room] = self.bad
        self.bad, self.room, self.handle = bad, size, handle(feed)
        self.member, self.type, self.at = feed.member.data, feed.type.data, feed.at.data
        self.day, self.hour = feed.day.data, feed.hour.data
        self.keep, self.target = feed.keep.data, feed.target.data
        both = zip(feed.fields, feed.fields_null, strict=True)
        self.fields = [(numbers.data, null.data) for numbers, null in both]
        self.receivers = [column.data for column in feed.receivers]
        self.reward, self.quantity = feed.reward.data, feed.quantity.data
        self.said = bad.data

    def clear(self, first: int, stop: int) -> None:
        """Forgets the events at some places."""
        for name, column in self.feed._asdict().items():
            column[..., first:stop] = NOTHING.get(name, 0)
        self.bad[first:stop] = 0

    def reorder(self, first: int, stood: list[int]) -> None:
        """Puts the events from a place on into another order; those that name them go along."""
        stop = first + len(stood)
        moved = np.argsort(stood) + first
        for name, column in self.feed._asdict().items():
            column[..., first:stop] = column[..., stood]
            if name in ("target", "grant", "coupon_event"):
                known = column[..., :stop]
                named = known >= first
                known[named] = moved[known[named] - first]


def _longer(name: str, column: NDArray[Any], size: int) -> NDArray[Any]:
    found = np.full((*column.shape[:-1], size), NOTHING.get(name, 0), column.dtype)
    found[..., : column.shape[-1]] = column
    return found


def columns_of(compiled: Compiled, reader: Reader) -> tuple[tuple[tuple[int, int, bool], ...], ...]:
    """By type: which of an event's values stands in which column, and whether it is a text."""
    number = {key: column for column, key in enumerate(compiled.columns)}
    texts = (Type.TEXT, Type.TEXTS)
    return tuple(
        tuple((slot, number[key], key[1] in texts) for slot, key in enumerate(f) if key in number)
        for f in reader.fields
    )


def receivers_of(compiled: Compiled, reader: Reader) -> tuple[tuple[tuple[int, int], ...], ...]:
    """By type: which of an event's values names which of the receivers."""
    row = {(name, Type.TEXT): row for row, name in enumerate(compiled.names.receivers)}
    found = [[(slot, row[key]) for slot, key in enumerate(f) if key in row] for f in reader.fields]
    if SENT_TO in compiled.names.receivers:
        sent = list(compiled.program.events).index("transfer")
        slot = [name for name, _ in reader.fields[sent]].index("to")
        found[sent].append((slot, compiled.names.receivers[SENT_TO]))
    return tuple(map(tuple, found))


def kept_of(compiled: Compiled) -> tuple[bool, ...]:
    """By type: whether something may reverse or cancel its events."""
    events = compiled.program.events
    reversed_ = {it.reverses for it in events.values()} | {"redeem"}
    return tuple(name in reversed_ for name in events)


def ask(feed: Feed, state: State, ids: Sequence[str], place: int, coupons: Sequence[Named]) -> None:
    """Says which coupons an event asks to use; a grant is found among its member's own.

    `ids` are those of the events by their places.
    """
    for n, one in enumerate(coupons):
        feed.coupon[n, place], feed.coupon_how[n, place] = one.coupon, one.how
        at = -1 if one.event is None else state.members[feed.member[place]]["grants"]
        while at >= 0:
            event = state.grants[at]["event"]
            if ids[event] == one.event:
                feed.coupon_event[n, place] = event
            at = state.grants[at]["next"]
