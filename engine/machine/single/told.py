"""Tells what one event gave: entries, grants and refusals with the names that stand behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from struct import Struct
from typing import Any, NamedTuple

import numpy as np

from engine.machine import fingerprint, zone
from engine.machine import state as s
from engine.machine.refusals import Told as Facts
from engine.machine.refusals import said
from engine.machine.results import GRANTED, LAST_DAY, granted
from engine.machine.single.named import Finder
from engine.machine.single.work import Work
from engine.machine.tables import AWARD_TIER

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BY_FLOAT = 2**32 * 10**6  # till then a float of seconds is nearer than half a microsecond


class Entry(NamedTuple):
    """A row of the ledger (LANGUAGE 4); amounts in the wallet's smallest unit."""

    entry_id: str
    at: datetime
    member_id: str
    wallet: str
    kind: str
    amount: int
    rule: str | None
    event_id: str | None  # None where a boundary of days caused it
    lot: str | None
    wanted: int | None
    missing: int | None
    rules: str


class Grant(NamedTuple):
    """What was granted, as it was then: open until the end of the day `until`, or for ever."""

    grant_id: str
    at: datetime
    member_id: str
    kind: str
    id: str
    rule: str
    event_id: str
    until: date | None


class Refusal(NamedTuple):
    """What was refused; `facts` is JSON."""

    at: datetime
    member_id: str
    event_id: str
    rule: str | None
    code: str
    facts: str


class Told(NamedTuple):
    """All that an event gave, and the boundaries it moved clocks over, in the ledger's order."""

    entries: tuple[Entry, ...] = ()
    grants: tuple[Grant, ...] = ()
    refusals: tuple[Refusal, ...] = ()


ROW = ("amount", "wanted", "missing", "member", "wallet", "kind", "rule", "event", "day",
       "position", "lot_event", "lot_member", "marks")  # fmt: skip
HAS_LOT, HAS_WANTED, HAS_MISSING = s.HAS_LOT, s.HAS_WANTED, s.HAS_MISSING
_new: Any = tuple.__new__  # what a named tuple's own `__new__` calls, at half its price


def _fields(kind: np.dtype[Any], *names: str) -> Any:
    """What takes some fields out of a record that is a tuple."""
    assert kind.names is not None
    return itemgetter(*(kind.names.index(name) for name in names))


_grant = _fields(s.GRANT, "member", "kind", "id", "rule", "event", "number", "until")
_refusal = _fields(s.REFUSAL, "member", "event", "rule", "code", "missing")


