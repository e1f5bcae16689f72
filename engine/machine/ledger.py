"""The ledger as tables: every entry with its names, in the order of LANGUAGE 4, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays
from engine.machine import fingerprint, ledger_order, zone
from engine.machine import state as s
from engine.machine.compiled import Compiled
from engine.machine.tables import Records
from engine.machine.timeline import Timeline

INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.large_string()
SCHEMA = pa.schema([
    ("entry_id", TEXT), ("at", INSTANT), ("member_id", TEXT), ("wallet", TEXT), ("kind", TEXT),
    ("amount", pa.int64()), ("rule", TEXT), ("event_id", TEXT), ("lot", TEXT),
    ("wanted", pa.int64()), ("missing", pa.int64()), ("rules", TEXT),
])  # fmt: skip
PART = 125_000  # entries of a part: its texts are small beside what the fold keeps
FEW = 1 << 20  # names that are counted in a table of all that can be

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entries:
    """All entries; their texts are made when a part is asked for, and kept by nobody."""

    compiled: Compiled
    timeline: Timeline
    rows: Records
    order: NDArray[Any] | None  # None: as they stand
    members: pa.Array

    def __len__(self) -> int:
        return len(self.rows)

    def parts(self, size: int = PART) -> Iterator[pa.Table]:
        """Tables of `size` entries, at least one; names of which there are few as dictionaries."""
        rules = fingerprint.of(self.compiled.program)
        for part in self.plain(size):
            yield told(self.compiled, self.members, rules, part)

    def plain(self, size: int = PART) -> Iterator[pa.Table]:
        """The same in numbers: `member` is a position, `at` microseconds, ids stay texts."""
        for first in range(0, max(1, len(self.rows)), size):
            if self.order is None:
                rows = self.rows[first : first + size]
            else:
                rows = _taken(self.rows, self.order[first : first + size])
            yield _plain(self, rows)

    def table(self) -> pa.Table:
        """All entries as one table with the columns of `SCHEMA`."""
        return pa.concat_tables([part.cast(SCHEMA) for part in self.parts()]).combine_chunks()

    def sums(self) -> dict[tuple[str, str], int]:
        """The exact sum of the amounts by wallet and kind."""
        wallets, kinds = list(self.compiled.book.positions["wallets"]), len(s.KINDS)
        code = self.rows["wallet"].astype(np.int64) * kinds + self.rows["kind"]
        totals = _sums(code, self.rows["amount"].astype(np.int64), len(wallets) * kinds)
        return {(wallets[n // kinds], s.KINDS[n % kinds]): total for n, total in enumerate(totals)}


def parted(table: pa.Table) -> Iterator[pa.Table]:
    """A table in parts as those of the ledger."""
    for first in range(0, max(1, len(table)), PART):
        yield table.slice(first, PART).combine_chunks()


def _sums(code: Longs, amount: Longs, count: int) -> list[int]:
    """The exact sum of the amounts of each code."""
    most = max(int(amount.max(initial=0)), -int(amount.min(initial=0)))
    if most * len(amount) < 2**53:  # so that a float holds every sum on the way
        return [int(total) for total in np.bincount(code, amount, count)]
    totals = []
    for half in (amount >> 32, amount & 0xFFFFFFFF):
        total = np.zeros(count, np.int64)
        np.add.at(total, code, half)
        totals.append(total.tolist())
    return [(high << 32) + low for high, low in zip(*totals, strict=True)]


def entries(compiled: Compiled, timeline: Timeline, rows: Records, members: pa.Array) -> Entries:
    """Entries in order of instant, timers first, event or member, position."""
    order = ledger_order.of(rows, timeline.feed.at, lambda days: _starts(compiled, days))
    if order is not None and len(order) < 2**31:
        order = order.astype(np.int32)
    return Entries(compiled, timeline, rows, order, members)


def instants(compiled: Compiled, days: Longs) -> Longs:
    """The first instant of each local day."""
    starts, places = _starts(compiled, days)
    return np.asarray(starts[places], np.int64)


def _starts(compiled: Compiled, days: Longs) -> tuple[Longs, Longs]:
    """The instants at which the days begin, ascending and each once; and which is each day's."""
    if not len(days):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = int(days.min())
    distinct, places = _distinct(days - first, int(days.max()) - first + 1)
    begin = [zone.day_start(compiled.zone, int(day)) for day in distinct + first]
    starts, same = np.unique(np.array(begin, np.int64), return_inverse=True)
    return starts, same[places]  # a zone that left a day out began two days at one instant


