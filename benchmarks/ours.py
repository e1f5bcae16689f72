"""Every call of Perkbook that is measured, so that there is one place to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks import programs
from benchmarks.workload import event_table, member_table
from engine import replay, rules
from engine.data import history as histories
from engine.data.columns import History
from engine.language.program import Program
from engine.machine import folding


def program(count: int, more: str = "") -> Program:
    """The program of so many rules; `more` are lines behind its last rule."""
    reading = rules.read_texts({"rules.yaml": programs.text(count) + more})
    if reading.program is None:
        raise ValueError("\n".join(p.what for p in reading.problems))
    return reading.program


def read(found: Program, members: Path | pa.Table, events: Path | pa.Table) -> History:
    """The history in the form that the machine takes."""
    return histories.read(found, members, events)


def folded(found: Program, history: History) -> Any:
    """The history after the fold: what `replay.run` does between reading and telling."""
    return folding.fold(found, history)


def ledger(found: Program, history: History) -> pa.Table:
    """The ledger of a history."""
    return folding.tell(folding.fold(found, history)).ledger


def prepared(found: Program, history: History) -> Callable[[], Any]:
    """The fold alone, by one thread, over events that stand member by member already."""
    import numpy as np

    from engine.machine import compiled as programs_of
    from engine.machine import run, timeline

    replay.prepare()
    tables = programs_of.compile(found, history.texts)
    last = int(timeline.days(tables, history.events.at[-1:])[0])
    line = timeline.build(tables, history, np.zeros(len(history.events.at), bool), last)
    arranged = run.arrange(tables, line)
    return lambda: run.run(tables, history, line, last, partitions=1, arranged=arranged)


def one_by_one(found: Program, members: pa.Table) -> Callable[[Mapping[str, Any]], Any]:
    """What takes events one by one, before the first of them."""
    from engine.machine import single

    return single.open(found, members).take


def warm() -> None:
    """Has the machine compiled, or found where it was kept, with a history of a few events."""
    folded(program(12), read(program(12), member_table(10, 1), event_table(10, 100, 1)))


def from_files(found: Program, members: Path, events: Path, folder: Path) -> int:
    """Files in, the files of LANGUAGE 4 out; how many events there were."""
    written = replay.to_files(found, folder, members, events)
    return int(written.summary["events"])
