"""Replays a history through a program: events in, ledger out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from engine.data import history as histories
from engine.data import parts
from engine.data.error import DataError
from engine.data.source import Given
from engine.language.program import Program
from engine.machine import streamed
from engine.machine.folding import Outcome, fold, prepare, tell

__all__ = ["DataError", "Outcome", "Written", "prepare", "run", "to_files"]

LARGE_HISTORY = 1_000_000  # events from which on they are not all held in memory


@dataclass(frozen=True, slots=True)
class Written:
    """What was written into files: the summary, and the rows that were set aside."""

    summary: Mapping[str, Any]
    rejected: pa.Table


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


def to_files(
    program: Program, folder: str | Path, members: Given | None = None, events: Given | None = None,
    until: date | None = None, *, workspace: str | Path | None = None,
    partition_by: Literal["month"] | None = None,
) -> Written:  # fmt: skip
    """Replays as `run` does, straight into the files that `Outcome.write` writes.

    A large history is not held in memory: its events and entries wait in files below the folder
    above, which are gone in the end. Raises DataError and OSError; then nothing is written.
    """
    found = histories.files(program, members, events, workspace)
    if found[1].about >= LARGE_HISTORY and streamed.can(program):
        zone = program.zone if partition_by else None
        return Written(*streamed.run(program, found, until, Path(folder), months_in=zone))
    known = histories.named(program, found)
    rows = list(parts.worked(found[1].frames, program))
    outcome = tell(fold(program, histories.of_rows(program, found, known, rows, until), until))
    outcome.write(folder, partition_by)
    return Written(outcome.summary, outcome.rejected)
