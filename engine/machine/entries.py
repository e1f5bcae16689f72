"""Entries: rows of the ledger as the fold writes them (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine.compiling import INNER, OUTER, SMALL
from engine.machine.state import HAS_LOT, HAS_MISSING, HAS_WANTED, POSITION, ROWS, State
from engine.machine.tables import Records


@njit(**SMALL)
def write(
    state: State, member: int, wallet: int, kind: int, amount: int, rule: int, event: int,
    day: int, lot: int,
) -> int:  # fmt: skip
    """Appends an entry to the ledger and returns its row; `event` is -1 for a timer."""
    at = state.counters[ROWS]
    row = state.rows[at]
    row.member, row.wallet, row.kind, row.amount = member, wallet, kind, amount
    row.rule, row.event, row.day = rule, event, day
    row.position, row.marks = state.counters[POSITION], 0
    if lot >= 0:
        row.lot_event = state.lots[lot].event
        row.lot_member = state.lots[lot].member
        row.marks = HAS_LOT
    state.counters[ROWS] += 1
    state.counters[POSITION] += 1
    return at


@njit(**INNER)
def note(state: State, at: int, wanted: int, missing: int) -> None:
    """Says on a row what was wanted, and what of it is missing where something is."""
    row = state.rows[at]
    row.wanted = wanted
    row.marks |= HAS_WANTED
    if missing:
        row.missing = missing
        row.marks |= HAS_MISSING


@njit(cache=True, **OUTER)
def rename(rows: Records, order: NDArray[np.int64]) -> None:
    """Puts in the place of each entry's events what `order` has there; -1 stays."""
    for n in range(len(rows)):
        row = rows[n]
        if row.event >= 0:
            row.event = order[row.event]
        if row.marks & HAS_LOT and row.lot_event >= 0:
            row.lot_event = order[row.lot_event]
