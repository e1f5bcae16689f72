"""Says what it means to take a few rows out of a source, each of them once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.data import cells
from engine.data.events import AT
from engine.data.faults import FINE
from engine.data.frame import Frame, picked
from engine.data.rows import how_read
from engine.language.expression.tree import Type
from engine.language.program import Program

NEVER, EVER = (int(it) for it in (np.iinfo(np.int64).min, np.iinfo(np.int64).max))


class Shelf(Protocol):
    """A source of members or events; a row that was given is not given again."""

    def begin(self, member: str, latest: int) -> tuple[Sequence[Frame], int]:
        """The events of a member and the `latest` last ones of all, in at least one frame.

        And an instant in microseconds since 1970 that no other event of the source is after.
        """

    def having(self, column: str, texts: Collection[str]) -> Sequence[Frame]:
        """The rows that say one of some texts in a column of ids."""


def fresh(frame: Frame, given: set[int]) -> Frame:
    """The rows whose numbers are not among those `given`, which they are from now on."""
    rows = frame.rows.tolist()
    new = np.array([row not in given for row in rows], np.bool_)
    given.update(rows)
    return frame if new.all() else picked(frame, new)


def instants(frame: Frame, program: Program) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """When the events of a frame were, and which of them say so."""
    at = cells.read(frame.columns[AT], Type.TIME, how_read(frame, program))
    assert at.values is not None
    return at.values, (at.fault == FINE) & ~at.null
