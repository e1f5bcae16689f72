"""Takes events one by one through a program, and tells what came of it like one replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from engine.data.error import DataError
from engine.data.source import Given
from engine.language import rules
from engine.language.program import Program
from engine.machine import replay, single
from engine.machine.single.machine import Machine
from engine.machine.single.told import Told
from tests import world

Row = tuple[Any, ...]


class Taken:
    """A machine after events in their order, what it told of each and what it refused to take."""

    def __init__(
        self, program: Program, members: Given | None, rows: Iterable[Mapping[str, Any]]
    ) -> None:
        self.machine: Machine = single.open(program, members)
        self.told: dict[str, Told] = {}
        self.refused: dict[str, DataError] = {}
        for row in rows:
            self.take(row)

    def take(self, row: Mapping[str, Any]) -> None:
        """One more event; one that comes again gives what it gave."""
        try:
            told = self.machine.take(row)
        except DataError as error:
            self.refused.setdefault(row["event_id"], error)
        else:
            assert self.told.setdefault(row["event_id"], told) == told, row

    def close(self, until: str) -> Taken:
        """The same when a day is over."""
        self.told[f"closed {until}"] = self.machine.close(date.fromisoformat(until))
        return self

    def ledger(self) -> list[Row]:
        """All entries in the order of LANGUAGE 4: boundaries before the events of their instant."""
        return sorted((tuple(e) for one in self.told.values() for e in one.entries), key=_place)

    def grants(self) -> list[Row]:
        """All grants as they were told, in order."""
        return in_order(tuple(it) for one in self.told.values() for it in one.grants)

    def refusals(self) -> list[Row]:
        """All refusals, in order."""
        return in_order(tuple(it) for one in self.told.values() for it in one.refusals)

    def set_aside(self) -> set[str]:
        """The ids of events that are in no ledger."""
        left = {it.event_id for it in self.machine.left}
        return left | set(self.refused) | set(self.machine.waiting)


def _place(entry: Row) -> tuple[Any, ...]:
    is_event = entry[7] is not None
    return entry[1], is_event, entry[7] if is_event else entry[2], int(entry[0].split("/")[-1])


def rows(table: pa.Table) -> list[Row]:
    """A table's rows."""
    return [tuple(row.values()) for row in table.to_pylist()]


def in_order(found: Iterable[Row]) -> list[Row]:
    """Rows in an order of their own."""
    return sorted(found, key=str)


def assert_same(found: Taken, outcome: replay.Outcome, told: object = "") -> None:
    """Asserts that entries, members, grants and refusals are those of a replay."""
    its = rows(outcome.ledger)
    for number, (mine, other) in enumerate(zip(found.ledger(), its, strict=False)):
        assert mine == other, (told, number)
    assert len(found.ledger()) == len(its), told
    ours = found.machine.members().sort_by("member_id")
    known = pa.compute.is_in(outcome.members["member_id"], ours["member_id"].combine_chunks())
    assert ours.to_pylist() == outcome.members.filter(known).to_pylist(), told
    assert in_order(rows(found.machine.grants())) == in_order(rows(outcome.grants)), told
    assert found.grants() == in_order(row[:8] for row in rows(outcome.grants)), told
    assert found.refusals() == in_order(rows(outcome.refused)), told


def shop(text: str) -> Program:
    """The program of a text, with the shop's name and events."""
    reading = rules.read_texts({"a.yaml": world.SHOP, "b.yaml": world.HAPPENS, "c.yaml": text})
    assert reading.program is not None, [problem.what for problem in reading.problems]
    return reading.program


def take(text: str, events: str, members: Given | None = None) -> Taken:
    """The events of a text, as `world.run` takes it, through the shop's program one by one."""
    return Taken(shop(text), members, world.happened(events))
