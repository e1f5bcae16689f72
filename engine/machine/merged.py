"""Keeps tables on disk, each in order of time, and gives the rows of all of them in one order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data import arrays
from engine.machine import ledger_order

Longs = NDArray[np.int64]
BATCH = 2048  # rows that are read of a table at a time
SAMPLE = 256  # of so many rows one instant is noted
STRETCH = 125_000  # rows, about, that are put in order at a time


def write(path: Path, tables: Iterable[pa.Table]) -> Longs:
    """Writes tables with a column `at` as one; the instants of some rows. Raises OSError."""
    following = iter(tables)
    first = next(following)
    noted = [_instants(first)[::SAMPLE]]
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, first.schema) as writer:
        writer.write_table(first, BATCH)
        for table in following:
            writer.write_table(table, BATCH)
            noted.append(_instants(table)[::SAMPLE])
    return np.concatenate(noted)


def read(
    paths: Sequence[Path], noted: Sequence[Longs], size: int,
    positions: Sequence[NDArray[np.int32]] | None = None,
) -> Iterator[pa.Table]:  # fmt: skip
    """The rows of all tables in the ledger's order, in tables of `size` rows, at least one.

    `noted` is what `write` gave. Where there is a column `member` it tells positions within its
    own table: `positions` says for each table what they are among all.
    """
    streams = [_Stream(path) for path in paths]
    instants = np.sort(np.concatenate(noted))
    cuts = np.unique(instants[STRETCH // SAMPLE :: STRETCH // SAMPLE])
    return _sized((_stretch(streams, cut, positions) for cut in [*cuts.tolist(), None]), size)


def _stretch(
    streams: Sequence[_Stream], cut: int | None, positions: Sequence[NDArray[np.int32]] | None
) -> pa.Table:
    """The next rows of all streams up to a cut, in order."""
    found = [stream.before(cut) for stream in streams]
    member = None
    if positions is not None:
        own = [p[arrays.filled(_column(t, "member"), 0)]
               for p, t in zip(positions, found, strict=True)]  # fmt: skip
        member = np.concatenate(own)
    table = pa.concat_tables(found).combine_chunks()
    del found
    if member is not None:
        place = table.schema.get_field_index("member")
        table = table.set_column(place, "member", pa.array(member))
    order = ledger_order.together(_instants(table), _column(table, "event_id"), member)
    return table.take(pa.array(order))


def _sized(tables: Iterable[pa.Table], size: int) -> Iterator[pa.Table]:
    """The same rows in tables of `size` rows; the last one has what is left."""
    rest: pa.Table | None = None
    given = False
    for table in tables:
        rest = table if rest is None else pa.concat_tables([rest, table])
        first = 0
        while rest.num_rows - first > size:
            yield rest.slice(first, size).combine_chunks()
            given, first = True, first + size
        rest = rest.slice(first)
    if rest is not None and (rest.num_rows or not given):
        yield rest.combine_chunks()


class _Stream:
    """One table on disk, read batch by batch."""

    def __init__(self, path: Path) -> None:
        self.reader = pa.ipc.open_stream(pa.OSFile(str(path)))
        self.rest: pa.RecordBatch | None = None

    def before(self, cut: int | None) -> pa.Table:
        """The next rows, up to an instant; all that are left for None."""
        found = []
        while True:
            batch = self.rest if self.rest is not None else self._next()
            if batch is None:
                break
            count = batch.num_rows
            if cut is not None:
                count = int(np.searchsorted(_instants(batch), cut))
            found.append(batch.slice(0, count))
            self.rest = batch.slice(count) if count < batch.num_rows else None
            if self.rest is not None:
                break
        return pa.Table.from_batches(found, self.reader.schema)

    def _next(self) -> pa.RecordBatch | None:
        try:
            return self.reader.read_next_batch()
        except StopIteration:
            return None


def _instants(table: pa.Table | pa.RecordBatch) -> Longs:
    """The column `at` in microseconds."""
    return arrays.filled(_column(table, "at").view(pa.int64()), 0)


def _column(table: pa.Table | pa.RecordBatch, name: str) -> pa.Array:
    column = table[name]
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
