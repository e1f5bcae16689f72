"""Keeps typed events on disk, parted by their members, so that not all are in memory at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data import arrays, clashes, typed
from engine.data import events as event_rows
from engine.data.columns import Rejected
from engine.data.duplicates import Hashes, hashed
from engine.data.events import Rows
from engine.data.typed import Typed
from engine.language.expression.tree import Type
from engine.language.program import Program

HALF = np.uint64(32)
NEVER = -(1 << 62)
ID, MEMBER, NAMED, TYPE, AT, FILE, ROW, PLACE = (
    "event_id", "member_id", "named", "type", "at", "file", "row", "place",
)  # fmt: skip


@dataclass
class Spool:
    """Events in files below `folder`, in `count` partitions, and one more after `close`.

    A member's events are all in one partition. The last partition, number `count`, holds members
    who say one id between them: so rows with one id, and an event and whoever names it, are
    always together, and what is true of a partition alone is true of the whole.
    """

    folder: Path
    program: Program
    count: int
    parts: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    latest: NDArray[np.int64] = field(init=False)  # by partition: no event of it is later
    clashing: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))

    def __post_init__(self) -> None:
        self.latest = np.full(self.count + 1, NEVER)
        self.said = clashes.Said(self.folder / "ids", self.count)

    def add(self, rows: Rows) -> None:
        """Takes the next part of all events. Raises OSError."""
        own = hashed(rows.members.names)[rows.members.values]
        self.said.add(hashed(rows.ids), own)
        for ids, some in clashes.named(rows, self.program):
            self.said.add(ids, own[some])
        where = self._of(own)
        order = np.argsort(where, kind="stable")
        cuts = np.searchsorted(where[order], np.arange(self.count + 1))
        np.maximum.at(self.latest, where, rows.at)
        batch = _batch(event_rows.picked(rows, order), order, self.program)
        with pa.ipc.new_file(self._file(self.parts), batch.schema) as writer:
            for first, stop in pairwise(cuts.tolist()):
                writer.write_batch(batch.slice(first, stop - first))
        self.rejected.extend(rows.rejected)
        self.parts += 1

    def close(self) -> None:
        """Finds the members of the last partition, when all events are there."""
        self.clashing = self.said.clashing()
        if len(self.clashing):
            self.latest[self.count] = self.latest.max()

    def partitions(self, members: pa.Array) -> NDArray[np.int64]:
        """The partition of each member."""
        own = hashed(members)
        return np.where(self._apart(own), self.count, self._of(own).astype(np.int64))

    def read(self, partition: int) -> list[Rows]:
        """The events of a partition in parts, in the order in which they were added."""
        found = []
        for part in range(self.parts):
            with pa.OSFile(self._file(part)) as file:
                reader = pa.ipc.open_file(file)
                if partition < self.count:
                    batch = self._some(reader.get_batch(partition), last=False)
                else:
                    every = (reader.get_batch(number) for number in range(self.count))
                    batch = _together([self._some(one, last=True) for one in every])
            if batch.num_rows:
                found.append(_rows(batch, self.program))
        return found or [_nothing(self.program)]

    def _file(self, part: int) -> str:
        return str(self.folder / f"events-{part}")

    def _of(self, members: Hashes) -> NDArray[np.uint16]:
        return (((members >> HALF) * np.uint64(self.count)) >> HALF).astype(np.uint16)

    def _apart(self, members: Hashes) -> NDArray[np.bool_]:
        """Which members are of the last partition."""
        if not len(self.clashing):
            return np.zeros(len(members), np.bool_)
        place = np.searchsorted(self.clashing, members)
        found = self.clashing[np.minimum(place, len(self.clashing) - 1)] == members
        return np.asarray(found, np.bool_)

    def _some(self, batch: pa.RecordBatch, *, last: bool) -> pa.RecordBatch:
        """The rows of a batch that are of the last partition, or those that are not."""
        if not len(self.clashing):
            return batch.slice(0, 0) if last else batch
        apart = self._apart(hashed(batch[MEMBER]))
        return batch.filter(pa.array(apart if last else ~apart))


def _batch(rows: Rows, place: NDArray[np.int64], program: Program) -> pa.RecordBatch:
    """Rows as columns; `place` is where each stood in its part."""
    columns = {
        ID: rows.ids,
        MEMBER: rows.members.names.take(pa.array(rows.members.values)),
        TYPE: pa.array(rows.type),
        AT: pa.array(rows.at),
        FILE: pa.array(rows.file),
        ROW: pa.array(rows.row),
        PLACE: pa.array(place.astype(np.int32)),
    }
    if rows.named is not None:
        columns[NAMED] = rows.named
    for number, key in enumerate(event_rows.keys(program)):
        if key in rows.fields:
            columns[f"{number}"] = _written(rows.fields[key])
    return pa.record_batch(columns)


def _written(column: Typed) -> pa.Array:
    values = pa.array(column.values, mask=column.null)
    return values if column.names is None else column.names.take(values)


def _rows(batch: pa.RecordBatch, program: Program) -> Rows:
    """The rows that such columns hold."""
    there = frozenset(batch.schema.names)
    fields = {
        key: _read(batch[f"{number}"])
        for number, key in enumerate(event_rows.keys(program)) if f"{number}" in there
    }  # fmt: skip
    return Rows(
        batch[ID],
        typed.texts(batch[MEMBER]),
        arrays.filled(batch[TYPE], 0),
        arrays.filled(batch[AT], 0),
        fields,
        arrays.filled(batch[FILE], 0),
        arrays.filled(batch[ROW], 0),
        (),
        batch[NAMED] if NAMED in there else None,
    )


def _read(column: pa.Array) -> Typed:
    if pa.types.is_large_string(column.type):
        return typed.texts(column)
    return Typed(arrays.filled(column, 0), arrays.nulls(column))


def _together(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """The rows of several batches of one part, in the order in which they stood there."""
    table = pa.Table.from_batches(batches)
    if not len(table):
        return batches[0]
    order = np.argsort(arrays.filled(table[PLACE].combine_chunks(), 0))
    columns = {
        name: table[name].combine_chunks().take(pa.array(order)) for name in table.schema.names
    }
    return pa.record_batch(columns)


def _nothing(program: Program) -> Rows:
    """No event at all."""
    none = np.zeros(0, np.int64)
    return Rows(
        pa.array([], pa.string()), typed.nothing(Type.TEXT, 0), none.astype(np.int16), none, {},
        none.astype(np.int16), none, (),
    )  # fmt: skip
