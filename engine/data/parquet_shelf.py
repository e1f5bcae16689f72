"""Takes rows out of a Parquet file by DuckDB, which skips what the file's statistics rule out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import parquet

from engine.data import arrays
from engine.data.arrow_table import UNREADABLE
from engine.data.events import AT, MEMBER
from engine.data.frame import Frame, one_chunk
from engine.data.sandbox import MEMORY, THREADS, quoted
from engine.data.shelf import EVER, NEVER, fresh, instants
from engine.language.program import Program

NUMBER = "file_row_number"  # as DuckDB calls it; the first row is 0
PATTERN = frozenset("*?[]{}")  # in a path they would mean several files
SINGLE = 8  # values that are sooner compared one by one than looked up
NEAR = timedelta(hours=1)  # for each event that is looked for among the last ones

Condition = tuple[str, Sequence[Any]]  # in SQL, and what its question marks stand for


@dataclass(slots=True)
class ParquetShelf:
    """A `Shelf` of a Parquet file; raises duckdb.Error where DuckDB does not read it."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    name: str
    there: tuple[str, ...]  # every column of the file
    kinds: Mapping[str, pa.DataType]  # of the columns that are taken
    program: Program
    given: set[int] = field(default_factory=set)  # the numbers of rows

    def begin(self, member: str, latest: int) -> tuple[Sequence[Frame], int]:
        """See `Shelf`."""
        own = self._having(MEMBER, [member])
        if not latest:
            return [own], NEVER
        last, floor = self._latest(latest)
        return [own, fresh(last, self.given)], floor

    def having(self, column: str, texts: Collection[str]) -> Sequence[Frame]:
        """See `Shelf`."""
        return [self._having(column, texts)]

    def _having(self, column: str, texts: Collection[str]) -> Frame:
        """The rows that say one of some texts and were not given.

        Their numbers are read first: the other columns are then read only near those rows, and
        mostly all that there are were given.
        """
        found = self._read([NUMBER], self._saying(column, texts))
        numbers = [n for n in found.column(0).to_pylist() if n + 1 not in self.given]
        return fresh(self._rows(_among(NUMBER, numbers), f" order by {NUMBER}"), self.given)

    def _latest(self, count: int) -> tuple[Frame, int]:
        """The last events, at most `count`, and an instant that no other event is after."""
        at, since = quoted(AT), self._since(NEAR * count)
        late: Condition = (f"{at} is not null", ()) if since is None else (f"{at} >= ?", (since,))
        found = self._rows(late, f" order by {at} desc limit {count}")
        if since is None and len(found.rows) < count:
            return found, NEVER
        values, said = instants(found, self.program)
        return found, int(values[said].min(initial=EVER))

    def _since(self, before: timedelta) -> object:
        """So long before the last event, which spares most of the file; None without one."""
        last = self._read([f"max({quoted(AT)})"], ("true", ())).column(0)[0]
        try:
            return last.as_py() - before
        except (OverflowError, TypeError, ValueError):  # none, or not in a year of a calendar
            return None

    def _saying(self, column: str, texts: Iterable[str]) -> Condition:
        """That a column says one of the texts."""
        if pa.types.is_integer(self.kinds[column]):
            return _among(quoted(column), [int(text) for text in texts if _is_whole(text)])
        return _among(quoted(column), list(texts))

    def _rows(self, condition: Condition, ending: str = "") -> Frame:
        """The rows for which a condition holds, in the kinds that the file itself has."""
        names = [name for name, kind in self.kinds.items() if not pa.types.is_null(kind)]
        table = self._read([NUMBER, *map(quoted, names)], condition, ending)
        columns = {name: pa.nulls(len(table)) for name in self.kinds}
        for place, name in enumerate(names, 1):
            columns[name] = one_chunk(table.column(place).cast(self.kinds[name]))
        rows = arrays.whole(one_chunk(table.column(0))) + 1
        return Frame(self.name, rows, columns, there=self.there)

    def _read(self, listed: Sequence[str], condition: Condition, ending: str = "") -> pa.Table:
        """What a query over the file gives."""
        holds, values = condition
        options = f"{NUMBER} = true, hive_partitioning = false"
        query = f"select {', '.join(listed)} from read_parquet(?, {options}) where {holds}{ending}"
        said = [self.path.absolute().as_posix(), *values]
        return self.connection.sql(query, params=said).to_arrow_table()


def connect() -> duckdb.DuckDBPyConnection:
    """A connection that reads files; it spills nothing and loads nothing."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        "allow_community_extensions": "false",
        "max_temp_directory_size": "0KB",
        "memory_limit": MEMORY,
        "threads": str(THREADS),
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("set python_enable_replacements = false")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    return connection


def make(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, wanted: Iterable[str],
    ids: Iterable[str], program: Program,
) -> ParquetShelf | None:  # fmt: skip
    """A shelf of a file whose columns `ids` are looked into; None where it would not be exact."""
    try:
        schema = parquet.read_schema(path)
    except UNREADABLE:
        return None
    there = schema.names
    if PATTERN & set(path.absolute().as_posix()) or NUMBER in map(str.lower, there):
        return None
    if len({column.lower() for column in there}) < len(there):
        return None  # DuckDB takes `At` and `at` for one
    kinds = {column: _plain(schema.field(column).type) for column in there if column in wanted}
    if not all(column in kinds and _is_id(kinds[column]) for column in ids):
        return None
    if AT in kinds and not _is_instant(kinds[AT]):
        return None
    if not all(map(_is_same, kinds.values())):
        return None
    return ParquetShelf(connection, path, name, tuple(there), kinds, program)


def _plain(kind: pa.DataType) -> pa.DataType:
    """The kind of values, however a file holds them."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_text = pa.types.is_string(kind) or pa.types.is_string_view(kind)
    return pa.large_string() if is_text else kind


def _is_id(kind: pa.DataType) -> bool:
    """Whether equal ids are equal values."""
    return bool(pa.types.is_large_string(kind) or pa.types.is_integer(kind))


def _is_instant(kind: pa.DataType) -> bool:
    """Whether later events have larger values, to the microsecond in which both count."""
    return bool(pa.types.is_date32(kind) or (pa.types.is_timestamp(kind) and kind.unit != "ns"))


def _is_same(kind: pa.DataType) -> bool:
    """Whether DuckDB gives the values that Arrow reads."""
    tests = (
        pa.types.is_large_string, pa.types.is_integer, pa.types.is_float32, pa.types.is_float64,
        pa.types.is_boolean, pa.types.is_decimal128, pa.types.is_null, _is_instant,
    )  # fmt: skip
    return any(test(kind) for test in tests)


def _is_whole(text: str) -> bool:
    """Whether a text is a whole number as a column of whole numbers says it."""
    return text.removeprefix("-").isdecimal() and len(text) < 20 and str(int(text)) == text


def _among(column: str, values: Sequence[Any]) -> Condition:
    """That a column has one of the values."""
    if len(values) > SINGLE:
        return f"{column} in (select unnest(?))", [list(values)]
    return " or ".join([f"{column} = ?"] * len(values)) or "false", values