def _taken(rows: Records, places: NDArray[Any]) -> Records:
    """The rows at some places; as words, for numpy looks at the fields of records one by one."""
    words = rows.view(np.int64).reshape(len(rows), -1)
    return words.take(places, axis=0).reshape(-1).view(rows.dtype)


def _plain(it: Entries, rows: Records) -> pa.Table:
    """Some entries in numbers, with the ids of their events and the names of their lots."""
    event, marks = _whole(rows, "event"), _whole(rows, "marks")
    at, day = it.timeline.feed.at[event], rows["day"]
    timers = np.flatnonzero(event < 0)
    if len(timers):
        at[timers] = instants(it.compiled, _whole(rows, "day")[timers])
    return pa.table({
        "at": pa.array(at),
        "event_id": _named(it.timeline.ids, event),
        "member": pa.array(rows["member"].copy()),
        "wallet": pa.array(rows["wallet"].astype(np.int16)),
        "kind": pa.array(rows["kind"].astype(np.int8)),
        "amount": pa.array(rows["amount"].copy()),
        "rule": pa.array(rows["rule"].copy()),
        "position": pa.array(rows["position"].copy()),
        "day": pa.array(day.copy()),
        "lot": _lots(it, rows, _texts(it.compiled.book.positions["wallets"])),
        "wanted": pa.array(rows["wanted"].copy(), mask=marks & s.HAS_WANTED == 0),
        "missing": pa.array(rows["missing"].copy(), mask=marks & s.HAS_MISSING == 0),
    })  # fmt: skip


def told(compiled: Compiled, members: pa.Array, rules: str, plain: pa.Table) -> pa.Table:
    """The entries of a plain table, each with its names.

    `members` are the ids by position; `rules`, the fingerprint, stands in each entry.
    """
    it = {name: plain[name].combine_chunks() for name in plain.column_names}
    member, cause = members.take(it["member"]), it["event_id"]
    if cause.null_count:
        timers = pc.is_null(cause)
        named = _timer(member.filter(timers), it["day"].filter(timers))
        cause = pc.replace_with_mask(cause, timers, named)
    wallet, kind, rule, position = (
        arrays.whole(it[name]) for name in ("wallet", "kind", "rule", "position")
    )
    wallets = _texts(compiled.book.positions["wallets"])
    rule_ids, rule = _rule_ids(compiled, rule)
    return pa.table({
        "entry_id": _beside(cause, *_endings(rule_ids, wallets, wallet, kind, rule, position)),
        "at": it["at"].view(pa.timestamp("us")).cast(INSTANT),
        "member_id": member,
        "wallet": _few(wallets, wallet),
        "kind": _few(_texts(s.KINDS), kind),
        "amount": it["amount"],
        "rule": _few(_texts(rule_ids), rule),
        "event_id": it["event_id"],
        "lot": it["lot"],
        "wanted": it["wanted"],
        "missing": it["missing"],
        "rules": _few(_texts([rules]), np.zeros(len(member), np.int64)),
    })  # fmt: skip


def _rule_ids(compiled: Compiled, rule: Longs) -> tuple[list[str], Longs]:
    """The ids of rules, each once, and which of them each entry's is; -1 stays.

    The sides of one rule have one id; a dictionary that says it twice is written as plain texts.
    """
    ids = list(dict.fromkeys(it.id for it in compiled.rules))
    places = {name: place for place, name in enumerate(ids)}
    own = np.array([places[it.id] for it in compiled.rules], np.int64)
    return ids, np.where(rule < 0, -1, own[rule]) if len(own) else rule


