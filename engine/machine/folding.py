"""Folds a history that is in memory, and tells what it came to in tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from engine.data import history as histories
from engine.data.columns import History, Rejected
from engine.data.error import DataError
from engine.language import rules
from engine.language.program import Program
from engine.machine import compiled as programs
from engine.machine import (
    files,
    ledger,
    references_rows,
    referred,
    refusals,
    results,
    summary,
    timeline,
    warm,
)
from engine.machine import run as runs
from engine.machine.compiled import Compiled
from engine.machine.intake import TOO_LARGE, TOO_MANY
from engine.machine.run import Ran
from engine.machine.state import State
from engine.machine.summary import Counts
from engine.machine.timeline import Timeline

EPOCH = date(1970, 1, 1)
TINY = "program: {name: T, timezone: UTC, money: USD}\nevents: {visit: {}}\n"
TINY_EVENT = {"event_id": "e1", "member_id": "m1", "type": "visit", "at": "2026-01-01"}
LARGE = "a number of this event, or what it gives, is too large"


@dataclass(frozen=True)
class Outcome:
    """What a replay came to: Arrow tables with the columns of LANGUAGE 4, and the summary."""

    entries: ledger.Entries
    members: pa.Table
    grants: pa.Table
    refused: pa.Table
    rejected: pa.Table
    summary: Mapping[str, Any]
    counts: Counts
    referrals: pa.Table | None = None  # where the program has the section

    @cached_property
    def ledger(self) -> pa.Table:
        """Every entry in one table, made when it is asked for."""
        return self.entries.table()

    def write(self, folder: str | Path, partition_by: Literal["month"] | None = None) -> None:
        """Writes the files of LANGUAGE 4 into `folder`, all of them or none.

        With `partition_by` the ledger is a folder of its months in the program's zone. Raises
        OSError, and DataError where something else stands in their place.
        """
        tables = {
            "ledger": self.entries.parts(),
            "members": [self.members],
            "grants": ledger.parted(self.grants),
            "refused": ledger.parted(self.refused),
            "rejected": [self.rejected],
        }
        if self.referrals is not None:
            tables["referrals"] = [self.referrals]
        zone = self.entries.compiled.program.zone if partition_by else None
        files.write(tables, self.summary, Path(folder), zone)


@dataclass(frozen=True, slots=True)
class Folded:
    """A history after the fold; `until` is a day since 1970-01-01."""

    compiled: Compiled
    history: History
    timeline: Timeline
    ran: Ran
    until: int
    rejected: tuple[Rejected, ...]


def prepare(report: Callable[[float], None] | None = None) -> None:
    """Compiles the machine, which is needed once; `report` is told the share done, 0 to 1."""
    warm.prepare(_compile, report)


def load(zone: str) -> None:
    """Loads what was compiled and a zone's times, for who waits for something else meanwhile."""
    if warm.is_ready():
        _compile(zone)


def _compile(zone: str = "UTC") -> None:
    reading = rules.read_texts({"tiny.yaml": TINY})
    assert reading.program is not None
    program = replace(reading.program, zone=zone)
    event = pa.table({name: [value] for name, value in TINY_EVENT.items()})
    history = histories.read(program, None, event)
    compiled = programs.compile(program, history.texts)
    line = timeline.build(compiled, history, np.zeros(1, bool), 0)
    runs.compile_all(compiled, history, line)


def fold(
    program: Program, history: History, until: date | None = None, *, batch: int | None = None,
    partitions: int | None = None, threads: int | None = None,
    opening: Callable[[Compiled, Timeline, State], None] | None = None,
) -> Folded:  # fmt: skip
    """The history after the fold, for those who ask more than the tables say.

    Events with numbers that are too large are set aside, and what is left is folded again.
    Raises DataError where a member shows more values to a `most frequent` fact than it can hold,
    and where what is too large is given for a join that no row says.
    """
    prepare()
    compiled = programs.compile(program, history.texts)
    excluded = np.zeros(len(history.events.at), bool)
    large: list[Rejected] = []
    while True:
        last = _last_day(compiled, history, until)
        line = timeline.build(compiled, history, excluded, last)
        ran = runs.run(
            compiled, history, line, last, batch=batch, partitions=partitions, threads=threads,
            opening=None if opening is None else partial(opening, compiled, line),
        )  # fmt: skip
        _check(compiled, ran)
        bad = np.flatnonzero(ran.bad == TOO_LARGE)
        if len(bad) == 0:
            rejected = (*history.rejected, *line.rejected, *large)
            return Folded(compiled, history, line, ran, last, rejected)
        for i in line.source[bad]:
            if i < 0:
                what = "What a rule gives for joining is too large a number."
                raise DataError("join", what, "Joins that no row says cannot be set aside.")
            large.append(references_rows.rejected(history, int(i), "", LARGE, ""))
            excluded[i] = True


def _last_day(compiled: Compiled, history: History, until: date | None) -> int:
    if until is not None:
        return (until - EPOCH).days
    if len(history.events.at) == 0:
        return 0
    return int(timeline.days(compiled, history.events.at[-1:])[0])


def _check(compiled: Compiled, ran: Ran) -> None:
    if (ran.bad == TOO_MANY).any():
        raise too_many(compiled)


def too_many(compiled: Compiled) -> DataError:
    """What is raised where a member shows more values to a fact than it can hold."""
    many = [f for f in compiled.program.facts.values() if f.kind == "most frequent"]
    names = " or ".join(f"`{f.name}`" for f in many if f.of_last is None and f.over is None)
    what = f"A member shows more than 64 values to {names}."
    return DataError("facts", what, "Add `of last: 20`, or another number, to the fact.")


def tell(it: Folded) -> Outcome:
    """The tables and the summary of a folded history."""
    history, program = it.history, it.compiled.program
    ids = history.members.ids.cast(ledger.TEXT)
    entries = ledger.entries(it.compiled, it.timeline, it.ran.rows, ids)
    members = results.members(it.compiled, history, it.ran, it.until)
    refused = refusals.table(it.compiled, history, it.timeline, it.ran, ids)
    invited = referred.table(it.compiled, history, it.timeline, it.ran, ids)
    counts = Counts(
        events=int((it.timeline.source >= 0).sum()),
        read=len(history.events.at),
        duplicates=history.duplicates,
        later=history.later,
        sums=Counter(entries.sums()),
        refused=summary.counted(refused["code"]),
        coupons=results.coupons(it.compiled, it.ran, it.until),
    )
    return Outcome(
        entries=entries,
        members=members,
        grants=results.grants(it.compiled, it.timeline, it.ran, ids, it.until),
        refused=refused,
        rejected=summary.rejected(history.files, it.rejected),
        summary=summary.of(
            program, counts, members,
            until=it.until, rejected=len(it.rejected), budgets=results.budgets(it.compiled, it.ran),
            left_out=history.left_out, mixed=history.mixed, invited=invited,
        ),
        counts=counts,
        referrals=invited,
    )  # fmt: skip
