"""Takes Parquet files, Arrow tables and pandas frames as they are, one array per column."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from engine.data.error import DataError
from engine.data.frame import Frame, one_chunk

Table = object  # a pyarrow.Table, RecordBatch or RecordBatchReader, or a pandas.DataFrame


def read_file(path: Path, name: str, wanted: Iterable[str] | None) -> Frame:
    """The Parquet file at `path`; only the columns `wanted`, or all where it is None."""
    try:
        with parquet.ParquetFile(path) as file:
            there = file.schema_arrow.names
            chosen = [c for c in there if wanted is None or c in set(wanted)]
            _refuse_twice(name, there, chosen)
            table = file.read(columns=chosen)
    except (pa.ArrowException, OSError):
        said = "This is not a Parquet file, or it is damaged."
        raise DataError(name, said, "Expected Parquet.") from None
    return _frame(name, table, chosen, there)


def read_table(table: Table, name: str, wanted: Iterable[str] | None) -> Frame:
    """A table in memory as a frame; raises DataError where it is none."""
    arrow = _arrow(table, name)
    there = arrow.column_names
    chosen = [c for c in there if wanted is None or c in set(wanted)]
    _refuse_twice(name, there, chosen)
    return _frame(name, arrow, chosen, there)


def is_table(given: object) -> bool:
    """True for what `read_table` takes."""
    if isinstance(given, pa.Table | pa.RecordBatch | pa.RecordBatchReader):
        return True
    # Who has a frame has imported pandas: it need not be loaded to find out that this is none.
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(given, pandas.DataFrame)


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


def _refuse_twice(name: str, there: list[str], chosen: list[str]) -> None:
    """Raises DataError where a column that is used is there more than once."""
    for column in chosen:
        if there.count(column) > 1:
            raise DataError(name, f"The column `{column}` is there twice.", "Expected it once.")


def _frame(name: str, table: pa.Table, chosen: list[str], there: list[str]) -> Frame:
    """The columns of a table as a frame."""
    rows = np.arange(1, table.num_rows + 1, dtype=np.int64)
    columns = {c: one_chunk(table.column(c)) for c in chosen}
    return Frame(name, rows, columns, there=tuple(there))
