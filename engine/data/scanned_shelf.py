"""Takes rows out of a source by reading all of it, a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, cells
from engine.data.events import ID, MEMBER, REQUIRED
from engine.data.frame import Frame, picked
from engine.data.rows import how_read
from engine.data.shelf import NEVER, fresh, instants
from engine.data.typed import compact
from engine.language.expression.tree import Type
from engine.language.program import Program

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class ScannedShelf:
    """A `Shelf` of frames that can be had again; `program` says how cells are read."""

    frames: Callable[[], Iterable[Frame]]
    program: Program
    given: set[int] = field(default_factory=set)  # the numbers of rows
    ids: list[tuple[Longs, pa.Array]] = field(default_factory=list)  # with their rows' numbers

    def begin(self, member: str, latest: int) -> tuple[Sequence[Frame], int]:
        """See `Shelf`. Every row's id is kept, so that others are looked for only if there are."""
        own: list[Frame] = []
        last: list[tuple[Frame, Longs]] = []
        floor = NEVER
        for frame in self.frames():
            frame.need(REQUIRED)
            self.ids.append((frame.rows, compact(self._texts(frame, ID))))
            own.append(picked(frame, self._says(frame, MEMBER, [member])))
            if latest:
                some, at, most = _last(frame, self.program, latest)
                last.append((some, at))
                floor = max(floor, most)
        every = np.concatenate([at for _, at in last]) if last else np.zeros(0, np.int64)
        if len(every) > latest:
            floor = max(floor, int(np.partition(every, -latest)[-latest]))
        own += [picked(frame, at >= floor) for frame, at in last]
        return [fresh(frame, self.given) for frame in own], floor

    def having(self, column: str, texts: Collection[str]) -> Sequence[Frame]:
        """See `Shelf`."""
        if column == ID and self.ids and not self._others(texts):
            return ()
        found = (picked(frame, self._says(frame, column, texts)) for frame in self.frames())
        return [fresh(frame, self.given) for frame in found]

    def _others(self, ids: Collection[str]) -> bool:
        """Whether rows that were not given say one of the ids."""
        found = (rows[_among(known, ids)].tolist() for rows, known in self.ids)
        return any(row not in self.given for rows in found for row in rows)

    def _says(self, frame: Frame, column: str, texts: Collection[str]) -> Flags:
        """Which rows say one of the texts in a column."""
        frame.need((column,))
        return _among(self._texts(frame, column), texts)

    def _texts(self, frame: Frame, column: str) -> pa.Array:
        """A column as text."""
        return cells.read(frame.columns[column], Type.TEXT, how_read(frame, self.program)).texts


def _among(column: pa.Array, texts: Collection[str]) -> Flags:
    """Which of a column of texts are among some."""
    if len(texts) == 1:
        return arrays.flags(pc.equal(column, pa.scalar(next(iter(texts)), column.type)))
    return arrays.flags(pc.is_in(column, value_set=pa.array(list(texts), column.type)))


def _last(frame: Frame, program: Program, count: int) -> tuple[Frame, Longs, int]:
    """The last `count` rows of a frame, their instants, and one that no other is after."""
    at, said = instants(frame, program)
    there, floor = np.flatnonzero(said), NEVER
    if len(there) > count:
        order = np.argpartition(at[there], -count)
        floor = int(at[there[order[:-count]]].max())
        there = np.sort(there[order[-count:]])
    chosen = np.zeros(len(at), np.bool_)
    chosen[there] = True
    return picked(frame, chosen), at[there], floor