def _whole(rows: Records, name: str) -> Longs:
    """A field of all rows, one after another."""
    return np.ascontiguousarray(rows[name], np.int64)


def _timer(member: pa.Array, days: pa.Array) -> pa.Array:
    """What caused the entries of a boundary: the member and the day."""
    dates = days.cast(pa.date32()).cast(TEXT)
    return pc.binary_join_element_wise(member, dates, pa.scalar("@", TEXT))


def _endings(
    rule_ids: list[str], wallets: pa.Array, wallet: Longs, kind: Longs, rule: Longs, position: Longs
) -> tuple[pa.Array, Longs]:
    """`/wallet/rule/position`, the kind where there is no rule: all of them, and each row's."""
    rules = _texts([*rule_ids, *s.KINDS])
    rule = np.where(rule < 0, len(rule_ids) + kind, rule)
    places = int(position.max(initial=0)) + 1
    code = (wallet * len(rules) + rule) * places + position
    distinct, found = _distinct(code, len(wallets) * len(rules) * places)
    where, place = np.divmod(distinct, places)
    ending = _joined(
        _texts([""]).take(pa.array(np.zeros(len(distinct), np.int64))),
        wallets.take(pa.array(where // len(rules))),
        rules.take(pa.array(where % len(rules))),
        pa.array(place).cast(TEXT),
    )
    return ending, found


def _distinct(code: Longs, most: int) -> tuple[Longs, Longs]:
    """The codes that occur, ascending, and which of them each one is."""
    if most > FEW:
        distinct, found = np.unique(code, return_inverse=True)
        return distinct, found
    seen = np.zeros(most, np.bool_)
    seen[code] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[code]


def _lots(it: Entries, rows: Records, wallets: pa.Array) -> pa.Array:
    """A lot's name: the event that opened it and the wallet; for another member him too."""
    has = _whole(rows, "marks") & s.HAS_LOT > 0
    opened, holder = _whole(rows, "lot_event"), _whole(rows, "lot_member")
    known = has & (opened >= 0)
    event = it.timeline.ids.take(pa.array(opened, mask=~known))
    if not (known | ~has).all():
        event = pc.if_else(pa.array(has & ~known), "opening", event)
    ending = _joined(_texts([""]).take(pa.array(np.zeros(len(wallets), np.int64))), wallets)
    name = _beside(event, ending, _whole(rows, "wallet"))
    other = known & (it.timeline.feed.member[np.where(known, opened, 0)] != holder)
    if not other.any():
        return name
    longer = _joined(name, it.members.take(pa.array(holder, mask=~other)))
    return pc.coalesce(longer, name)


def _named(names: pa.Array, positions: Longs) -> pa.Array:
    """The names at positions; null at -1."""
    if len(positions) and positions.min() < 0:
        return names.take(pa.array(positions, mask=positions < 0))
    return names.take(pa.array(positions))


def _few(names: pa.Array, positions: Longs) -> pa.Array:
    """The same where there are few names, each kept once."""
    codes = pa.array(positions.astype(np.int32), mask=positions < 0)
    return pa.DictionaryArray.from_arrays(codes, names)


def _texts(names: Any) -> pa.Array:
    return pa.array(list(names), TEXT)


def _joined(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, pa.scalar("/", TEXT))


def _beside(first: pa.Array, endings: pa.Array, which: Longs) -> pa.Array:
    """Each text with the ending that it has behind it; null where the text is.

    Texts and endings are taken in turn: their bytes then stand as those of the joined texts do.
    """
    count = len(first)
    places = np.empty(2 * count, np.int64)
    places[::2], places[1::2] = np.arange(count), count + which
    taken = pa.concat_arrays([first, endings]).take(pa.array(places))
    ends = np.frombuffer(taken.buffers()[1], np.int64)[taken.offset :][: 2 * count + 1 : 2]
    known = pa.array(~arrays.nulls(first)).buffers()[1] if first.null_count else None
    return pa.Array.from_buffers(
        TEXT, count, [known, pa.py_buffer(ends.copy()), taken.buffers()[2]]
    )
