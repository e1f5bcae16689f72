"""Reads how far a member is with a task at any day (compiled; RULINGS 2)."""

from __future__ import annotations

from numba import njit

from engine.machine.calendar import period
from engine.machine.compiling import INNER, OUTER
from engine.machine.state import State
from engine.machine.tables import NEEDED, Records, Tables


@njit(**INNER)
def read(state: State, tables: Tables, task: Records, member: int, day: int, hour: int) -> int:
    """What is gathered: towards the next time where it repeats; of what is needed, how many."""
    first = state.progress[member, task.parts_from]
    if first.key != period(task.unit, day, hour):
        return 0
    if tables.parts[task.parts_from].how == NEEDED:
        met = 0
        for p in range(task.parts_from, task.parts_to):
            met += 1 if state.progress[member, p].gathered > 0 else 0
        return met
    left: int = first.gathered - (first.done * task.goal if task.repeats else 0)
    return max(left, 0)


@njit(cache=True, **OUTER)
def read_all(
    state: State, tables: Tables, number: int, day: int, first: int, stop: int, values: Records
) -> None:
    """How far members `first` up to `stop` are with a task when `day` is over."""
    for member in range(first, stop):
        values[member] = read(state, tables, tables.tasks[number], member, day, 23)