class Teller:
    """Tells what a machine has written. `work` has the events, which grow, and the members."""

    def __init__(self, work: Work, finder: Finder) -> None:
        compiled, texts = work.compiled, work.state.history.texts
        self._zone, self._work, self._finder = compiled.program.zone, work, finder
        self._ids, self._members = work.ids, work.people.ids
        self._facts = Facts(compiled, texts)
        wallets = list(compiled.book.positions["wallets"])
        self._rules: list[str | None] = [*(rule.id for rule in compiled.rules), None]  # -1: none
        self._names = [
            [[(w, k, rule, f"/{w}/{rule or k}/") for rule in self._rules] for k in s.KINDS]
            for w in wallets
        ]
        self._fingerprint = fingerprint.of(compiled.program)
        self._row, self._size = _struct(s.ROW), s.ROW.itemsize
        self._whats = granted(compiled)

    def told(
        self, rows: int, grants: int, refusals: int, rows_end: int, grants_end: int,
        refusals_end: int,
    ) -> Told:  # fmt: skip
        """All that was written from where to where: entries, grants and refusals."""
        found = self._entries(rows, rows_end) if rows < rows_end else ()
        if grants == grants_end and refusals == refusals_end:
            told: Told = _new(Told, (found, (), ()))
            return told
        return Told(found, self._grants(grants, grants_end), self._refusals(refusals, refusals_end))

    def _entries(self, first: int, stop: int) -> tuple[Entry, ...]:
        found: list[Entry] = []
        size, feed, mixed, seen = self._size, self._work.feed, False, None
        ids, members, names, rules = self._ids, self._members, self._names, self._fingerprint
        opened = holder = in_wallet = -1
        rows, unpack = self._work.state.rows, self._row.unpack_from
        for row in range(size * first, size * stop, size):
            (amount, wanted, missing, who, wallet, kind, rule, event, day, position, lot_event,
             lot_member, marks) = unpack(rows, row)  # fmt: skip
            if event < 0:
                event_id, seen, mixed = None, None, True
                cause, when = f"{members[who]}@{_day(day)}", self._start(day)
            elif event != seen:
                event_id = cause = ids[event]
                when, mixed, seen = instant(feed.at[event]), mixed or bool(found), event
            name, kind_name, rule_id, ending = names[wallet][kind][rule]
            if not marks & HAS_LOT:
                lot, opened = None, -1
            elif lot_event != opened or lot_member != holder or wallet != in_wallet:
                opened, holder, in_wallet = lot_event, lot_member, wallet
                lot = f"{ids[lot_event]}/{name}"
                if feed.member[lot_event] != lot_member:
                    lot = f"{lot}/{members[lot_member]}"
            if marks <= HAS_LOT:
                wanted = missing = None
            else:
                wanted = wanted if marks & HAS_WANTED else None
                missing = missing if marks & HAS_MISSING else None
            found.append(_new(Entry, (
                f"{cause}{ending}{position}", when, members[who], name, kind_name, amount,
                rule_id, event_id, lot, wanted, missing, rules,
            )))  # fmt: skip
        return tuple(sorted(found, key=_order) if mixed else found)

    def _start(self, day: int) -> datetime:
        return instant(_start(self._zone, day))

    def _grants(self, first: int, stop: int) -> tuple[Grant, ...]:
        """Without tiers: those are no grants that anybody uses."""
        found, at = [], self._work.feed.at
        for it in self._work.state.state.grants[first:stop].tolist():
            member, kind, what, number, event, nth, last = _grant(it)
            if kind >= AWARD_TIER:
                continue
            id_, rule = self._ids[event], str(self._rules[number])
            found.append(Grant(
                f"{id_}/{rule}/{nth}", instant(at[event]), self._members[member], GRANTED[kind],
                self._whats[kind][what], rule, id_, None if last > LAST_DAY else _day(last),
            ))  # fmt: skip
        return tuple(found)

    def _refusals(self, first: int, stop: int) -> tuple[Refusal, ...]:
        found, feed, state = [], self._work.feed, self._work.state.state
        for n, it in enumerate(state.refusals[first:stop].tolist(), first):
            member, event, rule, code, missing = _refusal(it)
            name = self._rules[rule]
            if code == s.UNKNOWN_REWARD:
                told = self._work.event(event)
                asked = self._finder.said(told, self._finder.asks_in(told))
                name = None if asked is None else said(str(asked), missing)
            facts = self._facts.facts(
                rule,
                code,
                missing,
                feed.day[event],
                state.snapshots[n],
                state.snapshots_null[n],
                self._inviter(event, member) if code >= s.UNKNOWN_REFERRER else None,
            )
            found.append(Refusal(
                instant(feed.at[event]), self._members[member], self._ids[event], name,
                s.CODES[code], facts,
            ))  # fmt: skip
        return tuple(found)

    def _inviter(self, event: int, member: int) -> str | None:
        """Who invites by an event."""
        inviting = self._work.inviting
        return inviting.inviter(self._work.event(event), member)


def instant(micros: int) -> datetime:
    """Microseconds since 1970-01-01 UTC as an instant."""
    if 0 <= micros < BY_FLOAT:
        return datetime.fromtimestamp(micros / 1e6, UTC)
    return EPOCH + timedelta(microseconds=micros)


@lru_cache(4096)
def _day(day: int) -> date:
    return EPOCH.date() + timedelta(day)


@lru_cache(4096)
def _start(name: str, day: int) -> int:
    return int(zone.day_start(zone.of(name), day))


def _order(entry: Entry) -> tuple[Any, ...]:
    """Where an entry stands among those of one call: boundaries before events of their instant."""
    is_event = entry.event_id is not None
    position = int(entry.entry_id.rpartition("/")[2])
    return entry.at, is_event, entry.event_id if is_event else entry.member_id, position


def _struct(kind: np.dtype[Any]) -> Struct:
    """What takes rows apart, which have the fields of ROW in this order."""
    assert kind.names == ROW
    assert kind.fields is not None
    told, at = "=", 0
    for name in ROW:
        field, offset = kind.fields[name][:2]
        told += "x" * (offset - at) + {8: "q", 4: "i", 2: "h", 1: "b"}[field.itemsize]
        at = offset + field.itemsize
    return Struct(told + "x" * (kind.itemsize - at))
