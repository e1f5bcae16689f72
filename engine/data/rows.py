"""Says how the rows of a file are read, keeps which of them are set aside, and tells why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data import cells
from engine.data.columns import Rejected
from engine.data.faults import FINE, WORDS, Faults
from engine.data.frame import Frame, clip
from engine.language.program import Program


def how_read(frame: Frame, program: Program) -> cells.How:
    """How the cells of a frame are read for a program."""
    return cells.How(program.money_decimals, frame.zone or program.zone, program.zone, frame.mapped)


@dataclass(slots=True)
class Sieve:
    """The first fault of each row of a frame, and the column that it is in."""

    frame: Frame
    fault: Faults = field(init=False)
    column: NDArray[np.int16] = field(init=False)
    columns: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = len(self.frame.rows)
        self.fault = np.zeros(count, np.int8)
        self.column = np.zeros(count, np.int16)

    def note(self, column: str, fault: Faults, where: NDArray[np.bool_] | None = None) -> None:
        """Takes the faults of a column, of all rows or of those at `where`."""
        if not fault.any():
            return
        spread = fault
        if where is not None:
            spread = np.zeros(len(self.fault), np.int8)
            spread[where] = fault
        new = (spread != FINE) & (self.fault == FINE)
        self.fault[new] = spread[new]
        self.column[new] = len(self.columns)
        self.columns.append(column)

    @property
    def all_fine(self) -> bool:
        """Whether no row has a fault."""
        return not self.columns

    @property
    def fine(self) -> NDArray[np.bool_]:
        """Which rows have no fault."""
        fine: NDArray[np.bool_] = self.fault == FINE
        return fine

    def rejected(self) -> list[Rejected]:
        """The rows with a fault, in order."""
        found = []
        for position in np.flatnonzero(self.fault).tolist():
            column = self.columns[self.column[position]]
            found.append(
                Rejected(
                    self.frame.name,
                    int(self.frame.rows[position]),
                    column,
                    WORDS[self.fault[position]],
                    shown(self.frame.columns.get(column), position),
                )
            )
        return found


def shown(column: pa.Array | None, position: int) -> str:
    """What stands in a cell, as text."""
    if column is None:
        return ""
    try:
        value = column[position].as_py()
    except (OverflowError, ValueError):  # an instant that no calendar of Python's has
        value = column[position].cast(pa.int64()).as_py()
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return "" if value is None else clip(str(value))
