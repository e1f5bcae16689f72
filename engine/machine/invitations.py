"""Invitations: who brings whom from when on, and which are refused and why (S31)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import History
from engine.language.expression.tree import Type
from engine.language.program import Program
from engine.machine.state import CYCLE, NOT_UNIQUE, REASON, SECOND_REFERRER, SELF_REFERRAL
from engine.machine.state import UNKNOWN_REFERRER as UNKNOWN

ACCEPTED, NOBODY = -1, -1
Longs = NDArray[np.int64]
REFERRER = ("referrer", Type.TEXT)


class Circle:
    """Who brought whom, and who had which value of an attribute that nobody shares, so far.

    Members are numbers. `referrer` says of each who was brought by whom.
    """

    def __init__(self, unique: tuple[int, ...]) -> None:
        """`unique` are the positions of the attributes."""
        self.referrer: dict[int, int] = {}
        self._above: dict[int, int] = {}  # somebody further up, so that roots are near
        self._unique = unique
        self._has: dict[tuple[int, int], int] = {}  # by attribute and member, the value
        self._had: dict[tuple[int, int], tuple[int, ...]] = {}  # by value, the first two members

    def learn(self, member: int, attribute: int, value: int) -> None:
        """A member has a value of an attribute from now on."""
        self._has[attribute, member] = value
        first = self._had.get((attribute, value), ())
        if len(first) < 2 and member not in first:
            self._had[attribute, value] = (*first, member)

    def invite(self, member: int, referrer: int) -> int:
        """ACCEPTED, from now on, or the code for which it is refused and what is shared."""
        if referrer == NOBODY:
            return UNKNOWN
        if referrer == member:
            return SELF_REFERRAL
        if member in self.referrer:
            return SECOND_REFERRER
        if self._root(referrer) == member:  # who was not brought is the root of all below him
            return CYCLE
        for attribute in self._unique:
            value = self._has.get((attribute, member))
            had = () if value is None else self._had[attribute, value]
            if any(other != member for other in had):
                return NOT_UNIQUE + REASON * attribute
        self.referrer[member] = self._above[member] = referrer
        return ACCEPTED

    def _root(self, member: int) -> int:
        above, way = self._above, []
        while member in above:
            way.append(member)
            member = above[member]
        for passed in way:
            above[passed] = member
        return member


def circle(program: Program) -> Circle:
    """Nobody has brought anybody yet."""
    return Circle(tuple(attribute for _, attribute in _unique(program)))


@dataclass(frozen=True, slots=True)
class Invitations:
    """All of a history in their order: member, referrer (NOBODY: unknown), instant, row, and code.

    The row is that of the event, or -1 for a join that no row says.
    `code` is ACCEPTED or what `Circle.invite` says. `events` has what the fold is told, by event
    and then by join that no row says: who brings its member, see `Feed.invited`. `alone` are the
    second joins that are nothing but an invitation.
    """

    member: Longs
    referrer: Longs
    at: Longs
    row: Longs
    code: Longs
    events: Longs
    alone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Joins:
    """Joins: those that no row says, by member and instant, and rows, of which some are second."""

    made: Longs
    at: Longs
    rows: Longs
    second: NDArray[np.bool_]  # by event
    alive: Longs  # the events that are not set aside


def of(program: Program, history: History, joins: Joins, named: Longs) -> Invitations:
    """The invitations of a history; `named` are the referrers that the rows of `joins` name.

    Who joins is brought by whom his join names, else by whom his member's row does. A second join
    that names somebody is an invitation alone.
    """
    count, made = len(history.events.at), len(joins.made)
    events, alone = np.full(count + made, NOBODY, np.int64), np.zeros(count, np.bool_)
    if program.referral is None:
        none = np.zeros(0, np.int64)
        return Invitations(none, none, none, none, none, events, alone)
    so_far, told = circle(program), list[tuple[int, ...]]()
    for it in known(program, history):
        so_far.learn(*it)
    said = (*_said(history, joins, named), *_profiles(program, history))
    for _, step, member, other, event in sorted(said, key=_order):
        if step == TELLS:
            so_far.learn(member, event, other)
            continue
        if event < count and joins.second[event] and so_far.referrer.get(member) == other:
            continue  # said once more
        code = so_far.invite(member, other)
        at = int(history.events.at[event] if event < count else joins.at[event - count])
        told.append((member, other, at, event if event < count else -1, code))
        events[event] = other if code == ACCEPTED else -2 - code
        if event < count:
            alone[event] = joins.second[event]
    own = np.array(told, np.int64).reshape(len(told), 5)
    return Invitations(own[:, 0], own[:, 1], own[:, 2], own[:, 3], own[:, 4], events, alone)


# A place in the order of events; at one place a join that no row says comes before the event. Then
# the member, and who invites him and by which event; or a value and the attribute it is of.
Said = tuple[int, int, int, int, int]
JOINS, TELLS, ITSELF = range(-2, 1)
_order = itemgetter(0, 1)


def _said(history: History, joins: Joins, named: Longs) -> Iterator[Said]:
    """Every invitation that is said."""
    file, count = history.members.referrer, len(history.events.at)
    column = history.events.fields.get(REFERRER)
    there = _there(history, joins)
    places = np.searchsorted(history.events.at, joins.at).tolist()
    for number, (member, place) in enumerate(zip(joins.made.tolist(), places, strict=True)):
        if not file.null[member]:
            yield place, JOINS, member, int(file.values[member]), count + number
    for row, other in zip(joins.rows.tolist(), named.tolist(), strict=True):
        member = int(history.events.member[row])
        if column is not None and not column.null[row]:
            yield row, ITSELF, member, other if other >= 0 and there[other] <= row else NOBODY, row
        elif not joins.second[row] and not file.null[member]:
            yield row, ITSELF, member, int(file.values[member]), row


def _there(history: History, joins: Joins) -> Longs:
    """By member the first event from which he is known: where there is no list his own first."""
    if history.members.listed:
        return np.full(len(history.members.ids), -1, np.int64)
    found = np.full(len(history.members.ids), len(history.events.at), np.int64)
    own = joins.alive[::-1]
    found[history.events.member[own]] = own  # of several the last one written is the first
    return found


def known(program: Program, history: History) -> Iterator[tuple[int, int, int]]:
    """Of attributes that nobody shares: the member, the attribute and its value in his row."""
    for name, attribute in _unique(program):
        column = history.members.attributes[name]
        for member in np.flatnonzero(~column.null).tolist():
            yield member, attribute, int(column.values[member])


def _profiles(program: Program, history: History) -> Iterator[Said]:
    """What profiles tell of them."""
    events = history.events
    rows = np.flatnonzero(events.type == list(program.events).index("profile"))
    for name, attribute in _unique(program):
        told = events.fields.get((name, program.attributes[name].type))
        if told is not None:
            for row in rows[~told.null[rows]].tolist():
                yield row, TELLS, int(events.member[row]), int(told.values[row]), attribute


def _unique(program: Program) -> list[tuple[str, int]]:
    """The attributes that nobody shares, and their positions."""
    names = list(program.attributes)
    unique = program.referral.unique if program.referral else ()
    return [(name, names.index(name)) for name in unique]


def depths(referrer: Mapping[int, int]) -> dict[int, int]:
    """How far below the one whom nobody brought each member stands who was brought."""
    found: dict[int, int] = {}
    for member in referrer:
        way = []
        while member in referrer and member not in found:
            way.append(member)
            member = referrer[member]
        depth = found.get(member, 0)
        found.update((passed, n) for n, passed in enumerate(reversed(way), depth + 1))
    return found
