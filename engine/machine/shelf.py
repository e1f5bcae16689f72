"""Shelves: a reward's stock, and how long what is granted of it lasts (compiled; S21)."""

from __future__ import annotations

from numba import njit

from engine.machine.calendar import NEVER
from engine.machine.compiling import INNER
from engine.machine.lots import last_day_of, step_on
from engine.machine.state import State
from engine.machine.tables import Tables


@njit(**INNER)
def shelf_has(state: State, tables: Tables, reward: int, quantity: int, day: int) -> bool:
    """Whether a reward's stock has `quantity` left."""
    it = tables.rewards[reward]
    return it.stock_from == it.stock_to or shelf_left(state, tables, reward, day) >= quantity


@njit(**INNER)
def shelf_left(state: State, tables: Tables, reward: int, day: int) -> int:
    """What is left of a reward's stock; what came back counts from the next day on."""
    it, shelf = tables.rewards[reward], state.shelves[reward]
    if shelf.back and shelf.back_day < day:
        shelf.taken -= shelf.back
        shelf.back = 0
    step = step_on(tables.steps, it.stock_from, it.stock_to, day)
    return max(tables.steps[step].number - shelf.taken, 0) if step >= 0 else 0


@njit(**INNER)
def take_from_shelf(state: State, reward: int, quantity: int) -> None:
    """Counts what was taken of a reward's stock."""
    state.shelves[reward].taken += quantity


@njit(**INNER)
def put_back(state: State, reward: int, quantity: int, day: int) -> None:
    """What comes back can be had again from the next day on (S21)."""
    shelf = state.shelves[reward]
    if shelf.back and shelf.back_day < day:
        shelf.taken -= shelf.back
        shelf.back = 0
    shelf.back += quantity
    shelf.back_day = day


@njit(**INNER)
def valid_until(tables: Tables, reward: int, day: int) -> int:
    """The last day of a reward that is granted on `day`."""
    it = tables.rewards[reward]
    step = step_on(tables.steps, it.valid_from, it.valid_to, day)
    return last_day_of(tables, tables.steps[step].number, day) if step >= 0 else NEVER
