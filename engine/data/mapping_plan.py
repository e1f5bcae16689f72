"""A mapping whose expressions are checked against one file, and errors at their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from engine.data import events, mapping_sql, people
from engine.data.error import DataError
from engine.data.frame import Frame
from engine.data.mapping_sql import Checked
from engine.data.mapping_words import RefusedError
from engine.language.program import DataFile, Program

ROW = "row"
EXPECTED = "Expected an expression of DuckDB over the file's columns: scalars and aggregates."
WORDS = {
    duckdb.ConversionException: "A value cannot be converted.",
    duckdb.OutOfRangeException: "A number becomes too large.",
    duckdb.OutOfMemoryException: "This needs more memory than a mapping may use.",
    duckdb.InterruptException: "This takes longer than a mapping may take.",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The checked expressions of a mapping over one file, as trees and as SQL."""

    data: DataFile
    columns: Mapping[str, Checked]  # by our column's name
    sql: Mapping[str, str]  # the same; bare columns are `min()` under `group by`
    where: str  # SQL
    keys: tuple[Checked, ...]
    groups: tuple[str, ...]  # the keys' SQL
    used: tuple[str, ...]  # the file's columns that are read, in code-point order

    @property
    def grouped(self) -> bool:
        """True where rows are put together."""
        return bool(self.keys)


def make(
    connection: duckdb.DuckDBPyConnection, data: DataFile, program: Program, frame: Frame
) -> Plan:
    """The plan of a mapping for the columns that `frame` has; raises DataError."""
    reader = mapping_sql.reader(connection)
    named = frame.there or tuple(frame.columns)
    there = [*named, *([] if ROW in named else [ROW])]

    def read(key: str, text: str) -> tuple[Checked, ...]:
        try:
            return mapping_sql.check(reader, text, there)
        except RefusedError as refused:
            raise error(data, key, str(refused), EXPECTED) from None

    keys = read("group by", data.group_by) if data.group_by else ()
    columns = {name: _one(data, name, read(name, text)) for name, text in data.columns.items()}
    if data.type is not None and data.type not in program.events:
        columns[events.TYPE] = _one(data, "type", read("type", data.type))
    where = _one(data, "where", read("where", data.where)) if data.where else None
    _complete(data, columns)
    _place_aggregates(data, columns, where, keys)
    every = (*columns.values(), *keys, *((where,) if where else ()))
    return Plan(
        data,
        columns,
        {n: c.sql(reader, grouped=bool(keys)) for n, c in columns.items()},
        where.sql(reader, grouped=False) if where else "true",
        keys,
        tuple(k.sql(reader, grouped=False) for k in keys),
        tuple(sorted({c for one in every for c in one.columns})),
    )


def _one(data: DataFile, key: str, found: tuple[Checked, ...]) -> Checked:
    """The only expression that may stand at a key."""
    if len(found) != 1:
        raise error(data, key, "Several expressions stand here.", "Expected one.")
    return found[0]


def _place_aggregates(
    data: DataFile, columns: Mapping[str, Checked], where: Checked | None, keys: tuple[Checked, ...]
) -> None:
    """Raises DataError for aggregates where rows are not yet put together, and for no groups."""
    for name, one in columns.items():
        if one.aggregates and not keys:
            raise error(data, name, "An aggregate stands here without `group by`.", EXPECTED)
    if where is not None and where.aggregates:
        what = "`where` looks at rows, so it may not hold an aggregate."
        raise error(data, "where", what, EXPECTED)
    for key in keys:
        if key.aggregates or not key.columns:
            what = "`group by` needs columns of the file, or expressions over them."
            raise error(data, "group by", what, "Expected for example a receipt's number.")


def _complete(data: DataFile, columns: Mapping[str, Checked]) -> None:
    """Raises DataError where a column that every row needs is not mapped."""
    needed = events.REQUIRED if data.target == "events" else (people.ID,)
    for name in needed:
        if name not in columns and not (name == events.TYPE and data.type is not None):
            what = f"The mapping does not say what `{name}` is."
            raise error(data, "", what, f"Expected {', '.join(needed)}.")


def error(data: DataFile, key: str, what: str, expected: str) -> DataError:
    """An error at the place of one of the mapping's keys, or of the mapping."""
    place = data.places.get(key, data.place)
    return DataError(place.file, what, expected, place.line, place.column)


def worded(
    plan: Plan, key: str, failed: duckdb.Error, kinds: Mapping[str, pa.DataType]
) -> DataError:
    """DuckDB's refusal to work out one expression, in the user's words."""
    for kind, words in WORDS.items():
        if isinstance(failed, kind):
            hint = "Expected values that fit; `try_cast(x as double)` is null where one does not."
            return error(plan.data, key, words, hint)
    said = ", ".join(f"`{name}` is {_kind(type_)}" for name, type_ in kinds.items())
    return error(plan.data, key, "The values do not fit together.", f"In this file {said}.")


def _kind(type_: pa.DataType) -> str:
    """What a column holds, in words."""
    tests = (
        (pa.types.is_large_string, "text"),
        (pa.types.is_timestamp, "a time"),
        (pa.types.is_date, "a day"),
        (pa.types.is_boolean, "true or false"),
        (pa.types.is_integer, "a whole number"),
        (pa.types.is_decimal, "a number"),
        (pa.types.is_floating, "a number"),
    )
    return next((word for test, word in tests if test(type_)), "a list or a structure")
