"""In memory: every engine on the same prepared columns, each result compared entry by entry."""

from __future__ import annotations

import importlib
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks import by_hand, measure, ours, prepared, rows, workload
from benchmarks.measure import Figure
from benchmarks.peers import drools_engine, plain_python, python_loop
from benchmarks.prepared import Columns
from engine.data.columns import History
from engine.language.program import Program

STAGE = "in memory"
T = TypeVar("T")

PLAIN = "plain_python"
PEERS = ("zen", "cel", "rule_engine")
ENGINES_EVENTS = 100_000  # engines get the first ones
PEER_FOLDER = Path(sys.prefix) / "benchmarks"
OVER_ENGINES, OVER_DROOLS, OF_BY_HAND = 30, 7, 0.7


@dataclass(frozen=True, slots=True)
class Setting:
    """What all of them are given."""

    program: Program
    history: History
    columns: Columns  # grouped by member, the order in which all but Perkbook are fastest
    ledger: pa.Table  # Perkbook's own


def run(files: workload.Files, times: int) -> list[Figure]:
    """All the figures of this stage."""
    whole = _setting(pq.read_table(files.members), pq.read_table(files.events))
    figures = _loops(whole, times)
    few = _setting(*_first(files))
    return [*figures, *_engines(few, times)]


def _setting(members: pa.Table, events: pa.Table) -> Setting:
    program = ours.program(12)
    history = ours.read(program, members, events)
    columns = prepared.by_member(prepared.of(history, list(program.events)))
    return Setting(program, history, columns, ours.ledger(program, history))


def _first(files: workload.Files) -> tuple[pa.Table, pa.Table]:
    """The first events that come, and the members who act in them."""
    events = pq.read_table(files.events).slice(0, ENGINES_EVENTS)
    members = pq.read_table(files.members)
    acts = pc.is_in(members["member_id"], value_set=pc.unique(events["member_id"]))
    return members.filter(acts), events


def _loops(it: Setting, times: int) -> list[Figure]:
    """Perkbook and the loop written by hand, over all events."""
    events = len(it.history.events.at)
    fold = ours.prepared(it.program, it.history)
    taken = measure.in_turn({"ours": fold, "hand": lambda: by_hand.fold(it.columns)}, times)
    mine, hand = taken["ours"], taken["hand"]
    done = by_hand.fold(it.columns)
    same = _is_equal(it, done.rows, done.notes)
    return [
        Figure(STAGE, "Perkbook", mine, events),
        Figure(STAGE, "Perkbook / by hand", **measure.at_least(hand / mine, OF_BY_HAND)),
        Figure(STAGE, "numba, written by hand", hand, events, equal=same),
    ]


def _is_equal(it: Setting, entries: rows.Records, notes: rows.Records) -> bool:
    theirs = rows.ledger(it.columns, it.history, entries, notes)
    said = rows.difference(it.ledger, theirs)
    if said:
        sys.stderr.write(f"{said}\n")
    return not said


def _engines(it: Setting, times: int) -> list[Figure]:
    """The engines and plain Python, over the first events, in turn with Perkbook over the same."""
    events, runs = len(it.history.events.at), {"ours": ours.prepared(it.program, it.history)}
    equal, missing = {}, []
    for peer in (PLAIN, *PEERS):
        module = importlib.import_module(f"benchmarks.peers.{peer}")
        try:
            decide, visit = _start(module.start)
        except ImportError as gone:
            missing.append(Figure(STAGE, module.NAME, missing=f"missing: {gone.name}"))
            continue
        runs[module.NAME] = partial(python_loop.fold, python_loop.Rows(it.columns), decide, visit)
        done = runs[module.NAME]()
        equal[module.NAME] = _is_equal(it, *rows.of_lists(done.entries, done.notes))
    taken = measure.in_turn(runs, min(times, 3))
    mine = taken.pop("ours")
    figures = [Figure(STAGE, "Perkbook, the first events", mine, events)]
    figures += [Figure(STAGE, n, t, events, equal=equal[n]) for n, t in taken.items()] + missing
    general = [t for name, t in taken.items() if name != plain_python.NAME]
    if general:
        over = measure.at_least(min(general) / mine, OVER_ENGINES)
        figures.append(Figure(STAGE, "Perkbook / best engine from Python", **over))
    drools = _drools(it, times)
    figures.append(drools)
    if drools.seconds:
        over = measure.at_least(drools.seconds / mine, OVER_DROOLS)
        figures.append(Figure(STAGE, "Perkbook / Drools", **over))
    return figures


def _start(start: Callable[[], T]) -> T:
    """Starts a peer, whose packages lie beside those of the environment and never before them."""
    if str(PEER_FOLDER) not in sys.path:
        sys.path.append(str(PEER_FOLDER))
    return start()


def _drools(it: Setting, times: int) -> Figure:
    try:
        taken, entries, notes = _start(lambda: drools_engine.run(it.columns, times))
    except ImportError as missing:
        return Figure(STAGE, drools_engine.NAME, missing=f"missing: {missing}")
    events = len(it.history.events.at)
    equal = _is_equal(it, entries, notes)
    return Figure(STAGE, drools_engine.NAME, statistics.median(taken), events, equal=equal)
