"""Replays a history through a program: events in, ledger out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.data import history as histories
from engine.data.columns import History, Rejected
from engine.data.error import DataError
from engine.data.source import Given
from engine.language import rules
from engine.language.program import Program
from engine.machine import compiled as programs
from engine.machine import files, fingerprint, ledger, references, refusals, results, timeline, warm
from engine.machine import run as runs
from engine.machine.compiled import Compiled
from engine.machine.intake import TOO_LARGE, TOO_MANY
from engine.machine.run import Ran
from engine.machine.state import State
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

    @cached_property
    def ledger(self) -> pa.Table:
        """Every entry in one table, made when it is asked for."""
        return self.entries.table()

    def write(self, folder: str | Path, partition_by: Literal["month"] | None = None) -> None:
        """Writes the files of LANGUAGE 4 into `folder`, all of them or none.

        With `partition_by` the ledger is a folder of its months in the program's zone. Raises
        OSError, and DataError where something else stands in their place.
        """
        names = ("members", "grants", "refused", "rejected")
        tables = {name: [getattr(self, name)] for name in names}
        zone = self.entries.compiled.program.zone if partition_by else None
        files.write({"ledger": self.entries.parts(), **tables}, self.summary, Path(folder), zone)


@dataclass(frozen=True, slots=True)
class Folded:
    """A history after the fold; `until` is a day since 1970-01-01."""

    compiled: Compiled
    history: History
    timeline: Timeline
    ran: Ran
    until: int
    rejected: tuple[Rejected, ...]


def run(
    program: Program, members: Given | None = None, events: Given | None = None,
    until: date | None = None, *, workspace: str | Path | None = None, batch: int | None = None,
    partitions: int | None = None, threads: int | None = None,
) -> Outcome:  # fmt: skip
    """Folds members and events through a program.

    Members and events are paths, tables, or None for the program's own `data`. Events after the
    day `until` are left out and counted; without it the last event's day is the end. Batches,
    partitions and threads change how long it takes, never the result. Raises DataError.
    """
    history = histories.read(program, members, events, until, workspace)
    folded = fold(program, history, until, batch=batch, partitions=partitions, threads=threads)
    return tell(folded)


def prepare(report: Callable[[float], None] | None = None) -> None:
    """Compiles the machine, which is needed once; `report` is told the share done, 0 to 1."""
    warm.prepare(_compile, report)


def load() -> None:
    """Loads what was compiled, for who waits for something else meanwhile."""
    _compile()


def _compile() -> None:
    reading = rules.read_texts({"tiny.yaml": TINY})
    assert reading.program is not None
    event = pa.table({name: [value] for name, value in TINY_EVENT.items()})
    history = histories.read(reading.program, None, event)
    compiled = programs.compile(reading.program, history.texts)
    line = timeline.build(compiled, history, np.zeros(1, bool), 0)
    runs.compile_all(compiled, history, line)


def fold(
    program: Program, history: History, until: date | None = None, *, batch: int | None = None,
    partitions: int | None = None, threads: int | None = None,
    opening: Callable[[Compiled, Timeline, State], None] | None = None,
) -> Folded:  # fmt: skip
    """The history after the fold, for those who ask more than the tables say.

    Events with numbers that are too large are set aside, and what is left is folded again.
    Raises DataError where a member shows more values to a `most frequent` fact than it can hold.
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
            large.append(references.rejected(history, int(i), "", LARGE, ""))
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
    ids = it.history.members.ids.cast(ledger.TEXT)
    entries = ledger.entries(
        it.compiled, it.timeline, it.ran.rows, ids, fingerprint.of(it.compiled.program)
    )
    members = results.members(it.compiled, it.history, it.ran, it.until)
    refused = refusals.table(it.compiled, it.history, it.timeline, it.ran, ids)
    return Outcome(
        entries=entries,
        members=members,
        grants=results.grants(it.compiled, it.timeline, it.ran, ids, it.until),
        refused=refused,
        rejected=_rejected(it),
        summary=_summary(it, entries, members, refused),
    )


def _rejected(it: Folded) -> pa.Table:
    place = {name: n for n, name in reversed(list(enumerate(it.history.files)))}
    rows = sorted(it.rejected, key=lambda r: (place[r.file], r.row, r.column))
    text = ledger.TEXT
    return pa.table({
        "file": pa.array([r.file for r in rows], text),
        "row": pa.array([r.row for r in rows], pa.int64()),
        "column": pa.array([r.column for r in rows], text),
        "reason": pa.array([r.reason for r in rows], text),
        "text": pa.array([r.text for r in rows], text),
    })  # fmt: skip


def _summary(
    it: Folded, entries: ledger.Entries, members: pa.Table, refused: pa.Table
) -> dict[str, Any]:  # fmt: skip
    until = EPOCH + timedelta(it.until)
    tiers = _counts(members["tier"])
    history = it.history
    return {
        "events": int((it.timeline.source >= 0).sum()),
        "rejected": len(it.rejected),
        "duplicates": history.duplicates,
        "members": len(members),
        "until": until.isoformat() if it.until or len(history.events.at) else None,
        "wallets": results.balances(entries.sums(), members, it.compiled.program, until),
        "tiers": {name: tiers[name] for name in it.compiled.names.tiers},
        "budgets": results.budgets(it.compiled, it.ran),
        "refused": dict(sorted(_counts(refused["code"]).items())),
        "later": history.later,
        "left_out": dict(history.left_out),
        "mixed": {file: dict(columns) for file, columns in history.mixed.items()},
    }


def _counts(names: pa.ChunkedArray) -> Counter[str]:
    """How often each name is there."""
    counted = pc.value_counts(names.drop_null()).to_pylist()
    return Counter({it["values"]: it["counts"] for it in counted})
