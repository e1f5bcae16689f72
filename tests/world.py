"""A small shop in which a test tells its rules and events as text and reads what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from engine.language import rules
from engine.machine import replay

SHOP = """
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
"""
HAPPENS = """
events:
  order: {amount: money, category: text, quantity: whole, store: text}
  refund: {reverses: order, amount: money}
  cancel: {reverses: order}
  check_in: {}
  review: {photo: flag, stars: whole}
"""


@dataclass(frozen=True)
class World:
    """What came of it."""

    ledger: list[dict[str, Any]]
    members: dict[str, dict[str, Any]]
    grants: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    summary: dict[str, Any]
    referrals: list[dict[str, Any]]

    def rows(self, *columns: str) -> list[Any]:
        """The ledger's rows as tuples of these columns, or as plain values of one."""
        return self.of(self.ledger, *columns)

    @staticmethod
    def of(rows: Sequence[dict[str, Any]], *columns: str) -> list[Any]:
        """Rows as tuples of these columns, or as plain values of one."""
        return [
            row[columns[0]] if len(columns) == 1 else tuple(map(row.get, columns)) for row in rows
        ]

    def kinds(self, wallet: str = "points") -> list[str]:
        """The ledger of one wallet, short: `earn 19`, `expire -100`."""
        return [f"{r['kind']} {r['amount']}" for r in self.ledger if r["wallet"] == wallet]

    def points(self, member: str = "m1", wallet: str = "points") -> int:
        """A balance: active and pending."""
        return int(self.members[member][wallet])

    def codes(self) -> list[tuple[str, str]]:
        """What was refused: the event and the code."""
        return [(row["event_id"], row["code"]) for row in self.refused]


def run(
    text: str,
    events: str,
    members: str | None = None,
    *,
    until: str | None = None,
    program: str = SHOP,
    happens: str = HAPPENS,
) -> World:
    """Rules and events as text, through the whole engine.

    A line of `events` is an id, a member, a day, perhaps a time, a type, and fields:
    `o1 m1 2026-03-01 10:00 order amount=19.99`. A line of `members` is an id and fields.
    """
    reading = rules.read_texts({"a.yaml": program, "b.yaml": happens, "c.yaml": text})
    told = "".join(p.show(reading.texts[p.place.file]) + "\n" for p in reading.problems)
    assert reading.program is not None, told
    last = None if until is None else date.fromisoformat(until)
    given = None if members is None else people(members)
    made = replay.run(reading.program, given, table(happened(events)), until=last)
    known = {row["member_id"]: row for row in made.members.to_pylist()}
    ledger, grants, refused = (t.to_pylist() for t in (made.ledger, made.grants, made.refused))
    invited = [] if made.referrals is None else made.referrals.to_pylist()
    rejected, summary = made.rejected.to_pylist(), dict(made.summary)
    return World(ledger, known, grants, refused, rejected, summary, invited)


def happened(events: str) -> list[dict[str, Any]]:
    """The events of a text, as `run` takes it."""
    return [_event(line) for line in _lines(events)]


def people(members: str) -> pa.Table:
    """The members of a text, as `run` takes it, as a table of texts."""
    return table([_fields(line) for line in _lines(members)])


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _event(line: str) -> dict[str, Any]:
    """An event from its line."""
    key, member, day, *rest = line.split()
    clock = rest.pop(0) if ":" in rest[0] else "12:00"
    fields = dict(word.split("=", 1) for word in rest[1:])
    return {"event_id": key, "member_id": member, "at": f"{day} {clock}", "type": rest[0], **fields}


def _fields(line: str) -> dict[str, Any]:
    """A member from its line."""
    key, *rest = line.split()
    return {"member_id": key, **dict(word.split("=", 1) for word in rest)}


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a table of texts; what a row does not say is null."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )
