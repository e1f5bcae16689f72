"""Takes Parquet files, Arrow tables and pandas frames as they are, one array per column."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from engine.data.error import DataError
from engine.data.frame import Frame, one_chunk

MOST = 1_000_000  # rows of a frame
# What Arrow raises for a file that is none, is damaged, or names a column in no text.
UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError)
Table = object  # a pyarrow.Table, RecordBatch or RecordBatchReader, or a pandas.DataFrame


def read_file(
    path: Path, name: str, wanted: Iterable[str] | None, most: int = MOST
) -> Iterator[Frame]:
    """The Parquet file at `path`, a frame for each `most` rows, at least one.

    Only the columns `wanted`, or all where it is None.
    """
    try:
        with parquet.ParquetFile(path) as file:
            there = file.schema_arrow.names
            chosen = _chosen(name, there, wanted)
            done = 0
            for batch in file.iter_batches(batch_size=most, columns=chosen):
                yield _frame(name, batch, chosen, there, done)
                done += batch.num_rows
            if not done:
                empty = file.schema_arrow.empty_table().select(chosen)
                yield _frame(name, empty, chosen, there, done)
    except UNREADABLE:
        said = "This is not a Parquet file, or it is damaged."
        raise DataError(name, said, "Expected Parquet.") from None


def rows_of_file(path: Path) -> int:
    """How many rows a Parquet file says that it has; 0 where it cannot be read."""
    try:
        with parquet.ParquetFile(path) as file:
            return int(file.metadata.num_rows)
    except UNREADABLE:
        return 0


def read_table(
    table: Table, name: str, wanted: Iterable[str] | None, most: int = MOST
) -> Iterator[Frame]:
    """A table in memory, a frame for each `most` rows, at least one."""
    arrow = _arrow(table, name)
    there = arrow.column_names
    chosen = _chosen(name, there, wanted)
    for done in range(0, max(1, arrow.num_rows), most):
        yield _frame(name, arrow.slice(done, most), chosen, there, done)


def _chosen(name: str, there: list[str], wanted: Iterable[str] | None) -> list[str]:
    """The columns that are used; raises DataError where one of them is there more than once."""
    chosen = [c for c in there if wanted is None or c in frozenset(wanted)]
    for column in chosen:
        if there.count(column) > 1:
            raise DataError(name, f"The column `{column}` is there twice.", "Expected it once.")
    return chosen


def is_table(given: object) -> bool:
    """True for what `read_table` takes."""
    if isinstance(given, pa.Table | pa.RecordBatch | pa.RecordBatchReader):
        return True
    # Who has a frame has imported pandas: it need not be loaded to find out that this is none.
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(given, pandas.DataFrame)


def lasting(given: Table) -> Table:
    """The same, but as a table where it can be read only once."""
    return given.read_all() if isinstance(given, pa.RecordBatchReader) else given


def _arrow(table: Table, name: str) -> pa.Table:
    """The table as a pyarrow one."""
    if isinstance(table, pa.Table):
        return table
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table])
    if isinstance(table, pa.RecordBatchReader):
        return table.read_all()
    columns = {}
    for position, column in enumerate(table.columns):  # type: ignore[attr-defined]
        values = table.iloc[:, position]  # type: ignore[attr-defined]
        try:
            columns[str(column)] = pa.Array.from_pandas(values)
        except pa.ArrowException:
            what = f"The column `{column}` holds values of several kinds."
            raise DataError(name, what, "Expected one kind of value in a column.") from None
    if len(columns) < len(table.columns):  # type: ignore[attr-defined]
        raise DataError(name, "Two columns have the same name.", "Expected each name once.")
    return pa.table(columns)


def _frame(
    name: str, table: pa.Table | pa.RecordBatch, chosen: list[str], there: list[str], done: int
) -> Frame:
    """Rows of a table that come after `done` others."""
    rows = np.arange(done + 1, done + table.num_rows + 1, dtype=np.int64)
    columns = {c: one_chunk(table.column(c)) for c in chosen}
    return Frame(name, rows, columns, there=tuple(there))
